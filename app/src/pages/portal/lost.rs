//! The form for customers who lost the link to their case: it is mailed to the address of the case again. A plain form, drawn
//! by the server alone. Its answer is the same for every address (`docs/decisions/0029`).

use std::collections::BTreeMap;

use desk::cases::lost_link::{self, Lost};
use desk::cases::tracking::{RenewError, renew_own};
use domain::case_number::CaseNumber;
use domain::mail_address::MailAddress;
use domain::t;
use http::StatusCode;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::AppError;
use crate::language::use_language;
use crate::pages::PostReply;
use crate::request::RequestContext;
use crate::ui::{Icon, Notice, PortalFrame, Tone};

/// The names of the fields.
const MAIL: &str = "mail";
const NUMBER: &str = "number";

/// Checks the form and queues the mail; gives the page with its status.
///
/// # Errors
/// When a field is wrong, or when the rate limit is exceeded.
pub fn ask_for_links(
    context: &RequestContext,
    typed: BTreeMap<String, String>,
) -> Result<(), (StatusCode, PostReply)> {
    let too_often = |typed| {
        let words = t!(context.language, "lost.too_often").into_owned();
        (AppError::TooOften.status(), PostReply { typed, problems: Vec::new(), failure: Some(words) })
    };
    if context.unhurried().is_err() {
        return Err(too_often(typed));
    }
    let text = |name: &str| typed.get(name).map(String::as_str).map_or("", str::trim);
    let mail = MailAddress::parse(text(MAIL)).map_err(|problem| problem.message(context.language));
    let number = match text(NUMBER) {
        "" => Ok(None),
        number => CaseNumber::parse(number)
            .map(Some)
            .map_err(|_| t!(context.language, "lost.number_wrong").into_owned()),
    };
    let (mail, number) = match (mail, number) {
        (Ok(mail), Ok(number)) => (mail, number),
        (mail, number) => {
            let problem = |name: &str, words: Option<String>| words.map(|words| (name.to_owned(), words));
            let problems = [problem(MAIL, mail.err()), problem(NUMBER, number.err())];
            let wrong = AppError::Wrong(problems.into_iter().flatten().collect());
            return Err((wrong.status(), PostReply::to(typed, &wrong, context.language)));
        }
    };
    let source = (!context.is_staff()).then_some(context.source);
    lost_link::ask(&context.desk, Lost { mail, number, source }).map_err(|_| too_often(typed))
}

/// What became of a link that its holder had renewed, or left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewed {
    /// The new one is on its way to the contact.
    Mailed,
    /// A rule refuses it: no mail would reach the contact for sure.
    Refused,
    /// It was a participant's, who has left the case.
    Left,
}

impl Renewed {
    /// The page that says so.
    #[must_use]
    pub const fn address(self) -> &'static str {
        match self {
            Self::Mailed => "/links?renewed=mailed",
            Self::Refused => "/links?renewed=refused",
            Self::Left => "/links?renewed=left",
        }
    }

    fn of_page(typed: &str) -> Self {
        match typed {
            "mailed" => Self::Mailed,
            "left" => Self::Left,
            _ => Self::Refused,
        }
    }
}

/// Renews the link of a case in its holder's name, by the link's last part. The link may have expired.
///
/// # Errors
/// [`AppError::NotFound`] for a link of no case, [`AppError::NotPermitted`] for the staff, [`AppError::TooOften`].
pub async fn renew_link(context: &RequestContext, tracking: &str) -> Result<Renewed, AppError> {
    context.unhurried()?;
    // The staff renews links in the case file, with a reason.
    if context.is_staff() {
        return Err(AppError::NotPermitted);
    }
    match renew_own(&context.desk, tracking, context.browser.as_ref(), context.source).await {
        Ok(()) => Ok(Renewed::Mailed),
        Err(RenewError::TooOften) => Err(AppError::TooOften),
        Err(RenewError::Desk(error)) => match error.into() {
            AppError::Refused(_) => Ok(Renewed::Refused),
            error => Err(error),
        },
    }
}

/// The page of the form, and of its answer.
#[component]
pub fn LostLinkPage() -> impl IntoView {
    let language = use_language();
    let query = use_query_map();
    let is_sent = query.with_untracked(|query| query.get("sent").is_some());
    let renewed = query.with_untracked(|query| query.get("renewed").map(|typed| Renewed::of_page(&typed)));
    let content = match renewed {
        Some(renewed) => view! { <Told renewed/> }.into_any(),
        None if is_sent => view! { <Sent/> }.into_any(),
        None => view! { <AskForm/> }.into_any(),
    };
    view! { <PortalFrame title=t!(language, "lost.title").into_owned() class="wrap--text">{content}</PortalFrame> }
        .into_any()
}

#[component]
fn AskForm() -> impl IntoView {
    let language = use_language();
    let reply = PostReply::of_page();
    let failure = reply.failure.clone().map(|words| {
        view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> }
    });
    let hint = t!(language, "lost.number_hint").into_owned();
    view! {
        <div class="page__head">
            <h1>{t!(language, "lost.title")}</h1>
            <p class="lead">{t!(language, "lost.lead")}</p>
        </div>
        <form class="card stack stack--wide" method="post" action="/links" novalidate>
            {failure}
            <Typed reply=reply.clone() name=MAIL label="lost.mail" kind="email" autocomplete="email"/>
            <Typed reply name=NUMBER label="lost.number" kind="text" autocomplete="off" hint/>
            <div class="row">
                <button class="button button--main button--big" type="submit">{t!(language, "lost.send")}</button>
            </div>
        </form>
    }
    .into_any()
}

/// A field with its value and its error.
#[component]
fn Typed(
    reply: PostReply,
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    autocomplete: &'static str,
    #[prop(optional, into)] hint: Option<String>,
) -> impl IntoView {
    let language = use_language();
    let problem = reply.problem(name);
    let is_wrong = problem.is_some();
    let described: Vec<String> =
        [hint.is_some().then(|| format!("{name}-hint")), is_wrong.then(|| format!("{name}-error"))]
            .into_iter()
            .flatten()
            .collect();
    view! {
        <div class="field" data-look=is_wrong.then_some("error")>
            <label class="field__label" for=name>{t!(language, label)}</label>
            <div class="field__box">
                <input
                    class="field__input"
                    id=name
                    name=name
                    type=kind
                    autocomplete=autocomplete
                    maxlength="254"
                    value=reply.text(name)
                    aria-invalid=is_wrong.then_some("true")
                    aria-describedby=(!described.is_empty()).then(|| described.join(" "))
                />
            </div>
            {hint.map(|hint| view! { <p class="field__hint" id=format!("{name}-hint")>{hint}</p> })}
            {problem
                .map(|words| {
                    view! { <p class="field__error" role="alert" id=format!("{name}-error")>{words}</p> }
                })}
        </div>
    }
    .into_any()
}

/// The answer, the same for every address.
#[component]
fn Sent() -> impl IntoView {
    let language = use_language();
    view! {
        <div class="empty" role="status">
            <Icon name="mail"/>
            <h1>{t!(language, "lost.sent")}</h1>
            <p>{t!(language, "lost.sent_text")}</p>
            <p>{t!(language, "lost.sent_call")}</p>
            <a class="button button--quiet" href="/links" rel="external">{t!(language, "lost.again")}</a>
        </div>
    }
    .into_any()
}

/// The answer to a renewal. The link that it was asked with leads nowhere any more, so it stands on a page of its own.
#[component]
fn Told(renewed: Renewed) -> impl IntoView {
    let language = use_language();
    let (icon, title, text) = match renewed {
        Renewed::Mailed => ("mail", "lost.renewed", "lost.renewed_text"),
        Renewed::Refused => ("alert", "lost.not_renewed", "lost.not_renewed_text"),
        Renewed::Left => ("check", "lost.left", "lost.left_text"),
    };
    view! {
        <div class="empty" role="status">
            <Icon name=icon/>
            <h1>{t!(language, title)}</h1>
            <p>{t!(language, text)}</p>
            {(renewed != Renewed::Left).then(|| view! { <p>{t!(language, "lost.sent_call")}</p> })}
        </div>
    }
    .into_any()
}
