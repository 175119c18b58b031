//! What a write on PostgreSQL shuts out while it runs: everything else, or what is about the same subjects.
//!
//! Under READ COMMITTED two transactions may read the same rows and then write by what they read. Each therefore names
//! its subjects before it reads anything. All nodes lock them in the same order, so that none waits for another in a
//! circle. SQLite has one writer, and needs none of this.

use domain::case_number::CaseNumber;
use domain::country::Country;
use sha2::{Digest, Sha256};

/// What others do while a work runs.
#[derive(Debug, Clone)]
pub(crate) enum Scope {
    /// No other work runs, on any node: it may read and write anything.
    Alone,
    /// Works about other subjects run at the same time.
    Beside(Vec<Guarded>),
}

/// A subject of reading and then writing. Two works about the same one run one after the other.
///
/// The order of the variants is the order of the locks. What a work learns only while it runs comes last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Guarded {
    /// The case numbers of a country, which have no gaps.
    Series(Country),
    /// The key of a submission, which opens one case.
    Submission(String),
    /// The history of a case, and the rows that are projected from it.
    Case(CaseNumber),
    /// The bookings of technicians, which must not clash.
    Bookings,
    /// Leases and outcomes of mails.
    Delivery,
    /// The terms of cases, and how far the indexer has come.
    SearchIndex,
    /// The sessions of the staff, and the browsers in which they signed in.
    Sessions,
    /// The allowance of a mailbox.
    Mailbox(String),
    /// The allowance of a sender's network.
    Sender(String),
    /// A telephone call.
    Call(String),
    /// Leases and outcomes of deliveries to webhooks. No work takes it beside another.
    Webhooks,
    /// How far histories are sealed.
    Seals,
    /// The people and mail domains of a customer's company, by the organisation's id.
    Company(i64),
}

/// A lock of PostgreSQL: the kind of subject, and a digest of its name. Two names with one digest only wait for each
/// other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Lock {
    kind: i32,
    name: i32,
}

impl Lock {
    /// As the arguments of `pg_advisory_xact_lock`.
    pub(super) fn arguments(self) -> String {
        format!("{}, {}", self.kind, self.name)
    }
}

impl Guarded {
    fn lock(&self) -> Lock {
        match self {
            Self::Series(country) => named(1, country.code()),
            Self::Submission(key) => named(2, key),
            Self::Case(number) => named(3, &number.as_compact()),
            Self::Bookings => named(4, ""),
            Self::Delivery => named(5, ""),
            Self::SearchIndex => named(6, ""),
            Self::Sessions => named(7, ""),
            Self::Mailbox(mailbox) => named(8, mailbox),
            Self::Sender(sender) => named(9, sender),
            Self::Webhooks => named(10, ""),
            Self::Call(call) => named(11, call),
            Self::Seals => named(12, ""),
            Self::Company(id) => named(13, &id.to_string()),
        }
    }
}

/// The same on every node, of whatever build.
fn named(kind: i32, name: &str) -> Lock {
    let digest: [u8; 32] = Sha256::digest(name.as_bytes()).into();
    let [a, b, c, d, ..] = digest;
    Lock { kind, name: i32::from_be_bytes([a, b, c, d]) }
}

/// The locks of subjects, each once, in the order in which every node takes them.
pub(super) fn locks(subjects: &[Guarded]) -> Vec<Lock> {
    let mut locks: Vec<Lock> = subjects.iter().map(Guarded::lock).collect();
    locks.sort_unstable();
    locks.dedup();
    locks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Guarded> {
        let text = |n: usize| format!("name-{n}");
        vec![
            Guarded::Series(Country::Ve),
            Guarded::Submission(text(1)),
            Guarded::Case(CaseNumber::parse("VE2600421392").unwrap()),
            Guarded::Bookings,
            Guarded::Delivery,
            Guarded::SearchIndex,
            Guarded::Sessions,
            Guarded::Mailbox(text(2)),
            Guarded::Sender(text(2)),
            Guarded::Webhooks,
            Guarded::Seals,
            Guarded::Company(1),
        ]
    }

    #[test]
    fn locks_stand_in_one_order_each_once() {
        let in_order = locks(&all());
        let mut doubled: Vec<Guarded> = all().into_iter().rev().chain(all()).collect();
        assert_eq!(locks(&doubled), in_order);
        assert_eq!(in_order.len(), all().len(), "a mailbox and a sender of one name are two subjects");
        doubled.sort();
        doubled.dedup();
        let kinds =
            |subjects: &[Guarded]| -> Vec<i32> { subjects.iter().map(|one| one.lock().kind).collect() };
        assert_eq!(kinds(&doubled), kinds(&all()), "the order of the variants is that of the locks");
    }

    #[test]
    fn lock_of_a_name_is_the_same_in_every_build() {
        assert_eq!(Guarded::Mailbox("ana@example.com".to_owned()).lock(), named(8, "ana@example.com"));
        assert_eq!(named(8, "").arguments(), "8, -474954686");
    }
}
