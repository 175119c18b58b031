//! Which case a mail belongs to: by the address that it answers, by the mail that it answers, or by a number.

use domain::case_number::CaseNumber;
use sqlx::{AssertSqlSafe, Row};

use super::OwnMailbox;
use crate::Desk;
use crate::inbound::authentication::is_genuine;
use crate::inbound::{Kind, Mail};
use crate::store::{StoreError, list};

/// Most ids of a thread that are looked up.
const MAX_IDS: usize = 50;

/// A case, and how a mail names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) number: CaseNumber,
    pub(super) proof: Proof,
    pub(super) author: Author,
}

impl Route {
    /// Whether the mail may join the case without an agent. A number alone, of an author whom no server vouches for, proves
    /// nothing: both can be made up.
    pub(super) fn may_join(self) -> bool {
        self.proof == Proof::Secret || self.author == Author::Genuine
    }
}

/// Whether a mail is by whom it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Author {
    /// The mailbox's server found the author's domain genuine.
    Genuine,
    /// No server vouches for it.
    Claimed,
}

/// What the mail's author must have known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// The code of the case's address or invitation, or the id of a mail of the desk: only who got one knows it.
    Secret,
    /// The number of the case, which can be guessed.
    Number,
}

/// The case that a mail names; `None` if it names none.
pub(super) async fn find(
    desk: &Desk,
    mail: &Mail,
    kind: &Kind,
    mailbox: &OwnMailbox,
) -> Result<Option<Route>, StoreError> {
    let server = mailbox.authserv_id.as_deref();
    let is_genuine = server.is_some_and(|server| is_genuine(&mail.headers, server));
    let author = if is_genuine { Author::Genuine } else { Author::Claimed };
    let of_address = || {
        mail.recipients().iter().find_map(|to| {
            let (local, _) = to.address.rsplit_once('@')?;
            desk.tokens().reply_case(local.split_once('+')?.1)
        })
    };
    let invited = match kind {
        Kind::CalendarAnswer(answer) => answer.uid.split('-').next(),
        _ => None,
    };
    if let Some(number) = of_address().or_else(|| desk.tokens().reply_case(invited?)) {
        return Ok(Some(Route { number, proof: Proof::Secret, author }));
    }
    if let Some(number) = answered(desk, &mail.thread_ids()).await? {
        return Ok(Some(Route { number, proof: Proof::Secret, author }));
    }
    let named = invited.and_then(|number| CaseNumber::parse(number).ok());
    let number = named.or_else(|| number_in(&mail.subject()));
    Ok(number.map(|number| Route { number, proof: Proof::Number, author }))
}

/// The case of the nearest mail of the outbox among those with the ids.
async fn answered(desk: &Desk, ids: &[String]) -> Result<Option<CaseNumber>, StoreError> {
    let ids = &ids[..ids.len().min(MAX_IDS)];
    if ids.is_empty() {
        return Ok(None);
    }
    let text =
        format!("SELECT message_id, case_number FROM outbox WHERE message_id IN ({})", list(0, ids.len()));
    let mut reader = desk.store().reader().await?;
    let query = sqlx::query(AssertSqlSafe(text));
    let rows =
        ids.iter().fold(query, |query, id| query.bind(format!("<{id}>"))).fetch_all(&mut *reader).await?;
    reader.done();
    let mut found: Option<(usize, CaseNumber)> = None;
    for row in &rows {
        let (message_id, number): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let place = ids.iter().position(|id| message_id == format!("<{id}>"));
        // A mail about an account has no case.
        let (Some(place), Ok(number)) = (place, CaseNumber::parse(&number)) else { continue };
        if found.is_none_or(|(nearest, _)| place < nearest) {
            found = Some((place, number));
        }
    }
    Ok(found.map(|(_, number)| number))
}

/// The first case number of a text.
pub(in crate::inbound) fn number_in(text: &str) -> Option<CaseNumber> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .filter(|word| (8..=20).contains(&word.len()))
        .find_map(|word| CaseNumber::parse(word).ok())
}
