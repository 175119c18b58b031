//! The judgement of a row: one entry, one holder, every object.

use std::fmt;

use domain::actor::{Action, Subject, may};

use super::answer::Told;
use super::entry::{Door, Effect, Entry, Place, Presence};
use super::holders::Holder;
use super::seeded::{Seeded, Thing};

/// A cell that is not as it must be.
pub(crate) struct Leak {
    route: String,
    holder: String,
    thing: &'static str,
    what: String,
}

impl fmt::Display for Leak {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} | {} | {}: {}", self.route, self.holder, self.thing, self.what)
    }
}

/// What came of a row.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) cells: usize,
    pub(crate) marks: usize,
    pub(crate) leaks: Vec<Leak>,
}

/// Asks the entry as the holder, about the absent object first and then about every other.
pub(crate) fn row(seeded: &Seeded<'_>, entry: &Entry, holder: &Holder) -> Found {
    let mut found = Found::default();
    let things = seeded.things(entry.of);
    let mut of_absent = None;
    for thing in things {
        let permitted = entry.permits(holder, thing);
        if entry.effect == Effect::Ends && permitted && thing.exists {
            continue;
        }
        let told = Told::ask(seeded.server, entry, holder, thing);
        found.cells += 1;
        let mut leak = |what: String| {
            found.leaks.push(Leak {
                route: entry.route(),
                holder: holder.name.clone(),
                thing: thing.label,
                what,
            });
        };
        if let Some(what) = wrong_status(entry, thing, permitted, &told) {
            leak(what);
        }
        for (mark, owner) in seeded.marks() {
            if !told.holds(mark) {
                continue;
            }
            if reads(entry, holder, thing, owner, permitted) {
                found.marks += 1;
            } else {
                leak(format!("shows {mark}, status {}", told.status));
            }
        }
        if thing.is_absent {
            of_absent = Some(told);
        } else if let Some(absent) = &of_absent
            && is_hidden(entry, holder, thing, permitted)
            && let Some(difference) = told.difference(absent)
        {
            leak(format!("differs from an absent one: {difference}"));
        }
    }
    found
}

/// What is wrong with the status; `None` when it is right.
fn wrong_status(entry: &Entry, thing: &Thing, permitted: bool, told: &Told) -> Option<String> {
    let status = told.status;
    if !(200..500).contains(&status) {
        return Some(format!("status {status}"));
    }
    if matches!(entry.door, Door::Public) {
        return None;
    }
    if status == 429 {
        return Some("the rate limit answers: this cell shows nothing".to_owned());
    }
    let is_refused = status >= 400 || told.is_door();
    match (permitted, thing.exists, entry.presence) {
        (true, _, Presence::Open) => None,
        (true, true, Presence::Told) => (matches!(status, 401 | 403 | 404) || told.is_door())
            .then(|| format!("permitted, and refused with {status} {}", told.location)),
        (true, false, Presence::Told) => {
            (status < 400).then(|| format!("no such object, and answered with {status}"))
        }
        (false, ..) => {
            (!is_refused).then(|| format!("not permitted, and answered with {status} {}", told.location))
        }
    }
}

/// Whether the holder may know nothing of the thing: then its answer is that about an absent one. A reader of the case learns
/// nothing by the difference.
fn is_hidden(entry: &Entry, holder: &Holder, thing: &Thing, permitted: bool) -> bool {
    let is_read = matches!(thing.subject(), Subject::Case { .. })
        && may(&holder.actor(entry.place()), Action::ReadCaseFile, thing.subject()).is_ok();
    (!permitted || !thing.exists) && !is_read && !matches!(entry.door, Door::Public)
}

/// Whether the holder may read the marked case here.
fn reads(entry: &Entry, holder: &Holder, thing: &Thing, owner: &Thing, permitted: bool) -> bool {
    let by_link = matches!(entry.door, Door::Link(_)) && permitted && thing.number == owner.number;
    let by_policy = [Action::ReadCaseFile, Action::ReadWall]
        .into_iter()
        .any(|action| may(&holder.actor(entry.place()), action, owner.subject()).is_ok());
    let as_customer = entry.place() == Place::Account && owner.is_of(holder);
    by_link || by_policy || as_customer
}
