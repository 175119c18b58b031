//! Texts of mails to customers, in place of the standard ones.
//!
//! A provider replaces the subject and the words around the facts. The facts stay with the desk: the number, the time of the
//! opening, the times of attention and resolution, links and telephone lines.

use serde::{Deserialize, Serialize};

use super::{InLanguages, Lines, Shape, Template, Variable, WordingProblem};
use crate::i18n::Language;

choices! {
    /// A mail to a customer whose words can be replaced.
    #[derive(PartialOrd, Ord)]
    pub enum MailTextKind: "wording.mail" {
        /// The opening of a case.
        Opening = "opening",
        /// The opening of a case whose sender is not verified.
        UnverifiedOpening = "opening_unverified",
        /// An update from the staff.
        Update = "update",
        /// A changed priority.
        PriorityChanged = "priority_changed",
        /// A correction of contract or serial.
        Corrected = "corrected",
        /// An amendment of contact, location or fault.
        Amended = "amended",
        /// Times that are offered for a visit.
        VisitOffered = "visit_offered",
        /// An agreed visit.
        VisitAgreed = "visit_agreed",
        /// Another technician for an agreed visit.
        VisitReassigned = "visit_reassigned",
        /// A visit whose time was given up.
        VisitMoved = "visit_moved",
        /// A visit that did not happen.
        VisitMissed = "visit_missed",
        /// A visit that happens after all.
        VisitGoesOn = "visit_goes_on",
        /// A visit that was called off.
        VisitCalledOff = "visit_called_off",
        /// The links of a mailbox's open cases.
        Links = "links",
        /// A solution, with the question whether it works.
        Resolution = "resolution",
        /// A reminder of that question.
        Reminder = "reminder",
        /// A reopened case.
        Reopened = "reopened",
        /// A closed case, with its times.
        Closing = "closing",
        /// A cancelled case.
        Cancelled = "cancelled",
        /// A case that was closed as a duplicate.
        Duplicate = "duplicate",
        /// The survey's invitation.
        Survey = "survey",
        /// A new link to a case, in place of the one before.
        LinkRenewed = "link_renewed",
    }
}

choices! {
    /// A part of a mail that can be replaced.
    #[derive(PartialOrd, Ord)]
    pub enum MailPart: "wording.part" {
        /// The subject line.
        Subject = "subject",
        /// The words before the number.
        Greeting = "greeting",
        /// The words after the facts; the standard mails have none.
        Closing = "closing",
    }
}

/// Variables of subjects: no text that a customer typed stands in the list of somebody's mails.
const OF_SUBJECTS: &[Variable] = &[
    Variable::Number,
    Variable::Priority,
    Variable::About,
    Variable::Platform,
    Variable::Country,
    Variable::Provider,
];

/// Variables of mails that may go to a stranger, or that a stranger's amendment causes.
const OF_STRANGERS: &[Variable] = &[
    Variable::Number,
    Variable::Priority,
    Variable::About,
    Variable::Platform,
    Variable::Country,
    Variable::Opened,
    Variable::Provider,
];

/// Variables of other mails.
const OF_CUSTOMERS: &[Variable] = &[
    Variable::Number,
    Variable::Name,
    Variable::Priority,
    Variable::About,
    Variable::Platform,
    Variable::Country,
    Variable::Location,
    Variable::Serial,
    Variable::Opened,
    Variable::Provider,
];

impl MailTextKind {
    /// Its place among all kinds, from 1.
    #[must_use]
    pub fn place(self) -> i64 {
        // Kinds are few.
        Self::ALL.iter().zip(1..).find(|(kind, _)| **kind == self).map_or(0, |(_, place)| place)
    }

    /// The kind at a place.
    #[must_use]
    pub fn at(place: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.place() == place)
    }

    /// What a part of this mail may be. Every subject has the case's number but that of the mail about several cases.
    #[must_use]
    pub const fn shape(self, part: MailPart) -> Shape {
        let variables = match (part, self) {
            (MailPart::Subject, _) => OF_SUBJECTS,
            (_, Self::UnverifiedOpening | Self::Amended | Self::Links) => OF_STRANGERS,
            _ => OF_CUSTOMERS,
        };
        match (part, self) {
            (MailPart::Subject, Self::Links) => {
                Shape { lines: Lines::Joined, most: SUBJECT_MOST, variables, required: &[] }
            }
            (MailPart::Subject, _) => {
                Shape { lines: Lines::Joined, most: SUBJECT_MOST, variables, required: &[Variable::Number] }
            }
            (MailPart::Greeting | MailPart::Closing, _) => {
                Shape { lines: Lines::Kept, most: PROSE_MOST, variables, required: &[] }
            }
        }
    }
}

/// The most characters of a subject, braces included.
const SUBJECT_MOST: usize = 120;
/// The most characters of greeting and closing words.
const PROSE_MOST: usize = 1000;

/// The provider's own words of a mail in one language. What is absent has the standard text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailWords {
    /// The subject line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Template>,
    /// The words before the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub greeting: Option<Template>,
    /// The words after the facts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<Template>,
}

impl MailWords {
    /// The own text of a part.
    #[must_use]
    pub const fn get(&self, part: MailPart) -> Option<&Template> {
        match part {
            MailPart::Subject => self.subject.as_ref(),
            MailPart::Greeting => self.greeting.as_ref(),
            MailPart::Closing => self.closing.as_ref(),
        }
    }

    const fn is_empty(&self) -> bool {
        self.subject.is_none() && self.greeting.is_none() && self.closing.is_none()
    }
}

/// The provider's own words of a mail in all languages; none at all is the standard mail.
pub type MailText = InLanguages<MailWords>;

/// What is wrong with a part in a language.
pub type MailTextProblem = (Language, MailPart, WordingProblem);

/// The own words of texts as typed; an empty one has the standard text.
///
/// # Errors
/// Every problem, with its language and part.
pub fn mail_text(
    kind: MailTextKind,
    typed: impl Fn(Language, MailPart) -> String,
) -> Result<MailText, Vec<MailTextProblem>> {
    let (mut text, mut problems) = (MailText::default(), Vec::new());
    for language in Language::ALL {
        let mut part = |part| match Template::optional(&typed(language, part), &kind.shape(part)) {
            Ok(template) => template,
            Err(problem) => {
                problems.push((language, part, problem));
                None
            }
        };
        let words = MailWords {
            subject: part(MailPart::Subject),
            greeting: part(MailPart::Greeting),
            closing: part(MailPart::Closing),
        };
        text.set(language, Some(words).filter(|words| !words.is_empty()));
    }
    if problems.is_empty() { Ok(text) } else { Err(problems) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(kind: MailTextKind, text: &str) -> Result<MailText, Vec<MailTextProblem>> {
        mail_text(kind, |language, part| {
            let is_it = (language, part) == (Language::Pt, MailPart::Subject);
            if is_it { text.to_owned() } else { String::new() }
        })
    }

    #[test]
    fn every_subject_needs_its_number_but_that_of_several_cases() {
        for kind in MailTextKind::ALL {
            assert!(subject(kind, "Chamado {number}").is_ok(), "{kind:?}");
            let bare = subject(kind, "Seu chamado");
            match kind {
                MailTextKind::Links => assert!(bare.is_ok()),
                _ => assert_eq!(
                    bare.unwrap_err(),
                    [(Language::Pt, MailPart::Subject, WordingProblem::MissingVariable(Variable::Number))],
                    "{kind:?}"
                ),
            }
        }
    }

    #[test]
    fn no_subject_and_no_mail_to_a_stranger_has_typed_text() {
        for kind in MailTextKind::ALL {
            let is_safe = |part| !kind.shape(part).variables.iter().any(|variable| variable.is_typed());
            assert!(is_safe(MailPart::Subject), "{kind:?}");
            let to_strangers =
                matches!(kind, MailTextKind::UnverifiedOpening | MailTextKind::Amended | MailTextKind::Links);
            assert_eq!(is_safe(MailPart::Greeting) && is_safe(MailPart::Closing), to_strangers, "{kind:?}");
        }
    }

    #[test]
    fn mail_without_own_words_is_the_standard_one() {
        let none = mail_text(MailTextKind::Survey, |_, _| " \n".to_owned()).unwrap();
        assert!(none.is_empty());
        let own = subject(MailTextKind::Survey, "Chamado {number}").unwrap();
        assert_eq!(own.get(Language::Pt).unwrap().get(MailPart::Greeting), None);
        assert_eq!(own.get(Language::Es), None);
    }

    #[test]
    fn kinds_are_found_by_their_place() {
        assert!(MailTextKind::ALL.into_iter().all(|kind| MailTextKind::at(kind.place()) == Some(kind)));
        assert_eq!((MailTextKind::at(0), MailTextKind::at(23)), (None, None));
    }
}
