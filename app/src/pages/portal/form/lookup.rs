//! Asking the server while the form is being filled in: what is covered, and what would be promised.

use domain::country::Country;
use domain::entitlement::EntitlementPreview;
use domain::intake::IntakeForm;
use domain::serial::Serial;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::api::ask_offer;
use super::latest::Latest;
use super::state::FormState;
use super::{FormError, FormFor};
use crate::effect::effect;
use crate::press;

/// A pause in typing this long is worth a question.
const PAUSE_MS: u32 = 400;
/// After a failure it is asked again by itself, each time later.
const AGAIN_MS: u32 = 3_000;
const AGAIN_MOST_MS: u32 = 60_000;

/// Where the asking stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asking {
    /// The last answer is about what stands in the form.
    Settled,
    /// Waiting for an answer.
    Waiting,
    /// No answer came; it is asked again by itself.
    Failed(FormError),
}

/// The last answer of the server, and whether a better one is on its way.
#[derive(Clone, Copy)]
pub(super) struct Lookup {
    pub(super) offer: RwSignal<EntitlementPreview>,
    pub(super) asking: RwSignal<Asking>,
    /// What the last answer was about.
    pub(super) answered: RwSignal<Question>,
    /// Whether that is what the form asks now: only then is anything told or promised.
    pub(super) is_current: Memo<bool>,
    again: RwSignal<u32>,
}

/// What is asked, tidied: typing that changes nothing asks nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) contract: String,
    pub(super) serial: String,
    pub(super) country: String,
}

impl Question {
    /// The question that a form asks. A stranger is told nothing about one number alone, so it is not asked about.
    fn of(form: &IntakeForm, who: FormFor) -> Self {
        let contract = form.contract_number().ok().flatten().map(|number| number.to_string()).ok_or(());
        let serial = Serial::parse(&form.serial).map(|serial| serial.to_string());
        let country = form.home().map(Country::code).unwrap_or_default().to_owned();
        match (contract, serial, who) {
            (Ok(contract), Ok(serial), _) => Self { contract, serial, country },
            (Ok(contract), Err(_), FormFor::Staff) => Self { contract, serial: String::new(), country },
            (Err(()), Ok(serial), FormFor::Staff) => Self { contract: String::new(), serial, country },
            _ => Self { country, ..Self::default() },
        }
    }
}

impl Lookup {
    /// Starts with the standing promise, and asks whenever the form asks something else.
    pub(super) fn start(standing: EntitlementPreview, filling: FormState) -> Self {
        let question = Memo::new(move |_| filling.form.with(|form| Question::of(form, filling.who)));
        let answered = RwSignal::new(Question::default());
        let this = Self {
            offer: RwSignal::new(standing),
            asking: RwSignal::new(Asking::Settled),
            answered,
            is_current: Memo::new(move |_| {
                answered.with(|answered| question.with(|asked| answered == asked))
            }),
            again: RwSignal::new(0),
        };
        let latest = Latest::new();
        effect(move |_| {
            this.again.track();
            this.ask(question.get(), latest);
        });
        this
    }

    /// Asks again, now.
    pub(super) fn retry(self) {
        if self.asking.with_untracked(|asking| matches!(asking, Asking::Failed(_))) {
            self.again.update(|times| *times = times.wrapping_add(1));
        }
    }

    fn ask(self, question: Question, latest: Latest) {
        let turn = latest.next();
        if self.answered.with_untracked(|answered| *answered == question) {
            self.asking.set(Asking::Settled);
            return;
        }
        self.asking.set(Asking::Waiting);
        spawn_local(async move {
            let (mut pause_ms, mut again_ms) = (PAUSE_MS, AGAIN_MS);
            while turn.wait(pause_ms).await {
                self.asking.set(Asking::Waiting);
                let Question { contract, serial, country } = question.clone();
                let answer = ask_offer(contract, serial, country).await;
                press::released().await;
                if !turn.counts() {
                    return;
                }
                match answer {
                    Ok(offer) => {
                        self.offer.set(offer);
                        self.answered.set(question);
                        self.asking.set(Asking::Settled);
                        return;
                    }
                    Err(error) => self.asking.set(Asking::Failed(error)),
                }
                pause_ms = again_ms;
                again_ms = (again_ms * 2).min(AGAIN_MOST_MS);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entitlement_is_checked_with_both_numbers_or_none() {
        let form =
            IntakeForm { contract: "ct-2024-0187".into(), serial: "x".into(), ..IntakeForm::default() };
        assert_eq!(Question::of(&form, FormFor::Customer), Question::default());
        assert_eq!(Question::of(&form, FormFor::Staff).contract, "CT-2024-0187");
        let form = IntakeForm { serial: " foc1832x0k7".into(), ..form };
        let question = Question::of(&form, FormFor::Customer);
        assert_eq!((question.contract.as_str(), question.serial.as_str()), ("CT-2024-0187", "FOC1832X0K7"));
    }

    #[test]
    fn unchanged_input_sends_no_check() {
        let form = |contract: &str| IntakeForm {
            contract: contract.into(),
            serial: "FOC1832X0K7".into(),
            ..IntakeForm::default()
        };
        let (typed, tidy) = (form("ct 2024 0187"), form("CT-2024-0187"));
        assert_eq!(Question::of(&typed, FormFor::Customer), Question::of(&tidy, FormFor::Customer));
    }
}
