//! The page of a case, and all that only stands on it.

use domain::actor::PersonId;
use domain::case::visit::Stage;
use domain::case::{
    Answered, Author, CloseReason, Closed, ClosingReport, Cover, End, Link, LinkKind, Origin, Pause,
    PauseReason, Recorded, Standing, Status, TakeBack, WaitOverlap, Weight, Withdrawal, Withdrawn,
};
use domain::country::Country;
use domain::entitlement::{
    ContactTerms, Coverage, CoverageSeen, CustomerSeen, Doubt, Offer, OpenCaseSeen, RegisteredSeen,
};
use domain::mail_allowance::Hold;
use domain::terms::ClockKind;
use domain::view::{CasePage, Company, Doing, LinkSeen, MailSeen, MailState, Present, Undelivered};
use domain::weight::Priority;

use super::samples::*;
use super::{Golden, golden};

pub(super) fn goldens() -> Vec<Golden> {
    pages().into_iter().chain(of_cases()).chain(endings()).chain(entitlements()).collect()
}

fn pages() -> Vec<Golden> {
    let unsent = MailSeen { sent_at: None, hold: None, ..mail_seen() };
    let unknown = LinkSeen { number: None, status: None, tracking: None, ..link_seen() };
    let company = Company { tab: "a1b2".into(), others: vec![present()] };
    vec![
        golden!("case_page", CasePage, [page(), page_of_customer()]),
        golden!("link_seen", LinkSeen, [link_seen(), unknown]),
        golden!("doing", Doing { Reading, Writing }),
        golden!("present", Present, [present()]),
        golden!("case_company", Company, [company]),
        golden!("mail_seen", MailSeen, [mail_seen(), unsent]),
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
        weight: weight(),
        mark: super::queues::mark(),
        slip: Some(take_back()),
        attempts: 1,
        customer: "Banco del Sur".into(),
        equipment: "Cisco Catalyst 9300".into(),
        site: Some(site()),
        registered: Some(registered()),
        clocks: vec![clock()],
        explained: vec![(ClockKind::Attention, vec![super::terms::explained()])],
        missed: vec![domain::case::MissedPromise { clock: clock(), under: Some(stood_under()) }],
        report: Some(closing_report()),
        links: vec![link_seen()],
        visits: vec![super::visits::visit(Stage::Declined)],
        awaits_decision: true,
        history: vec![Recorded { version: 6, at: at(5), by, origin: Origin::Workspace, event }],
        mails: vec![mail_seen()],
        number_held: Some(Hold::Sender),
        undelivered: Some(undelivered()),
        hours: hours(),
        now: at(6),
    }
}

/// Without what only the staff is shown.
fn page_of_customer() -> CasePage {
    CasePage {
        mark: domain::view::Mark { holder: None, unanswered: None },
        slip: None,
        customer: String::new(),
        site: None,
        registered: None,
        explained: Vec::new(),
        missed: Vec::new(),
        report: None,
        links: Vec::new(),
        visits: Vec::new(),
        awaits_decision: false,
        mails: Vec::new(),
        number_held: None,
        undelivered: None,
        ..page()
    }
}

fn link_seen() -> LinkSeen {
    LinkSeen {
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

fn mail_seen() -> MailSeen {
    MailSeen {
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

fn take_back() -> TakeBack {
    TakeBack { contact: 2, at: at(5) }
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
        golden!("take_back", TakeBack, [take_back()]),
        golden!("weight", Weight, [weight()]),
        golden!("cover", Cover, [cover(), cover_without_contract()]),
        golden!("standing", Standing, [standing()]),
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

fn withdrawn() -> Withdrawn {
    Withdrawn { at: at(50), why: Withdrawal::Duplicate { of: other_number() } }
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
        end: End::Withdrawn(withdrawn()),
        ..closing_report()
    };
    vec![
        golden!("closed", Closed, [closed()]),
        golden!("withdrawn", Withdrawn, [withdrawn()]),
        golden!("end", End { Closed, Withdrawn }, [End::Closed(closed()), End::Withdrawn(withdrawn())]),
        golden!("closing_report", ClosingReport, [closing_report(), without_solution]),
    ]
}

fn entitlements() -> Vec<Golden> {
    let contact_terms = || ContactTerms { matrix: matrix(), attention_s: [900, 1800, 3600, 3600] };
    let offer = |registered| Offer {
        seen: CoverageSeen::ToValidate,
        terms: contact_terms(),
        hours: hours(),
        registered,
        now: at(5),
    };
    let open_case = [OpenCaseSeen::No, OpenCaseSeen::Yes, OpenCaseSeen::Number(number())];
    let coverage = [Coverage::Covered, Coverage::ToValidate(Doubt::SerialNotCovered)];
    let nameless = CustomerSeen { site: None, model: None, ..customer_seen() };
    vec![
        golden!("coverage", Coverage { Covered, ToValidate }, coverage),
        golden!(
            "doubt",
            Doubt {
                NoContract,
                UnknownContract,
                NotYetInForce,
                Expired,
                UnknownSerial,
                SerialNotCovered,
                Untold,
            }
        ),
        golden!("coverage_seen", CoverageSeen { NotAsked, Covered, ToValidate, Doubtful }, coverage_seen()),
        golden!("open_case_seen", OpenCaseSeen { No, Yes, Number }, open_case),
        golden!("customer_seen", CustomerSeen, [customer_seen(), nameless]),
        golden!("registered_seen", RegisteredSeen, [registered()]),
        golden!("contact_terms", ContactTerms, [contact_terms()]),
        golden!("offer", Offer, [offer(Some(registered())), offer(None)]),
    ]
}

fn customer_seen() -> CustomerSeen {
    CustomerSeen {
        organisation: "Banco del Sur".into(),
        site: Some("Sede Centro".into()),
        model: Some("Cisco Catalyst 9300".into()),
    }
}

fn coverage_seen() -> Vec<CoverageSeen> {
    let doubtful = |customer| CoverageSeen::Doubtful {
        doubt: Doubt::UnknownSerial,
        customer,
        open_case: OpenCaseSeen::No,
    };
    vec![
        CoverageSeen::NotAsked,
        CoverageSeen::Covered {
            open_case: OpenCaseSeen::Number(number()),
            customer: Some(customer_seen()),
            country: Some(Country::Ve),
        },
        CoverageSeen::Covered { open_case: OpenCaseSeen::Yes, customer: None, country: None },
        CoverageSeen::ToValidate,
        doubtful(Some(customer_seen())),
        doubtful(None),
    ]
}
