//! How many mails a stranger can cause, and when each may go (`docs/decisions/0020`).
//!
//! Anybody can open a case in another's name: the desk must not become a weapon. Counted are the mails of cases that nobody
//! stands for but their sender: all kinds together, by mailbox and by sender. Whatever the staff opened or took up, and
//! whatever a contract covers, is never counted and never held back.

use crate::time::Instant;

/// Mails that strangers cause and that one mailbox gets within any hour.
pub const PER_MAILBOX_AND_HOUR: i64 = 3;
/// Mails that one sender causes within any day.
pub const PER_SENDER_AND_DAY: i64 = 20;
/// A mail whose turn would come later than this does not go by itself: news that old is none.
pub const LATEST_S: i64 = 24 * HOUR_S;

const HOUR_S: i64 = 3600;
const DAY_S: i64 = 24 * HOUR_S;

choices! {
    /// Why a mail is held back.
    pub enum Hold: "hold_reason" {
        /// Strangers cause too many mails to its mailbox.
        Mailbox = "mailbox",
        /// Its sender causes too many mails.
        Sender = "sender",
    }
}

/// When a mail goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// At once: the allowance is not used up.
    Now,
    /// By itself, at that moment.
    Later(Instant, Hold),
    /// When somebody of the staff sends it.
    ByHand(Hold),
}

/// What is used up of the allowance of a mail that a stranger causes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Used {
    /// When the [`PER_MAILBOX_AND_HOUR`]-th latest mail to the mailbox goes or went; none while there were fewer.
    pub by_mailbox: Option<Instant>,
    /// When the [`PER_SENDER_AND_DAY`]-th latest mail of the sender was written; none while there were fewer.
    pub by_sender: Option<Instant>,
}

impl Used {
    /// When a mail goes that is written at `now`. No hour ever sees more at a mailbox, however many wait: each goes an hour
    /// after the one that used the allowance up.
    #[must_use]
    pub fn turn(self, now: Instant) -> Turn {
        if self.by_sender.is_some_and(|at| now.since(at) < DAY_S) {
            return Turn::ByHand(Hold::Sender);
        }
        match self.by_mailbox.map(|at| at.plus(HOUR_S)) {
            Some(free) if free.since(now) > LATEST_S => Turn::ByHand(Hold::Mailbox),
            Some(free) if free > now => Turn::Later(free, Hold::Mailbox),
            _ => Turn::Now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(by_mailbox: Option<i64>, by_sender: Option<i64>) -> Turn {
        let used = Used { by_mailbox: by_mailbox.map(Instant), by_sender: by_sender.map(Instant) };
        used.turn(Instant(1_000_000))
    }

    #[test]
    fn held_mail_is_released_an_hour_after_the_allowance_was_used_up() {
        assert_eq!(turn(None, None), Turn::Now);
        assert_eq!(turn(Some(1_000_000), None), Turn::Later(Instant(1_003_600), Hold::Mailbox));
        assert_eq!(turn(Some(996_401), None), Turn::Later(Instant(1_000_001), Hold::Mailbox));
        assert_eq!(turn(Some(996_400), None), Turn::Now);
        assert_eq!(turn(Some(1_000_000 + 23 * 3600), None), Turn::Later(Instant(1_086_400), Hold::Mailbox));
        assert_eq!(turn(Some(1_000_001 + 23 * 3600), None), Turn::ByHand(Hold::Mailbox));
    }

    #[test]
    fn sender_allowance_is_renewed_after_a_day() {
        assert_eq!(turn(None, Some(1_000_000)), Turn::ByHand(Hold::Sender));
        assert_eq!(turn(Some(1_000_000), Some(913_601)), Turn::ByHand(Hold::Sender));
        assert_eq!(turn(None, Some(913_600)), Turn::Now);
    }

    #[test]
    fn codes_read_back() {
        for hold in [Hold::Mailbox, Hold::Sender] {
            assert_eq!(Hold::from_code(hold.code()), Some(hold));
        }
        assert_eq!(Hold::from_code("else"), None);
    }
}
