//! Mails compared with events: each event has exactly its mails, and no mail lacks an event. The expected mails are
//! listed here independently of the outbox.

use std::collections::HashMap;

use domain::case::visit::{Side, VisitEvent};
use domain::case::{Event, MessageEvent, ParticipantEvent, Recorded, RevisionEvent, Termination};
use domain::entitlement::Entitlement;
use domain::survey::SurveyEvent;
use domain::time::Instant;
use futures::TryStreamExt;
use sha2::{Digest, Sha256};
use sqlx::{AnyConnection, Row};

use super::{CheckedCase, Inconsistency};
use crate::access::tokens::hex;
use crate::store::StoreError;

/// A mail of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailKept {
    /// Message-ID under which the mail was or will be sent.
    pub message_id: String,
    /// Number of the case, compact.
    pub case: String,
    /// Its kind.
    pub kind: String,
    /// `queued`, `sent` or `dead`.
    pub state: String,
    /// Number of attempts.
    pub attempts: i64,
    /// The hash of content and times, for the digest.
    rest: [u8; 32],
}

impl MailKept {
    pub(super) fn line(&self) -> String {
        let Self { message_id, case, kind, state, attempts, rest } = self;
        format!("{message_id}\n{case}\n{kind}\n{state}\n{attempts}\n{}\n", hex(rest))
    }
}

/// All mails, by id.
pub(super) async fn kept(connection: &mut AnyConnection) -> Result<Vec<MailKept>, StoreError> {
    let query = sqlx::query(
        "SELECT message_id, case_number, kind, state, attempts, recipient, subject, body_text, body_html, thread_id,
                calendar, created_utc_s, sent_utc_s
         FROM outbox ORDER BY id",
    );
    let read = |row: &sqlx::any::AnyRow| -> Result<MailKept, StoreError> {
        let text = |place: usize| row.try_get::<String, _>(place);
        let perhaps = |place: usize| row.try_get::<Option<String>, _>(place);
        let (created, sent): (i64, Option<i64>) = (row.try_get(11)?, row.try_get(12)?);
        let written = [text(5)?, text(6)?, text(7)?, text(8)?].join("\n");
        let rest = format!("{written}\n{:?}\n{:?}\n{created}\n{sent:?}", perhaps(9)?, perhaps(10)?);
        Ok(MailKept {
            message_id: text(0)?,
            case: text(1)?,
            kind: text(2)?,
            state: text(3)?,
            attempts: row.try_get(4)?,
            rest: Sha256::digest(rest).into(),
        })
    };
    let mut kept = Vec::new();
    let mut rows = query.fetch(connection);
    while let Some(row) = rows.try_next().await? {
        kept.push(read(&row)?);
    }
    Ok(kept)
}

/// Kinds of the mails of each case, by its number. Some have no event that they tell of, and are left out. Most of these go
/// to the people in charge by rules of their own. Links are asked for, and copies go to the participants of the moment.
pub(super) fn by_case(all: &[MailKept]) -> HashMap<String, Vec<String>> {
    let mut kinds: HashMap<String, Vec<String>> = HashMap::new();
    let untold =
        |kind: &str| matches!(kind, "warning" | "warnings" | "visit_missed" | "links" | "participant_copy");
    for mail in all.iter().filter(|mail| !untold(&mail.kind)) {
        kinds.entry(mail.case.clone()).or_default().push(mail.kind.clone());
    }
    kinds
}

/// Mails that their readers did not want, by case and kind: they were due as others are.
pub(super) async fn unwanted(
    connection: &mut AnyConnection,
) -> Result<Vec<(String, String, usize)>, StoreError> {
    let rows =
        sqlx::query("SELECT case_number, kind, mails FROM unwanted_mails").fetch_all(connection).await?;
    let read = |row: &sqlx::any::AnyRow| {
        let count: i64 = row.try_get(2)?;
        Ok((row.try_get(0)?, row.try_get(1)?, usize::try_from(count).unwrap_or_default()))
    };
    rows.iter().map(read).collect()
}

/// Kinds of mails of later versions, each with the last moment at which an entry may lack its mail.
pub(super) type Since = HashMap<String, Instant>;

pub(super) async fn since(connection: &mut AnyConnection) -> Result<Since, StoreError> {
    let rows = sqlx::query("SELECT kind, after_utc_s FROM mails_since").fetch_all(connection).await?;
    let read = |row: sqlx::any::AnyRow| -> Result<(String, Instant), StoreError> {
        Ok((row.try_get(0)?, Instant(row.try_get(1)?)))
    };
    rows.into_iter().map(read).collect()
}

pub(super) fn inconsistencies(told: &CheckedCase<'_>) -> Option<Inconsistency> {
    let mut mails = told.mails.clone();
    let entries = told.history.iter().enumerate();
    let asked: Vec<(Instant, &'static str)> = entries
        .flat_map(|(place, entry)| {
            notified_by(entry, told.history.get(place + 1)).into_iter().map(move |kind| (entry.at, kind))
        })
        .collect();
    let mut kinds: Vec<&'static str> = asked.iter().map(|(_, kind)| *kind).collect();
    let is_older = |(at, kind): &&(Instant, &str)| told.since.get(*kind).is_some_and(|last| at <= last);
    for (_, kind) in asked.iter().filter(is_older) {
        let there = mails.iter().filter(|mail| mail == kind).count();
        if kinds.iter().filter(|asked| *asked == kind).count() > there
            && let Some(place) = kinds.iter().position(|asked| asked == kind)
        {
            kinds.remove(place);
        }
    }
    mails.sort();
    kinds.sort_unstable();
    (mails != kinds).then_some(Inconsistency::Mails { case: told.number, mails, told: kinds })
}

/// The kinds of mails of an entry; `next` is the entry after it.
fn notified_by(entry: &Recorded, next: Option<&Recorded>) -> Vec<&'static str> {
    match &entry.event {
        Event::Opened(opening) => match opening.coverage {
            Entitlement::Covered => vec!["opening"],
            Entitlement::NeedsValidation(_) => vec!["opening_unverified"],
        },
        Event::Resolved { .. } => vec!["resolution"],
        Event::VerificationReminded { .. } => vec!["reminder"],
        Event::Reopened { .. } => vec!["reopened"],
        Event::Closed { .. } => vec!["closing"],
        Event::Message(MessageEvent::UpdateSent { .. }) => vec!["news"],
        Event::PriorityChanged { .. } | Event::Revision(RevisionEvent::Reprioritized { .. }) => {
            vec!["reweighed"]
        }
        Event::Revision(RevisionEvent::Corrected(_)) => vec!["corrected"],
        Event::Revision(RevisionEvent::Amended { what, .. }) if what.is_told(&entry.by) => vec!["amended"],
        Event::Terminated(Termination::Cancelled { .. }) => vec!["cancelled"],
        Event::Terminated(Termination::Duplicate { .. }) => vec!["duplicate"],
        Event::Survey(SurveyEvent::FellDue { .. }) => vec!["survey"],
        Event::Participant(ParticipantEvent::Invited(_)) => vec!["participant_invited"],
        Event::Visit { what, .. } => visit(what, next),
        _ => Vec::new(),
    }
}

/// The kinds of mails of an event of a visit.
fn visit(what: &VisitEvent, next: Option<&Recorded>) -> Vec<&'static str> {
    match what {
        // Entries of older versions, without a reason of the no-show, had no mail.
        VisitEvent::Offered { .. }
        | VisitEvent::CalledOff { from: None, .. }
        | VisitEvent::Missed { reason: Some(_), .. }
        | VisitEvent::Missed { by: Side::Us, note: Some(_), .. }
        | VisitEvent::MissUndone => vec!["visit"],
        VisitEvent::Agreed { .. } | VisitEvent::CalledOff { from: Some(_), .. } => {
            vec!["visit", "visit_staff"]
        }
        VisitEvent::Reassigned { .. } => vec!["visit", "visit_staff", "visit_staff"],
        VisitEvent::Moved { from, .. } => match next.map(|next| &next.event) {
            // A new agreement in the same command has the mail, except for a technician who no longer goes.
            Some(Event::Visit { what: VisitEvent::Agreed { meeting, .. }, .. })
                if meeting.technician == from.technician =>
            {
                Vec::new()
            }
            Some(Event::Visit { what: VisitEvent::Agreed { .. }, .. }) => vec!["visit_staff"],
            _ => vec!["visit", "visit_staff"],
        },
        _ => Vec::new(),
    }
}
