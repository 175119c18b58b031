//! Putting mails into the outbox, and when each may go.

use domain::case::{Case, ClosingReport, Correction, Event, RevisionEvent, TalkEvent, Withdrawal};
use domain::case_number::CaseNumber;
use domain::entitlement::Hours;
use domain::mail_address::MailAddress;
use domain::survey::SurveyEvent;
use domain::text::PersonName;
use domain::time::Instant;
use domain::view::MailState;
use domain::words::Language;
use sqlx::Row;

use super::Kind;
use crate::Desk;
use crate::case_log::take_numbers;
use crate::links::link_of_same_contact;
use crate::mail::{self, Composed, Corrected, Letter, Reweighed};
use crate::pdf;
use crate::store::{Statement, StoreError, Table, Tx, insert_all};
use crate::tokens::hex;

pub(super) const HOUR_S: i64 = 3600;
/// A mail whose turn would come later than this is not sent by itself: news that old is none, and 10,000 of them are an
/// attack. It is laid before the supervisors, who can send it all the same.
pub(super) const LATEST_S: i64 = 24 * HOUR_S;
const TOO_MANY: &str = "too many mails to this address";

/// A mail to queue.
pub(super) struct NewMail<'a> {
    pub(super) kind: Kind,
    pub(super) case: CaseNumber,
    pub(super) language: Language,
    pub(super) name: &'a PersonName,
    pub(super) address: &'a MailAddress,
    pub(super) composed: Composed,
    /// The invitation that goes with it.
    pub(super) calendar: Option<String>,
    /// The document that goes with it, a PDF.
    pub(super) document: Option<Vec<u8>>,
}

/// A mail with what settles how it goes: its place in the outbox, its thread and when its turn is.
pub(crate) struct Outgoing<'a> {
    mail: NewMail<'a>,
    id: i64,
    message_id: String,
    thread_id: Option<String>,
    now: Instant,
    turn: Instant,
}

impl<'a> Outgoing<'a> {
    /// The mail with the number of a case that is opened, the first of its thread. `used_up` is when the mail goes, or went,
    /// that uses the allowance of its address up.
    pub(crate) fn opening(
        desk: &Desk,
        case: &'a Case,
        hours: &Hours,
        id: i64,
        used_up: Option<Instant>,
    ) -> Self {
        let kind = Kind::of_opening(case.opening.coverage);
        let mail = to_contact(case, kind, mail::opening(&letter(desk, case, hours)));
        Self::new(desk, mail, id, None, used_up)
    }

    /// A mail goes an hour after the one that used up the allowance of its kind and address: so no hour ever sees more,
    /// however many are queued.
    fn new(
        desk: &Desk,
        mail: NewMail<'a>,
        id: i64,
        thread_id: Option<String>,
        used_up: Option<Instant>,
    ) -> Self {
        let now = desk.now();
        let turn = used_up.map_or(now, |used_up| now.max(used_up.plus(HOUR_S)));
        let chance = hex(&desk.ports().random::<8>());
        let message_id = format!("<{}.{id}.{chance}@{}>", mail.case.as_compact(), host(desk.public_url()));
        Self { mail, id, message_id, thread_id, now, turn }
    }

    pub(crate) fn bind(statement: Statement, outgoing: &Self) -> Statement {
        let Self { mail, id, message_id, thread_id, now, turn } = outgoing;
        let (state, turn, trouble) = if turn.since(*now) > LATEST_S {
            (MailState::Dead, *now, Some(TOO_MANY))
        } else {
            (MailState::Queued, *turn, None)
        };
        statement
            .bind(*id)
            .bind(message_id.as_str())
            .bind(mail.case.as_compact())
            .bind(mail.kind.code())
            .bind(mail.language.code())
            .bind(mail.name.as_str())
            .bind(mail.address.as_str())
            .bind(mail.composed.subject.as_str())
            .bind(mail.composed.text.as_str())
            .bind(mail.composed.html.as_str())
            .bind(thread_id.as_deref())
            .bind(state.code())
            .bind(0_i64)
            .bind(now.0)
            .bind(turn.0)
            .bind(0_i64)
            .bind(None::<i64>)
            .bind(trouble)
            .bind(mail.calendar.as_deref())
            .bind(mail.document.clone())
    }
}

/// Mails that are queued.
pub(crate) const OUTBOX: Table = Table {
    head: "INSERT INTO outbox (id, message_id, case_number, kind, language, recipient_name, recipient, subject,
                               body_text, body_html, thread_id, state, attempts, created_utc_s, next_attempt_utc_s,
                               leased_until_utc_s, sent_utc_s, last_error, calendar, document)",
    columns: 20,
    tail: "",
};

/// Queues the mail that an event is told by, in the transaction of the event; most are told by none. `case` is the case
/// after it.
pub(crate) async fn queue_for(
    desk: &Desk,
    tx: &mut Tx,
    case: &Case,
    hours: &Hours,
    event: &Event,
) -> Result<(), StoreError> {
    if let Event::Visit { visit, what } = event {
        return super::visit::queue(desk, tx, case, hours, (*visit, what)).await;
    }
    if let Event::Warned { clock, cycle, level } = event {
        return super::warning::hold(tx, case, hours, (*clock, *cycle, *level), desk.now()).await;
    }
    let letter = letter(desk, case, hours);
    let (kind, composed) = match event {
        Event::Resolved { solution, .. } => (Kind::Resolution, mail::resolution(&letter, solution)),
        Event::VerificationReminded { .. } => (Kind::Reminder, mail::reminder(&letter)),
        Event::Reopened { cause, said, .. } => {
            (Kind::Reopened, mail::reopened(&letter, *cause, said.as_ref(), desk.now()))
        }
        Event::Closed { .. } => match (case.closing_report(&hours.spans), case.closed()) {
            (Some(report), Some(closed)) => (Kind::Closing, mail::closing(&letter, &report, closed)),
            _ => return Ok(()),
        },
        Event::Withdrawn(why) => match case.closing_report(&hours.spans) {
            Some(report) => withdrawn(desk, tx, &letter, &report, why).await?,
            None => return Ok(()),
        },
        Event::Talk(TalkEvent::NewsGiven { text }) => (Kind::News, mail::news(&letter, text, desk.now())),
        Event::PriorityChanged { to, reason, .. } => {
            let changed = Reweighed { weight: None, priority: *to, reason, at: desk.now() };
            (Kind::Reweighed, mail::reweighed(&letter, &changed))
        }
        Event::Revision(RevisionEvent::Weighed { from, to, priority, reason }) => {
            let changed =
                Reweighed { weight: Some((*from, *to)), priority: *priority, reason, at: desk.now() };
            (Kind::Reweighed, mail::reweighed(&letter, &changed))
        }
        Event::Survey(SurveyEvent::FellDue { cycle, until, .. }) => {
            let token = desk.tokens().survey_link(case.opening.number, *cycle);
            let link = format!("{}/survey/{token}", desk.public_url());
            (Kind::Survey, mail::survey(&letter, link, *until))
        }
        _ => return Ok(()),
    };
    let mut mail = to_contact(case, kind, composed);
    if let Event::Closed { .. } = event {
        mail.document =
            case.closing_report(&hours.spans).map(|report| pdf::write(&mail::account(&letter, &report)));
    }
    queue(desk, tx, mail).await
}

/// The mail of a case that goes no further.
async fn withdrawn(
    desk: &Desk,
    tx: &mut Tx,
    letter: &Letter<'_>,
    report: &ClosingReport,
    why: &Withdrawal,
) -> Result<(Kind, Composed), StoreError> {
    Ok(match why {
        Withdrawal::Cancelled { asked_by, reason } => {
            (Kind::Cancelled, mail::cancelled(letter, report, *asked_by, reason.as_ref()))
        }
        Withdrawal::Duplicate { of } => {
            let tracking = link_of_same_contact(desk, tx.connection(), letter.case, *of).await?;
            let link = tracking.map(|tracking| format!("{}/track/{tracking}", desk.public_url()));
            (Kind::Duplicate, mail::duplicate(letter, report, *of, link))
        }
    })
}

/// Queues the mail of a correction; `before` is the case as it stood until then, with the hours that counted for it.
pub(crate) async fn queue_correction(
    desk: &Desk,
    tx: &mut Tx,
    (before, hours_before): (&Case, &Hours),
    (case, hours): (&Case, &Hours),
    right: &Correction,
) -> Result<(), StoreError> {
    let changed = Corrected { right, before, hours_before, at: desk.now() };
    let composed = mail::corrected(&letter(desk, case, hours), &changed);
    queue(desk, tx, to_contact(case, Kind::Corrected, composed)).await
}

pub(crate) fn letter<'a>(desk: &Desk, case: &'a Case, hours: &'a Hours) -> Letter<'a> {
    let link = format!("{}/track/{}", desk.public_url(), desk.tokens().tracking(case.opening.number));
    Letter { case, hours, link }
}

pub(super) fn to_contact(case: &Case, kind: Kind, composed: Composed) -> NewMail<'_> {
    let contact = &case.opening.report.contact;
    NewMail {
        kind,
        case: case.opening.number,
        language: case.opening.language,
        name: &contact.name,
        address: &contact.mail,
        composed,
        calendar: None,
        document: None,
    }
}

/// Queues one mail of a case that may have had others.
pub(super) async fn queue(desk: &Desk, tx: &mut Tx, mail: NewMail<'_>) -> Result<(), StoreError> {
    // First of all: it holds the lock under which the allowance is read, on every node.
    let id = take_numbers(tx, "outbox", 1).await?;
    let thread_id = thread_of(tx, mail.case).await?;
    let used_up = used_up(tx, mail.kind, mail.address).await?;
    let outgoing = Outgoing::new(desk, mail, id, thread_id, used_up);
    tx.ring_for_mails();
    insert_all(tx.connection(), OUTBOX.head, OUTBOX.columns, &[outgoing], Outgoing::bind).await
}

/// The Message-ID of the case's first mail: what all later ones answer to.
async fn thread_of(tx: &mut Tx, case: CaseNumber) -> Result<Option<String>, StoreError> {
    let row = sqlx::query("SELECT message_id FROM outbox WHERE case_number = $1 ORDER BY id LIMIT 1")
        .bind(case.as_compact())
        .fetch_optional(tx.connection())
        .await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// When the mail goes, or went, that uses the allowance of an address up: the index gives the one row that decides. `None`
/// while some of it is left.
pub(super) async fn used_up(
    tx: &mut Tx,
    kind: Kind,
    address: &MailAddress,
) -> Result<Option<Instant>, StoreError> {
    let row = sqlx::query(
        "SELECT next_attempt_utc_s FROM outbox WHERE recipient = $1 AND kind = $2
         ORDER BY next_attempt_utc_s DESC LIMIT 1 OFFSET $3",
    )
    .bind(address.as_str())
    .bind(kind.code())
    .bind(kind.per_hour() - 1)
    .fetch_optional(tx.connection())
    .await?;
    row.map(|row| Ok(Instant(row.try_get(0)?))).transpose()
}

/// The host of the desk's own address: the right-hand side of its Message-IDs (RFC 5322, 3.6.4).
pub(super) fn host(public_url: &str) -> String {
    let rest = public_url.split_once("://").map_or(public_url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = if host.starts_with('[') { host } else { host.split(':').next().unwrap_or_default() };
    let host: String = host.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')).collect();
    if host.is_empty() { "localhost".to_owned() } else { host }
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn the_host_stands_alone() {
        assert_eq!(host("https://vigia.example"), "vigia.example");
        assert_eq!(host("http://127.0.0.1:3000/desk"), "127.0.0.1");
        assert_eq!(host("https://user@vigia.example:8443"), "vigia.example");
        assert_eq!(host("https://evil>\r\n.example"), "evil.example");
        assert_eq!(host(""), "localhost");
    }
}
