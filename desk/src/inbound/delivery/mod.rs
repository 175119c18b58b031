//! Use-case: a mail comes in. It is in the desk once, whatever happens: its row and what it causes are one transaction.
//!
//! `docs/decisions/0051` says which case a mail belongs to, and what each kind of mail does.

mod calendar;
mod failure;
mod person;
mod route;

use std::sync::Arc;

use domain::actor::Actor;
use domain::case::Case;
use domain::case_number::CaseNumber;
use domain::mail_address::MailAddress;
use domain::time::Instant;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::files::MailFiles;
use super::{Kind, Mail};
use crate::Desk;
use crate::DeskError;
use crate::access::tokens::hex;
use crate::events;
use crate::store::{Guarded, StoreError, Tx, take_numbers};
pub(super) use person::{Parts, join};
pub(super) use route::number_in;
use route::{Author, Route};

/// Most bytes of a mail: what large providers take.
pub const MAX_BYTES: usize = 30 * 1024 * 1024;

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It waits in the triage list.
    Waiting,
    /// It is a message or a note of its case.
    Joined,
    /// It answered a visit.
    Answered,
    /// It told that a mail of the desk did not arrive, and that mail is marked.
    Marked,
    /// It changes nothing: an automatic answer, a receipt, a list.
    Noted,
    /// It was discarded in the triage list.
    Discarded,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Joined, Self::Answered, Self::Marked, Self::Noted, Self::Discarded];

    /// The state as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Joined => "joined",
            Self::Answered => "answered",
            Self::Marked => "marked",
            Self::Noted => "noted",
            Self::Discarded => "discarded",
        }
    }

    /// The key of the state's name in the language files.
    #[must_use]
    pub const fn name_key(self) -> &'static str {
        match self {
            Self::Waiting => "inbound.state.waiting",
            Self::Joined => "inbound.state.joined",
            Self::Answered => "inbound.state.answered",
            Self::Marked => "inbound.state.marked",
            Self::Noted => "inbound.state.noted",
            Self::Discarded => "inbound.state.discarded",
        }
    }

    /// The state of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// Why a mail waits in the triage list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitReason {
    /// It names no case.
    NoCase,
    /// Its author is neither the contact of the case that it names, nor of the staff.
    UnverifiedSender,
    /// Its author is said to be the contact, and names the case by its number alone: both can be made up.
    NumberAlone,
    /// The case that it names is closed.
    Closed,
    /// The rules of a case refuse it: too many messages within the hour.
    Refused,
    /// Its author is the contact of several open cases.
    SeveralCases,
}

impl WaitReason {
    /// Every reason.
    pub const ALL: [Self; 6] = [
        Self::NoCase,
        Self::UnverifiedSender,
        Self::NumberAlone,
        Self::Closed,
        Self::Refused,
        Self::SeveralCases,
    ];

    /// The reason as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoCase => "no_case",
            Self::UnverifiedSender => "unverified_sender",
            Self::NumberAlone => "number_alone",
            Self::Closed => "closed",
            Self::Refused => "refused",
            Self::SeveralCases => "several_cases",
        }
    }

    /// The key of the reason's name in the language files.
    #[must_use]
    pub const fn name_key(self) -> &'static str {
        match self {
            Self::NoCase => "inbound.reason.no_case",
            Self::UnverifiedSender => "inbound.reason.unverified_sender",
            Self::NumberAlone => "inbound.reason.number_alone",
            Self::Closed => "inbound.reason.closed",
            Self::Refused => "inbound.reason.refused",
            Self::SeveralCases => "inbound.reason.several_cases",
        }
    }

    /// The reason of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

/// The mailbox of the desk, in which mails come in.
#[derive(Debug, Clone)]
pub struct OwnMailbox {
    /// The address of the desk's own mails.
    pub address: MailAddress,
    /// The name with which the mailbox's server signs what it found out about authors (RFC 8601). Without it, no author is
    /// taken as genuine by a server's word.
    pub authserv_id: Option<String>,
}

/// A mail that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It was taken before; nothing was done.
    Before,
    /// It was taken now.
    Now {
        /// What became of it.
        state: State,
        /// Why it waits.
        reason: Option<WaitReason>,
        /// The case to which it belongs, or that it names.
        case: Option<CaseNumber>,
    },
}

/// Why a mail was not taken.
#[derive(Debug, Clone, Error)]
pub enum DeliveryError {
    /// It is larger than [`MAX_BYTES`]. It will never be taken.
    #[error("a mail of more than {} MiB", MAX_BYTES / 1024 / 1024)]
    TooLarge,
    /// Nothing was written: try again later.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Takes a mail in.
///
/// # Errors
/// See [`DeliveryError`].
pub async fn deliver(desk: &Desk, bytes: &[u8], mailbox: &OwnMailbox) -> Result<Taken, DeliveryError> {
    if bytes.len() > MAX_BYTES {
        return Err(DeliveryError::TooLarge);
    }
    let own = own_addresses(desk, &mailbox.address);
    let mut mail = Mail::parse(bytes);
    let kind = mail.kind(&own);
    let route = route::find(desk, &mail, &kind, mailbox).await?;
    let subjects = subjects(&kind, route);
    let sent = std::mem::take(&mut mail.files);
    // Before the transaction: to draw a photograph anew takes a good part of a second. A mail that can only wait is kept as it
    // came, and its files are made ready if it is added to a case.
    let files = match (&kind, route) {
        (Kind::Person | Kind::CalendarAnswer(_), Some(route)) if route.may_join() => {
            MailFiles::ready(sent).await?
        }
        _ => MailFiles::default(),
    };
    let digest = digest(&mail, bytes);
    let arrived = Arc::new(Arrived { digest, mail, files, kind, own, route, bytes: bytes.to_vec() });
    let at_work = desk.clone();
    let taken = desk
        .store()
        .write_beside(subjects, move |tx| {
            Box::pin(async move { Box::pin(take(&at_work, tx, &arrived)).await })
        })
        .await?;
    Ok(taken)
}

/// What a mail reads and then writes.
fn subjects(kind: &Kind, route: Option<Route>) -> Vec<Guarded> {
    let of_kind = match kind {
        Kind::CalendarAnswer(_) => Some(Guarded::Bookings),
        // It marks a mail of the outbox.
        Kind::DeliveryFailure(_) => Some(Guarded::Delivery),
        Kind::Person | Kind::AutomaticAnswer | Kind::Receipt(_) | Kind::List => None,
    };
    route.map(|route| Guarded::Case(route.number)).into_iter().chain(of_kind).collect()
}

/// The addresses to which customers write, in lower case.
fn own_addresses(desk: &Desk, address: &MailAddress) -> Vec<String> {
    let replies = desk.brand().provider.mail.reply_to.clone();
    let mut own = vec![address.as_str().to_lowercase()];
    own.extend(replies.map(|address| address.as_str().to_lowercase()));
    own.dedup();
    own
}

/// A mail that has come in.
struct Arrived {
    digest: String,
    /// The mail without its files.
    mail: Mail,
    files: MailFiles,
    kind: Kind,
    own: Vec<String>,
    route: Option<Route>,
    bytes: Vec<u8>,
}

/// What a mail came to.
pub(super) struct Came {
    pub(super) state: State,
    reason: Option<WaitReason>,
    body: String,
}

impl Arrived {
    /// Whether the case is named by its number alone, by an author whom no server vouches for.
    fn is_by_number_alone(&self) -> bool {
        self.route.is_some_and(|route| !route.may_join())
    }

    /// Whether the mailbox's server vouches for the author.
    fn is_genuine(&self) -> bool {
        self.route.is_some_and(|route| route.author == Author::Genuine)
    }
}

impl Came {
    pub(super) fn of(state: State, body: String) -> Self {
        Self { state, reason: None, body }
    }

    pub(super) fn waiting(reason: WaitReason, body: String) -> Self {
        Self { state: State::Waiting, reason: Some(reason), body }
    }
}

async fn take(desk: &Desk, tx: &mut Tx, arrived: &Arrived) -> Result<Taken, StoreError> {
    let now = desk.now();
    let Some(id) = insert(tx, arrived.entry(now)).await? else { return Ok(Taken::Before) };
    let case = match arrived.route {
        Some(route) => case(tx, route.number).await?,
        None => None,
    };
    let done = match (&arrived.kind, &case) {
        (Kind::Person, case) => person::take(desk, tx, arrived, case.as_ref()).await?,
        (Kind::CalendarAnswer(answer), Some(case)) => calendar::take(desk, tx, arrived, answer, case).await?,
        (Kind::CalendarAnswer(_), None) => Came::waiting(WaitReason::NoCase, arrived.mail.text.clone()),
        (Kind::DeliveryFailure(failure), _) => failure::take(tx, arrived, failure).await?,
        (Kind::AutomaticAnswer | Kind::Receipt(_) | Kind::List, _) => {
            Came::of(State::Noted, arrived.mail.text.clone())
        }
    };
    let number = case.as_ref().map(|case| case.opening.number);
    finish(tx, id, &done, number).await?;
    Ok(Taken::Now { state: done.state, reason: done.reason, case: number })
}

/// What came in, as its row begins.
#[derive(Clone)]
pub(super) struct Entry {
    /// What a repetition has as well.
    pub(super) digest: String,
    /// Id of the mail or message, as its sender's program gave it.
    pub(super) message_id: Option<String>,
    pub(super) received: Instant,
    pub(super) kind: &'static str,
    /// Address, or number in E.164.
    pub(super) sender: String,
    pub(super) sender_name: String,
    pub(super) subject: String,
    pub(super) content: Vec<u8>,
    /// The number of the desk by which it came in; 0 for a mail.
    pub(super) whatsapp_number: i64,
}

impl Arrived {
    fn entry(&self, received: Instant) -> Entry {
        let from = self.mail.from();
        Entry {
            digest: self.digest.clone(),
            message_id: self.mail.message_id().map(|id| shortened(&id, 998)),
            received,
            kind: kind_code(&self.kind),
            sender: from.as_ref().map(|from| from.address.clone()).unwrap_or_default(),
            sender_name: from.map(|from| from.name).unwrap_or_default(),
            subject: self.mail.subject(),
            content: self.bytes.clone(),
            whatsapp_number: 0,
        }
    }
}

/// Writes the row, unless it was taken before.
pub(super) async fn insert(tx: &mut Tx, entry: Entry) -> Result<Option<i64>, StoreError> {
    let known = sqlx::query("SELECT id FROM inbound_mails WHERE digest = $1")
        .bind(entry.digest.as_str())
        .fetch_optional(tx.connection())
        .await?;
    if known.is_some() {
        return Ok(None);
    }
    let id = take_numbers(tx, "inbound", 1).await?;
    let written = sqlx::query(
        "INSERT INTO inbound_mails
             (id, digest, message_id, received_utc_s, kind, state, sender, sender_name, subject, body, content, whatsapp_number)
         VALUES ($1, $2, $3, $4, $5, 'noted', $6, $7, $8, '', $9, $10) ON CONFLICT (digest) DO NOTHING",
    )
    .bind(id)
    .bind(entry.digest)
    .bind(entry.message_id)
    .bind(entry.received.0)
    .bind(entry.kind)
    .bind(entry.sender)
    .bind(shortened(&entry.sender_name, 200))
    .bind(shortened(&entry.subject, 500))
    .bind(entry.content)
    .bind(entry.whatsapp_number)
    .execute(tx.connection())
    .await?;
    Ok((written.rows_affected() == 1).then_some(id))
}

pub(super) async fn finish(
    tx: &mut Tx,
    id: i64,
    done: &Came,
    case: Option<CaseNumber>,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE inbound_mails SET state = $2, reason = $3, case_number = $4, body = $5 WHERE id = $1",
    )
    .bind(id)
    .bind(done.state.code())
    .bind(done.reason.map(WaitReason::code))
    .bind(case.map(|case| case.as_compact()))
    .bind(done.body.replace('\0', ""))
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn case(tx: &mut Tx, number: CaseNumber) -> Result<Option<Case>, StoreError> {
    let history = events::history(tx.connection(), number).await?;
    if history.is_empty() { Ok(None) } else { Ok(Some(events::fold(&history)?)) }
}

/// The customer of a case as an actor.
pub(super) const fn customer(number: CaseNumber) -> Actor {
    Actor::Customer(number)
}

/// A refusal of the rules, apart from a failure of the store.
fn refused<T>(done: Result<T, DeskError>) -> Result<Option<T>, StoreError> {
    match done {
        Ok(done) => Ok(Some(done)),
        Err(DeskError::Store(error)) => Err(error),
        Err(_) => Ok(None),
    }
}

/// A mail's kind as stored.
const fn kind_code(kind: &Kind) -> &'static str {
    match kind {
        Kind::Person => "person",
        Kind::AutomaticAnswer => "automatic",
        Kind::DeliveryFailure(_) => "failure",
        Kind::Receipt(_) => "receipt",
        Kind::CalendarAnswer(_) => "calendar",
        Kind::List => "list",
    }
}

/// The mail in a digest. Headers of the way differ from one copy to the next and are left out.
fn digest(mail: &Mail, bytes: &[u8]) -> String {
    let mut digest = Sha256::new();
    for name in ["message-id", "from", "date", "subject"] {
        digest.update(mail.headers.get(name).unwrap_or_default());
        digest.update([0]);
    }
    digest.update(super::mail::body(bytes));
    hex(&digest.finalize())
}

/// The beginning of a text, without NUL, which PostgreSQL takes in no text.
fn shortened(text: &str, most: usize) -> String {
    text.chars().filter(|c| *c != '\0').take(most).collect()
}
