//! Attention to a case: its assignee, the updates that its customer is owed, pauses and corrections.

mod assignment;
mod customer_updates;
mod random_histories;
mod revisions;
mod waiting;

use domain::actor::{Actor, PersonId, Role, Staff};
use domain::calendar::ServiceHours;
use domain::calendar::week::CalendarId;
use domain::case::{
    Assignee, Case, Channel, Command, ContractRef, MessageCommand, PauseReason, ResolvedContract,
    RevisionCommand, ServiceHoursRef, SlaClock,
};
use domain::contract_number::{ContractNumber, default_formats};
use domain::entitlement::Entitlement;
use domain::priority::{Matrix, Priority};
use domain::serial::Serial;
use domain::sla_plan::{SlaMetric, SlaPlan, SlaTargets};
use domain::time::Instant;

use crate::case::{History, caracas, customer, eight_to_five, note, reason};

const MINUTE: i64 = 60;

const HOUR: i64 = 3600;

const DAY: i64 = 24 * HOUR;

fn staff(id: i64, name: &str, role: Role) -> Actor {
    Actor::Staff(Staff { id: PersonId(id), name: name.into(), role, composed: None })
}

fn assignee(id: i64, name: &str) -> Assignee {
    Assignee { id: PersonId(id), name: name.into() }
}

fn of(case: &Case, kind: SlaMetric, hours: &ServiceHours, now: Instant) -> Option<SlaClock> {
    case.clocks(&hours.spans, now).into_iter().find(|clock| clock.kind == kind)
}

fn news(text: &str, next: Option<Instant>) -> Command {
    Command::Message(MessageCommand::SendUpdate { text: note(text), next })
}

fn message(text: &str) -> Command {
    Command::Message(MessageCommand::Write { text: note(text) })
}

fn wait(reason: PauseReason, until: Instant) -> Command {
    Command::Pause { reason, detail: None, until, allowed_by: None }
}

fn logged() -> Command {
    Command::LogContact { channel: Channel::Phone, note: None }
}

/// Opened on a Monday at eight, P1.
fn opened() -> (History, ServiceHours, Instant) {
    let (spans, monday) = eight_to_five();
    (History::opened(monday, Priority::P1), caracas(&spans), monday)
}

/// A plan whose targets all differ from the default.
fn other_plan() -> SlaPlan {
    let of =
        |n: i64| SlaTargets { first_response_s: n * 600, update_s: n * 7200, resolution_s: n * 20 * HOUR };
    SlaPlan::new(9, [of(1), of(2), of(3), of(4)], vec![50, 100], Matrix::default()).unwrap()
}

fn correct(resolved: Option<ResolvedContract>) -> Command {
    let to = ContractRef {
        contract: Some(ContractNumber::parse("CT-0099-0001", default_formats()).unwrap()),
        serial: Serial::parse("FOC0913ZZZZ").unwrap(),
    };
    let reason = reason("El serial era de otro equipo");
    Command::Revision(RevisionCommand::Correct { to, reason, resolved: resolved.map(Box::new) })
}

fn under(terms: SlaPlan) -> ResolvedContract {
    ResolvedContract {
        coverage: Entitlement::Covered,
        terms,
        hours: ServiceHoursRef { calendar: CalendarId(2), version: 1, zone: "America/Caracas".into() },
        customer: "Banco Andino".into(),
        equipment: "Switch".into(),
    }
}
