//! The work at one mailbox. A mail leaves the folder only when the desk's transaction has it. The desk has every mail once,
//! wherever the process ends: a mail is in the desk, in the mailbox, or in both and known (docs/decisions/0055).

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use desk::Desk;
use desk::Ports;
use desk::inbound::delivery::{DeliveryError, MAX_BYTES, OwnMailbox, Taken as Delivered, deliver};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::error::ImapError;
use super::oauth::{TokenError, Tokens};
use super::pace::{self, Cause, Waiting};
use super::session::{Access, Session};
use super::settings::{Mailbox, Taken};
use super::standing::Board;
use super::wire::WireError;

/// How long a server is waited for in one piece. It must be below 29 minutes (RFC 2177). Less finds a connection that a
/// router has forgotten.
const IDLE: Duration = Duration::from_mins(10);
/// The least time between two looks at a folder: a server that always has news keeps the desk no busier than this.
const BREATH: Duration = Duration::from_millis(50);
/// The least wait for a mail that is due: one that is due for ever keeps the desk no busier than this.
const LEAST_WAIT: Duration = Duration::from_secs(1);
/// Mails of a folder that are searched at once, by their place: the answer has a limit.
const WINDOW: u32 = 1_000;
/// Mails whose sizes are asked for at once.
const SIZES: usize = 50;
/// After as many failures of the desk in a row the fault is not the mails'.
const DESK_FAILURES: u32 = 3;

/// The work at a mailbox.
pub(super) struct Work {
    pub(super) mailbox: Mailbox,
    pub(super) desk: Desk,
    pub(super) own: OwnMailbox,
    pub(super) board: Arc<Board>,
    pub(super) ports: Ports,
    /// Turns of mails that the desk takes in, of all mailboxes.
    pub(super) turns: Arc<Semaphore>,
}

/// What the work remembers from one connection to the next.
#[derive(Default)]
struct Memory {
    tokens: Tokens,
    waiting: Waiting,
    /// Connections that failed in a row.
    failures: u32,
    /// Mails in a row that the desk could not take.
    desk_failures: u32,
}

impl Work {
    /// Works until `stop`.
    pub(super) async fn run(self, stop: CancellationToken) {
        let mut memory = Memory::default();
        let name = &self.mailbox.name;
        loop {
            // A mail that is being taken is in the folder still, and comes again.
            let Some(ended) = stop.run_until_cancelled(self.connection(&mut memory)).await else { return };
            let Err(error) = ended;
            memory.failures = memory.failures.saturating_add(1);
            let [chance] = self.ports.random();
            let wait = pace::before_connection(cause(&error), memory.failures, chance);
            let error = self.mailbox.without_secrets(&error.to_string());
            tracing::warn!(mailbox = %name, error, wait_s = wait.as_secs_f32(), "a mailbox was lost");
            self.board.lost(self.desk.now(), error);
            self.board.waiting(memory.waiting.count());
            if stop.run_until_cancelled(sleep(wait)).await.is_none() {
                return;
            }
        }
    }

    /// Works on one connection until it fails.
    async fn connection(&self, memory: &mut Memory) -> Result<Infallible, ImapError> {
        let mut session = Session::open(&self.mailbox, &mut memory.tokens).await?;
        session.open_folder(&self.mailbox.folder, Access::Work).await?;
        memory.waiting.begin(session.numbering());
        self.board.reached(self.desk.now());
        tracing::info!(mailbox = %self.mailbox.name, mails = session.exists(), "a mailbox is open");
        let mut can_idle = session.can("IDLE");
        loop {
            session.begin_round();
            self.round(&mut session, memory).await?;
            memory.failures = 0;
            self.board.waiting(memory.waiting.count());
            sleep(BREATH).await;
            if session.has_news() {
                continue;
            }
            let until_due = |most: Duration| {
                let due = memory.waiting.next().map(|at| at.saturating_duration_since(Instant::now()));
                due.map_or(most, |due| due.max(LEAST_WAIT).min(most))
            };
            if can_idle {
                match session.idle(until_due(IDLE)).await {
                    Err(ImapError::Refused(..)) => can_idle = false,
                    ended => ended?,
                }
            } else {
                sleep(until_due(self.mailbox.poll)).await;
                session.sign_of_life().await?;
            }
        }
    }

    /// Looks at the whole folder, from its end to its beginning: what is moved away meanwhile shifts nothing that is still to
    /// be looked at.
    async fn round(&self, session: &mut Session, memory: &mut Memory) -> Result<(), ImapError> {
        let mut last = session.exists();
        let mut there = BTreeSet::new();
        while last > 0 {
            let first = last.saturating_sub(WINDOW - 1).max(1);
            let found = session.search(first, last, &self.mailbox.taken).await?;
            let now = Instant::now();
            let due: Vec<u32> =
                found.iter().copied().filter(|uid| memory.waiting.is_due(*uid, now)).collect();
            for uids in due.chunks(SIZES) {
                let sizes: BTreeMap<u32, u64> = session.sizes(uids).await?.into_iter().collect();
                // A server may speak of mails that nobody asked for.
                for uid in uids {
                    match sizes.get(uid) {
                        Some(size) => self.mail(session, memory, *uid, *size).await?,
                        // It is gone, or its server does not say: the next search tells.
                        None => memory.waiting.tried(*uid, Instant::now()),
                    }
                }
            }
            there.extend(found.into_iter().filter(|uid| memory.waiting.has(*uid)));
            last = (first - 1).min(session.exists());
        }
        memory.waiting.keep(&there);
        Ok(())
    }

    /// Takes one mail. What is wrong with it alone makes it wait, and stops no other.
    async fn mail(
        &self,
        session: &mut Session,
        memory: &mut Memory,
        uid: u32,
        size: u64,
    ) -> Result<(), ImapError> {
        // Before anything is done: if the connection breaks at this mail each time, others come first.
        memory.waiting.tried(uid, Instant::now());
        let is_large = usize::try_from(size).map_or(true, |size| size > MAX_BYTES);
        let done = if is_large || memory.waiting.was_too_large(uid) {
            self.refuse(session, uid, size).await
        } else {
            self.take(session, memory, uid, size).await
        };
        match done {
            Ok(Done::Settled) => memory.waiting.settled(uid),
            Ok(Done::Waits) => {}
            Err(ImapError::Refused(step, words)) => {
                let words = self.mailbox.without_secrets(&words);
                tracing::warn!(mailbox = %self.mailbox.name, uid, %step, words, "a mail waits: its server refused");
            }
            Err(ImapError::Wire(WireError::LiteralTooLarge)) => {
                memory.waiting.is_too_large(uid);
                return Err(WireError::LiteralTooLarge.into());
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    async fn take(
        &self,
        session: &mut Session,
        memory: &mut Memory,
        uid: u32,
        size: u64,
    ) -> Result<Done, ImapError> {
        let Some(content) = session.fetch(uid, MAX_BYTES).await? else {
            tracing::info!(mailbox = %self.mailbox.name, uid, "a mail waits: it is gone, or its server sent none");
            return Ok(Done::Waits);
        };
        // Behind the fetch, so that a slow server holds no turn. Closed at the end of the process alone.
        let turn = self.turns.acquire().await;
        let (desk, own) = (self.desk.clone(), self.own.clone());
        // A task of its own: a panic over one mail is that mail's.
        let delivering = tokio::spawn(async move { deliver(&desk, &content, &own).await });
        let delivered = delivering.await;
        drop(turn);
        match delivered {
            Ok(Ok(delivered)) => {
                memory.desk_failures = 0;
                if matches!(delivered, Delivered::Now { .. }) {
                    self.board.taken(self.desk.now());
                }
            }
            Ok(Err(DeliveryError::TooLarge)) => return self.refuse(session, uid, size).await,
            Ok(Err(DeliveryError::Store(error))) => {
                tracing::error!(mailbox = %self.mailbox.name, uid, %error, "a mail could not be taken in");
                memory.desk_failures += 1;
                return if memory.desk_failures < DESK_FAILURES {
                    Ok(Done::Waits)
                } else {
                    Err(ImapError::Desk)
                };
            }
            Err(error) => {
                tracing::error!(mailbox = %self.mailbox.name, uid, %error, "a mail could not be taken in");
                return Ok(Done::Waits);
            }
        }
        match &self.mailbox.taken {
            Taken::Moved(folder) => session.move_to(uid, folder).await?,
            Taken::Seen => session.mark_seen(uid).await?,
        }
        Ok(Done::Settled)
    }

    /// Moves a mail away that will never be taken.
    async fn refuse(&self, session: &mut Session, uid: u32, size: u64) -> Result<Done, ImapError> {
        let folder = &self.mailbox.refused_folder;
        tracing::warn!(mailbox = %self.mailbox.name, uid, size, folder, "a mail was refused: it is too large");
        session.move_to(uid, folder).await?;
        self.board.refused();
        Ok(Done::Settled)
    }
}

/// What is waited for after a connection ended. An authorisation server that fails says nothing of the account.
const fn cause(error: &ImapError) -> Cause {
    match error {
        ImapError::SignIn(_) | ImapError::Token(TokenError::Refused(400..=403, _)) => Cause::Account,
        _ => Cause::Connection,
    }
}

/// What became of a mail.
enum Done {
    /// It is put away, or gone.
    Settled,
    /// It is tried again later.
    Waits,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failing_authorisation_server_is_not_the_account() {
        let refused = |status| cause(&ImapError::Token(TokenError::Refused(status, String::new())));
        assert_eq!([400, 401, 403].map(refused), [Cause::Account; 3]);
        assert_eq!([429, 500, 503].map(refused), [Cause::Connection; 3]);
        let unreachable = TokenError::Io(std::io::ErrorKind::TimedOut.into());
        assert_eq!(cause(&ImapError::Token(unreachable)), Cause::Connection);
        assert_eq!(cause(&ImapError::SignIn("no".to_owned())), Cause::Account);
    }
}
