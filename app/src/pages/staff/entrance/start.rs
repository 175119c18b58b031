//! The first start of an empty desk: `/desk/start/CODE` makes its holder the administrator. To look at the page does not use the
//! link.

use desk::DeskError;
use desk::setup::{FirstAdministrator, FirstAdministratorError, LinkState, become_administrator, link_state};
use domain::mail_address::MailAddress;
use domain::t;
use domain::text::PersonName;
use http::StatusCode;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::AppError;
use crate::language::use_language;
use crate::pages::{PostReply, Posted, Typed};
use crate::request::{RequestContext, answer_with, request_context};
use crate::ui::{FieldKind, Icon, Notice, PortalFrame, Problem, TextField, Tone};

const NAME: &str = "name";
const MAIL: &str = "mail";
const PASSWORD: &str = "new";

/// The fields of the form that went through: what the sign-in asks for.
#[derive(Clone)]
pub struct Credentials {
    /// The mail address.
    pub mail: String,
    /// The password.
    pub password: String,
}

// The password is not printed.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials")
    }
}

/// Makes the holder of the link the administrator. Whoever came to be one signs in next, and sets the second factor up there.
///
/// # Errors
/// The reply to a form that was not taken.
pub async fn post_start(asked: &RequestContext, code: &str, typed: Typed) -> Result<Credentials, Posted> {
    let language = asked.language;
    let given = |name: &str| typed.get(name).map_or("", String::as_str);
    let mut wrong = Vec::new();
    let name = PersonName::parse(given(NAME)).map_err(|problem| (NAME, problem.message(language)));
    let mail = MailAddress::parse(given(MAIL)).map_err(|problem| (MAIL, problem.message(language)));
    let name = name.map_err(|(field, words)| wrong.push((field.to_owned(), words))).ok();
    let mail = mail.map_err(|(field, words)| wrong.push((field.to_owned(), words))).ok();
    let credentials = Credentials { mail: given(MAIL).to_owned(), password: given(PASSWORD).to_owned() };
    // A password is never written back into a page.
    let kept: Typed = typed.into_iter().filter(|(name, _)| name != PASSWORD).collect();
    if let Err(error) = asked.unhurried() {
        return Err(Posted::not_taken(kept, &error, language));
    }
    let (Some(name), Some(mail)) = (name, mail) else {
        return Err(Posted::not_taken(kept, &AppError::Wrong(wrong), language));
    };
    let who = FirstAdministrator { name, mail, password: credentials.password.clone(), language };
    let Err(error) = become_administrator(&asked.desk, code, who).await else {
        return Ok(credentials);
    };
    let error = match error {
        FirstAdministratorError::Taken => {
            return Err(Posted::Again(
                StatusCode::CONFLICT,
                PostReply { typed: kept, ..PostReply::default() },
            ));
        }
        FirstAdministratorError::NoLink => AppError::NotFound,
        FirstAdministratorError::MailTaken => {
            AppError::wrong(MAIL, t!(language, "admin.people.problem.mail_taken").into_owned())
        }
        FirstAdministratorError::Password(problem) => AppError::wrong(PASSWORD, problem.message(language)),
        FirstAdministratorError::Hash(error) => AppError::internal(error),
        FirstAdministratorError::Desk(error) => error.into(),
    };
    Err(Posted::not_taken(kept, &error, language))
}

/// The page of a link.
#[component]
pub fn StartPage() -> impl IntoView {
    let language = use_language();
    let code = use_params_map().with_untracked(|params| params.get("code")).unwrap_or_default();
    view! {
        <PortalFrame title=t!(language, "setup.start.title").into_owned()>
            {Suspend::new(async move {
                match state(&code).await {
                    Ok(LinkState::Open) => view! { <StartForm code/> }.into_any(),
                    Ok(LinkState::Taken) => view! { <Taken/> }.into_any(),
                    Ok(LinkState::Unknown) => view! { <NoLink/> }.into_any(),
                    Err(error) => view! { <Problem error/> }.into_any(),
                }
            })}
        </PortalFrame>
    }
    .into_any()
}

async fn state(code: &str) -> Result<LinkState, AppError> {
    let asked = request_context()?;
    asked.unhurried()?;
    Ok(link_state(&asked.desk, code).await.map_err(DeskError::from)?)
}

#[component]
fn StartForm(code: String) -> impl IntoView {
    let language = use_language();
    let reply = PostReply::of_page();
    view! {
        <form class="signin stack stack--wide" method="post" action=format!("/desk/start/{code}") novalidate>
            <div class="stack stack--tight">
                <h1>{t!(language, "setup.start.title")}</h1>
                <p class="quiet">{t!(language, "setup.start.lead")}</p>
            </div>
            <div class="card stack stack--wide">
                {reply.failure.clone().map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
                <TextField
                    name=NAME
                    kind=FieldKind::Text
                    label=t!(language, "setup.start.name")
                    hint=t!(language, "setup.start.name_hint").into_owned()
                    value=reply.text(NAME)
                    problem=reply.problem(NAME)
                />
                <TextField
                    name=MAIL
                    kind=FieldKind::Mail
                    label=t!(language, "staff.sign_in.mail")
                    hint=t!(language, "setup.start.mail_hint").into_owned()
                    value=reply.text(MAIL)
                    problem=reply.problem(MAIL)
                />
                <TextField
                    name=PASSWORD
                    kind=FieldKind::NewPassword
                    label=t!(language, "staff.sign_in.password")
                    hint=t!(language, "entry.choose.hint").into_owned()
                    problem=reply.problem(PASSWORD)
                />
                <button class="button button--main button--big button--wide" type="submit">
                    {t!(language, "setup.start.send")}
                </button>
                <p class="note">{t!(language, "setup.start.next")}</p>
            </div>
        </form>
    }
    .into_any()
}

/// Somebody is the administrator already.
#[component]
fn Taken() -> impl IntoView {
    answer_with(StatusCode::CONFLICT);
    let language = use_language();
    view! {
        <div class="empty" role="alert">
            <Icon name="check"/>
            <h1>{t!(language, "setup.start.taken")}</h1>
            <p>{t!(language, "setup.start.taken_hint")}</p>
            <p><a class="button button--main" href="/desk/sign-in">{t!(language, "staff.sign_in.title")}</a></p>
        </div>
    }
    .into_any()
}

/// A link of an earlier start, or of none.
#[component]
fn NoLink() -> impl IntoView {
    answer_with(AppError::NotFound.status());
    let language = use_language();
    view! {
        <div class="empty" role="alert">
            <Icon name="link"/>
            <h1>{t!(language, "entry.no_link")}</h1>
            <p>{t!(language, "setup.start.no_link_hint")}</p>
        </div>
    }
    .into_any()
}
