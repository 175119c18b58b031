//! Look-ups while the form is being filled in: coverage, and the SLA preview.

use domain::contract_number::ContractFormats;
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
use crate::later::Later;
use crate::press;

/// A question is sent after a pause in typing this long.
const PAUSE_MS: u32 = 400;
/// Wait before a failed question is sent again; it grows with each failure.
const AGAIN_MS: u32 = 3_000;
const AGAIN_MOST_MS: u32 = 60_000;

/// The state of the look-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asking {
    /// The last answer is about the present values of the form.
    Settled,
    /// Waiting for an answer.
    Waiting,
    /// No answer came; the question is sent again.
    Failed(FormError),
}

/// What the form itself knows of the look-ups. They begin with the form's part.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    /// The desk's default offer.
    standing: StoredValue<Later<EntitlementPreview>>,
    pub(super) asking: RwSignal<Asking>,
    again: RwSignal<u32>,
    /// The look-ups; `None` until they begin.
    pub(super) begun: RwSignal<Option<Lookup>>,
}

impl Asked {
    pub(super) fn new(standing: Later<EntitlementPreview>) -> Self {
        Self {
            standing: StoredValue::new(standing),
            asking: RwSignal::new(Asking::Settled),
            again: RwSignal::new(0),
            begun: RwSignal::new(None),
        }
    }

    /// Begins to look up, unless the page is gone.
    pub(super) fn begin(self, filling: FormState) {
        // A server of another version: the form is sent all the same.
        let Some(offer) = self.standing.try_with_value(Later::read).flatten() else { return };
        self.begun.set(Some(Lookup::start(offer, filling, self)));
    }

    /// Sends the question again, now.
    pub(super) fn retry(self) {
        if self.asking.with_untracked(|asking| matches!(asking, Asking::Failed(_))) {
            self.again.update(|times| *times = times.wrapping_add(1));
        }
    }
}

/// The last answer of the server, and the state of the next one.
#[derive(Clone, Copy)]
pub(super) struct Lookup {
    pub(super) offer: RwSignal<EntitlementPreview>,
    pub(super) asked: Asked,
    /// The question of the last answer.
    pub(super) answered: RwSignal<Question>,
    /// Whether the answer is about the present values: only then are findings and preview shown.
    pub(super) is_current: Memo<bool>,
}

/// A question in normal form: typing that does not change it sends nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) contract: String,
    pub(super) serial: String,
    pub(super) country: String,
}

impl Question {
    /// The question of a form. A stranger gets no answer about one number alone, so none is sent.
    fn of(form: &IntakeForm, who: FormFor, formats: &ContractFormats) -> Self {
        let contract =
            form.contract_number(formats).ok().flatten().map(|number| number.to_string()).ok_or(());
        let serial = Serial::parse(&form.serial).map(|serial| serial.to_string());
        let country = form.home(formats).map(Country::code).unwrap_or_default().to_owned();
        match (contract, serial, who) {
            (Ok(contract), Ok(serial), _) => Self { contract, serial, country },
            (Ok(contract), Err(_), FormFor::Staff) => Self { contract, serial: String::new(), country },
            (Err(()), Ok(serial), FormFor::Staff) => Self { contract: String::new(), serial, country },
            _ => Self { country, ..Self::default() },
        }
    }
}

impl Lookup {
    /// Starts with the default offer, and asks whenever the question changes.
    fn start(standing: EntitlementPreview, filling: FormState, asked: Asked) -> Self {
        let question =
            Memo::new(move |_| filling.form.with(|form| Question::of(form, filling.who, &filling.formats())));
        let answered = RwSignal::new(Question::default());
        let this = Self {
            offer: RwSignal::new(standing),
            asked,
            answered,
            is_current: Memo::new(move |_| {
                answered.with(|answered| question.with(|asked| answered == asked))
            }),
        };
        let latest = Latest::new();
        effect(move |_| {
            this.asked.again.track();
            this.ask(question.get(), latest);
        });
        this
    }

    fn ask(self, question: Question, latest: Latest) {
        let turn = latest.next();
        if self.answered.with_untracked(|answered| *answered == question) {
            self.asked.asking.set(Asking::Settled);
            return;
        }
        self.asked.asking.set(Asking::Waiting);
        spawn_local(async move {
            let (mut pause_ms, mut again_ms) = (PAUSE_MS, AGAIN_MS);
            while turn.wait(pause_ms).await {
                self.asked.asking.set(Asking::Waiting);
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
                        self.asked.asking.set(Asking::Settled);
                        return;
                    }
                    Err(error) => self.asked.asking.set(Asking::Failed(error)),
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

    fn question(form: &IntakeForm, who: FormFor) -> Question {
        Question::of(form, who, &ContractFormats::default())
    }

    #[test]
    fn entitlement_is_checked_with_both_numbers_or_none() {
        let form =
            IntakeForm { contract: "ct-2024-0187".into(), serial: "x".into(), ..IntakeForm::default() };
        assert_eq!(question(&form, FormFor::Customer), Question::default());
        assert_eq!(question(&form, FormFor::Staff).contract, "CT-2024-0187");
        let form = IntakeForm { serial: " foc1832x0k7".into(), ..form };
        let question = question(&form, FormFor::Customer);
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
        assert_eq!(question(&typed, FormFor::Customer), question(&tidy, FormFor::Customer));
    }
}
