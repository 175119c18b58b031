//! The sign-in of customers: an address, then the code that was mailed to it, or the mail's link.

use desk::customers::entry::{Asked, EntrySecret, ask, open_link};
use domain::mail_address::MailAddress;
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::SIGN_IN;
use crate::AppError;
use crate::language::use_language;
use crate::pages::{PostReply, Posted, Typed};
use crate::request::{RequestContext, request_context};
use crate::ui::{FieldKind, Icon, Notice, PortalFrame, Problem, TextField, Tone};

/// The names of the fields.
const MAIL: &str = "mail";
const CODE_FIELD: &str = "code";

/// What became of the form with the address.
#[derive(Debug)]
pub enum PostedEntry {
    /// A code was asked for: the browser keeps the secret.
    Asked(EntrySecret),
    /// The page again.
    Again(Posted),
}

/// Takes the address, and has a code sent behind the answer.
pub fn post_address(asked: &RequestContext, typed: Typed) -> PostedEntry {
    let language = asked.language;
    let again = |typed, error: &AppError| PostedEntry::Again(Posted::not_taken(typed, error, language));
    let mail = match MailAddress::parse(typed.get(MAIL).map_or("", |text| text.trim())) {
        Ok(mail) => mail,
        Err(problem) => return again(typed, &AppError::wrong(MAIL, problem.message(language))),
    };
    let wanted = Asked { mail, language, source: asked.source };
    let taken = asked.unhurried().and_then(|()| ask(&asked.desk, wanted).map_err(|_| AppError::TooOften));
    match taken {
        Ok(secret) => PostedEntry::Asked(secret),
        Err(error) => again(typed, &error),
    }
}

/// The page of a code that was not good. What was typed is not shown again: it is of no use.
#[must_use]
pub fn refused_code(asked: &RequestContext) -> Posted {
    let words = t!(asked.language, "my.code.wrong").into_owned();
    Posted::not_taken(Typed::new(), &AppError::wrong(CODE_FIELD, words), asked.language)
}

/// The first page: the address.
#[component]
pub fn EntryPage() -> impl IntoView {
    let language = use_language();
    let reply = PostReply::of_page();
    view! {
        <PortalFrame title=t!(language, "my.entry.title").into_owned()>
            <form class="signin stack stack--wide" method="post" action=SIGN_IN novalidate>
                <div class="stack stack--tight">
                    <h1>{t!(language, "my.entry.title")}</h1>
                    <p class="quiet">{t!(language, "my.entry.lead")}</p>
                </div>
                <div class="card stack stack--wide">
                    {reply.failure.clone().map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
                    <TextField
                        name=MAIL
                        kind=FieldKind::Mail
                        label=t!(language, "my.entry.mail")
                        value=reply.text(MAIL)
                        problem=reply.problem(MAIL)
                    />
                    <button class="button button--main button--big button--wide" type="submit">
                        {t!(language, "my.entry.send")}
                    </button>
                </div>
                <p class="note">{t!(language, "my.entry.without")} " " <a href="/" rel="external">{t!(language, "my.report")}</a></p>
            </form>
        </PortalFrame>
    }
    .into_any()
}

/// The second page: the code.
#[component]
pub fn EntryCodePage() -> impl IntoView {
    let language = use_language();
    let reply = PostReply::of_page();
    view! {
        <PortalFrame title=t!(language, "my.code.title").into_owned()>
            <form class="signin stack stack--wide" method="post" action=super::CODE novalidate>
                <div class="stack stack--tight">
                    <h1>{t!(language, "my.code.title")}</h1>
                    <p class="quiet">{t!(language, "my.code.lead")}</p>
                </div>
                <div class="card stack stack--wide">
                    {reply.failure.clone().map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
                    <TextField
                        name=CODE_FIELD
                        kind=FieldKind::OneTimeCode
                        label=t!(language, "my.code.code")
                        hint=t!(language, "my.code.hint").into_owned()
                        problem=reply.problem(CODE_FIELD)
                    />
                    <button class="button button--main button--big button--wide" type="submit">
                        {t!(language, "my.code.enter")}
                    </button>
                </div>
                <p class="note">{t!(language, "my.code.nothing")}</p>
                <p class="note"><a href=SIGN_IN>{t!(language, "my.code.again")}</a></p>
            </form>
        </PortalFrame>
    }
    .into_any()
}

/// The page of a mail's link. Opening it begins no session: programs that check mails open links as well.
#[component]
pub fn EntryLinkPage() -> impl IntoView {
    let link = use_params_map().with_untracked(|params| params.get("link").unwrap_or_default());
    let language = use_language();
    view! {
        <PortalFrame title=t!(language, "my.entry.title").into_owned()>
            {Suspend::new(async move {
                match read(&link).await {
                    Ok(Some(mail)) => view! { <EnterByLink link mail/> }.into_any(),
                    Ok(None) => view! { <LinkOver/> }.into_any(),
                    Err(error) => view! { <Problem error/> }.into_any(),
                }
            })}
        </PortalFrame>
    }
    .into_any()
}

async fn read(link: &str) -> Result<Option<MailAddress>, AppError> {
    let asked = request_context()?;
    asked.unhurried()?;
    Ok(open_link(&asked.desk, link).await.map_err(desk::DeskError::from)?)
}

#[component]
fn EnterByLink(link: String, mail: MailAddress) -> impl IntoView {
    let language = use_language();
    view! {
        <form class="signin stack stack--wide" method="post" action=format!("/my/enter/{link}")>
            <h1>{t!(language, "my.entry.title")}</h1>
            <div class="card stack stack--wide">
                <p>{t!(language, "my.link.as")} " " <b>{mail.to_string()}</b></p>
                <button class="button button--main button--big button--wide" type="submit">
                    {t!(language, "my.code.enter")}
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// A link that was used, or is too old.
#[component]
fn LinkOver() -> impl IntoView {
    let language = use_language();
    view! {
        <div class="empty" role="alert">
            <Icon name="info"/>
            <h1>{t!(language, "my.link.over")}</h1>
            <p>{t!(language, "my.link.over_hint")}</p>
            <p><a class="button" href=SIGN_IN>{t!(language, "my.code.again")}</a></p>
        </div>
    }
    .into_any()
}
