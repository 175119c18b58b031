//! A password is chosen by a mailed link: `/desk/password/LINK`. To look at the page does not use the link.

use desk::oidc::{self, Offered};
use desk::people::links::{ChoosePasswordError, OpenLink, Purpose, choose_password, open_link};
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::AppError;
use crate::address::query_value;
use crate::language::use_language;
use crate::pages::{PostReply, Posted, Typed};
use crate::request::{RequestContext, answer_with, request_context};
use crate::ui::{FieldKind, Icon, Notice, PortalFrame, Problem, TextField, Tone};

/// The name of the field.
const PASSWORD: &str = "new";

/// Takes the password that somebody chooses by a link.
pub async fn post_choose_password(asked: &RequestContext, link: &str, typed: &Typed) -> Posted {
    // A password is never written back into a page.
    let again = |error: &AppError| Posted::not_taken(Typed::new(), error, asked.language);
    if let Err(error) = asked.unhurried() {
        return again(&error);
    }
    let mail = match open_link(&asked.desk, link).await {
        Ok(Some(open)) => open.mail,
        Ok(None) => return again(&AppError::NotFound),
        Err(error) => return again(&desk::DeskError::from(error).into()),
    };
    let password = typed.get(PASSWORD).map_or("", String::as_str);
    match choose_password(&asked.desk, link, password).await {
        Ok(_) => Posted::Done(format!("/desk/sign-in?done=password&mail={}", query_value(mail.as_str()))),
        Err(ChoosePasswordError::NoLink) => again(&AppError::NotFound),
        Err(ChoosePasswordError::Password(problem)) => {
            again(&AppError::wrong(PASSWORD, problem.message(asked.language)))
        }
        Err(ChoosePasswordError::Hash(error)) => again(&AppError::internal(error)),
        Err(ChoosePasswordError::Desk(error)) => again(&error.into()),
    }
}

/// The page of a link.
#[component]
pub fn ChoosePasswordPage() -> impl IntoView {
    let language = use_language();
    let params = use_params_map();
    let link = params.with_untracked(|params| params.get("link")).unwrap_or_default();
    let page = Resource::new_blocking(
        move || link.clone(),
        |link| async move {
            let asked = request_context()?;
            let open = open_link(&asked.desk, &link).await.map_err(desk::DeskError::from)?;
            let offered = oidc::offered(&asked.desk).await.map_err(desk::DeskError::from)?;
            Ok::<_, AppError>(open.map(|open| Page::of(open, link, offered)))
        },
    );
    view! {
        <PortalFrame title=t!(language, "entry.choose.title").into_owned()>
            <Suspense>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(Some(page)) => view! { <ChooseForm page/> }.into_any(),
                        Ok(None) => view! { <NoLink/> }.into_any(),
                        Err(error) => view! { <Problem error/> }.into_any(),
                    }
                })}
            </Suspense>
        </PortalFrame>
    }
    .into_any()
}

/// What the page shows of a link.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Page {
    is_invitation: bool,
    name: String,
    mail: String,
    link: String,
    /// Identity providers by which an invitation can be taken, with their names.
    providers: Vec<(i64, String)>,
}

impl Page {
    fn of(open: OpenLink, link: String, offered: Vec<Offered>) -> Self {
        let is_invitation = open.purpose == Purpose::Invitation;
        let offered = offered.into_iter().filter(|_| is_invitation);
        let providers = offered.map(|offered| (offered.id.0, offered.name)).collect();
        Self { is_invitation, name: open.name.to_string(), mail: open.mail.to_string(), link, providers }
    }
}

#[component]
fn ChooseForm(page: Page) -> impl IntoView {
    let language = use_language();
    let reply = PostReply::of_page();
    let (title, lead) = if page.is_invitation {
        (t!(language, "entry.choose.welcome", name = page.name), "entry.choose.welcome_lead")
    } else {
        (t!(language, "entry.choose.title").into_owned(), "entry.choose.lead")
    };
    let invitation = page.link.clone();
    let button = |(id, name): (i64, String)| {
        view! {
            <button class="button button--big button--wide" type="submit" formaction="/desk/sign-in/provider"
                name="provider" value=id.to_string()>
                {t!(language, "identity.join", name = name)}
            </button>
        }
    };
    let providers = (!page.providers.is_empty()).then(|| {
        view! {
            <input type="hidden" name="invitation" value=invitation/>
            {page.providers.into_iter().map(button).collect_view()}
        }
    });
    view! {
        <form class="signin stack stack--wide" method="post" action=format!("/desk/password/{}", page.link) novalidate>
            <div class="stack stack--tight">
                <h1>{title}</h1>
                <p class="quiet">{t!(language, lead)}</p>
            </div>
            <div class="card stack stack--wide">
                {reply.failure.clone().map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
                // For keepers of passwords: whose it is.
                <div class="field">
                    <label class="field__label" for="mail">{t!(language, "staff.sign_in.mail")}</label>
                    <div class="field__box">
                        <input class="field__input" id="mail" type="email" autocomplete="username" value=page.mail readonly=true/>
                    </div>
                </div>
                <TextField
                    name=PASSWORD
                    kind=FieldKind::NewPassword
                    label=t!(language, "entry.choose.password")
                    hint=t!(language, "entry.choose.hint").into_owned()
                    problem=reply.problem(PASSWORD)
                />
                <button class="button button--main button--big button--wide" type="submit">
                    {t!(language, "entry.choose.save")}
                </button>
                {providers}
            </div>
        </form>
    }
    .into_any()
}

/// A link that was used, or is too old.
#[component]
fn NoLink() -> impl IntoView {
    answer_with(AppError::NotFound.status());
    let language = use_language();
    view! {
        <div class="empty" role="alert">
            <Icon name="link"/>
            <h1>{t!(language, "entry.no_link")}</h1>
            <p>{t!(language, "entry.no_link_hint")}</p>
            <p class="row">
                <a class="button button--main" href="/desk/password">{t!(language, "entry.forgotten.title")}</a>
                <a class="button" href="/desk/sign-in">{t!(language, "entry.to_sign_in")}</a>
            </p>
        </div>
    }
    .into_any()
}
