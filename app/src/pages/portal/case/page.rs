//! A case as its customer's page gets it: what it shows, and no more of the case.
//!
//! What never changes under the reader's hands comes as markup, made on the server: the history and the closing report. A
//! bundle that drew them would hold every entry that a case can have (docs/decisions/0050).

use domain::calendar::ServiceHours;
use domain::case::visit::Visit;
use domain::case::{BreachedTarget, End, Explained, Participant, PriorityInputs, Report, SlaClock, Status};
use domain::case_number::CaseNumber;
use domain::priority::Priority;
use domain::sla_plan::SlaMetric;
use domain::time::Instant;
use domain::view::LinkView;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::ui::DeferredView;

/// HTML that the server made of its own views.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Markup(String);

impl Markup {
    /// The markup in an element of its own, of these classes.
    pub(super) fn view(self, class: &'static str) -> DeferredView {
        DeferredView::new(move || view! { <div class=class inner_html=self.0></div> }.into_any())
    }
}

/// A case for its customer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CustomersPage {
    /// Number of the case.
    pub(super) number: CaseNumber,
    /// Number of entries in its history.
    pub(super) version: u32,
    /// Time of the opening.
    pub(super) opened_at: Instant,
    /// The report, as corrected and amended since.
    pub(super) report: Report,
    /// Every report it had, each with the first version of the history that had it.
    pub(super) earlier_reports: Vec<(u32, Report)>,
    /// Whether the entitlement is doubtful.
    pub(super) is_doubtful: bool,
    /// Its status.
    pub(super) status: Status,
    /// Its priority.
    pub(super) priority: Priority,
    /// Impact and urgency in force.
    pub(super) priority_inputs: PriorityInputs,
    /// Maker and model as registered, else the serial.
    pub(super) equipment: String,
    /// Clocks of its SLA targets.
    pub(super) clocks: Vec<SlaClock>,
    /// For each target every stretch of its time, with why it counted or not.
    pub(super) explained: Vec<(SlaMetric, Vec<Explained>)>,
    /// Breached targets of every cycle, each with the target in force then.
    pub(super) missed: Vec<BreachedTarget>,
    /// How it ended, if it has.
    pub(super) end: Option<End>,
    /// The closing report, once the case has ended.
    pub(super) account: Option<Markup>,
    /// The last solution.
    pub(super) solution: Option<String>,
    /// Whether the latest pause waits for the customer.
    pub(super) waits_for_customer: bool,
    /// Linked cases, as far as the customer may know them.
    pub(super) links: Vec<LinkView>,
    /// The latest visit.
    pub(super) visit: Option<Visit>,
    /// The history.
    pub(super) history: Markup,
    /// Whether the opening mail is held.
    pub(super) is_mail_held: bool,
    /// The address that mails did not reach.
    pub(super) undelivered: Option<String>,
    /// Other people on the case, for its contact.
    pub(super) participants: Vec<Participant>,
    /// Its service hours.
    pub(super) hours: ServiceHours,
    /// The server's time.
    pub(super) now: Instant,
}

impl CustomersPage {
    /// The report at a version of the history, if it was another one. No version is before the opening.
    pub(super) fn earlier_report(&self, version: u32) -> Option<&Report> {
        let of = |(first, _): &&(u32, Report)| *first <= version;
        let mut reports = self.earlier_reports.iter();
        let first = reports.clone().next();
        let (_, report) = reports.rfind(of).or(first)?;
        (*report != self.report).then_some(report)
    }
}

#[cfg(feature = "ssr")]
mod server {
    use domain::calendar::ServiceHours;
    use domain::case::{Audience, Event, PauseReason, Recorded, Report, report_at};
    use domain::entitlement::Entitlement;
    use domain::view::CasePage;
    use leptos::prelude::*;

    use super::{CustomersPage, Markup};
    use crate::language::provide_language;
    use crate::live::provide_time;
    use crate::pages::portal::case::api::Reader;
    use crate::ui::{Account, History, ProofLinks};

    impl CustomersPage {
        /// The page of a case, under the link `tracking` of its holder. A participant gets no proof, which has the contact's address.
        pub(in crate::pages::portal::case) fn of(page: CasePage, tracking: &str, holder: Reader) -> Self {
            let document = format!("/track/{tracking}/account.pdf");
            let closing = page.report.clone();
            let account = closing.map(|report| {
                drawn(&page, move |hours| {
                    view! { <Account report hours audience=Audience::Public document/> }.into_any()
                })
            });
            let (entries, files) = (page.history.clone(), page.files.clone());
            let base = format!("/track/{tracking}/message-files");
            let proof = format!("/track/{tracking}/proof.json");
            let history = drawn(&page, move |hours| {
                view! {
                    <History entries files base hours audience=Audience::Public/>
                    {(holder != Reader::Participant).then(|| {
                        view! { <ProofLinks audience=Audience::Public document=proof/> }
                    })}
                }
                .into_any()
            });
            Self {
                number: page.number,
                version: page.version,
                opened_at: page.opened_at,
                earlier_reports: reports(&page.history),
                report: page.opening.report,
                is_doubtful: page.opening.coverage != Entitlement::Covered,
                status: page.status,
                priority: page.priority,
                priority_inputs: page.priority_inputs,
                equipment: page.equipment,
                clocks: page.clocks,
                explained: page.explained,
                missed: page.missed,
                end: page.report.map(|report| report.end),
                account,
                solution: solution(&page.history),
                waits_for_customer: waits(&page.history),
                links: page.links,
                visit: page.visits.into_iter().next_back(),
                history,
                is_mail_held: page.number_held.is_some(),
                undelivered: page.undelivered.map(|undelivered| undelivered.address),
                participants: page.participants,
                hours: page.hours,
                now: page.now,
            }
        }
    }

    /// The markup of a view of the page, for the reader of this request.
    fn drawn(page: &CasePage, draw: impl FnOnce(StoredValue<ServiceHours>) -> AnyView) -> Markup {
        Markup(Owner::new().with(|| {
            provide_language();
            provide_time(page.now);
            draw(StoredValue::new(page.hours.clone())).to_html()
        }))
    }

    /// Every report of the history, each with the first version that had it.
    fn reports(history: &[Recorded]) -> Vec<(u32, Report)> {
        let mut reports: Vec<(u32, Report)> = Vec::new();
        let changes =
            history.iter().filter(|entry| matches!(entry.event, Event::Opened(_) | Event::Revision(_)));
        for entry in changes {
            let Some(report) = report_at(history, entry.version) else { continue };
            if reports.last().is_none_or(|(_, last)| *last != report) {
                reports.push((entry.version, report));
            }
        }
        reports
    }

    fn solution(history: &[Recorded]) -> Option<String> {
        history.iter().rev().find_map(|entry| match &entry.event {
            Event::Resolved { solution, .. } => Some(solution.to_string()),
            _ => None,
        })
    }

    fn waits(history: &[Recorded]) -> bool {
        let latest = history.iter().rev().find_map(|entry| match &entry.event {
            Event::Paused { reason, .. } => Some(*reason),
            _ => None,
        });
        latest == Some(PauseReason::Customer)
    }
}
