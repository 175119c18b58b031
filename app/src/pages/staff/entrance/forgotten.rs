//! For those who forgot their password: `/desk/password`. The answer is the same whether the address is anybody's.

use desk::people::password_reset;
use domain::mail_address::MailAddress;
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::AppError;
use crate::language::use_language;
use crate::pages::{PostReply, Posted, Typed};
use crate::request::RequestContext;
use crate::ui::{FieldKind, Icon, Notice, PortalFrame, TextField, Tone};

/// The name of the field.
const MAIL: &str = "mail";
const PAGE: &str = "/desk/password";

/// Takes the address that somebody signs in with, and has a link sent behind the answer.
pub fn post_forgotten_password(asked: &RequestContext, typed: Typed) -> Posted {
    let language = asked.language;
    let mail = match MailAddress::parse(typed.get(MAIL).map_or("", |text| text.trim())) {
        Ok(mail) => mail,
        Err(problem) => {
            let wrong = AppError::wrong(MAIL, problem.message(language));
            return Posted::not_taken(typed, &wrong, language);
        }
    };
    let taken = asked
        .unhurried()
        .and_then(|()| password_reset::ask(&asked.desk, mail, asked.source).map_err(|_| AppError::TooOften));
    match taken {
        Ok(()) => Posted::Done(format!("{PAGE}?sent=1")),
        Err(error) => Posted::not_taken(typed, &error, language),
    }
}

/// The page of the form, and of its answer.
#[component]
pub fn ForgottenPasswordPage() -> impl IntoView {
    let language = use_language();
    let query = use_query_map();
    let content = if query.with_untracked(|query| query.get("sent").is_some()) {
        view! { <Sent/> }.into_any()
    } else {
        view! { <AskForm mail=query.with_untracked(|query| query.get(MAIL)).unwrap_or_default()/> }.into_any()
    };
    view! { <PortalFrame title=t!(language, "entry.forgotten.title").into_owned()>{content}</PortalFrame> }
        .into_any()
}

#[component]
fn AskForm(mail: String) -> impl IntoView {
    let language = use_language();
    let reply = PostReply::of_page();
    let typed = Some(reply.text(MAIL)).filter(|typed| !typed.is_empty()).unwrap_or(mail);
    view! {
        <form class="signin stack stack--wide" method="post" action=PAGE novalidate>
            <div class="stack stack--tight">
                <h1>{t!(language, "entry.forgotten.title")}</h1>
                <p class="quiet">{t!(language, "entry.forgotten.lead")}</p>
            </div>
            <div class="card stack stack--wide">
                {reply.failure.clone().map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
                <TextField
                    name=MAIL
                    kind=FieldKind::Mail
                    label=t!(language, "staff.sign_in.mail")
                    value=typed
                    problem=reply.problem(MAIL)
                />
                <button class="button button--main button--big button--wide" type="submit">
                    {t!(language, "entry.forgotten.send")}
                </button>
            </div>
            <p class="note"><a href="/desk/sign-in">{t!(language, "entry.to_sign_in")}</a></p>
        </form>
    }
    .into_any()
}

#[component]
fn Sent() -> impl IntoView {
    let language = use_language();
    view! {
        <div class="signin stack stack--wide">
            <h1>{t!(language, "entry.forgotten.sent")}</h1>
            <div class="card stack">
                <p class="row"><Icon name="mail"/> <b>{t!(language, "entry.forgotten.look")}</b></p>
                <p>{t!(language, "entry.forgotten.sent_hint")}</p>
            </div>
            <p class="note"><a href="/desk/sign-in">{t!(language, "entry.to_sign_in")}</a></p>
        </div>
    }
    .into_any()
}
