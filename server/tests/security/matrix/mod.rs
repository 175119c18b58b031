//! The matrix of authorisation: every route by every holder by every kind of object.
//!
//! The routes come from the router (`vigia routes`), and what each holder may do comes from the policy (`may`). A route without
//! an entry fails the test, as does an entry without a route. An answer about a foreign object equals the answer about an
//! absent one; `answer.rs` says what is normalised before the two are compared.

mod actions;
mod administration;
mod answer;
mod api;
mod entry;
mod functions;
mod holders;
mod judge;
mod portal;
mod seeded;
mod staff;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use entry::Entry;
use holders::Holder;
use judge::Leak;
use seeded::Seeded;

use super::support::{Demo, Server, routes};

/// The least number of cells. A matrix that shrinks below it has lost holders or objects.
const CELLS_MIN: usize = 5_000;
/// Threads that ask.
const ASKERS: usize = 4;

/// Every entry, in the order of the files.
fn entries(server: &Server) -> Vec<Entry> {
    [
        portal::entries(),
        staff::entries(),
        administration::entries(),
        functions::entries(),
        api::entries(server),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What went over all cells.
#[derive(Default)]
struct Run {
    cells: AtomicUsize,
    /// Cells in which a holder read a marked case that they may read. Without them the marks would prove nothing.
    marks: AtomicUsize,
    leaks: Mutex<Vec<Leak>>,
}

impl Run {
    /// Asks every cell of these entries and holders.
    fn over(&self, seeded: &Seeded<'_>, entries: &[Entry], holders: &[Holder]) {
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..ASKERS {
                scope.spawn(|| {
                    while let Some(entry) = entries.get(next.fetch_add(1, Ordering::Relaxed)) {
                        for holder in holders.iter().filter(|holder| holder.asks_at(entry.place())) {
                            let found = judge::row(seeded, entry, holder);
                            self.cells.fetch_add(found.cells, Ordering::Relaxed);
                            self.marks.fetch_add(found.marks, Ordering::Relaxed);
                            self.leaks.lock().unwrap().extend(found.leaks);
                        }
                    }
                });
            }
        });
    }
}

#[test]
fn every_route_has_an_entry_and_every_entry_a_route() {
    let server = Server::start(Demo::Off);
    let routes: BTreeSet<String> =
        routes().into_iter().map(|(method, path)| format!("{method} {path}")).collect();
    let entries: Vec<String> = entries(&server).iter().map(Entry::route).collect();
    let named: BTreeSet<String> = entries.iter().cloned().collect();
    assert_eq!(named.len(), entries.len(), "a route has two entries");
    let missing: Vec<_> = routes.difference(&named).collect();
    let gone: Vec<_> = named.difference(&routes).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "routes without an entry in server/tests/security/matrix: {missing:#?}\nentries without a route: {gone:#?}"
    );
}

#[test]
fn every_action_of_the_policy_is_asked_by_an_entry() {
    let server = Server::start(Demo::Off);
    let named: Vec<_> = entries(&server).iter().filter_map(Entry::action).collect();
    let missing: Vec<_> = actions::of_routes().filter(|action| !named.contains(action)).collect();
    assert!(missing.is_empty(), "actions that no entry of the matrix names: {missing:?}");
}

#[test]
fn holder_gets_what_the_policy_permits_and_foreign_is_absent() {
    let server = seeded::start();
    let seeded = Seeded::new(&server);
    let entries = entries(&server);
    let holders = holders::all(&seeded);
    let run = Run::default();
    run.over(&seeded, &entries, &holders);
    // A person who was deactivated keeps the cookie of an open session.
    let deactivated = holders::deactivated(&seeded);
    run.over(&seeded, &entries, &[deactivated]);
    let (cells, marks) = (run.cells.into_inner(), run.marks.into_inner());
    let leaks = run.leaks.into_inner().unwrap();
    println!("{cells} cells, {} entries, {} holders, {marks} marks read", entries.len(), holders.len() + 1);
    let told: Vec<String> = leaks.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "{} leaks in {cells} cells:\n{}", told.len(), told.join("\n"));
    assert!(cells >= CELLS_MIN, "{cells} cells");
    assert!(marks > 20, "only {marks} answers showed a case to a holder who may read it");
}
