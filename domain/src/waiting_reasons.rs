//! Waiting reasons of a provider's own: each stands for one kind of pause, which alone decides the clocks that stop.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::case::PauseReason;
use crate::causes::{CauseLabel, CauseState, CausesProblem};
use crate::i18n::Language;

/// The most waiting reasons of a provider.
pub const WAITING_REASONS_MAX: usize = 60;

/// A waiting reason: code, names, and the kind of pause that it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingReason {
    /// Code and names.
    #[serde(flatten)]
    pub label: CauseLabel,
    /// The kind of pause. It is the rule: it decides which clocks stop.
    pub kind: PauseReason,
    /// Whether it is offered.
    #[serde(default)]
    pub state: CauseState,
}

/// The waiting reasons of a provider, in the order in which they are offered. Without any the kinds alone are offered.
///
/// Their JSON is read without the rules of a new list: every version that was accepted stays legible.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WaitingReasons(Vec<WaitingReason>);

impl WaitingReasons {
    /// Checks the list.
    ///
    /// # Errors
    /// The place of a reason whose code stands there before; `None` when there are too many.
    pub fn new(reasons: Vec<WaitingReason>) -> Result<Self, (Option<usize>, CausesProblem)> {
        if reasons.len() > WAITING_REASONS_MAX {
            return Err((None, CausesProblem::TooManyReasons { most: WAITING_REASONS_MAX }));
        }
        let mut codes = BTreeSet::new();
        match reasons.iter().position(|reason| !codes.insert(&reason.label.code)) {
            Some(place) => Err((Some(place), CausesProblem::Repeated)),
            None => Ok(Self(reasons)),
        }
    }

    /// The reasons, in order.
    #[must_use]
    pub fn as_slice(&self) -> &[WaitingReason] {
        &self.0
    }

    /// What is offered, in one language.
    #[must_use]
    pub fn offered(&self, language: Language) -> Vec<OfferedWait> {
        let active = self.0.iter().filter(|reason| reason.state == CauseState::Active);
        let offer = |reason: &WaitingReason| OfferedWait {
            kind: reason.kind,
            name: reason.label.names.of(language).to_owned(),
        };
        active.map(offer).collect()
    }
}

/// A waiting reason that is offered below its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedWait {
    /// The kind of pause that it stands for.
    pub kind: PauseReason,
    /// Its name in the reader's language: what is written as the detail of the pause.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::CauseCode;

    fn reason(code: &str, state: CauseState) -> WaitingReason {
        let code = CauseCode::parse(code).unwrap();
        let label =
            CauseLabel::new(code.clone(), |language| format!("{} {}", code.as_str(), language.code()))
                .unwrap();
        WaitingReason { label, kind: PauseReason::SparePart, state }
    }

    #[test]
    fn only_active_waiting_reasons_are_offered_in_order() {
        let all = vec![
            reason("customs", CauseState::Active),
            reason("old", CauseState::Retired),
            reason("supplier", CauseState::Active),
        ];
        let names: Vec<String> = WaitingReasons::new(all)
            .unwrap()
            .offered(Language::Pt)
            .into_iter()
            .map(|wait| wait.name)
            .collect();
        assert_eq!(names, ["customs pt", "supplier pt"]);
    }

    #[test]
    fn waiting_reasons_have_a_code_of_their_own_and_a_limit() {
        let twice = vec![reason("a", CauseState::Active), reason("a", CauseState::Retired)];
        assert_eq!(WaitingReasons::new(twice), Err((Some(1), CausesProblem::Repeated)));
        let many = |count| (0..count).map(|at| reason(&format!("r{at}"), CauseState::Active)).collect();
        assert!(WaitingReasons::new(many(WAITING_REASONS_MAX)).is_ok());
        let refused = WaitingReasons::new(many(WAITING_REASONS_MAX + 1));
        assert_eq!(refused, Err((None, CausesProblem::TooManyReasons { most: WAITING_REASONS_MAX })));
    }
}
