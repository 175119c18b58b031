//! Use-case: open a case (letter, steps 1 to 4).

mod batch;
mod insert;
mod lookup;

use std::sync::OnceLock;

use domain::actor::{Action, Actor, IntegrationId, NotPermitted, Subject, may, scope_of};
use domain::attachment::{FileProblem, MOST_BYTES_TOGETHER, MOST_FILES_AT_OPENING};
use domain::case::{Author, Origin, Report};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::i18n::Language;
use domain::time::Instant;
use thiserror::Error;

use crate::Desk;
use crate::access::limits::{Source, TooOften};
use crate::access::tokens::TrackingLink;
use crate::cases::links;
use crate::cases::message_files::{SentFile, TakenRoom, made_ready};
use crate::store::StoreError;

pub(crate) use batch::Openings;
use insert::{Draft, MailQuota, Opened};

/// Length of a submission key in characters: long enough to be unique by chance.
const KEY: std::ops::RangeInclusive<usize> = 16..=128;

/// The command to open a case.
#[derive(Debug, Clone)]
pub struct OpenCase {
    /// The form's key. Equal content under the same key gives the same case, however often it is sent. Other content
    /// under the same key is another intent, which the caller must confirm.
    pub key: SubmissionKey,
    /// The customer's report.
    pub report: Report,
    /// The customer's language.
    pub language: Language,
    /// The portal, or an agent's telephone call.
    pub origin: Origin,
    /// The ended case that this one follows.
    pub previous_case: Option<CaseNumber>,
    /// The requester's network, if it came over one.
    pub source: Option<Source>,
}

/// The key of one submission of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmissionKey(String);

impl SubmissionKey {
    /// A new, unguessable key for a form.
    #[must_use]
    pub fn fresh(desk: &Desk) -> Self {
        Self(crate::access::tokens::fresh(desk.ports()))
    }

    /// The key of an opening by another system, from the key that it sent: no two systems share one.
    #[must_use]
    pub fn of_integration(integration: IntegrationId, sent: &str) -> Self {
        Self(crate::access::tokens::hash(&format!("integration {}: {sent}", integration.0)))
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Parses a key of 16 to 128 letters, digits and hyphens; `None` for anything else.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        let fit = KEY.contains(&key.len()) && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        fit.then(|| Self(key.to_owned()))
    }
}

/// An opened case, by this or an earlier submission with the same key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedCase {
    /// Number of the case.
    pub number: CaseNumber,
    /// Time of the opening, by the desk's clock.
    pub opened_at: Instant,
    /// The last part of the customer's first link to it.
    pub tracking: String,
    /// Whether that link was renewed since an earlier submission, and leads nowhere. The new one went to the contact by mail
    /// alone: the sender of the form may be the one whose link was to end.
    pub is_renewed: bool,
}

/// Why no case is opened.
#[derive(Debug, Clone, Error)]
pub enum OpenCaseError {
    /// The actor may not open cases this way.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    /// All numbers of the year are in use.
    #[error("all case numbers of {0:?} are taken this year")]
    NumbersExhausted(Country),
    /// Other content was sent under the same key and opened this case. Nothing is written. Let the sender choose; they
    /// need not be the first sender.
    #[error("the key opened {0} with other content")]
    SentBefore(CaseNumber),
    /// Strangers exceed the rate limit of cases that need validation: call instead.
    #[error(transparent)]
    TooOften(#[from] TooOften),
    /// Files are refused: their sender's names, each with the reason.
    #[error("{} files are refused", .0.len())]
    Files(Vec<(String, FileProblem)>),
    /// The store failed and nothing was written. Try again with the same key.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Opens a case: number, history, row and mail in one transaction, which it may share with other openings.
///
/// # Examples
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/setup.rs"));
/// # fn main() -> Example { on_a_desk(async |desk| {
/// use desk::cases::open::{OpenCase, SubmissionKey, open_case};
/// use domain::actor::Actor;
/// use domain::case::Origin;
/// use domain::i18n::Language;
///
/// let form = form(); // as the customer filled it in
/// let command = OpenCase {
///     key: SubmissionKey::parse("one-key-for-one-form").ok_or("no key")?,
///     report: form.report().map_err(|_| "a field is wrong")?,
///     language: Language::Es,
///     origin: Origin::Portal,
///     previous_case: None,
///     source: None,
/// };
/// let opened = open_case(&desk, &Actor::Anonymous, command.clone()).await?;
/// let again = open_case(&desk, &Actor::Anonymous, command).await?;
/// assert_eq!(opened, again, "one key is one case, however often it is sent");
/// # Ok(()) }) }
/// ```
///
/// # Errors
/// See [`OpenCaseError`].
pub async fn open_case(desk: &Desk, actor: &Actor, command: OpenCase) -> Result<OpenedCase, OpenCaseError> {
    open_with_files(desk, actor, command, Vec::new()).await
}

/// Opens a case with files that its report comes with, all or nothing: they are never stored without their case. The same
/// files under the same key are written once.
///
/// # Errors
/// See [`OpenCaseError`].
pub async fn open_with_files(
    desk: &Desk,
    actor: &Actor,
    command: OpenCase,
    files: Vec<SentFile>,
) -> Result<OpenedCase, OpenCaseError> {
    let action = match command.origin {
        Origin::Telephone => Action::OpenCaseOnBehalf,
        Origin::Portal
        | Origin::Workspace
        | Origin::Scheduler
        | Origin::CommandLine
        | Origin::Mail
        | Origin::WhatsApp
        | Origin::Api => Action::OpenCase,
    };
    may(actor, action, Subject::Desk)?;
    if !scope_of(actor).holds(command.report.country) {
        return Err(NotPermitted.into());
    }
    if let Some(number) = command.previous_case {
        may(actor, Action::FollowCase, Subject::Case { number, country: number.country() })?;
    }
    if files.len() > MOST_FILES_AT_OPENING {
        return Err(OpenCaseError::Files(vec![(String::new(), FileProblem::TooManyAtOpening)]));
    }
    if files.iter().map(|file| file.content.len()).sum::<usize>() > MOST_BYTES_TOGETHER {
        return Err(OpenCaseError::Files(vec![(String::new(), FileProblem::TooLargeWithOpening)]));
    }
    // Most openings have none, and wait for no turn.
    let files =
        if files.is_empty() { Vec::new() } else { made_ready(files).await?.map_err(OpenCaseError::Files)? };
    let source = command.source;
    let draft = draft(desk, actor, command).await?;
    let taken = TakenRoom::take(desk, actor, source, &files)
        .map_err(|problem| OpenCaseError::Files(vec![(String::new(), problem)]))?;
    let draft = Draft { files, ..draft };
    let opened = desk.openings().open(draft).await;
    if opened.is_err() {
        taken.give_back();
    }
    let Opened { number, at, is_renewed } = opened?;
    let tracking = desk.tokens().tracking(TrackingLink::first(number));
    Ok(OpenedCase { number, opened_at: at, tracking, is_renewed })
}

/// The command as a draft of a case.
async fn draft(desk: &Desk, actor: &Actor, command: OpenCase) -> Result<Draft, StoreError> {
    let OpenCase { key: SubmissionKey(key), report, language, origin, previous_case, source } = command;
    // Only `vigia demo remove` deletes cases, so one that exists now exists in the transaction.
    let previous_case = match previous_case {
        Some(earlier) if links::exists(&mut *desk.store().reader().await?, earlier).await? => Some(earlier),
        _ => None,
    };
    let counted = Author::from(actor).is_customer().then(|| MailQuota {
        mailbox: report.contact.mail.mailbox(),
        sender: source.map(|source| desk.tokens().sender(source.site())),
    });
    let (desk, actor, now) = (desk.clone(), actor.clone(), desk.now());
    let admission = OnceLock::new();
    let files = Vec::new();
    Ok(Draft { desk, actor, key, report, language, origin, previous_case, files, counted, admission, now })
}
