//! Limits of open event streams: in total, for customers, per reader, per network.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use desk::access::limits::{Network, Source};
use domain::actor::{Actor, DisplayId, IntegrationId, PersonId};
use domain::case_number::CaseNumber;

/// The most streams of one process.
const ALL: u32 = 12_000;
/// Seconds after which a refused reader may ask again.
pub const AGAIN_S: i64 = 10;

/// The limits.
#[derive(Debug, Clone, Copy)]
pub struct Shares {
    /// All streams.
    all: u32,
    /// Streams of customers. The rest is reserved for the staff and the walls.
    customers: u32,
    /// Streams by one case's link: some tabs of some people.
    per_link: u32,
    /// Streams of customers from one network: an office that shares an address.
    per_network: u32,
    /// Of one member of the staff.
    per_person: u32,
    /// Of one display.
    per_display: u32,
    /// Of one integration: some processes of one system.
    per_integration: u32,
}

impl Shares {
    /// Shares where no more than `connections` can be open.
    #[must_use]
    pub fn of(connections: u32) -> Self {
        let all = ALL.min(connections / 4 * 3);
        Self {
            all,
            customers: all / 3 * 2,
            per_link: 24,
            per_network: 240,
            per_person: 60,
            per_display: 256,
            per_integration: 16,
        }
    }
}

/// The reader of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A holder of a case's link, by the network.
    Link(CaseNumber, Source),
    /// A customer who is signed in, by the network.
    Account(Source),
    /// A member of the staff.
    Person(PersonId),
    /// A wall display, by its id.
    Display(DisplayId),
    /// Another system, by its id.
    Integration(IntegrationId),
}

impl Holder {
    /// The reader of the wall or of a case file; `None` for actors who may not read it.
    #[must_use]
    pub fn of(actor: &Actor) -> Option<Self> {
        match actor {
            Actor::Staff(who) => Some(Self::Person(who.id)),
            Actor::Display { id, .. } => Some(Self::Display(*id)),
            Actor::Integration(integration) => Some(Self::Integration(integration.id)),
            Actor::Anonymous
            | Actor::Customer(_)
            | Actor::CustomerBeside { .. }
            | Actor::Participant(_)
            | Actor::Contact(_)
            | Actor::System => None,
        }
    }
}

/// The counters of a stream: its reader's, and for customers their network's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Link(CaseNumber),
    Network(Network),
    Person(PersonId),
    Display(DisplayId),
    Integration(IntegrationId),
}

impl Holder {
    const fn is_customer(self) -> bool {
        matches!(self, Self::Link(..) | Self::Account(_))
    }

    fn keys(self) -> [Option<Key>; 2] {
        match self {
            Self::Link(number, source) => [Some(Key::Link(number)), Some(Key::Network(source.address()))],
            Self::Account(source) => [Some(Key::Network(source.address())), None],
            Self::Person(id) => [Some(Key::Person(id)), None],
            Self::Display(id) => [Some(Key::Display(id)), None],
            Self::Integration(id) => [Some(Key::Integration(id)), None],
        }
    }
}

/// The reason why no stream is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// The total, or the total of customers, is reached.
    House,
    /// The reader's own limit is reached.
    Share,
}

impl IntoResponse for Full {
    fn into_response(self) -> Response {
        let status = match self {
            Self::House => StatusCode::SERVICE_UNAVAILABLE,
            Self::Share => StatusCode::TOO_MANY_REQUESTS,
        };
        (status, [("retry-after", AGAIN_S.to_string())]).into_response()
    }
}

/// The open streams.
#[derive(Debug)]
pub struct Streams {
    shares: Shares,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    all: u32,
    customers: u32,
    by: HashMap<Key, u32>,
}

impl Streams {
    /// No stream is open.
    #[must_use]
    pub fn new(shares: Shares) -> Self {
        Self { shares, open: Mutex::default() }
    }

    /// The number of open streams.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.open().all
    }

    /// A seat for one more stream, which is given back when it is dropped.
    ///
    /// # Errors
    /// See [`Full`].
    pub fn enter(self: &Arc<Self>, holder: Holder) -> Result<Seat, Full> {
        let shares = self.shares;
        let mut open = self.open();
        let is_customer = holder.is_customer();
        for key in holder.keys().into_iter().flatten() {
            if open.by.get(&key).is_some_and(|taken| *taken >= shares.of_key(key)) {
                return Err(Full::Share);
            }
        }
        if open.all >= shares.all || (is_customer && open.customers >= shares.customers) {
            return Err(Full::House);
        }
        open.all += 1;
        open.customers += u32::from(is_customer);
        for key in holder.keys().into_iter().flatten() {
            *open.by.entry(key).or_default() += 1;
        }
        drop(open);
        Ok(Seat { streams: Arc::clone(self), holder })
    }

    fn leave(&self, holder: Holder) {
        let mut open = self.open();
        open.all -= 1;
        open.customers -= u32::from(holder.is_customer());
        for key in holder.keys().into_iter().flatten() {
            give_back(&mut open.by, key);
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        // A panic leaves it whole: no change of it can fail half-way.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shares {
    const fn of_key(self, key: Key) -> u32 {
        match key {
            Key::Link(_) => self.per_link,
            Key::Network(_) => self.per_network,
            Key::Person(_) => self.per_person,
            Key::Display(_) => self.per_display,
            Key::Integration(_) => self.per_integration,
        }
    }
}

/// Counts one less of `key`, and forgets a key at zero.
pub(super) fn give_back<K: Hash + Eq>(counts: &mut HashMap<K, u32>, key: K) {
    if let std::collections::hash_map::Entry::Occupied(mut count) = counts.entry(key) {
        *count.get_mut() -= 1;
        if *count.get() == 0 {
            count.remove();
        }
    }
}

/// A stream that is counted while it is open.
#[derive(Debug)]
pub struct Seat {
    streams: Arc<Streams>,
    holder: Holder,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.streams.leave(self.holder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn streams() -> Arc<Streams> {
        let shares = Shares {
            all: 12,
            customers: 8,
            per_link: 3,
            per_network: 5,
            per_person: 2,
            per_display: 2,
            per_integration: 2,
        };
        Arc::new(Streams::new(shares))
    }

    fn link(case: u32, address: &str) -> Holder {
        let number = CaseNumber::new(domain::country::Country::Ve, 2026, case + 1).unwrap();
        Holder::Link(number, Source::of(address.parse().unwrap()))
    }

    #[test]
    fn stream_limits_of_link_network_and_customers_leave_room_for_staff() {
        let streams = streams();
        let mut seats = Vec::new();
        let enter = |holder| streams.enter(holder);
        for nth in 0..3 {
            // From any network.
            seats.push(enter(link(0, &format!("203.0.113.{nth}"))).unwrap());
        }
        assert_eq!(enter(link(0, "203.0.113.9")).unwrap_err(), Full::Share);
        for nth in 0..5 {
            let address = format!("2001:db8::{nth}");
            let seat = enter(link(1 + nth / 3, &address)).unwrap();
            seats.push(seat);
        }
        assert_eq!(enter(link(2, "2001:db8::99")).unwrap_err(), Full::Share, "the network's");
        assert_eq!(enter(link(2, "198.51.100.1")).unwrap_err(), Full::House, "all customers'");
        for id in [1, 2] {
            seats.push(enter(Holder::Person(PersonId(id))).unwrap());
            seats.push(enter(Holder::Display(DisplayId(id))).unwrap());
        }
        assert_eq!(enter(Holder::Person(PersonId(3))).unwrap_err(), Full::House);
        assert_eq!(streams.count(), 12);
        seats.clear();
        assert_eq!(streams.count(), 0);
        assert!(streams.open().by.is_empty(), "nothing is remembered");
        let seats: Vec<_> = (0..2).map(|_| enter(Holder::Person(PersonId(1))).unwrap()).collect();
        assert_eq!(enter(Holder::Person(PersonId(1))).unwrap_err(), Full::Share);
        drop(seats);
    }

    #[test]
    fn stream_limits_scale_with_the_connection_limit() {
        let shares = Shares::of(1_000);
        assert_eq!((shares.all, shares.customers), (750, 500));
        assert_eq!(Shares::of(u32::MAX).all, ALL);
    }
}
