//! Faults of a simulation, and their times.

use super::chance::Dice;
use super::people::{DAY, HOUR, MINUTE};

/// A fault, or its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    /// The mail server defers all mails.
    MailDown,
    /// It accepts mails again.
    MailUp,
    /// A process is killed, at the next such moment.
    Kill(Moment),
    /// A node is started again.
    Restart(usize),
    /// A node holds the write lock for a while, and others must wait.
    LongTransaction,
}

/// When a process is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Moment {
    /// While it is idle.
    Idle,
    /// With a transaction open.
    InTransaction,
    /// After a commit, before the caller gets the answer.
    BeforeAnswer,
    /// During the delivery of mails.
    WithMail,
}

const MOMENTS: [Moment; 4] = [Moment::Idle, Moment::InTransaction, Moment::BeforeAnswer, Moment::WithMail];

impl Fault {
    /// The faults of a number of days, with seconds from the beginning. Each kind occurs at least once.
    pub(super) fn plan(days: u32, dice: &mut Dice) -> Vec<(i64, Self)> {
        let length_s = i64::from(days) * DAY;
        let mut at = |share: i64| dice.between(HOUR, (length_s * share / 100).max(2 * HOUR));
        let mut plan = Vec::new();
        for _ in 0..days.div_ceil(3) {
            plan.push((at(85), Self::MailDown));
        }
        for _ in 0..days.div_ceil(2) {
            plan.push((at(95), Self::LongTransaction));
            plan.extend(MOMENTS.map(|moment| (at(85), Self::Kill(moment))));
        }
        plan
    }
}

/// Seconds for which the mail server is down.
pub(super) fn mail_down_s(dice: &mut Dice) -> i64 {
    dice.between(10 * MINUTE, 8 * HOUR)
}

/// Seconds until a process is started again.
pub(super) fn restart_s(dice: &mut Dice) -> i64 {
    dice.between(5, 40 * MINUTE)
}
