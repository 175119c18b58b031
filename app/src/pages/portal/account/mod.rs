//! Pages of customers who sign in: their cases, the contracts and equipment of their company, and its people
//! (`docs/decisions/0056`, `docs/decisions/0062`). Plain pages, drawn by the server alone.

mod cases;
mod colleagues;
mod coverage;
mod entry;
mod equipment;
mod profile;
mod report;

use desk::customers::companies::OwnCompany;
use domain::actor::Actor;
use domain::company::Standing;
use domain::t;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_router::components::Redirect;

use crate::AppError;
use crate::language::use_language;
use crate::request::{RequestContext, request_context};
use crate::ui::{PortalFrame, Problem};

pub use cases::{OwnCasesPage, own_cases_file};
pub use colleagues::{ColleaguesPage, post_colleague};
pub use entry::{EntryCodePage, EntryLinkPage, EntryPage, PostedEntry, post_address, refused_code};
pub use equipment::{OwnEquipmentPage, own_label_file};
pub use profile::{ProfilePage, own_form, post_profile};
pub use report::OwnReportPage;

/// Where customers sign in.
pub const SIGN_IN: &str = "/my/sign-in";
/// Where the code is typed.
pub const CODE: &str = "/my/code";
/// The address of the customer's cases.
pub const CASES: &str = "/my/cases";
/// The same as a CSV file.
const CASES_FILE: &str = "/my/cases.csv";
/// Their contracts and equipment.
const EQUIPMENT: &str = "/my/equipment";
/// The promises that were kept to their company.
const REPORT: &str = "/my/report";
/// The people of the companies that they administer.
const COLLEAGUES: &str = "/my/colleagues";
/// What they have said of themselves.
const PROFILE: &str = "/my/profile";
/// A case form that begins with it.
const NEW_CASE: &str = "/my/case";
/// The header of requests that a page makes by itself. They do not prolong the session.
pub const BY_PAGE: &str = "x-vigia-by-page";

/// Leaves the page when the session ends or the companies change, and draws what is marked as live anew each minute. Nothing is
/// drawn over what the reader has the focus in. Without it the pages work, and the next request is refused.
const FOLLOW: &str = "(()=>{const leave=to=>location.replace(to);\
    const stream=new EventSource('/my/events');\
    stream.addEventListener('ended',event=>{stream.close();leave(event.data)});\
    const draw=async()=>{const old=document.querySelector('[data-drawn-anew]');\
    if(document.hidden||old===null||old.contains(document.activeElement))return;\
    const answer=await fetch(location.href,{headers:{'x-vigia-by-page':'1'}}).catch(()=>null);\
    if(answer===null||!answer.ok)return;if(answer.redirected)return leave(answer.url);\
    const page=new DOMParser().parseFromString(await answer.text(),'text/html');\
    const fresh=page.querySelector('[data-drawn-anew]');\
    if(fresh!==null&&!old.contains(document.activeElement))old.replaceWith(fresh)};\
    setInterval(draw,6e4);document.addEventListener('visibilitychange',draw)})()";

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
    let title = error.message(use_language());
    view! { <PortalFrame title><Problem error/></PortalFrame> }.into_any()
}

/// A page of the account.
#[component]
fn AccountFrame(
    /// The key of the title.
    title: &'static str,
    /// The address of the page.
    here: &'static str,
    /// The companies for which the reader acts.
    companies: Vec<OwnCompany>,
    children: Children,
) -> impl IntoView {
    let language = use_language();
    let acts = !companies.is_empty();
    let administers = companies.iter().any(|company| company.standing == Standing::Administrator);
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
                {acts.then(|| link(REPORT, "my.our_report"))}
                {administers.then(|| link(COLLEAGUES, "my.colleagues"))}
                {link(PROFILE, "my.profile")}
                <a href=NEW_CASE rel="external">{t!(language, "my.report")}</a>
            </nav>
            {children()}
            <form method="post" action="/my/sign-out">
                <button class="button button--quiet" type="submit" name="where" value="everywhere">
                    {t!(language, "my.sign_out_everywhere")}
                </button>
            </form>
            <script nonce=use_nonce()>{FOLLOW}</script>
        </PortalFrame>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_of_the_page_itself_are_marked_as_such() {
        assert!(FOLLOW.contains(&format!("'{BY_PAGE}':'1'")), "{FOLLOW}");
        assert!(!FOLLOW.contains("</"), "nothing ends the script early");
    }
}
