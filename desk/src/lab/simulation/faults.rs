//! What goes wrong, and when.

use super::chance::Dice;
use super::people::{DAY, HOUR, MINUTE};

/// Something that goes wrong, or well again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    /// The mail server puts everything off.
    MailDown,
    /// It takes mails again.
    MailUp,
    /// A process is killed, at the next such moment.
    Kill(Moment),
    /// The process of a node is started again.
    Restart(usize),
    /// A node holds the one write lock for a while, and others must wait.
    LongTransaction,
}

/// The moment at which a process is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Moment {
    /// While nothing is under way.
    Idle,
    /// With a transaction open.
    InTransaction,
    /// After a commit, before whoever asked has heard of it.
    BeforeAnswer,
    /// With mails in the server's hands.
    WithMail,
}

const MOMENTS: [Moment; 4] = [Moment::Idle, Moment::InTransaction, Moment::BeforeAnswer, Moment::WithMail];

impl Fault {
    /// The faults of so many days, each with its seconds from the beginning: each kind at least once.
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

/// For how long the mail server stays down.
pub(super) fn mail_down_s(dice: &mut Dice) -> i64 {
    dice.between(10 * MINUTE, 8 * HOUR)
}

/// After how long somebody starts a process again.
pub(super) fn restart_s(dice: &mut Dice) -> i64 {
    dice.between(5, 40 * MINUTE)
}
