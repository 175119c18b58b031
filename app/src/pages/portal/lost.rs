//! The form for customers who lost the link to their case: it is mailed to the address of the case again. A plain form, drawn
//! by the server alone. Its answer is the same for every address (`docs/decisions/0029`).

use std::collections::BTreeMap;

use desk::cases::lost_link::{self, Lost};
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

/// The page of the form, and of its answer.
#[component]
pub fn LostLinkPage() -> impl IntoView {
    let language = use_language();
    let query = use_query_map();
    let is_sent = query.with_untracked(|query| query.get("sent").is_some());
    let content = if is_sent { view! { <Sent/> }.into_any() } else { view! { <AskForm/> }.into_any() };
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
