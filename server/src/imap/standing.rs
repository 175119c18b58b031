//! How the mailboxes of this process stand: for the page of the server and for metrics.

use std::sync::{Mutex, PoisonError};

use domain::time::Instant;
use metrics::{counter, gauge};

/// Series: whether a mailbox is reached.
pub const REACHED: &str = "vigia_mailbox_reached";
/// Series: mails that wait for another try.
pub const WAITING: &str = "vigia_mailbox_waiting_mails";
/// Series: mails that were taken.
pub const TAKEN: &str = "vigia_mailbox_taken_total";
/// Series: mails that were refused.
pub const REFUSED: &str = "vigia_mailbox_refused_total";

/// How a mailbox stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whether it is reached.
    pub reach: Reach,
    /// When a mail was taken out of it last, by this process.
    pub last_mail: Option<Instant>,
    /// What went wrong last, and when; without secrets.
    pub last_error: Option<(Instant, String)>,
    /// Mails that could not be taken so far.
    pub waiting: usize,
}

/// Whether a mailbox is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Not since the process began.
    NotYet,
    /// Since then.
    Since(Instant),
    /// Not since then.
    LostAt(Instant),
}

/// The standing of one mailbox, which its work keeps.
#[derive(Debug)]
pub struct Board {
    name: String,
    standing: Mutex<Standing>,
}

impl Board {
    /// The board of a mailbox that is not reached yet.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let standing = Standing { reach: Reach::NotYet, last_mail: None, last_error: None, waiting: 0 };
        Self { name: name.to_owned(), standing: Mutex::new(standing) }
    }

    /// The mailbox's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it stands now.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, change: impl FnOnce(&mut Standing)) {
        change(&mut self.standing.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Signed in, and the folder is open.
    pub(super) fn reached(&self, now: Instant) {
        self.note(|standing| standing.reach = Reach::Since(now));
        gauge!(REACHED, "mailbox" => self.name.clone()).set(1.0);
    }

    /// The connection ended.
    pub(super) fn lost(&self, now: Instant, why: String) {
        self.note(|standing| {
            if matches!(standing.reach, Reach::Since(_)) {
                standing.reach = Reach::LostAt(now);
            }
            standing.last_error = Some((now, why));
        });
        gauge!(REACHED, "mailbox" => self.name.clone()).set(0.0);
    }

    /// A mail was taken.
    pub(super) fn taken(&self, now: Instant) {
        self.note(|standing| standing.last_mail = Some(now));
        counter!(TAKEN, "mailbox" => self.name.clone()).increment(1);
    }

    /// A mail was refused: it is too large.
    pub(super) fn refused(&self) {
        counter!(REFUSED, "mailbox" => self.name.clone()).increment(1);
    }

    /// So many mails could not be taken so far.
    pub(super) fn waiting(&self, count: usize) {
        self.note(|standing| standing.waiting = count);
        gauge!(WAITING, "mailbox" => self.name.clone()).set(u32::try_from(count).unwrap_or(u32::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailbox_is_lost_only_after_it_was_reached() {
        let board = Board::new("support");
        board.lost(Instant(1), "no connection".to_owned());
        assert_eq!(board.standing().reach, Reach::NotYet);
        board.reached(Instant(2));
        board.taken(Instant(3));
        board.lost(Instant(4), "closed".to_owned());
        board.lost(Instant(5), "again".to_owned());
        let standing = board.standing();
        assert_eq!(standing.reach, Reach::LostAt(Instant(4)));
        assert_eq!(standing.last_mail, Some(Instant(3)));
        assert_eq!(standing.last_error, Some((Instant(5), "again".to_owned())));
    }
}
