//! Pages of customers who sign in: their cases, and the contracts and equipment of their company (`docs/decisions/0056`). Plain
//! pages, drawn by the server alone.

mod cases;
mod entry;
mod equipment;

use domain::actor::Actor;
use domain::t;
use leptos::prelude::*;
use leptos_router::components::Redirect;

use crate::AppError;
use crate::language::use_language;
use crate::request::{RequestContext, request_context};
use crate::ui::{PortalFrame, Problem};

pub use cases::OwnCasesPage;
pub use entry::{EntryCodePage, EntryLinkPage, EntryPage, PostedEntry, post_address, refused_code};
pub use equipment::OwnEquipmentPage;

/// Where customers sign in.
pub const SIGN_IN: &str = "/my/sign-in";
/// Where the code is typed.
pub const CODE: &str = "/my/code";
/// The address of the customer's cases.
pub const CASES: &str = "/my/cases";
/// Their contracts and equipment.
const EQUIPMENT: &str = "/my/equipment";

/// The request of a customer who is signed in.
fn signed_in() -> Result<RequestContext, AppError> {
    let asked = request_context()?;
    if matches!(asked.actor, Actor::Contact(_)) { Ok(asked) } else { Err(AppError::SignInFirst) }
}

/// The page of an error; who is not signed in is led to the sign-in.
#[component]
fn NotRead(error: AppError) -> impl IntoView {
    if error == AppError::SignInFirst {
        return view! { <Redirect path=SIGN_IN/> }.into_any();
    }
    view! { <Problem error/> }.into_any()
}

/// A page of the account.
#[component]
fn AccountFrame(
    /// The key of the title.
    title: &'static str,
    /// The address of the page.
    here: &'static str,
    children: Children,
) -> impl IntoView {
    let language = use_language();
    let address = request_context().ok().and_then(|asked| match asked.actor {
        Actor::Contact(mail) => Some(mail.to_string()),
        _ => None,
    });
    let link = move |to: &'static str, key: &'static str| {
        let current = (to == here).then_some("page");
        view! { <a href=to aria-current=current>{t!(language, key)}</a> }
    };
    view! {
        <PortalFrame title=t!(language, title).into_owned() class="stack stack--wide">
            <div class="row row--apart">
                <h1>{t!(language, title)}</h1>
                {address.map(|address| view! {
                    <form class="row" method="post" action="/my/sign-out">
                        <span class="note">{address}</span>
                        <button class="button button--quiet" type="submit">{t!(language, "my.sign_out")}</button>
                    </form>
                })}
            </div>
            <nav class="filters" aria-label=t!(language, "my.nav")>
                {link(CASES, "my.cases")} {link(EQUIPMENT, "my.equipment")}
                <a href="/" rel="external">{t!(language, "my.report")}</a>
            </nav>
            {children()}
            <form method="post" action="/my/sign-out">
                <button class="button button--quiet" type="submit" name="where" value="everywhere">
                    {t!(language, "my.sign_out_everywhere")}
                </button>
            </form>
        </PortalFrame>
    }
    .into_any()
}
