//! Which case a message belongs to.

use crate::case_number::CaseNumber;
use crate::time::Instant;

/// Whether a case takes messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    Open,
    /// It is closed.
    Closed,
}

/// A case of which the sender's number is one of the contact's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Number of the case.
    pub number: CaseNumber,
    /// Whether it takes messages.
    pub standing: Standing,
    /// When the contact wrote last in it by WhatsApp.
    pub wrote: Option<Instant>,
}

/// Why a message waits in the triage list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitsFor {
    /// No case has a contact with this number.
    KnownSender,
    /// The case is closed.
    OpenCase,
    /// Several cases are open, and none has a conversation.
    Choice,
}

/// Where a message belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    /// In this case.
    Joins(CaseNumber),
    /// In the triage list, with the case that it names, if any.
    Waits(WaitsFor, Option<CaseNumber>),
}

/// The case of a message: the one of the update that it answers, else the one that its text names. Else it is the only open
/// one, or that of the latest conversation. None of them counts unless the sender's number is the contact's.
#[must_use]
pub fn place(known: &[Candidate], answered: Option<CaseNumber>, named: Option<CaseNumber>) -> Placed {
    let of_sender = |number: CaseNumber| known.iter().find(|candidate| candidate.number == number);
    if let Some(found) = answered.and_then(of_sender).or_else(|| named.and_then(of_sender)) {
        return match found.standing {
            Standing::Open => Placed::Joins(found.number),
            Standing::Closed => Placed::Waits(WaitsFor::OpenCase, Some(found.number)),
        };
    }
    let open = || known.iter().filter(|candidate| candidate.standing == Standing::Open);
    let latest = open().filter(|candidate| candidate.wrote.is_some()).max_by_key(|candidate| candidate.wrote);
    match (open().count(), open().next(), latest) {
        (1, Some(only), _) => Placed::Joins(only.number),
        (0, ..) if known.is_empty() => Placed::Waits(WaitsFor::KnownSender, None),
        (0, ..) => {
            let last = known.iter().max_by_key(|candidate| candidate.wrote);
            Placed::Waits(WaitsFor::OpenCase, last.map(|candidate| candidate.number))
        }
        (_, _, Some(latest)) => Placed::Joins(latest.number),
        _ => Placed::Waits(WaitsFor::Choice, None),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::country::Country;

    fn number(nth: u32) -> CaseNumber {
        CaseNumber::new(Country::Ve, 2026, nth + 1).unwrap()
    }

    fn candidate(nth: u32, standing: Standing, wrote: Option<i64>) -> Candidate {
        Candidate { number: number(nth), standing, wrote: wrote.map(Instant) }
    }

    #[test]
    fn unknown_sender_joins_nothing_even_with_a_number() {
        let waits = Placed::Waits(WaitsFor::KnownSender, None);
        assert_eq!(place(&[], Some(number(0)), Some(number(1))), waits);
    }

    #[test]
    fn answer_goes_before_a_named_case_and_that_before_the_latest_conversation() {
        let known = [
            candidate(0, Standing::Open, Some(5)),
            candidate(1, Standing::Open, Some(9)),
            candidate(2, Standing::Open, None),
        ];
        assert_eq!(place(&known, Some(number(0)), Some(number(2))), Placed::Joins(number(0)));
        assert_eq!(place(&known, None, Some(number(2))), Placed::Joins(number(2)));
        assert_eq!(place(&known, None, None), Placed::Joins(number(1)));
    }

    #[test]
    fn several_open_cases_without_a_conversation_are_a_choice() {
        let known = [candidate(0, Standing::Open, None), candidate(1, Standing::Open, None)];
        assert_eq!(place(&known, None, None), Placed::Waits(WaitsFor::Choice, None));
        assert_eq!(place(&known[..1], None, None), Placed::Joins(number(0)));
    }

    #[test]
    fn closed_case_takes_no_message() {
        let closed = [candidate(0, Standing::Closed, Some(5))];
        let waits = Placed::Waits(WaitsFor::OpenCase, Some(number(0)));
        assert_eq!(place(&closed, Some(number(0)), None), waits);
        assert_eq!(place(&closed, None, None), waits);
    }

    proptest! {
        #[test]
        fn message_joins_open_cases_of_its_sender_alone(
            known in proptest::collection::vec((0_u32..3, any::<bool>(), proptest::option::of(0_i64..9)), 0..4),
            answered in proptest::option::of(0_u32..3),
            named in proptest::option::of(0_u32..3),
        ) {
            let standing = |is_open| if is_open { Standing::Open } else { Standing::Closed };
            let mut known: Vec<Candidate> =
                known.into_iter().map(|(nth, is_open, wrote)| candidate(nth, standing(is_open), wrote)).collect();
            known.sort_by_key(|one| one.number.as_compact());
            known.dedup_by_key(|one| one.number);
            if let Placed::Joins(joined) = place(&known, answered.map(number), named.map(number)) {
                let found = known.iter().find(|one| one.number == joined);
                prop_assert!(found.is_some_and(|one| one.standing == Standing::Open));
            }
        }
    }
}
