//! The case file: clocks, history, facts, and every command of the case.

mod amend;
mod api;
mod assignment;
#[cfg(feature = "ssr")]
mod candidates;
mod contact;
mod customer_update;
mod drafts;
mod elements;
mod ending;
mod facts;
mod files;
mod links;
mod moment;
mod participants;
#[cfg(feature = "ssr")]
mod plain;
mod presence;
mod progress;
mod replies;
mod revise;
mod state;
mod tracking;
mod visit;

use domain::actor::{Action, Staff};
use domain::case::{Audience, Command, End, SlaClock, Status};
use domain::case_number::CaseNumber;
use domain::site::Site;
use domain::sla_plan::SlaMetric;
use domain::t;
use domain::view::CasePage;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use self::amend::{AmendDialog, Amending, UndeliveredTask};
use self::api::{Candidates, read_case_file, read_reader};
use self::assignment::{AssignDialog, AssignmentBar};
use self::contact::{ContactDialog, NoteDialog, UndoNotice};
use self::customer_update::{Unanswered, UpdateDialog};
use self::drafts::Drafts;
use self::elements::{FailedNotice, Toast};
use self::ending::{CloseDialog, ReopenDialog, VerifyDialog};
use self::facts::{Doubt, Facts, Fault, Mails, Person};
use self::links::{CancelDialog, DuplicateDialog, LinkDialog, Links};
use self::participants::{InviteDialog, Participants};
#[cfg(feature = "ssr")]
pub use self::plain::post_case_message;
use self::presence::Others;
use self::progress::{PauseDialog, PriorityDialog, ResolveDialog};
use self::revise::{CorrectDialog, ReprioritizeDialog};
use self::state::{CaseState, Dialog};
use self::tracking::{CustomersLink, RenewDialog};
use self::visit::{VisitCard, VisitDialogs, VisitDialogsOf};
use super::frame::{FailedCase, Here, StaffFrame};
use crate::address::case_address;
use crate::language::use_language;
use crate::live::{Link, provide_time};
use crate::ui::{
    Account, EarlierBreaches, History, Icon, Notice, PriorityTag, ProofLinks, RequiresScript, SlaCard,
    SlaCardSize, Tone, changing, digits, when_read,
};
use crate::wire::sent;

/// The page of one case.
#[component]
pub fn CaseFilePage() -> impl IntoView {
    let params = use_params_map();
    let number = Memo::new(move |_| params.with(|params| params.get("number").unwrap_or_default()));
    let page = sent(
        move || number.get(),
        |number| async move { Ok::<_, crate::AppError>((read_case_file(number).await?, read_reader().await?)) },
    );
    let title = move || {
        number.with(|number| {
            CaseNumber::parse(number).map_or_else(|_| number.clone(), |number| number.to_string())
        })
    };
    view! {
        <StaffFrame title=Signal::derive(title) class="case" here=Here::Queue>
            <Transition fallback=Skeleton>
                {when_read(page, |read| match read {
                    Ok((first, me)) => view! { <CaseFile first me/> }.into_any(),
                    Err(error) => view! { <FailedCase error/> }.into_any(),
                })}
            </Transition>
        </StaffFrame>
    }
    .into_any()
}

/// A case as first read, refreshed from then on. Dialogs stand outside the refreshed parts.
#[component]
fn CaseFile(first: CasePage, me: Staff) -> impl IntoView {
    let language = use_language();
    let time = provide_time(first.now);
    let reader = me.id;
    let case = CaseState::take(first, time, me);
    let link = case.follow();
    let drafts = Drafts::of(case.number, reader);
    let claim = Dialog::new(case, "do-claim");
    let unlink = Dialog::new(case, "do-unlink");
    let take_back = Dialog::new(case, "do-take-back");
    let candidates = RwSignal::new(Vec::new());
    let dialogs = Dialogs::new(case);
    let visits = VisitDialogs::new(case);
    let amending = Amending::new(case, drafts.amend);
    let history = move || {
        let (entries, files, whatsapp) =
            case.page.with(|page| (page.history.clone(), page.files.clone(), page.whatsapp.clone()));
        let base = format!("{}/message-files", case_address(case.number));
        view! { <History entries files whatsapp base hours=case.hours audience=Audience::Internal/> }
    };
    view! {
        <Head case/>
        <Others case/>
        <AssignmentBar case me=reader candidates claim give=dialogs.give/>
        <ActionBar case dialogs/>
        <div class="split">
            <div class="stack stack--wide">
                <UndeliveredTask amending/>
                <FailedNotice dialog=dialogs.resume/>
                <FailedNotice dialog=take_back/>
                <UndoNotice dialog=take_back/>
                <Trouble case link/>
                <Unanswered case/>
                <Fault case reprioritize=dialogs.reprioritize amending/>
                <Doubt case correct=dialogs.correct/>
                <Decide case/>
                <Ended case/>
                <SlaClocks case/>
                <VisitCard case dialogs=visits/>
                <section class="card stack stack--wide" aria-labelledby="h-history">
                    <h2 id="h-history">{t!(language, "staff.history")}</h2>
                    {history}
                    <ProofLinks audience=Audience::Internal document=format!("{}/proof.json", case_address(case.number))/>
                </section>
            </div>
            <aside class="split__side stack" aria-label=t!(language, "staff.facts.label")>
                <Person case amending/>
                <Facts case correct=dialogs.correct amending/>
                <Links case link=dialogs.link duplicate=dialogs.duplicate unlink/>
                <Participants case invite=dialogs.invite remove=dialogs.remove/>
                <CustomersLink case dialog=dialogs.renew/>
                <Mails case/>
            </aside>
        </div>
        <RequiresScript>
            <DialogsOf dialogs drafts candidates/>
            <AmendDialog amending/>
            <VisitDialogsOf dialogs=visits/>
        </RequiresScript>
        <noscript inner_html=plain_form(case.number)></noscript>
        <Toast case note=dialogs.note/>
    }
    .into_any()
}

/// The form of notes and updates for readers without a script, as the server draws it.
#[cfg(feature = "ssr")]
fn plain_form(number: CaseNumber) -> String {
    plain::form(number)
}

/// A script draws no such form.
#[cfg(not(feature = "ssr"))]
const fn plain_form(_: CaseNumber) -> String {
    String::new()
}

/// The dialogs of a case's commands. Visits and amendments have their own.
#[derive(Clone, Copy)]
struct Dialogs {
    contact: Dialog,
    note: Dialog,
    pause: Dialog,
    priority: Dialog,
    resolve: Dialog,
    verify: Dialog,
    close: Dialog,
    reopen: Dialog,
    give: Dialog,
    news: Dialog,
    reprioritize: Dialog,
    correct: Dialog,
    cancel: Dialog,
    duplicate: Dialog,
    link: Dialog,
    renew: Dialog,
    invite: Dialog,
    remove: Dialog,
    resume: Dialog,
}

impl Dialogs {
    fn new(case: CaseState) -> Self {
        let dialog = |id| Dialog::new(case, id);
        Self {
            contact: dialog("do-contact"),
            note: dialog("do-note"),
            pause: dialog("do-pause"),
            priority: dialog("do-priority"),
            resolve: dialog("do-resolve"),
            verify: dialog("do-verify"),
            close: dialog("do-close"),
            reopen: dialog("do-reopen"),
            give: dialog("do-give"),
            news: dialog("do-news"),
            reprioritize: dialog("do-weigh"),
            correct: dialog("do-correct"),
            cancel: dialog("do-cancel"),
            duplicate: dialog("do-duplicate"),
            link: dialog("do-link"),
            renew: dialog("do-renew"),
            invite: dialog("do-invite"),
            remove: dialog("do-remove"),
            resume: dialog("do-resume"),
        }
    }
}

/// Every dialog of [`Dialogs`] but `resume` and `remove`, which are one tap without a dialog.
#[component]
fn DialogsOf(dialogs: Dialogs, drafts: Drafts, candidates: RwSignal<Vec<Candidates>>) -> impl IntoView {
    view! {
        <ContactDialog dialog=dialogs.contact text=drafts.contact/>
        <NoteDialog dialog=dialogs.note text=drafts.note/>
        <AssignDialog dialog=dialogs.give candidates text=drafts.give/>
        <UpdateDialog dialog=dialogs.news text=drafts.news/>
        <ReprioritizeDialog dialog=dialogs.reprioritize text=drafts.reprioritize/>
        <CorrectDialog dialog=dialogs.correct text=drafts.correct/>
        <PauseDialog dialog=dialogs.pause text=drafts.pause/>
        <PriorityDialog dialog=dialogs.priority text=drafts.priority/>
        <ResolveDialog dialog=dialogs.resolve found=drafts.cause text=drafts.solution answer=dialogs.news/>
        <VerifyDialog dialog=dialogs.verify text=drafts.verify/>
        <CloseDialog dialog=dialogs.close text=drafts.close answer=dialogs.contact/>
        <ReopenDialog dialog=dialogs.reopen text=drafts.reopen/>
        <CancelDialog dialog=dialogs.cancel text=drafts.cancel answer=dialogs.news/>
        <DuplicateDialog dialog=dialogs.duplicate answer=dialogs.news/>
        <LinkDialog dialog=dialogs.link/>
        <RenewDialog dialog=dialogs.renew/>
        <InviteDialog dialog=dialogs.invite/>
    }
    .into_any()
}

/// Number, priority, status and subject.
#[component]
fn Head(case: CaseState) -> impl IntoView {
    let language = use_language();
    let subject = case.page.with_untracked(|page| {
        let platform = t!(language, page.opening.report.platform.name_key());
        let customer = if page.customer.is_empty() { page.equipment.clone() } else { page.customer.clone() };
        let report = &page.opening.report;
        let place = page.site.as_ref().map_or_else(|| report.location.to_string(), Site::label);
        format!("{platform} · {customer}, {place}")
    });
    let status = Memo::new(move |_| case.page.with(|page| page.status));
    let attempts = Memo::new(move |_| case.page.with(attempts_that_count));
    let came_back = Memo::new(move |_| case.page.with(CasePage::came_back));
    view! {
        <div class="casehead">
            <h1>
                <span class="number" translate="no">{case.number.grouped()}</span>
                " "
                <PriorityTag priority=Signal::derive(move || case.page.with(|page| page.priority))/>
                " "
                <span class="badge">{changing(move || t!(language, status.get().name_key()).into_owned())}</span>
                {move || {
                    came_back.get().then(|| {
                        view! { " " <span class="badge badge--line">{t!(language, "staff.came_back")}</span> }
                    })
                }}
                {move || match attempts.get() {
                    0 => None,
                    1 => Some(t!(language, "staff.attempt").into_owned()),
                    count => Some(t!(language, "staff.attempts", count = count)),
                }
                    .map(|words| view! { " " <span class="badge badge--line">{words}</span> })}
            </h1>
            <p class="casehead__title">{subject}</p>
        </div>
    }
    .into_any()
}

/// The number of contact attempts while first response is due; 0 afterwards.
fn attempts_that_count(page: &CasePage) -> u32 {
    let awaited = |clock: &SlaClock| clock.kind == SlaMetric::FirstResponse && !clock.run.is_over();
    if page.clocks.iter().any(awaited) { page.attempts } else { 0 }
}

/// The commands of the case's status.
#[component]
fn ActionBar(case: CaseState, dialogs: Dialogs) -> impl IntoView {
    let language = use_language();
    let status = Memo::new(move |_| case.page.with(|page| page.status));
    let act = move |dialog: Dialog, class: &'static str, icon: &'static str, words: &'static str| {
        view! {
            <button class=class type="button" on:click=move |_| dialog.begin()>
                <Icon name=icon/>
                " "
                {t!(language, words)}
            </button>
        }
    };
    let (may_reorder, may_cancel) = (case.may(Action::ChangePriority), case.may(Action::CancelCase));
    let go_on = move |_| {
        dialogs.resume.begin();
        dialogs.resume.send(Command::Resume, move || case.done(language, "staff.resume.done"), || ());
    };
    let wait = move || match status.get() {
        Status::OnHold => view! {
            <button class="button" type="button" aria-disabled=dialogs.resume.busy() on:click=go_on>
                <Icon name="play"/>
                " "
                {t!(language, "staff.resume.act")}
            </button>
        }
        .into_any(),
        _ => act(dialogs.pause, "button", "paused", "staff.pause.act").into_any(),
    };
    view! {
        <div class="acts" role="group" aria-label=t!(language, "staff.acts")>
            {act(dialogs.contact, "button button--main", "phone", "staff.contact.act")}
            {act(dialogs.note, "button", "note", "staff.note.title")}
            {move || match status.get() {
                Status::New | Status::InProgress | Status::OnHold => view! {
                    {act(dialogs.news, "button", "mail", "staff.news.act")}
                    {wait}
                    {may_reorder.then(|| act(dialogs.priority, "button", "flag", "staff.priority.priority"))}
                    {act(dialogs.resolve, "button", "check", "staff.resolve.act_short")}
                    {may_cancel
                        .then(|| act(dialogs.cancel, "button button--quiet", "close", "staff.cancel_case.act_short"))}
                }
                .into_any(),
                Status::Resolved => view! {
                    {act(dialogs.verify, "button", "check", "staff.verify.title")}
                    {act(dialogs.close, "button", "close", "staff.close_case.act")}
                }
                .into_any(),
                Status::Closed | Status::Cancelled | Status::Duplicate => view! { <Onward case reopen=dialogs.reopen/> }
                    .into_any(),
            }}
        </div>
    }
    .into_any()
}

/// The button to reopen a case that has ended, or the link to open one that follows it.
#[component]
fn Onward(case: CaseState, reopen: Dialog) -> impl IntoView {
    let language = use_language();
    let end =
        Memo::new(move |_| case.page.with(|page| page.report.as_ref().map(|report| report.end.clone())));
    let is_followed = Memo::new(move |_| {
        let now = case.time.now();
        end.with(|end| end.as_ref().is_some_and(|end| end.can_be_followed(now)))
    });
    move || match (is_followed.get(), end.with(|end| matches!(end, Some(End::Closed(_))))) {
        (true, _) => view! {
            <a class="button" href=format!("{}/follow", case_address(case.number))>
                <Icon name="plus"/> " " {t!(language, "staff.follow.act")}
            </a>
        }
        .into_any(),
        (false, true) => view! {
            <button class="button" type="button" on:click=move |_| reopen.begin()>
                <Icon name="play"/> " " {t!(language, "staff.reopen.act")}
            </button>
        }
        .into_any(),
        (false, false) => ().into_any(),
    }
}

/// The clocks of the case with their explanations.
#[component]
fn SlaClocks(case: CaseState) -> impl IntoView {
    let cards = move || {
        case.page.with(|page| {
            let explained = |kind| {
                let found = page.explained.iter().find(|(of, _)| *of == kind);
                found.map(|(_, stretches)| stretches.clone()).unwrap_or_default()
            };
            let under = |clock: &SlaClock| {
                let is = |of: &SlaClock| (of.kind, of.cycle) == (clock.kind, clock.cycle);
                page.missed.iter().find(|missed| is(&missed.clock)).and_then(|missed| missed.under.clone())
            };
            let card = |clock: &SlaClock| {
                let (explained, under) = (explained(clock.kind), under(clock));
                view! { <SlaCard clock=*clock hours=case.hours explained under size=SlaCardSize::Card audience=Audience::Internal/> }
            };
            page.clocks.iter().map(card).collect_view()
        })
    };
    let missed = move || {
        let (missed, shown) = case.page.with(|page| (page.missed.clone(), page.clocks.clone()));
        view! { <EarlierBreaches missed shown hours=case.hours/> }
    };
    view! { <div class="clocks">{cards}</div> {missed} }.into_any()
}

/// The notice that the customer has not answered for long, and that the agent has to decide.
#[component]
fn Decide(case: CaseState) -> impl IntoView {
    let language = use_language();
    let wanted =
        Memo::new(move |_| case.page.with(|page| page.status == Status::Resolved && page.awaits_decision));
    move || {
        wanted.get().then(|| {
            view! { <Notice tone=Tone::Care icon="alert"><p>{t!(language, "staff.decide")}</p></Notice> }
        })
    }
}

/// The closing report of a case that has ended.
#[component]
fn Ended(case: CaseState) -> impl IntoView {
    let report = Memo::new(move |_| case.page.with(|page| page.report.clone()));
    move || {
        report.get().map(|report| {
            let document = format!("{}/account.pdf", case_address(case.number));
            view! { <Account report hours=case.hours audience=Audience::Internal document/> }
        })
    }
}

/// The notice that the page may be out of date, and since when.
#[component]
fn Trouble(case: CaseState, link: ReadSignal<Link>) -> impl IntoView {
    let language = use_language();
    move || {
        let words = match (link.get(), case.trouble.get()) {
            (Link::Cut(since), _) => {
                t!(language, "staff.link.cut", length = digits(language, case.time.now().since(since)))
            }
            (Link::Connecting | Link::Live, Some(error)) => error.message(language),
            (Link::Connecting | Link::Live, None) => return None,
        };
        Some(view! { <p class="note"><Icon name="offline"/> " " {words}</p> })
    }
}

/// The placeholder while the page is read for the first time.
#[component]
fn Skeleton() -> impl IntoView {
    view! { <div class="casehead" aria-busy="true"><h1><span class="bone"></span></h1></div> }.into_any()
}
