//! Visits on pages of cases, in agendas and behind links.

use domain::actor::PersonId;
use domain::case::visit::{
    Appointment, Booking, Clash, ClashKind, Conformity, CustomerStatement, Held, Meeting, NoShowReason, Part,
    Side, Signature, Stage, Technician, Visit, VisitDone, VisitId, Windows, WorkReport,
};
use domain::country::Country;
use domain::priority::Priority;
use domain::site::{SiteId, Travel, Whereabouts};
use domain::view::{Agenda, AgendaEntry, Booked, LinkState, VisitOver, VisitPage};

use super::samples::*;
use super::{Golden, golden};

pub(super) fn goldens() -> Vec<Golden> {
    parts().into_iter().chain(states()).chain(pages()).collect()
}

fn parts() -> Vec<Golden> {
    let unsigned = Conformity::Unsigned { reason: note("No quedó nadie.") };
    vec![
        golden!("visit_id", VisitId, [VisitId(1)]),
        golden!("windows", Windows, [windows()]),
        golden!("technician", Technician, [technician()]),
        golden!("meeting", Meeting, [meeting()]),
        golden!("word", CustomerStatement, [word()]),
        golden!("part", Part, [part()]),
        golden!("work_report", WorkReport, [work_report()]),
        golden!("signature", Signature, [signature()]),
        golden!("conformity", Conformity { Signed, Unsigned }, [signed(), unsigned]),
        golden!("side", Side { Us, Customer }),
        golden!("no_show_reason", NoShowReason { NobodyOpens, ContactAbsent, NoAccess, SiteClosed }),
    ]
}

fn states() -> Vec<Golden> {
    vec![
        golden!("visit", Visit, [visit(Stage::Agreed(appointment()))]),
        golden!(
            "visit_stage",
            Stage { Offered, Proposed, Declined, Agreed, OnSite, Working, Ended, Missed, CalledOff },
            stages()
        ),
        golden!("appointment", Appointment, [appointment(), appointment_by_link()]),
        golden!("visit_done", VisitDone, [visit_done()]),
        golden!("booking", Booking, [booking()]),
        golden!("held", Held { Agreed, Offered }),
        golden!("clash", Clash, [clash()]),
        golden!(
            "clash_kind",
            ClashKind { Overlap, TooTight },
            [ClashKind::Overlap, ClashKind::TooTight { gap_min: 10, travel_min: 30 }]
        ),
    ]
}

fn pages() -> Vec<Golden> {
    let over = [VisitOver::Done { at: at(1500) }, VisitOver::Missed { by: Side::Us }, VisitOver::CalledOff];
    let elsewhere = AgendaEntry { site: None, absences: vec![span(1440, 2880)], ..entry() };
    let travel = Travel { same_city_min: 30, other_city_min: 180, pairs: Vec::new() };
    let absences = vec![(technician().id, span(1440, 2880))];
    let booked = Booked { place: place(), bookings: vec![booking()], travel, absences };
    let page = VisitPage { number: number(), state: LinkState::Expired, zone: zone_view(), now: at(5) };
    vec![
        golden!("visit_page", VisitPage, [page]),
        golden!("visit_link_state", LinkState { Open, Answered, Over, Expired }, link_states()),
        golden!("visit_over", VisitOver { Done, Missed, CalledOff }, over),
        golden!("agenda", Agenda, [Agenda { seq: 41, now: at(5), entries: vec![entry()] }]),
        golden!("agenda_entry", AgendaEntry, [entry(), elsewhere]),
        golden!("booked", Booked, [booked]),
    ]
}

pub(super) fn visit(stage: Stage) -> Visit {
    Visit {
        id: VisitId(1),
        revision: 2,
        technician: technician(),
        moved_by_us: 1,
        moved_by_customer: 0,
        stage,
        files: vec![attachment()],
    }
}

fn stages() -> Vec<Stage> {
    let (appointment, arrived_at) = (appointment(), at(1445));
    vec![
        Stage::Offered(windows()),
        Stage::Proposed(windows()),
        Stage::Declined,
        Stage::Agreed(appointment.clone()),
        Stage::OnSite { appointment: appointment.clone(), arrived_at },
        Stage::Working { appointment: appointment.clone(), arrived_at, started_at: at(1450) },
        Stage::Ended(visit_done().into()),
        Stage::Missed {
            by: Side::Customer,
            appointment: appointment.clone(),
            arrived_at: Some(arrived_at),
            missed_at: at(1500),
            reason: Some(NoShowReason::ContactAbsent),
        },
        Stage::Missed { by: Side::Us, appointment, arrived_at: None, missed_at: at(1500), reason: None },
        Stage::CalledOff { by: Side::Us },
    ]
}

fn place() -> Whereabouts {
    Whereabouts { site: Some(SiteId(5)), city: Some("Caracas".into()) }
}

fn booking() -> Booking {
    Booking {
        number: number(),
        technician: PersonId(9),
        windows: vec![span(1440, 1560)],
        held: Held::Offered,
        place: place(),
    }
}

fn link_states() -> [LinkState; 4] {
    [
        LinkState::Open(visit(Stage::Offered(windows()))),
        LinkState::Answered(visit(Stage::Proposed(windows()))),
        LinkState::Over(VisitOver::CalledOff),
        LinkState::Expired,
    ]
}

fn entry() -> AgendaEntry {
    AgendaEntry {
        number: number(),
        version: 6,
        priority: Priority::P2,
        visit: visit(Stage::Agreed(appointment())),
        contact: contact(),
        country: Country::Ve,
        location: location(),
        site: Some(site()),
        customer: "Banco del Sur".into(),
        fault: fault(),
        equipment: "Cisco Catalyst 9300".into(),
        serial: "FOC0913A1B2".into(),
        zone: zone_view(),
        clashes: vec![clash()],
        absences: Vec::new(),
    }
}
