//! Telephone calls, as an exchange reports them. Reports come late, twice, in another order, or not at all.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::actor::PersonId;
use crate::case_number::CaseNumber;
use crate::country::Country;
use crate::phone::Phone;
use crate::search::{KnownContact, LookedUp};
use crate::text::legible;
use crate::time::Instant;

/// The most characters of the id that an exchange gives to a call.
pub const CALL_ID_CHARS_MAX: usize = 120;
/// The most characters of a number or of a line, as an exchange writes it.
pub const CALL_TEXT_CHARS_MAX: usize = 40;
/// A call that rings without a further report has ended after this many seconds.
pub const RINGS_S: i64 = 120;
/// An answered call without a further report has ended after this many seconds: four hours.
pub const TALKS_S: i64 = 4 * 3600;
/// The longest call that an exchange reports, in seconds: a day.
pub const CALL_LENGTH_S_MAX: i64 = 86_400;

choices! {
    /// How a call stands.
    pub enum CallState: "telephone.state" {
        /// It rings.
        Ringing = "ringing",
        /// An agent talks.
        Answered = "answered",
        /// It is over.
        Ended = "ended",
    }
}

choices! {
    /// Who called.
    pub enum CallDirection: "telephone.direction" {
        /// A customer.
        Incoming = "incoming",
        /// An agent.
        Outgoing = "outgoing",
    }
}

/// The id that an exchange gives to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallId(String);

/// The id is empty, longer than [`CALL_ID_CHARS_MAX`], or has other characters than visible ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an id of a call has from 1 to {CALL_ID_CHARS_MAX} characters of visible ASCII")]
pub struct CallIdProblem;

impl CallId {
    /// Parses an id. Blanks around it are no part of it.
    ///
    /// # Errors
    /// [`CallIdProblem`].
    pub fn parse(written: &str) -> Result<Self, CallIdProblem> {
        let id = written.trim();
        let fits =
            (1..=CALL_ID_CHARS_MAX).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(id.to_owned())) } else { Err(CallIdProblem) }
    }

    /// The id as accepted.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A number or a line as an exchange writes it, on one line and cut to [`CALL_TEXT_CHARS_MAX`] characters.
#[must_use]
pub fn call_text(written: &str) -> String {
    let text = legible(written).split_whitespace().collect::<Vec<_>>().join(" ");
    text.chars().take(CALL_TEXT_CHARS_MAX).collect()
}

/// The telephone of a number as an exchange writes it. Without a `home`, a number needs its plus. `None` for numbers that
/// are withheld or not of any plan.
///
/// ```
/// use domain::call::phone_of;
/// use domain::country::Country;
///
/// let known = phone_of("04145550142", Some(Country::Ve)).unwrap();
/// assert_eq!(known.e164(), "+584145550142");
/// assert_eq!(phone_of("+584145550142", None).unwrap().e164(), "+584145550142");
/// assert_eq!(phone_of("04145550142", None), None);
/// assert_eq!(phone_of("anonymous", Some(Country::Ve)), None);
/// ```
#[must_use]
pub fn phone_of(written: &str, home: Option<Country>) -> Option<Phone> {
    // A number with a plus is read the same in every country.
    let any = written.trim_start().starts_with('+').then_some(Country::Ve);
    // An exchange writes digits. Words such as `anonymous` would be dialled on the keypad.
    let is_number = !written.chars().any(char::is_alphabetic);
    Phone::parse(home.or(any)?, written).ok().filter(|_| is_number)
}

/// When a call passed its states, as far as reports say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallTimes {
    /// It began to ring.
    pub rang: Option<Instant>,
    /// It was answered.
    pub answered: Option<Instant>,
    /// It ended.
    pub ended: Option<Instant>,
}

impl CallTimes {
    /// The times after a report. Of several reports of a state the earliest counts, so a repetition changes nothing.
    #[must_use]
    pub fn after(self, state: CallState, at: Instant) -> Self {
        let earliest = |known: Option<Instant>| Some(known.map_or(at, |known| known.min(at)));
        match state {
            CallState::Ringing => Self { rang: earliest(self.rang), ..self },
            CallState::Answered => Self { answered: earliest(self.answered), ..self },
            CallState::Ended => Self { ended: earliest(self.ended), ..self },
        }
    }

    /// How the call stands at `now`. An end counts, whatever is reported afterwards.
    #[must_use]
    pub fn state(self, now: Instant) -> CallState {
        match (self.ended, self.expires()) {
            (Some(_), _) => CallState::Ended,
            (None, Some(expires)) if now >= expires => CallState::Ended,
            (None, _) if self.answered.is_some() => CallState::Answered,
            (None, _) => CallState::Ringing,
        }
    }

    /// When a call without an end counts as ended; `None` for one that has ended.
    #[must_use]
    pub fn expires(self) -> Option<Instant> {
        if self.ended.is_some() {
            return None;
        }
        match (self.answered, self.rang) {
            (Some(answered), _) => Some(answered.plus(TALKS_S)),
            (None, Some(rang)) => Some(rang.plus(RINGS_S)),
            (None, None) => None,
        }
    }

    /// For how many seconds they have talked at `now`; `None` when that is not known.
    #[must_use]
    pub fn length_s(self, now: Instant) -> Option<i64> {
        let answered = self.answered?;
        let until = match (self.ended, self.state(now)) {
            (Some(ended), _) => ended,
            (None, CallState::Answered) => now,
            (None, _) => return None,
        };
        Some(until.since(answered)).filter(|length_s| *length_s >= 0)
    }

    /// When the first report says that the call began.
    #[must_use]
    pub fn began(self) -> Option<Instant> {
        [self.rang, self.answered, self.ended].into_iter().flatten().min()
    }
}

/// A call at one agent. A call that rings at several has a leg for each. It has one without an agent for what is reported of
/// the call as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leg {
    /// The agent; `None` for the call as a whole.
    pub agent: Option<PersonId>,
    /// Its times.
    pub times: CallTimes,
}

/// Where a call has come to a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// At an agent.
    Agent(PersonId),
    /// At a telephone of no agent in service.
    Other,
    /// The call as a whole.
    Whole,
}

/// What an exchange reports of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallReport {
    /// The state that it has come to.
    pub state: CallState,
    /// Where.
    pub party: Party,
    /// When that was.
    pub at: Instant,
    /// With an end: for how many seconds they talked, if the exchange says.
    pub length_s: Option<i64>,
}

/// The legs of a call after a report: those that were there, in their order, and new ones.
///
/// Who answers ends the ringing of all others, also of one that is reported later and rang before. An end of the whole call ends
/// all legs, those that are reported later as well. A telephone of no agent has no leg: its end is not the end of the call.
#[must_use]
pub fn take_in(mut legs: Vec<Leg>, report: CallReport) -> Vec<Leg> {
    let CallReport { state, at, .. } = report;
    let named = match report.party {
        Party::Agent(agent) => Some(agent),
        Party::Whole => None,
        Party::Other => {
            if state == CallState::Answered {
                end_ringing(&mut legs, at);
            }
            return legs;
        }
    };
    let over = legs.iter().find(|leg| leg.agent.is_none()).and_then(|leg| leg.times.ended);
    let agent = named.or_else(|| the_only_agent(&legs).filter(|_| state == CallState::Answered));
    let place = legs.iter().position(|leg| leg.agent == agent).unwrap_or_else(|| {
        legs.push(Leg { agent, times: CallTimes { ended: over, ..CallTimes::default() } });
        legs.len() - 1
    });
    let taken = taken_by_another(&legs, agent).filter(|taken| *taken >= at);
    let talked = agent.or_else(|| the_only_agent(&legs));
    for (nth, leg) in legs.iter_mut().enumerate() {
        let is_whole = state == CallState::Ended && agent.is_none();
        if nth == place || is_whole {
            leg.times = leg.times.after(state, at);
        }
        if let Some(taken) = taken
            && nth == place
            && state == CallState::Ringing
            && leg.times.answered.is_none()
        {
            leg.times = leg.times.after(CallState::Ended, taken);
        }
        let length_s = report.length_s.filter(|length_s| state == CallState::Ended && *length_s > 0);
        if let Some(length_s) = length_s
            && talked.is_some()
            && leg.agent == talked
            && leg.times.answered.is_none()
        {
            leg.times.answered = Some(at.plus(-length_s));
        }
    }
    if state == CallState::Answered && agent.is_some() {
        end_ringing(&mut legs, at);
    }
    legs
}

/// Ends the ringing at agents who have not answered.
fn end_ringing(legs: &mut [Leg], at: Instant) {
    for leg in legs.iter_mut().filter(|leg| leg.agent.is_some() && leg.times.answered.is_none()) {
        leg.times = leg.times.after(CallState::Ended, at);
    }
}

/// When another agent than this one answered first; `None` for the call as a whole.
fn taken_by_another(legs: &[Leg], agent: Option<PersonId>) -> Option<Instant> {
    agent?;
    let others = legs.iter().filter(|leg| leg.agent.is_some() && leg.agent != agent);
    others.filter_map(|leg| leg.times.answered).min()
}

/// The agent of a call that has come to one alone.
fn the_only_agent(legs: &[Leg]) -> Option<PersonId> {
    let mut agents = legs.iter().filter_map(|leg| leg.agent);
    let first = agents.next();
    if agents.next().is_none() { first } else { None }
}

/// A call, as its agent's pages are told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallNotice {
    /// Id of the call on the desk.
    pub id: i64,
    /// How it stands.
    pub state: CallState,
    /// Who called.
    pub direction: CallDirection,
    /// The number of the other side as people read it; empty when it is withheld.
    pub number: String,
    /// The line that was called; empty when the exchange does not say.
    pub line: String,
    /// When it began.
    pub began: Instant,
}

/// Who calls: what the desk knows by the number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Caller {
    /// The call.
    pub call: CallNotice,
    /// The telephone; `None` for a number that is withheld or of no plan.
    pub phone: Option<Phone>,
    /// The contact with this number.
    pub contact: Option<KnownContact>,
    /// The case by whose contact an agent tied the number, if one did.
    pub tied: Option<CaseNumber>,
    /// What is found by the number: cases, entries of the register, and the customer's card.
    pub found: LookedUp,
    /// The case on which the call was logged.
    pub logged: Option<CaseNumber>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANA: Option<PersonId> = Some(PersonId(1));
    const LUIS: Option<PersonId> = Some(PersonId(2));

    fn report(state: CallState, agent: Option<PersonId>, at: i64) -> CallReport {
        let party = agent.map_or(Party::Whole, Party::Agent);
        CallReport { state, party, at: Instant(at), length_s: None }
    }

    fn after(reports: &[CallReport]) -> Vec<Leg> {
        reports.iter().fold(Vec::new(), |legs, report| take_in(legs, *report))
    }

    fn times(legs: &[Leg], agent: Option<PersonId>) -> CallTimes {
        legs.iter().find(|leg| leg.agent == agent).unwrap().times
    }

    #[test]
    fn reports_in_any_order_and_twice_give_the_same_call() {
        let [rings, answers, ends] =
            [(CallState::Ringing, 10), (CallState::Answered, 15), (CallState::Ended, 75)]
                .map(|(state, at)| report(state, ANA, at));
        let expected = after(&[rings, answers, ends]);
        assert_eq!(times(&expected, ANA).length_s(Instant(1000)), Some(60));
        for order in [[rings, ends, answers], [ends, answers, rings], [answers, ends, rings]] {
            assert_eq!(after(&order), expected);
            assert_eq!(after(&[order, order].concat()), expected);
        }
    }

    #[test]
    fn end_before_the_answer_stays_an_end() {
        let legs = after(&[report(CallState::Ended, ANA, 75), report(CallState::Answered, ANA, 15)]);
        assert_eq!(times(&legs, ANA).state(Instant(76)), CallState::Ended);
        let legs = after(&[report(CallState::Ended, None, 75), report(CallState::Ringing, ANA, 10)]);
        assert_eq!(times(&legs, ANA).state(Instant(76)), CallState::Ended, "the whole call was over");
    }

    #[test]
    fn call_that_never_ends_expires() {
        let rings = times(&after(&[report(CallState::Ringing, ANA, 0)]), ANA);
        assert_eq!(rings.state(Instant(RINGS_S - 1)), CallState::Ringing);
        assert_eq!(rings.state(Instant(RINGS_S)), CallState::Ended);
        let talks = times(&after(&[report(CallState::Answered, ANA, 0)]), ANA);
        assert_eq!(talks.state(Instant(TALKS_S - 1)), CallState::Answered);
        assert_eq!(talks.state(Instant(TALKS_S)), CallState::Ended);
        assert_eq!(talks.length_s(Instant(90)), Some(90), "so far");
        assert_eq!(talks.length_s(Instant(TALKS_S)), None, "its end is not known");
    }

    #[test]
    fn answer_of_one_agent_ends_the_ringing_of_the_others() {
        let rings = [report(CallState::Ringing, ANA, 0), report(CallState::Ringing, LUIS, 0)];
        let legs = after(&[&rings[..], &[report(CallState::Answered, LUIS, 5)]].concat());
        assert_eq!(times(&legs, ANA).state(Instant(6)), CallState::Ended);
        assert_eq!(times(&legs, LUIS).state(Instant(6)), CallState::Answered);
        let legs = take_in(legs, report(CallState::Ended, ANA, 6));
        assert_eq!(times(&legs, LUIS).state(Instant(7)), CallState::Answered, "one leg alone has ended");
        let legs = take_in(legs, report(CallState::Ended, None, 65));
        assert_eq!(times(&legs, LUIS).length_s(Instant(100)), Some(60));
    }

    #[test]
    fn ringing_that_is_reported_after_the_answer_of_another_is_over() {
        let answer = report(CallState::Answered, LUIS, 5);
        let legs = after(&[answer, report(CallState::Ringing, ANA, 0)]);
        assert_eq!(times(&legs, ANA).ended, Some(Instant(5)));
        let transferred = after(&[answer, report(CallState::Ringing, ANA, 60)]);
        assert_eq!(times(&transferred, ANA).state(Instant(61)), CallState::Ringing, "it rang afterwards");
    }

    #[test]
    fn telephone_of_no_agent_ends_the_ringing_when_it_answers_and_nothing_when_it_ends() {
        let rings = report(CallState::Ringing, ANA, 0);
        let beside = |state| CallReport { party: Party::Other, ..report(state, None, 5) };
        let rang = after(&[beside(CallState::Ringing), rings, beside(CallState::Ended)]);
        assert_eq!(rang, after(&[rings]), "the agent's telephone rings on");
        let taken = times(&after(&[rings, beside(CallState::Answered)]), ANA);
        assert_eq!((taken.answered, taken.ended), (None, Some(Instant(5))));
        let talks = [rings, report(CallState::Answered, ANA, 3)];
        assert_eq!(after(&[&talks[..], &[beside(CallState::Answered)]].concat()), after(&talks));
    }

    #[test]
    fn answer_without_an_agent_is_of_the_only_one() {
        let legs = after(&[report(CallState::Ringing, ANA, 0), report(CallState::Answered, None, 5)]);
        assert_eq!(times(&legs, ANA).answered, Some(Instant(5)));
        assert_eq!(legs.len(), 1);
    }

    #[test]
    fn length_in_the_report_of_the_end_stands_for_a_missing_answer() {
        let end = CallReport { length_s: Some(40), ..report(CallState::Ended, None, 100) };
        let legs = after(&[report(CallState::Ringing, ANA, 50), end]);
        assert_eq!(times(&legs, ANA).length_s(Instant(200)), Some(40));
        let two = after(&[report(CallState::Ringing, ANA, 50), report(CallState::Ringing, LUIS, 50), end]);
        assert_eq!(times(&two, ANA).length_s(Instant(200)), None, "either may have answered");
    }

    #[test]
    fn id_of_a_call_is_visible_ascii() {
        assert_eq!(CallId::parse(" 1764547200.17 ").unwrap().as_str(), "1764547200.17");
        for wrong in ["", " ", "a b", "ñ", &"x".repeat(CALL_ID_CHARS_MAX + 1)] {
            assert_eq!(CallId::parse(wrong), Err(CallIdProblem), "{wrong}");
        }
        assert_eq!(call_text(" 0212\n555 "), "0212 555");
    }
}
