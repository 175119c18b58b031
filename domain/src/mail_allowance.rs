//! The allowance of mails that strangers cause (`docs/decisions/0020`).
//!
//! Anybody can open a case in another's name, so the desk could be abused to flood a mailbox. The allowance counts
//! mails of unverified cases: all kinds together, by mailbox and by sender. Cases that the staff opened or worked on,
//! and covered ones, are neither counted nor held.

use crate::time::Instant;

/// The most mails caused by strangers that one mailbox gets within any hour.
pub const PER_MAILBOX_AND_HOUR: i64 = 3;
/// The most mails that one sender causes within any day.
pub const PER_SENDER_AND_DAY: i64 = 20;
/// A mail that would be sent later than this, in seconds, is not sent automatically: it would be outdated.
pub const LATEST_S: i64 = 24 * HOUR_S;

const HOUR_S: i64 = 3600;
const DAY_S: i64 = 24 * HOUR_S;

choices! {
    /// Why a mail is held.
    pub enum Hold: "hold_reason" {
        /// Strangers cause too many mails to the mailbox.
        Mailbox = "mailbox",
        /// The sender causes too many mails.
        Sender = "sender",
    }
}

/// When a mail is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// At once, within the allowance.
    Now,
    /// Automatically, at that moment.
    Later(Instant, Hold),
    /// When a member of the staff sends it.
    ByHand(Hold),
}

/// The used part of a mail's allowance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Used {
    /// When the [`PER_MAILBOX_AND_HOUR`]-th latest mail to the mailbox is or was sent; `None` while there were fewer.
    pub by_mailbox: Option<Instant>,
    /// When the [`PER_SENDER_AND_DAY`]-th latest mail of the sender was queued; `None` while there were fewer.
    pub by_sender: Option<Instant>,
}

impl Used {
    /// When a mail queued at `now` is sent: an hour after the mail that used the allowance up. So no hour has more at a
    /// mailbox, however many are queued.
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
