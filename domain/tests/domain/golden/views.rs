//! The page of a case, and types that occur only on it.

use domain::actor::PersonId;
use domain::attachment::MessageFiles;
use domain::case::visit::Stage;
use domain::case::{
    Answered, Author, CloseReason, Closed, ClosingReport, ContractRef, End, Link, LinkKind, Origin, Pause,
    PauseReason, PriorityInputs, Recorded, ResolvedContract, Status, Termination, TerminationRecord,
    UndoableContact, WaitOverlap,
};
use domain::country::Country;
use domain::entitlement::{
    CustomerView, Entitlement, EntitlementPreview, EntitlementView, OpenCaseView, RegisteredView,
    SlaPlanPreview, ValidationReason,
};
use domain::mail_allowance::Hold;
use domain::priority::Priority;
use domain::sla_plan::SlaMetric;
use domain::view::{CasePage, Company, Doing, LinkView, MailState, MailView, Present, Undelivered};
use domain::whatsapp::{ApiFailure, SentForm, SentState, SentUpdate, UnsentReason};

use super::samples::*;
use super::{Golden, golden};

pub(super) fn goldens() -> Vec<Golden> {
    pages().into_iter().chain(of_cases()).chain(endings()).chain(entitlements()).collect()
}

fn pages() -> Vec<Golden> {
    let unsent = MailView { sent_at: None, hold: None, ..mail_seen() };
    let unknown = LinkView { number: None, status: None, tracking: None, ..link_seen() };
    let company = Company { tab: "a1b2".into(), others: vec![present()] };
    vec![
        golden!("case_page", CasePage, [page(), page_of_customer()]),
        golden!("message_files", MessageFiles, [message_files()]),
        golden!("whatsapp_update", SentUpdate, [sent_update()]),
        golden!("whatsapp_failure", ApiFailure, [api_failure()]),
        golden!("link_seen", LinkView, [link_seen(), unknown]),
        golden!("doing", Doing { Reading, Writing }),
        golden!("present", Present, [present()]),
        golden!("case_company", Company, [company]),
        golden!("mail_seen", MailView, [mail_seen(), unsent]),
        golden!("mail_state", MailState { Queued, Sent, Dead }),
        golden!("undelivered", Undelivered, [undelivered()]),
    ]
}

fn page() -> CasePage {
    let by = Author::Staff { id: PersonId(7), name: "Luis".into() };
    let event = domain::case::Event::Resumed { cause: domain::case::ResumeCause::ByStaff };
    CasePage {
        number: number(),
        version: 6,
        opened_at: at(0),
        opening: opening(),
        status: Status::InProgress,
        priority: Priority::P2,
        priority_inputs: priority_inputs(),
        mark: super::queues::mark(),
        undoable_contact: Some(take_back()),
        attempts: 1,
        customer: "Banco del Sur".into(),
        equipment: "Cisco Catalyst 9300".into(),
        site: Some(site()),
        registered: Some(registered()),
        clocks: vec![clock()],
        explained: vec![(SlaMetric::FirstResponse, vec![super::terms::explained()])],
        missed: vec![domain::case::BreachedTarget { clock: clock(), under: Some(stood_under()) }],
        report: Some(closing_report()),
        links: vec![link_seen()],
        visits: vec![super::visits::visit(Stage::Declined)],
        awaits_decision: true,
        history: vec![Recorded { version: 6, at: at(5), by, origin: Origin::Workspace, event }],
        files: vec![message_files()],
        whatsapp: vec![sent_update()],
        mails: vec![mail_seen()],
        number_held: Some(Hold::Sender),
        undelivered: Some(undelivered()),
        participants: vec![participant()],
        hours: hours(),
        now: at(6),
    }
}

/// The page of a customer, without the staff's parts.
fn page_of_customer() -> CasePage {
    CasePage {
        mark: domain::view::CaseBadge { assignee: None, unanswered: None },
        undoable_contact: None,
        customer: String::new(),
        site: None,
        registered: None,
        explained: Vec::new(),
        missed: Vec::new(),
        report: None,
        links: Vec::new(),
        visits: Vec::new(),
        awaits_decision: false,
        files: Vec::new(),
        whatsapp: Vec::new(),
        mails: Vec::new(),
        number_held: None,
        undelivered: None,
        participants: Vec::new(),
        ..page()
    }
}

fn sent_update() -> SentUpdate {
    SentUpdate {
        version: 6,
        state: SentState::Failed,
        form: Some(SentForm::Template),
        failure: Some(UnsentReason::Refused),
        said: Some(api_failure()),
    }
}

fn api_failure() -> ApiFailure {
    ApiFailure::new(131_026, "Message undeliverable")
}

fn message_files() -> MessageFiles {
    MessageFiles { version: 6, files: vec![attachment()] }
}

fn link_seen() -> LinkView {
    LinkView {
        kind: LinkKind::Follows,
        at: at(0),
        number: Some(other_number()),
        status: Some(Status::Closed),
        tracking: Some("k3y".into()),
    }
}

fn present() -> Present {
    Present { id: PersonId(8), name: "Marta".into(), doing: Doing::Writing }
}

fn mail_seen() -> MailView {
    MailView {
        audience: domain::case::Audience::Public,
        subject: "Su caso".into(),
        recipient: "m.rojas@example.com".into(),
        state: MailState::Sent,
        created_at: at(0),
        sent_at: Some(at(1)),
        hold: Some(Hold::Mailbox),
    }
}

fn undelivered() -> Undelivered {
    Undelivered { address: "m.rojas@example.com".into(), count: 2, at: at(3) }
}

fn take_back() -> UndoableContact {
    UndoableContact { contact: 2, at: at(5) }
}

fn of_cases() -> Vec<Golden> {
    let overlap = WaitOverlap {
        version: 4,
        reason: PauseReason::Customer,
        set_by: Author::System,
        from: at(10),
        answered_at: at(20),
        answer: Answered::Visit,
        to: at(30),
    };
    vec![
        golden!("take_back", UndoableContact, [take_back()]),
        golden!("weight", PriorityInputs, [priority_inputs()]),
        golden!("cover", ContractRef, [cover(), cover_without_contract()]),
        golden!("standing", ResolvedContract, [resolved()]),
        golden!("link", Link, [Link { kind: LinkKind::Related, other: other_number(), at: at(0) }]),
        golden!("wait_overlap", WaitOverlap, [overlap]),
        golden!("pause", Pause, pauses()),
    ]
}

fn pauses() -> [Pause; 2] {
    [Some(at(30)), None].map(|ended| Pause {
        reason: PauseReason::ThirdParty,
        from: at(10),
        until: at(40),
        ended,
    })
}

fn closed() -> Closed {
    Closed { at: at(50), reason: CloseReason::Confirmed, reopen_until: at(9000) }
}

fn terminated() -> TerminationRecord {
    TerminationRecord { at: at(50), why: Termination::Duplicate { of: other_number() } }
}

fn closing_report() -> ClosingReport {
    ClosingReport {
        opened_at: at(0),
        first_contact: Some(at(16)),
        resolved_at: Some(at(40)),
        verified_at: Some(at(50)),
        end: End::Closed(closed()),
        measured: vec![super::terms::measured()],
        visits: vec![visit_done()],
        pauses: pauses().into(),
    }
}

fn endings() -> Vec<Golden> {
    let without_solution = ClosingReport {
        first_contact: None,
        resolved_at: None,
        verified_at: None,
        end: End::Terminated(terminated()),
        ..closing_report()
    };
    vec![
        golden!("closed", Closed, [closed()]),
        golden!("withdrawn", TerminationRecord, [terminated()]),
        golden!("end", End { Closed, Terminated }, [End::Closed(closed()), End::Terminated(terminated())]),
        golden!("closing_report", ClosingReport, [closing_report(), without_solution]),
    ]
}

fn entitlements() -> Vec<Golden> {
    let contact_terms = || SlaPlanPreview { matrix: matrix(), first_response_s: [900, 1800, 3600, 3600] };
    let offer = |registered| EntitlementPreview {
        seen: EntitlementView::NeedsValidation,
        terms: contact_terms(),
        hours: hours(),
        registered,
        now: at(5),
    };
    let open_case = [OpenCaseView::No, OpenCaseView::Yes, OpenCaseView::Number(number())];
    let coverage = [Entitlement::Covered, Entitlement::NeedsValidation(ValidationReason::SerialNotCovered)];
    let nameless = CustomerView { site: None, model: None, ..customer_seen() };
    vec![
        golden!("coverage", Entitlement { Covered, NeedsValidation }, coverage),
        golden!(
            "doubt",
            ValidationReason {
                NoContract,
                UnknownContract,
                NotYetInForce,
                Expired,
                UnknownSerial,
                SerialNotCovered,
                Undisclosed,
            }
        ),
        golden!(
            "coverage_seen",
            EntitlementView { NotAsked, Covered, NeedsValidation, Doubtful },
            coverage_seen()
        ),
        golden!("open_case_seen", OpenCaseView { No, Yes, Number }, open_case),
        golden!("customer_seen", CustomerView, [customer_seen(), nameless]),
        golden!("registered_seen", RegisteredView, [registered()]),
        golden!("contact_terms", SlaPlanPreview, [contact_terms()]),
        golden!("offer", EntitlementPreview, [offer(Some(registered())), offer(None)]),
    ]
}

fn customer_seen() -> CustomerView {
    CustomerView {
        organisation: "Banco del Sur".into(),
        site: Some("Sede Centro".into()),
        model: Some("Cisco Catalyst 9300".into()),
    }
}

fn coverage_seen() -> Vec<EntitlementView> {
    let doubtful = |customer| EntitlementView::Doubtful {
        doubt: ValidationReason::UnknownSerial,
        customer,
        open_case: OpenCaseView::No,
    };
    vec![
        EntitlementView::NotAsked,
        EntitlementView::Covered {
            open_case: OpenCaseView::Number(number()),
            customer: Some(customer_seen()),
            country: Some(Country::Ve),
        },
        EntitlementView::Covered { open_case: OpenCaseView::Yes, customer: None, country: None },
        EntitlementView::NeedsValidation,
        doubtful(Some(customer_seen())),
        doubtful(None),
    ]
}
