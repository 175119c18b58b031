//! Amendments of a report after the opening: contact, location and fault description.
//!
//! The staff may amend all of them, the customer all but the location. SLA targets do not change. Each change names the
//! value it replaces: an amendment of an outdated value is refused.

use serde::{Deserialize, Serialize};

use super::decide::Refusal;
use super::event::{Author, Event, Recorded};
use super::evolve::Case;
use super::revision::{RevisionEvent, RevisionRefusal};
use crate::actor::{Action, Actor};
use crate::country::Country;
use crate::intake::FieldProblem;
use crate::mail_address::MailAddress;
use crate::phone::Phone;
use crate::report::{Contact, Report};
use crate::text::{FaultDescription, Location, PersonName, Reason, optional};
use crate::time::Instant;

/// Amendments that a customer can make by the case's link within any hour.
pub const AMENDMENTS_PER_HOUR: usize = 5;

/// A value before and after an amendment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change<T> {
    /// The value before.
    pub from: T,
    /// The value after.
    pub to: T,
}

impl<T: Clone + PartialEq> Change<T> {
    /// The change from one value to another; `None` when they are equal.
    #[must_use]
    pub fn between(from: &T, to: T) -> Option<Self> {
        (*from != to).then(|| Self { from: from.clone(), to })
    }
}

/// The amended parts of a report, and the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amendment {
    /// The customer's contact: name, telephones and mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Change<Contact>>,
    /// Location of the equipment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Change<Location>>,
    /// Description of the fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Change<FaultDescription>>,
    /// Reason that the agent or the customer gives.
    pub reason: Reason,
}

impl Amendment {
    /// The action that the policy must permit.
    #[must_use]
    pub const fn action(&self) -> Action {
        if self.location.is_some() { Action::AmendPlace } else { Action::AmendReport }
    }

    /// The mail address before and after; `None` when it did not change.
    #[must_use]
    pub fn mail(&self) -> Option<Change<MailAddress>> {
        let contact = self.contact.as_ref()?;
        Change::between(&contact.from.mail, contact.to.mail.clone())
    }

    /// Whether the contact gets a mail about the amendment: after a change by the staff, and at a new address.
    #[must_use]
    pub fn is_told(&self, by: &Author) -> bool {
        !by.is_customer() || self.mail().is_some()
    }

    /// Applies the changes to a report.
    pub(super) fn apply(&self, report: &mut Report) {
        fn put<T: Clone>(slot: &mut T, change: Option<&Change<T>>) {
            if let Some(change) = change {
                slot.clone_from(&change.to);
            }
        }
        put(&mut report.contact, self.contact.as_ref());
        put(&mut report.location, self.location.as_ref());
        put(&mut report.fault, self.fault.as_ref());
    }

    fn is_empty(&self) -> bool {
        self.contact.is_none() && self.location.is_none() && self.fault.is_none()
    }

    /// Whether the report still has the values that the changes replace.
    pub(super) fn rests_on(&self, report: &Report) -> bool {
        fn same<T: PartialEq>(change: Option<&Change<T>>, now: &T) -> bool {
            change.is_none_or(|change| change.from == *now)
        }
        same(self.contact.as_ref(), &report.contact)
            && same(self.location.as_ref(), &report.location)
            && same(self.fault.as_ref(), &report.fault)
    }
}

/// The report at a version of the case's history; `None` when the history does not begin with an opening.
#[must_use]
pub fn report_at(history: &[Recorded], version: u32) -> Option<Report> {
    let Event::Opened(opening) = &history.first()?.event else { return None };
    let mut report = opening.report.clone();
    for entry in history.iter().filter(|entry| entry.version <= version) {
        if let Event::Revision(RevisionEvent::Amended { what, .. }) = &entry.event {
            what.apply(&mut report);
        }
    }
    Some(report)
}

pub(super) fn decide(
    case: &Case,
    mut what: Amendment,
    undelivered: u32,
    actor: &Actor,
    now: Instant,
) -> Result<RevisionEvent, Refusal> {
    if Author::from(actor).is_customer() && case.amended_by_customer_since(now) >= AMENDMENTS_PER_HOUR {
        return Err(RevisionRefusal::TooManyAmendments.into());
    }
    if !what.rests_on(&case.opening.report) {
        return Err(RevisionRefusal::ReportChanged.into());
    }
    what.contact = what.contact.filter(|change| change.from != change.to);
    what.location = what.location.filter(|change| change.from != change.to);
    what.fault = what.fault.filter(|change| change.from != change.to);
    if what.is_empty() {
        return Err(RevisionRefusal::SameReport.into());
    }
    let resent = if what.mail().is_some() { undelivered } else { 0 };
    Ok(RevisionEvent::Amended { what: Box::new(what), resent })
}

/// A field of the amendment form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmendField {
    /// Name of the contact.
    Name,
    /// The contact's first telephone.
    Phone,
    /// The contact's second telephone.
    Second,
    /// The contact's mail address.
    Mail,
    /// Location of the equipment.
    Location,
    /// Description of the fault.
    Fault,
    /// Reason of the amendment.
    Reason,
}

impl AmendField {
    /// The key of the field's label in the language files.
    #[must_use]
    pub const fn label_key(self) -> &'static str {
        match self {
            Self::Name => "field.contact_name.label",
            Self::Phone => "field.contact_phone.label",
            Self::Second => "amend.second",
            Self::Mail => "field.contact_mail.label",
            Self::Location => "field.location.label",
            Self::Fault => "field.fault.label",
            Self::Reason => "amend.reason",
        }
    }
}

/// The amendment form as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AmendForm {
    /// Name of the contact.
    pub name: String,
    /// The contact's telephone, with an extension if there is one.
    pub phone: String,
    /// The contact's second telephone, or empty.
    pub second: String,
    /// The contact's mail address.
    pub mail: String,
    /// Location of the equipment.
    pub location: String,
    /// Description of the fault.
    pub fault: String,
    /// Reason of the amendment.
    pub reason: String,
}

/// Every field that is wrong, in the order of the form. Never empty.
pub type AmendProblems = Vec<(AmendField, FieldProblem)>;

impl AmendForm {
    /// The form as it is first shown.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let contact = &report.contact;
        Self {
            name: contact.name.to_string(),
            phone: contact.phone.international(),
            second: contact.second.as_ref().map(Phone::international).unwrap_or_default(),
            mail: contact.mail.to_string(),
            location: report.location.to_string(),
            fault: report.fault.to_string(),
            reason: String::new(),
        }
    }

    /// The form of a writer who saw an older report, moved onto the current one. Fields that they changed stay, all
    /// others take the current value.
    #[must_use]
    pub fn rebased(&self, seen: &Report, now: &Report) -> Self {
        let (shown, now) = (Self::of(seen), Self::of(now));
        let field = |typed: &str, shown: &str, now: String| {
            if is_as_shown(typed, shown) { now } else { typed.to_owned() }
        };
        Self {
            name: field(&self.name, &shown.name, now.name),
            phone: field(&self.phone, &shown.phone, now.phone),
            second: field(&self.second, &shown.second, now.second),
            mail: field(&self.mail, &shown.mail, now.mail),
            location: field(&self.location, &shown.location, now.location),
            fault: field(&self.fault, &shown.fault, now.fault),
            reason: self.reason.clone(),
        }
    }

    /// The changes to the report that the writer saw. A field that was left as shown changes nothing.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn read(&self, seen: &Report) -> Result<Amendment, AmendProblems> {
        let (shown, contact) = (Self::of(seen), &seen.contact);
        let mut problems = AmendProblems::new();
        let mut wrong = |field, problem: FieldProblem| problems.push((field, problem));
        let name = unless_shown(&self.name, &shown.name, &contact.name, PersonName::full)
            .map_err(|problem| wrong(AmendField::Name, problem.into()));
        let phone =
            unless_shown(&self.phone, &shown.phone, &contact.phone, |text| read_phone(seen.country, text))
                .map_err(|problem| wrong(AmendField::Phone, problem.into()));
        let second = unless_shown(&self.second, &shown.second, &contact.second, |text| {
            optional(text, |text| read_phone(seen.country, text))
        })
        .map_err(|problem| wrong(AmendField::Second, problem.into()));
        let mail = unless_shown(&self.mail, &shown.mail, &contact.mail, MailAddress::parse)
            .map_err(|problem| wrong(AmendField::Mail, problem.into()));
        let location = unless_shown(&self.location, &shown.location, &seen.location, Location::parse)
            .map_err(|problem| wrong(AmendField::Location, problem.into()));
        let fault = unless_shown(&self.fault, &shown.fault, &seen.fault, FaultDescription::parse)
            .map_err(|problem| wrong(AmendField::Fault, problem.into()));
        let reason = Reason::parse(&self.reason).map_err(|problem| wrong(AmendField::Reason, problem.into()));
        match (name, phone, second, mail, location, fault, reason) {
            (Ok(name), Ok(phone), Ok(second), Ok(mail), Ok(location), Ok(fault), Ok(reason)) => {
                Ok(Amendment {
                    contact: Change::between(contact, Contact { name, phone, second, mail }),
                    location: Change::between(&seen.location, location),
                    fault: Change::between(&seen.fault, fault),
                    reason,
                })
            }
            _ => Err(problems),
        }
    }
}

fn read_phone(home: Country, text: &str) -> Result<Phone, crate::phone::PhoneProblem> {
    Phone::parse_with_extension(home, text)
}

/// The parsed text, or the shown value where the field was left as shown.
fn unless_shown<T: Clone, E>(
    typed: &str,
    shown: &str,
    value: &T,
    read: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, E> {
    if is_as_shown(typed, shown) { Ok(value.clone()) } else { read(typed) }
}

fn is_as_shown(typed: &str, shown: &str) -> bool {
    // Browsers send other line breaks than they were given.
    typed.replace("\r\n", "\n").trim() == shown.trim()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::IntakeForm;

    fn report() -> Report {
        let text = str::to_owned;
        let form = IntakeForm {
            reporter: text("Ana Rivas"),
            contract: text("CPS-VE-004213-58"),
            serial: text("FOC2614A1B2"),
            platform: text("network"),
            country: text("VE"),
            location: text("Torre Norte, piso 3"),
            contact_name: text("Luis Peña"),
            contact_phone: text("0414 555 0142"),
            contact_mail: text("luis@example.com"),
            fault: text("No enciende.\nLuz roja."),
            severity: text("critical"),
            urgency: text("critical"),
            ..IntakeForm::default()
        };
        form.report().unwrap()
    }

    #[test]
    fn unchanged_form_amends_nothing() {
        let form = AmendForm { reason: "Revisión".into(), ..AmendForm::of(&report()) };
        let read = form.read(&report()).unwrap();
        assert!(read.is_empty(), "{read:?}");
        let sent = AmendForm { fault: form.fault.replace('\n', "\r\n"), ..form };
        assert!(sent.read(&report()).unwrap().is_empty());
    }

    #[test]
    fn amend_form_yields_changes_or_a_problem_per_field() {
        let form = AmendForm {
            phone: "0212-5551234 ext. 12".into(),
            second: "0424 555 0143".into(),
            mail: "luis.pena@example.com".into(),
            reason: "Correo mal escrito".into(),
            ..AmendForm::of(&report())
        };
        let read = form.read(&report()).unwrap();
        let mut after = report();
        read.apply(&mut after);
        let phones: Vec<String> = after.contact.phones().map(Phone::international).collect();
        assert_eq!(phones, ["+58 212 555 1234 ext. 12", "+58 424 555 0143"]);
        assert_eq!(read.mail().unwrap().to.as_str(), "luis.pena@example.com");
        assert_eq!((read.location, read.fault), (None, None));
        assert_eq!(AmendForm::of(&after).second, "+58 424 555 0143");
        let wrong = AmendForm { mail: "luis@".into(), second: "12".into(), ..AmendForm::of(&report()) };
        let fields: Vec<AmendField> =
            wrong.read(&report()).unwrap_err().into_iter().map(|(at, _)| at).collect();
        assert_eq!(fields, [AmendField::Second, AmendField::Mail, AmendField::Reason]);
    }

    #[test]
    fn a_form_upon_another_report_keeps_what_its_writer_changed_and_nothing_else() {
        let mut now = report();
        now.contact.phone = Phone::parse(Country::Ve, "0212 555 0199").unwrap();
        now.fault = FaultDescription::parse("Enciende y se apaga.").unwrap();
        let typed = AmendForm {
            mail: "luis.pena@example.com".into(),
            fault: "No enciende.\r\nLuz roja.".into(),
            reason: "Correo mal escrito".into(),
            ..AmendForm::of(&report())
        };
        let rebased = typed.rebased(&report(), &now);
        let kept = AmendForm { mail: typed.mail, reason: typed.reason, ..AmendForm::of(&now) };
        assert_eq!(rebased, kept);
        let what = rebased.read(&now).unwrap();
        assert!(what.rests_on(&now) && what.fault.is_none(), "the other change is not taken back");
    }

    #[test]
    fn a_second_number_can_be_taken_out() {
        let mut with = report();
        with.contact.second = Phone::parse(Country::Ve, "0424 555 0143").ok();
        let form = AmendForm { second: " ".into(), reason: "Ya no existe".into(), ..AmendForm::of(&with) };
        assert_eq!(form.read(&with).unwrap().contact.unwrap().to.second, None);
    }
}
