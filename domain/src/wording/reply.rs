//! Canned replies: texts that agents take when they write to a customer.

use serde::{Deserialize, Serialize};

use super::{InLanguages, Lines, Shape, Template, Variable, WordingProblem};
use crate::i18n::Language;

/// What the text of a canned reply may be. Filled in, it is still shorter than a note may be.
pub const REPLY: Shape = Shape {
    lines: Lines::Kept,
    most: 2000,
    variables: &[
        Variable::Number,
        Variable::Name,
        Variable::Priority,
        Variable::About,
        Variable::Platform,
        Variable::Country,
        Variable::Location,
        Variable::Serial,
        Variable::Opened,
        Variable::Agent,
        Variable::Provider,
    ],
    required: &[],
};

choices! {
    /// Whether agents are offered a canned reply.
    #[derive(Default)]
    pub enum ReplyState: "wording.reply_state" {
        /// They are.
        #[default]
        Offered = "offered",
        /// It is kept for its history alone.
        Retired = "retired",
    }
}

/// A canned reply without its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CannedReply {
    /// Whether agents are offered it.
    #[serde(default)]
    pub state: ReplyState,
    /// Its text in each language that it has one for. Customers of other languages are not offered it.
    pub text: InLanguages<Template>,
}

impl CannedReply {
    /// The reply of texts as typed.
    ///
    /// # Errors
    /// Every problem, with the language of its text. A reply without any text has its problem at the first language.
    pub fn parse(
        state: ReplyState,
        typed: impl Fn(Language) -> String,
    ) -> Result<Self, Vec<(Language, WordingProblem)>> {
        let (mut text, mut problems) = (InLanguages::default(), Vec::new());
        for language in Language::ALL {
            match Template::optional(&typed(language), &REPLY) {
                Ok(template) => text.set(language, template),
                Err(problem) => problems.push((language, problem)),
            }
        }
        if problems.is_empty() && text.is_empty() {
            problems.push((Language::default(), WordingProblem::NoText));
        }
        if problems.is_empty() { Ok(Self { state, text }) } else { Err(problems) }
    }

    /// The text for a customer of this language; `None` when agents are not offered it.
    #[must_use]
    pub fn offered(&self, language: Language) -> Option<&Template> {
        self.text.get(language).filter(|_| self.state == ReplyState::Offered)
    }
}

/// A canned reply for one case: what an agent chooses from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilledReply {
    /// Its name among the staff.
    pub name: String,
    /// Its text in the customer's language, with the case's values.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(es: &str, pt: &str) -> Result<CannedReply, Vec<(Language, WordingProblem)>> {
        CannedReply::parse(ReplyState::Offered, |language| match language {
            Language::Es => es.to_owned(),
            Language::En => String::new(),
            Language::Pt => pt.to_owned(),
        })
    }

    #[test]
    fn reply_is_offered_in_its_languages_until_it_is_retired() {
        let reply = of("Hola {name}", " ").unwrap();
        assert_eq!(reply.offered(Language::Es).unwrap().as_str(), "Hola {name}");
        assert_eq!(reply.offered(Language::Pt), None);
        let retired = CannedReply { state: ReplyState::Retired, ..reply };
        assert_eq!(retired.offered(Language::Es), None);
    }

    #[test]
    fn every_wrong_text_is_told_and_no_text_at_all() {
        let wrong = of("{", "{fault}").unwrap_err();
        assert_eq!(
            wrong.iter().map(|(language, _)| *language).collect::<Vec<_>>(),
            [Language::Es, Language::Pt]
        );
        assert_eq!(of(" ", "").unwrap_err(), [(Language::Es, WordingProblem::NoText)]);
    }
}
