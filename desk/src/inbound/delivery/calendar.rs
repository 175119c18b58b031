//! A calendar answers the invitation to a visit: the same as the link, or a message where the link could not.

use chrono::NaiveDateTime;
use domain::calendar::zone::Zone;
use domain::case::visit::{AnswerSource, Stage, Visit, VisitAnswer, VisitCommand, Windows};
use domain::case::{Case, Command, Origin};
use domain::t;
use domain::text::{Note, optional};
use domain::time::{Instant, Span};

use super::person::{Parts, is_contact, join, repeats};
use super::{Arrived, Came, State, WaitReason, customer, refused};
use crate::Desk;
use crate::cases::execute::{Expected, execute_in};
use crate::cases::message_files::room;
use crate::inbound::{Answer, CalendarAnswer, CalendarTime};
use crate::store::{StoreError, Tx};

pub(super) async fn take(
    desk: &Desk,
    tx: &mut Tx,
    arrived: &Arrived,
    given: &CalendarAnswer,
    case: &Case,
) -> Result<Came, StoreError> {
    let body = told(given, case);
    let from = arrived.mail.from().map(|from| from.address).unwrap_or_default();
    if !is_contact(case, &from) {
        return Ok(Came::waiting(WaitReason::UnverifiedSender, body));
    }
    if arrived.is_by_number_alone() {
        return Ok(Came::waiting(WaitReason::NumberAlone, body));
    }
    let Some(visit) = case.visits().latest().filter(|visit| is_invited(desk, given, case, visit)) else {
        // To an earlier visit: it says nothing of this one but in words.
        return if given.comment.is_empty() {
            Ok(Came::of(State::Noted, body))
        } else {
            write(desk, tx, arrived, case, body).await
        };
    };
    let number = case.opening.number;
    match answer(given, visit) {
        Meant::Nothing if given.comment.is_empty() => return Ok(Came::of(State::Noted, body)),
        Meant::Nothing | Meant::Words => {}
        Meant::Answer(answer) => {
            let is_told = given.comment.is_empty() || has_note(&answer);
            let source = AnswerSource::ByLink { revision: given.sequence };
            let command = Command::Visit(VisitCommand::Answer { answer, given: source });
            let done =
                execute_in(desk, tx, &customer(number), Origin::Mail, number, Expected::Any, command).await;
            if refused(done)?.is_some() {
                if !is_told {
                    // The answer stands whatever becomes of its words.
                    write(desk, tx, arrived, case, body.clone()).await?;
                }
                return Ok(Came::of(State::Answered, body));
            }
        }
    }
    write(desk, tx, arrived, case, body).await
}

/// Whether an answer has the customer's words.
const fn has_note(answer: &VisitAnswer) -> bool {
    matches!(answer, VisitAnswer::Decline { note: Some(_) } | VisitAnswer::Propose { note: Some(_), .. })
}

/// The answer as a message of the customer: the desk is told in any case.
async fn write(
    desk: &Desk,
    tx: &mut Tx,
    arrived: &Arrived,
    case: &Case,
    body: String,
) -> Result<Came, StoreError> {
    let number = case.opening.number;
    let from = arrived.mail.from().map(|from| from.address).unwrap_or_default();
    if repeats(desk, tx, number, &from, &body).await? {
        return Ok(Came::of(State::Noted, body));
    }
    let parts = Parts::of(&arrived.files, &body, case, room(tx.connection(), number).await?);
    join(desk, tx, case, (&customer(number), Origin::Mail), parts, body).await
}

/// Whether the answer is to the invitation of the visit: its UID is that of the visit. Invitations had no code before
/// November 2026.
fn is_invited(desk: &Desk, given: &CalendarAnswer, case: &Case, visit: &Visit) -> bool {
    let number = case.opening.number;
    let uid = given.uid.to_lowercase();
    [desk.tokens().reply_tag(number), number.as_compact().to_lowercase()]
        .iter()
        .any(|begin| uid.starts_with(&format!("{begin}-{}@", visit.id.0)))
}

/// What an answer does.
enum Meant {
    /// Nothing: it repeats what is agreed.
    Nothing,
    /// What the link does.
    Answer(VisitAnswer),
    /// It is told in words.
    Words,
}

fn answer(given: &CalendarAnswer, visit: &Visit) -> Meant {
    let note = optional(&given.comment, Note::parse).ok().flatten();
    match (&given.answer, &visit.stage) {
        (Answer::Accepted, Stage::Agreed(_)) => Meant::Nothing,
        (Answer::Accepted, Stage::Offered(windows)) => match windows.as_slice() {
            [window] => Meant::Answer(VisitAnswer::Accept { window: *window }),
            _ => Meant::Words,
        },
        (Answer::Declined, _) => Meant::Answer(VisitAnswer::Decline { note }),
        (Answer::Counter { start, end }, _) => match window(start, end) {
            Some(windows) => Meant::Answer(VisitAnswer::Propose { windows, note }),
            None => Meant::Words,
        },
        (Answer::Accepted | Answer::Tentative, _) => Meant::Words,
    }
}

/// The window of a counter-proposal; `None` for a zone that is unknown or a length that no window has. It needs the
/// agent's confirmation in any case.
fn window(start: &CalendarTime, end: &CalendarTime) -> Option<Windows> {
    Windows::new(vec![Span::new(instant(start)?, instant(end)?)]).ok()
}

fn instant(time: &CalendarTime) -> Option<Instant> {
    const DAY_S: i64 = 86_400;
    let local = NaiveDateTime::parse_from_str(&time.local, "%Y%m%dT%H%M%S").ok()?.and_utc().timestamp();
    let name = time.zone.as_deref()?;
    if name == "UTC" {
        return Some(Instant(local));
    }
    let zone = Zone::parse(name).ok()?;
    let offsets = [-DAY_S, DAY_S].map(|aside| i64::from(zone.offset_s(Instant(local + aside))));
    let mut found: Vec<i64> = offsets
        .into_iter()
        .map(|offset_s| local - offset_s)
        .filter(|at| i64::from(zone.offset_s(Instant(*at))) == local - at)
        .collect();
    found.dedup();
    // An hour that happens twice or never is not guessed.
    match found.as_slice() {
        [at] => Some(Instant(*at)),
        _ => None,
    }
}

/// The answer in words, for the history and the triage list.
fn told(given: &CalendarAnswer, case: &Case) -> String {
    let language = case.opening.language;
    let said = match &given.answer {
        Answer::Accepted => t!(language, "inbound.calendar.accepted").into_owned(),
        Answer::Declined => t!(language, "inbound.calendar.declined").into_owned(),
        Answer::Tentative => t!(language, "inbound.calendar.tentative").into_owned(),
        Answer::Counter { start, end } => {
            let zone = start.zone.as_deref().unwrap_or("?");
            t!(
                language,
                "inbound.calendar.counter",
                from = readable(&start.local),
                to = readable(&end.local),
                zone = zone
            )
        }
    };
    if given.comment.is_empty() { said } else { format!("{said}\n\n{}", given.comment) }
}

/// `2026-03-03 09:00` of `20260303T090000`.
fn readable(local: &str) -> String {
    match (local.get(..4), local.get(4..6), local.get(6..8), local.get(9..11), local.get(11..13)) {
        (Some(year), Some(month), Some(day), Some(hour), Some(minute)) => {
            format!("{year}-{month}-{day} {hour}:{minute}")
        }
        _ => local.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_of_a_counter_is_taken_only_where_it_is_sure() {
        let at = |local: &str, zone: Option<&str>| {
            instant(&CalendarTime { local: local.to_owned(), zone: zone.map(str::to_owned) }).map(|at| at.0)
        };
        assert_eq!(at("20261125T190000", Some("UTC")), Some(1_795_633_200));
        assert_eq!(at("20261125T140000", Some("America/Bogota")), Some(1_795_633_200));
        // In Tijuana the clocks go back on 1 November 2026 and forward on 8 March.
        assert_eq!(at("20261101T013000", Some("America/Tijuana")), None);
        assert_eq!(at("20260308T023000", Some("America/Tijuana")), None);
        assert!(at("20261101T033000", Some("America/Tijuana")).is_some());
        for zone in [None, Some("SA Pacific Standard Time"), Some("Hora de Ana")] {
            assert_eq!(at("20261125T140000", zone), None);
        }
    }
}
