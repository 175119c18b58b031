//! The state of the form: the values, the fields that were left, and their errors.

use std::sync::Arc;

use domain::actor::PersonId;
use domain::contract_number::ContractFormats;
use domain::country::Country;
use domain::i18n::Language;
use domain::intake::{Field, FieldProblem, IntakeForm};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::elements;
use super::reply::FormReply;
use super::{FormFor, PreviousCaseForm};
use crate::formats::use_formats;
use crate::press;
use crate::ui::Look;

/// What a form begins with.
pub(super) struct Beginning {
    /// The previous case that it follows.
    pub(super) earlier: Option<PreviousCaseForm>,
    /// The values of a label.
    pub(super) label: Option<IntakeForm>,
}

/// The state of the form, one for the whole page.
#[derive(Clone, Copy)]
pub(super) struct FormState {
    pub(super) who: FormFor,
    pub(super) language: Language,
    pub(super) form: RwSignal<IntakeForm>,
    /// The first values of the form: empty, the data of the previous case, or those of a label.
    pub(super) initial: StoredValue<IntakeForm>,
    /// The name of the previous case for the server; empty when there is none.
    pub(super) follows: StoredValue<String>,
    /// The number of the previous case, in groups.
    pub(super) previous: StoredValue<Option<String>>,
    /// The serial, or the contract, of the label that led here; empty when none did.
    pub(super) labelled: StoredValue<String>,
    /// The number formats in force.
    formats: StoredValue<Arc<ContractFormats>>,
    /// The member of the staff who fills it in.
    pub(super) writer: Option<PersonId>,
    /// The field with the cursor.
    within: RwSignal<Option<Field>>,
    /// Fields that were left once, and show their errors from then on.
    seen: RwSignal<Vec<Field>>,
    /// Errors of the last try to send, here or on the server, without those that were corrected since.
    pub(super) found_wrong: RwSignal<Vec<(Field, String)>>,
}

impl FormState {
    pub(super) fn new(
        who: FormFor,
        language: Language,
        reply: Option<&FormReply>,
        follows: String,
        begins: Beginning,
        filled: Option<IntakeForm>,
        writer: Option<PersonId>,
    ) -> Self {
        let Beginning { earlier, label } = begins;
        let labelled = match &label {
            Some(form) if form.serial.is_empty() => form.contract.clone(),
            Some(form) => form.serial.clone(),
            None => String::new(),
        };
        let previous = earlier.as_ref().map(|earlier| earlier.number.clone());
        let initial = earlier.map(|earlier| earlier.form).or(label).unwrap_or_default();
        // Values that are filled in count as typed: no draft replaces them.
        let mut form = reply.map(|reply| reply.form.clone()).or(filled).unwrap_or_else(|| initial.clone());
        // Without a script the field stayed empty, and the server took the country of the contract.
        let formats = use_formats();
        if let (true, Some(home)) = (form.country.is_empty(), form.home(&formats)) {
            home.code().clone_into(&mut form.country);
        }
        Self {
            who,
            language,
            form: RwSignal::new(form),
            initial: StoredValue::new(initial),
            follows: StoredValue::new(follows),
            previous: StoredValue::new(previous),
            labelled: StoredValue::new(labelled),
            formats: StoredValue::new(formats),
            writer,
            within: RwSignal::new(None),
            seen: RwSignal::new(if reply.is_some() { Field::ALL.to_vec() } else { Vec::new() }),
            found_wrong: RwSignal::new(reply.map(|reply| reply.problems.clone()).unwrap_or_default()),
        }
    }

    /// The number formats in force.
    pub(super) fn formats(self) -> Arc<ContractFormats> {
        self.formats.get_value()
    }

    /// Applies an input event.
    pub(super) fn typed(self, event: &leptos::ev::Event) {
        if let Some((name, value)) = elements::event_value(event) {
            self.write(&name, value);
        }
    }

    /// Notes the field that was entered.
    pub(super) fn entered(self, event: &leptos::ev::FocusEvent) {
        self.within.try_set(elements::event_name(event).and_then(|name| Field::from_code(&name)));
    }

    /// The `tabindex` of content after a field that is being typed in: it is skipped. The reader reaches it by going back
    /// from the next field.
    pub(super) fn order_after(self, field: Field) -> impl Fn() -> Option<&'static str> + Copy + Send + Sync {
        move || (self.within.try_get().flatten() == Some(field)).then_some("-1")
    }

    /// Notes that an input was left, and formats its number a moment later. When the page is left, its focused element loses
    /// the focus as well, and nothing may be written then.
    pub(super) fn left(self, event: &leptos::ev::FocusEvent) {
        let Some(field) = elements::event_name(event).and_then(|name| Field::from_code(&name)) else {
            return;
        };
        spawn_local(async move {
            TimeoutFuture::new(0).await;
            press::released().await;
            // The page may be gone by now.
            if self.form.try_with_untracked(|_| ()).is_some() {
                self.settle(field);
            }
        });
    }

    fn settle(self, field: Field) {
        if self.within.get_untracked() == Some(field) {
            self.within.set(None);
        }
        if let Some(tidy) = self.form.with_untracked(|form| tidy(form, field, &self.formats())) {
            self.put(field, tidy);
        }
        if !self.seen.with_untracked(|seen| seen.contains(&field)) {
            self.seen.update(|seen| seen.push(field));
        }
    }

    /// Sets the value of a field, as if it had been typed.
    pub(super) fn put(self, field: Field, value: String) {
        self.write(field.code(), value);
    }

    /// Ticks or unticks a box.
    pub(super) fn put_box(self, name: &str, value: String) {
        self.write(name, value);
    }

    fn write(self, name: &str, value: String) {
        let (before, formats) = (self.form.get_untracked(), self.formats());
        self.form.update(|form| write(form, name, value, &formats));
        if self.found_wrong.with_untracked(Vec::is_empty) {
            return;
        }
        let after = self.form.get_untracked();
        // An error may be corrected in another field. An error that only the server found is none here.
        let mended = |field: Field| {
            let was_touched =
                before.value(field) != after.value(field) || before.check(field, &formats).is_err();
            was_touched && after.check(field, &formats).is_ok()
        };
        self.found_wrong.update(|wrong| wrong.retain(|(field, _)| !mended(*field)));
    }

    /// Checks every field; stores and returns the errors, in the order of the page.
    pub(super) fn check_all(self) -> Vec<(Field, String)> {
        self.seen.set(Field::ALL.to_vec());
        let wrong: Vec<_> = self.form.with_untracked(|form| {
            let problems = form.problems(&self.formats());
            let of = |field: &Field| problems.iter().find(|(wrong, _)| wrong == field);
            ON_PAGE
                .iter()
                .filter_map(of)
                .map(|(field, problem)| (*field, problem.message(self.language)))
                .collect()
        });
        self.found_wrong.set(wrong.clone());
        wrong
    }

    /// Removes all errors, and the marks of fields that were left.
    pub(super) fn clear(self) {
        self.seen.set(Vec::new());
        self.found_wrong.set(Vec::new());
        self.form.set(self.initial.get_value());
    }

    /// Whether nothing was typed yet.
    pub(super) fn is_untouched(self, form: &IntakeForm) -> bool {
        self.initial.with_value(|initial| initial == form)
    }

    /// The error of a field, whether it is shown yet or not.
    pub(super) fn problem(self, field: Field) -> Option<String> {
        self.form
            .with(|form| form.check(field, &self.formats()))
            .err()
            .map(|problem| problem.message(self.language))
    }

    /// Whether a field was left once, or all fields were checked.
    pub(super) fn was_left(self, field: Field) -> bool {
        self.seen.with(|seen| seen.contains(&field))
    }

    /// The error that a field shows: none while it is typed for the first time, but at once a conflict of two fields.
    pub(super) fn error(self, field: Field) -> Signal<Option<String>> {
        Memo::new(move |_| {
            let problem = self.form.with(|form| form.check(field, &self.formats())).err()?;
            let is_told = matches!(problem, FieldProblem::CountryMismatch(_)) || self.was_left(field);
            is_told.then(|| problem.message(self.language))
        })
        .into()
    }

    /// The look of a field.
    pub(super) fn look(self, field: Field) -> Signal<Look> {
        let error = self.error(field);
        Memo::new(move |_| match (error.get(), self.problem(field)) {
            (Some(_), _) => Look::Error,
            (None, Some(_)) => Look::Plain,
            (None, None) => Look::Valid,
        })
        .into()
    }
}

/// The id of a field's input; the first one where there are several.
pub(super) const fn id(field: Field) -> &'static str {
    match field {
        Field::ContactName => "contact-name",
        Field::ContactPhone => "contact-phone",
        Field::ContactMail => "contact-mail",
        _ => field.code(),
    }
}

/// Sets the value of an input. A contract that names its country chooses it, unless another one was chosen. The confirmation
/// of a location abroad holds for one pair of countries only.
pub(super) fn write(form: &mut IntakeForm, name: &str, value: String, formats: &ContractFormats) {
    let crossing = form.crossing(formats);
    if name == Field::Contract.code() {
        let (before, after) = (country_of(&form.contract, formats), country_of(&value, formats));
        let free = form.country.is_empty() || Country::from_typed(&form.country) == before;
        if let (true, Some(after)) = (free, after) {
            after.code().clone_into(&mut form.country);
        }
        // The confirmation of an unusual number holds for that number only.
        form.contract_meant.clear();
    }
    form.put(name, value);
    if form.crossing(formats) != crossing {
        form.abroad.clear();
    }
}

/// The usual spelling of a field's value, if it was typed otherwise.
fn tidy(form: &IntakeForm, field: Field, formats: &ContractFormats) -> Option<String> {
    let typed = form.value(field);
    let tidy = match field {
        Field::Contract => formats.parse(typed).ok()?.to_string(),
        _ => return None,
    };
    (tidy != typed).then_some(tidy)
}

fn country_of(contract: &str, formats: &ContractFormats) -> Option<Country> {
    formats.parse(contract).ok().and_then(|number| formats.country_of(&number))
}

/// The fields in the order of the page.
const ON_PAGE: [Field; Field::ALL.len()] = [
    Field::Reporter,
    Field::Contract,
    Field::Company,
    Field::ContactName,
    Field::ContactPhone,
    Field::ContactMail,
    Field::Platform,
    Field::Serial,
    Field::Country,
    Field::Location,
    Field::Fault,
    Field::Severity,
    Field::Urgency,
];

#[cfg(test)]
mod tests {
    use domain::intake::COUNTRY_MISMATCH_CONFIRMED;

    use domain::contract_number::{ContractNumber, default_formats};

    use super::*;

    fn write(form: &mut IntakeForm, name: &str, value: String) {
        super::write(form, name, value, &ContractFormats::default());
    }

    fn check(form: &IntakeForm, field: Field) -> Result<(), FieldProblem> {
        form.check(field, &ContractFormats::default())
    }

    fn contract(country: Country) -> String {
        let format = default_formats().iter().find(|format| format.country() == Some(country));
        format
            .and_then(|format| ContractNumber::compose(format, "004213").ok())
            .map(|n| n.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn contract_selects_its_country_until_the_reporter_chooses() {
        let mut form = IntakeForm::default();
        write(&mut form, "contract", contract(Country::Ve));
        assert_eq!(form.country, "VE");
        write(&mut form, "contract", contract(Country::Co));
        assert_eq!(form.country, "CO", "the choice was the contract's, so it follows the contract");
        write(&mut form, "country", "MX".into());
        write(&mut form, "contract", contract(Country::Ve));
        assert_eq!(form.country, "MX", "the choice was the customer's, so it stays");
    }

    #[test]
    fn valid_contract_is_reformatted() {
        let typed = |contract: &str| IntakeForm { contract: contract.into(), ..IntakeForm::default() };
        let tidied = |contract: &str| tidy(&typed(contract), Field::Contract, &ContractFormats::default());
        assert_eq!(tidied(" ct 2024 0187").as_deref(), Some("CT-2024-0187"));
        assert_eq!(tidied("CT-2024-0187"), None, "it is");
        assert_eq!(tidied("CT-2024-"), None, "it is not right yet");
    }

    #[test]
    fn location_abroad_is_confirmed_for_one_pair_of_countries() {
        let mut form = IntakeForm::default();
        write(&mut form, "contract", contract(Country::Co));
        write(&mut form, "country", "VE".into());
        assert!(check(&form, Field::Country).is_err());
        write(&mut form, COUNTRY_MISMATCH_CONFIRMED, "yes".into());
        write(&mut form, "location", "Torre Norte".into());
        assert_eq!(
            (check(&form, Field::Country), form.typed(COUNTRY_MISMATCH_CONFIRMED)),
            (Ok(()), Some("yes"))
        );
        write(&mut form, "country", "MX".into());
        assert_eq!(form.typed(COUNTRY_MISMATCH_CONFIRMED), Some(""), "nothing was said of that country");
        assert!(check(&form, Field::Country).is_err());
        write(&mut form, "country", "CO".into());
        assert_eq!(check(&form, Field::Country), Ok(()));
    }
}
