//! The frame of the workspace's pages: navigation, search box, and account.

mod api;
mod calls;
mod urgent;

use domain::actor::{Action, Actor, PersonId, Staff, Subject, may};
use domain::case_number::CaseNumber;
use domain::search::LONGEST_QUERY;
use domain::t;
use leptos::ev;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_query_map};
use wasm_bindgen::JsCast;

use self::api::{FrameState, read_frame};
use self::calls::Calls;
pub(super) use self::calls::Ring;
use self::urgent::{SoundSwitch, UrgentCases, watch_urgent};
use super::queue_place::last_queue;
use super::session::signed_in;
use crate::AppError;
use crate::address::case_address;
use crate::address::{query_value, sign_in_address};
use crate::drafts::{leave_when_signed_out, sign_out};
use crate::effect::effect;
use crate::language::use_language;
use crate::provider::use_provider;
use crate::ui::{Icon, LanguageSwitch, Logo, Problem};
use crate::wire::{PageResource, sent};

/// The address of the whole queue.
const QUEUE: &str = "/desk";

/// The entry of the navigation that a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Here {
    /// The queue and the cases in it.
    Queue,
    /// Opening a case.
    Intake,
    /// The survey: calls and results.
    Survey,
    /// Mails to customers.
    Mails,
    /// Mails that came in and wait for a decision. The server alone draws the page.
    #[cfg(feature = "ssr")]
    Triage,
    /// Reports.
    Reports,
    /// The visits of a day.
    Agenda,
    /// Search results.
    Search,
    /// What administrators set.
    Administration,
    /// One's own account.
    Account,
}

/// The bundle that a page of the staff belongs to. A link into the other one leaves the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Face {
    Workspace,
    Administration,
}

impl Here {
    const fn face(self) -> Face {
        match self {
            Self::Administration | Self::Account => Face::Administration,
            #[cfg(feature = "ssr")]
            Self::Triage => Face::Workspace,
            Self::Queue
            | Self::Intake
            | Self::Survey
            | Self::Mails
            | Self::Reports
            | Self::Agenda
            | Self::Search => Face::Workspace,
        }
    }

    /// The `rel` of a link to a page of `face`.
    fn rel(self, face: Face) -> Option<&'static str> {
        (self.face() != face).then_some("external")
    }
}

/// Context of pages that the server alone renders: their frame leaves out what needs a script.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone, Copy)]
pub(crate) struct RenderedOnce;

/// Whether the page is hydrated.
fn is_hydrated() -> bool {
    #[cfg(feature = "ssr")]
    return use_context::<RenderedOnce>().is_none();
    #[cfg(not(feature = "ssr"))]
    true
}

/// A page of the workspace.
#[component]
pub(super) fn StaffFrame(
    /// The title of the browser's tab.
    #[prop(into)]
    title: Signal<String>,
    /// Classes of the main part beside `wrap wrap--full page`.
    #[prop(optional)]
    class: &'static str,
    /// The page's entry of the navigation.
    here: Here,
    children: Children,
) -> impl IntoView {
    let language = use_language();
    let current = move |entry| (entry == here).then_some("page");
    let work = here.rel(Face::Workspace);
    let staff = sent(|| (), |()| signed_in());
    provide_context(staff);
    // Every standing role has these; some composed ones do not.
    let lacks = move |action: Action| {
        move || staff.get().and_then(Result::ok).is_some_and(|staff| !may_do(&staff, action))
    };
    leave_when_signed_out();
    // From other pages, the link to the queue leads to the reader's last place in it.
    let queue = RwSignal::new(QUEUE.to_owned());
    let path = use_location().pathname;
    effect(move |_| {
        let last = last_queue().filter(|_| path.with_untracked(|path| path != QUEUE));
        queue.set(last.unwrap_or_else(|| QUEUE.to_owned()));
    });
    let state = sent(|| (), |()| read_frame());
    let urgent = watch_urgent();
    let provider = use_provider();
    let tab = tab_title(title, provider.name.clone(), urgent);
    let home = t!(language, "frame.home", name = provider.name);
    view! {
        <Title text=tab/>
        <a class="skip" href="#main">{t!(language, "frame.skip")}</a>
        <header class="site">
            <div class="wrap wrap--full site__bar">
                <a class="site__logo" href="/desk" rel=work aria-label=home><Logo/></a>
                <nav class="site__nav" aria-label=t!(language, "staff.nav.label")>
                    <a href=move || queue.get() rel=work aria-current=current(Here::Queue)>{t!(language, "staff.nav.queue")}</a>
                    <a href="/desk/intake" rel=work aria-current=current(Here::Intake) hidden=lacks(Action::OpenCaseOnBehalf)>
                        {t!(language, "staff.nav.intake")}
                    </a>
                    <Permitted here staff state/>
                    <a href="/desk/agenda" rel=work aria-current=current(Here::Agenda) hidden=lacks(Action::ReadAgenda)>
                        {t!(language, "visit.agenda.title")}
                    </a>
                    <a class="site__wide" href="/board" rel="external">{t!(language, "staff.nav.board")}</a>
                    // Last: it comes when the page is alive already, and must not move the links away from a pointer.
                    <UrgentCases urgent rel=work/>
                </nav>
                <SearchBox here hidden=Signal::derive(lacks(Action::Search))/>
                <User here staff/>
            </div>
        </header>
        {(here.face() == Face::Workspace && is_hydrated()).then(|| view! { <Calls state/> })}
        <main id="main" class=format!("wrap wrap--full page {class}")>{children()}</main>
        <footer class="site__foot">
            <div class="wrap wrap--full row row--apart">
                <p>{provider.name} " · " {t!(language, "frame.centre")}</p>
                {is_hydrated().then(|| view! { <SoundSwitch/> })}
                <LanguageSwitch/>
            </div>
        </footer>
    }
    .into_any()
}

/// The title of the tab. The server writes the head when the page's own values are gone. What is read of them then is
/// another request's, whose values have the same places. So it is a text there.
#[cfg(feature = "ssr")]
fn tab_title(title: Signal<String>, provider: String, urgent: urgent::Urgent) -> String {
    format!("{}{} · {provider}", urgent.mark.get_untracked(), title.get_untracked())
}

/// The title of the tab, and how many urgent cases came.
#[cfg(not(feature = "ssr"))]
fn tab_title(
    title: Signal<String>,
    provider: String,
    urgent: urgent::Urgent,
) -> impl Fn() -> String + Send + Sync + 'static {
    let first = title.get_untracked();
    move || {
        let title = title.try_get().unwrap_or_else(|| first.clone());
        format!("{}{title} · {provider}", urgent.mark.try_get().unwrap_or_default())
    }
}

/// Searches cases, or opens one by its number; the key `/` focuses it from anywhere.
#[component]
fn SearchBox(
    here: Here,
    /// Whether the reader may not search.
    hidden: Signal<bool>,
) -> impl IntoView {
    let language = use_language();
    let input = NodeRef::<leptos::html::Input>::new();
    let navigate = use_navigate();
    let query = use_query_map();
    let asked = query.with_untracked(|query| query.get("q"));
    let submit = move |event: ev::SubmitEvent| {
        if here.face() != Face::Workspace {
            return;
        }
        event.prevent_default();
        let Some(input) = input.get_untracked() else { return };
        // The results are read next.
        let _ = input.blur();
        navigate(&search_address(&input.value()), NavigateOptions::default());
    };
    // Going back shows the earlier search text.
    effect(move |before: Option<Option<String>>| {
        // Leaving the page changes the query as well: the page may be gone before this runs.
        let asked = query.try_with(|query| query.get("q"))?.unwrap_or_default();
        if let (Some(before), Some(input)) = (before.flatten(), input.try_get_untracked().flatten())
            && before != asked
        {
            input.set_value(&asked);
        }
        Some(asked)
    });
    effect(move || {
        let listening = window_event_listener(ev::keydown, move |event| {
            if event.key() == "/" && !event.ctrl_key() && !event.meta_key() && !is_typing(&event) {
                event.prevent_default();
                if let Some(input) = input.try_get_untracked().flatten() {
                    let _ = input.focus();
                    input.select();
                }
            }
        });
        on_cleanup(move || listening.remove());
    });
    view! {
        <form class="site__find" action="/desk/search" role="search" hidden=move || hidden.get() on:submit=submit>
            <label class="sr" for="find">{t!(language, "staff.search.label")}</label>
            <Icon name="search"/>
            <input
                id="find"
                name="q"
                node_ref=input
                value=asked
                maxlength=LONGEST_QUERY.to_string()
                placeholder=t!(language, "staff.search.placeholder")
                autocomplete="off"
                spellcheck="false"
                enterkeyhint="search"
                aria-keyshortcuts="/"
                title=t!(language, "staff.search.hint")
            />
        </form>
    }
    .into_any()
}

/// The address of a search: the case of a number, else the results.
fn search_address(text: &str) -> String {
    match CaseNumber::parse(text) {
        Ok(number) => case_address(number),
        Err(_) => format!("/desk/search?q={}", query_value(text.trim())),
    }
}

/// Whether a key event belongs to a field.
fn is_typing(event: &ev::KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|target| matches!(target.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

/// The signed-in person. The server knows them before it renders, and embeds them in the page.
type SignedIn = PageResource<Result<Staff, AppError>>;

/// The id of the signed-in person once it is known, for content of a [`StaffFrame`].
pub(super) fn use_person() -> Signal<Option<PersonId>> {
    let staff = use_context::<SignedIn>();
    Signal::derive(move || staff.and_then(|staff| staff.get()).and_then(Result::ok).map(|staff| staff.id))
}

/// The signed-in person once known, for content of a [`StaffFrame`].
pub(super) fn use_staff() -> Signal<Option<Staff>> {
    let staff = use_context::<SignedIn>();
    Signal::derive(move || staff.and_then(|staff| staff.get()).and_then(Result::ok))
}

/// From this many on, the exact number is not shown.
const MANY: i64 = 100;

/// Links that only some roles see.
#[component]
fn Permitted(
    here: Here,
    staff: SignedIn,
    state: PageResource<Result<FrameState, AppError>>,
) -> impl IntoView {
    let language = use_language();
    let current = move |entry| (entry == here).then_some("page");
    let work = here.rel(Face::Workspace);
    let count = move |count: i64| {
        let told = if count < MANY { count.to_string() } else { format!("{}+", MANY - 1) };
        let title = t!(language, "staff.nav.mails_trouble", count = told);
        (count > 0).then(|| view! { <b class="site__count" title=title>{told}</b> })
    };
    let links = move |staff: Staff| {
        let calls = may_do(&staff, Action::Survey) || may_do(&staff, Action::FollowUp);
        let triages = may_do(&staff, Action::TriageMail);
        let reads = may_do(&staff, Action::ReadMail);
        let reports = may_do(&staff, Action::ReadReports);
        let settings = may_do(&staff, Action::ReadPeople);
        // No page of a bundle is the triage list.
        #[cfg(feature = "ssr")]
        let triage = current(Here::Triage);
        #[cfg(not(feature = "ssr"))]
        let triage: Option<&'static str> = None;
        view! {
            {triages.then(|| view! {
                <a href="/desk/triage" rel="external" aria-current=triage>{t!(language, "staff.nav.triage")}</a>
            })}
            {calls.then(|| view! {
                <a href="/desk/survey" rel=work aria-current=current(Here::Survey)>{t!(language, "staff.nav.survey")}</a>
            })}
            {reads.then(|| view! {
                <a href="/desk/mails" rel=work aria-current=current(Here::Mails)>
                    {t!(language, "staff.nav.mails")}
                    <Suspense>
                        {move || Suspend::new(async move {
                            state.await.ok().and_then(|state| count(state.mails_in_trouble))
                        })}
                    </Suspense>
                </a>
            })}
            {reports.then(|| view! {
                <a href="/desk/reports/promises" rel=work aria-current=current(Here::Reports)>{t!(language, "staff.nav.reports")}</a>
            })}
            {settings.then(|| view! {
                <a href="/desk/admin" rel=here.rel(Face::Administration) aria-current=current(Here::Administration)>
                    {t!(language, "staff.nav.admin")}
                </a>
            })}
        }
    };
    move || person_of(staff).map(links)
}

/// The signed-in person; until this page has read it, the one of the page before, so that the links do not go and come.
#[cfg(not(feature = "ssr"))]
fn person_of(staff: SignedIn) -> Option<Staff> {
    use std::cell::RefCell;

    thread_local! {
        static LAST: RefCell<Option<Staff>> = const { RefCell::new(None) };
    }
    match staff.get() {
        None => LAST.with_borrow(Clone::clone),
        Some(read) => {
            let person = read.ok();
            LAST.set(person.clone());
            person
        }
    }
}

/// The signed-in person. On the server every page has its own reader.
#[cfg(feature = "ssr")]
fn person_of(staff: SignedIn) -> Option<Staff> {
    staff.get().and_then(Result::ok)
}

/// Whether a person may do something to the desk as a whole. Links that they may not use are not shown.
pub(super) fn may_do(staff: &Staff, action: Action) -> bool {
    may(&Actor::Staff(staff.clone()), action, Subject::Desk).is_ok()
}

/// The signed-in person, and the sign-out.
#[component]
fn User(here: Here, staff: SignedIn) -> impl IntoView {
    let language = use_language();
    let current = (here == Here::Account).then_some("page");
    let name = move |staff: Staff| {
        let role = match staff.composed {
            Some(composed) => composed.name.as_str().to_owned(),
            None => t!(language, staff.role.name_key()).into_owned(),
        };
        view! {
            <span class="site__name">
                {staff.name} <span class="quiet site__role">" · " {role}</span>
            </span>
        }
    };
    view! {
        <form class="site__user" method="post" action="/desk/sign-out" on:submit=|_| sign_out()>
            {move || match staff.get() {
                Some(Ok(staff)) => Some(name(staff).into_any()),
                Some(Err(AppError::SignInFirst)) => Some(view! { <SignInFirst/> }.into_any()),
                Some(Err(_)) | None => None,
            }}
            <a class="button button--quiet" href="/desk/account" rel=here.rel(Face::Administration) aria-current=current>
                {t!(language, "staff.nav.account")}
            </a>
            <button class="button button--quiet" type="submit">{t!(language, "staff.sign_out")}</button>
        </form>
    }
    .into_any()
}

/// Sends the reader to the sign-in, and back here afterwards.
#[component]
pub(super) fn SignInFirst() -> impl IntoView {
    let location = use_location();
    let (path, query) = (location.pathname.get_untracked(), location.search.get_untracked());
    let next = if query.is_empty() { path } else { format!("{path}?{}", query.trim_start_matches('?')) };
    let address = sign_in_address(&next);
    #[cfg(feature = "ssr")]
    {
        view! { <leptos_router::components::Redirect path=address/> }.into_any()
    }
    // No bundle has the sign-in.
    #[cfg(not(feature = "ssr"))]
    {
        let _ = window().location().assign(&address);
        ().into_any()
    }
}

/// The page of an error; for a missing session a redirect to the sign-in.
#[component]
pub(super) fn Failed(
    /// The error.
    error: AppError,
) -> impl IntoView {
    #[cfg(feature = "ssr")]
    error.answer_page();
    match error {
        AppError::SignInFirst => view! { <SignInFirst/> }.into_any(),
        error => view! { <Problem error/> }.into_any(),
    }
}

/// What stands for a page whose code the browser did not get. The connection is cut, or an upgrade of the server took the
/// files of this page's build away. Then only a load of the whole page gets the new ones.
#[cfg(not(feature = "ssr"))]
#[component]
pub(crate) fn PageNotLoaded() -> impl IntoView {
    let language = use_language();
    let location = use_location();
    let address = move || format!("{}{}", location.pathname.get(), location.search.get_untracked());
    let title = t!(language, "staff.link.no_page").into_owned();
    let reload = t!(language, "staff.link.reload").into_owned();
    view! {
        <StaffFrame title=title.clone() here=Here::Search>
            <div class="empty" role="alert">
                <Icon name="info"/>
                <h1>{title}</h1>
                <p>{t!(language, "staff.link.no_page_hint")}</p>
                <p><a class="button" href=address rel="external">{reload}</a></p>
            </div>
        </StaffFrame>
    }
    .into_any()
}

/// The page of an error where the address names a case.
#[component]
pub(super) fn FailedCase(
    /// The error.
    error: AppError,
) -> impl IntoView {
    if error != AppError::NotFound {
        return view! { <Failed error/> }.into_any();
    }
    #[cfg(feature = "ssr")]
    error.answer_page();
    view! { <NoSuchCase/> }.into_any()
}

/// The page for a number of no case.
#[component]
fn NoSuchCase() -> impl IntoView {
    let language = use_language();
    view! {
        <div class="empty" role="alert">
            <Icon name="search"/>
            <h1>{t!(language, "staff.no_case")}</h1>
            <p>{t!(language, "staff.no_case_hint")}</p>
            <p><a class="button" href="/desk">{t!(language, "staff.to_queue")}</a></p>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_leads_to_its_case_and_anything_else_to_what_is_found() {
        let number = CaseNumber::new(domain::country::Country::Ve, 2026, 4213).unwrap();
        assert_eq!(search_address(&format!(" {} ", number.grouped())), "/desk/cases/VE2600421392");
        assert_eq!(search_address("VE26-004213-93"), "/desk/search?q=VE26-004213-93");
        assert_eq!(search_address(" Peña +58&212 "), "/desk/search?q=Pe%C3%B1a%20%2B58%26212");
    }
}
