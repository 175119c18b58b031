//! Causes of faults: a tree of two levels, category and cause, that a provider sets. An agent who resolves a case chooses a
//! cause of it, and reports count by it. The cause in the agent's own words stands beside it.

mod choice;
mod standing;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::i18n::Language;
use crate::questionnaire::{Need, Texts};
use crate::t;
use crate::text::legible;

pub use choice::{CauseRefusal, Classification, OfferedCategory, OfferedCause, OfferedCauses};
use standing::STANDING;

/// The most categories of a tree.
pub const CATEGORIES_MAX: usize = 30;
/// The most causes of a tree: they stand in one form, and in one list of choices.
pub const CAUSES_MAX: usize = 200;
/// The most characters of a name: it stands in a list of choices on a telephone.
pub const CAUSE_NAME_CHARS_MAX: usize = 60;
/// The most characters of a code.
const CODE_CHARS_MAX: usize = 40;

/// The code of a category or of a cause. It stays when names change, so that reports count on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct CauseCode(String);

impl CauseCode {
    /// Parses small letters, digits and underscores, 1 to 40 of them.
    ///
    /// # Errors
    /// [`CausesProblem::Code`] for anything else.
    pub fn parse(input: &str) -> Result<Self, CausesProblem> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let is_short = (1..=CODE_CHARS_MAX).contains(&input.len());
        if is_short && input.chars().all(plain) {
            Ok(Self(input.to_owned()))
        } else {
            Err(CausesProblem::Code)
        }
    }

    /// The code as in files, in reports and in stored histories.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for CauseCode {
    type Error = CausesProblem;

    fn try_from(value: String) -> Result<Self, CausesProblem> {
        Self::parse(&value)
    }
}

choices! {
    /// Whether a category or a cause is offered.
    #[derive(Default)]
    pub enum CauseState: "settings.cause_state" {
        /// It is offered.
        #[default]
        Active = "active",
        /// It is offered no more. Reports still name it.
        Retired = "retired",
    }
}

/// A code with its names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseLabel {
    /// The stable code.
    pub code: CauseCode,
    /// What people call it.
    pub names: Texts,
}

impl CauseLabel {
    /// A code with its names: blanks around a name are no part of it.
    ///
    /// # Errors
    /// [`CausesProblem::Name`] with the first language whose name is empty or too long.
    pub fn new(code: CauseCode, name: impl Fn(Language) -> String) -> Result<Self, CausesProblem> {
        let line = |text: String| legible(&text).split_whitespace().collect::<Vec<_>>().join(" ");
        let names = Texts::new(|language| line(name(language)));
        let fits =
            |language: &Language| (1..=CAUSE_NAME_CHARS_MAX).contains(&names.of(*language).chars().count());
        match Language::ALL.into_iter().find(|language| !fits(language)) {
            Some(language) => Err(CausesProblem::Name(language)),
            None => Ok(Self { code, names }),
        }
    }
}

/// A category of causes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseCategory {
    /// Code and names.
    #[serde(flatten)]
    pub label: CauseLabel,
    /// Whether its causes are offered.
    #[serde(default)]
    pub state: CauseState,
}

/// A cause of a fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// Code and names.
    #[serde(flatten)]
    pub label: CauseLabel,
    /// The code of its category.
    pub category: CauseCode,
    /// Whether it is offered.
    #[serde(default)]
    pub state: CauseState,
}

/// Why a tree of causes is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CausesProblem {
    /// A code is not valid, see [`CauseCode::parse`].
    #[error("a code has 1 to {CODE_CHARS_MAX} small letters, digits and underscores")]
    Code,
    /// A name is empty or too long in this language.
    #[error("a name has 1 to {CAUSE_NAME_CHARS_MAX} characters in every language")]
    Name(Language),
    /// The code stands there twice in its list.
    #[error("the code stands there twice")]
    Repeated,
    /// A cause names a category that is not there.
    #[error("no category has this code")]
    UnknownCategory,
    /// More categories than [`CATEGORIES_MAX`].
    #[error("more than {CATEGORIES_MAX} categories")]
    TooManyCategories,
    /// More causes than [`CAUSES_MAX`].
    #[error("more than {CAUSES_MAX} causes")]
    TooManyCauses,
    /// More waiting reasons than a provider may have.
    #[error("more than {most} waiting reasons")]
    TooManyReasons {
        /// The most.
        most: usize,
    },
}

impl CausesProblem {
    /// The problem in the reader's language.
    #[must_use]
    pub fn message(self, language: Language) -> String {
        match self {
            Self::Code => t!(language, "settings.reason.cause_code", most = CODE_CHARS_MAX),
            Self::Name(_) => t!(language, "settings.reason.cause_name", most = CAUSE_NAME_CHARS_MAX),
            Self::Repeated => t!(language, "settings.reason.cause_repeated").into_owned(),
            Self::UnknownCategory => t!(language, "settings.reason.cause_category").into_owned(),
            Self::TooManyCategories => {
                t!(language, "settings.reason.cause_categories", most = CATEGORIES_MAX)
            }
            Self::TooManyCauses => t!(language, "settings.reason.causes", most = CAUSES_MAX),
            Self::TooManyReasons { most } => t!(language, "settings.reason.waiting", most = most),
        }
    }
}

/// Where a problem of a tree lies: the list, and the place in it from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CausesPlace {
    /// The list of categories as a whole.
    Categories,
    /// The list of causes as a whole.
    Causes,
    /// A category.
    Category(usize),
    /// A cause.
    Cause(usize),
}

/// The causes that a provider offers, in the order in which they are offered.
///
/// Its JSON is read without the rules of a new tree: every version that was accepted stays legible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseTree {
    choice: Need,
    categories: Vec<CauseCategory>,
    causes: Vec<Cause>,
}

impl CauseTree {
    /// Checks the lists.
    ///
    /// # Errors
    /// Everything that is wrong with them, by its place.
    pub fn new(
        choice: Need,
        categories: Vec<CauseCategory>,
        causes: Vec<Cause>,
    ) -> Result<Self, Vec<(CausesPlace, CausesProblem)>> {
        let mut problems = Vec::new();
        if categories.len() > CATEGORIES_MAX {
            problems.push((CausesPlace::Categories, CausesProblem::TooManyCategories));
        }
        if causes.len() > CAUSES_MAX {
            problems.push((CausesPlace::Causes, CausesProblem::TooManyCauses));
        }
        let (mut known, mut named) = (BTreeSet::new(), BTreeSet::new());
        for (place, category) in categories.iter().enumerate() {
            if !known.insert(&category.label.code) {
                problems.push((CausesPlace::Category(place), CausesProblem::Repeated));
            }
        }
        for (place, cause) in causes.iter().enumerate() {
            if !named.insert(&cause.label.code) {
                problems.push((CausesPlace::Cause(place), CausesProblem::Repeated));
            }
            if !known.contains(&cause.category) {
                problems.push((CausesPlace::Cause(place), CausesProblem::UnknownCategory));
            }
        }
        if problems.is_empty() { Ok(Self { choice, categories, causes }) } else { Err(problems) }
    }

    /// The tree until a provider sets one: the kinds of platforms of the letter, with the usual causes of each.
    #[must_use]
    pub fn standing() -> Self {
        let label = |code: &str| CauseLabel {
            code: CauseCode(code.to_owned()),
            names: Texts::new(|language| t!(language, &format!("cause.{code}")).into_owned()),
        };
        let state = CauseState::Active;
        let categories = STANDING.iter().map(|(code, _)| CauseCategory { label: label(code), state });
        let causes = STANDING.iter().flat_map(|(category, causes)| {
            let category = CauseCode((*category).to_owned());
            causes.iter().map(move |code| Cause { label: label(code), category: category.clone(), state })
        });
        Self { choice: Need::Optional, categories: categories.collect(), causes: causes.collect() }
    }

    /// Whether a cause must be chosen to resolve a case.
    #[must_use]
    pub const fn choice(&self) -> Need {
        self.choice
    }

    /// The categories, in order.
    #[must_use]
    pub fn categories(&self) -> &[CauseCategory] {
        &self.categories
    }

    /// The causes, in order.
    #[must_use]
    pub fn causes(&self) -> &[Cause] {
        &self.causes
    }

    /// What an agent chooses from, in one language. Categories without a cause that is offered are left out.
    #[must_use]
    pub fn offered(&self, language: Language) -> OfferedCauses {
        let named = |label: &CauseLabel| OfferedCause {
            code: label.code.clone(),
            name: label.names.of(language).to_owned(),
        };
        let groups = self.categories.iter().filter(|category| category.state == CauseState::Active);
        let groups = groups.map(|category| OfferedCategory {
            name: category.label.names.of(language).to_owned(),
            causes: self.active(&category.label.code).map(|cause| named(&cause.label)).collect(),
        });
        OfferedCauses {
            choice: self.choice,
            categories: groups.filter(|group| !group.causes.is_empty()).collect(),
        }
    }

    fn active<'t>(&'t self, category: &'t CauseCode) -> impl Iterator<Item = &'t Cause> {
        self.causes
            .iter()
            .filter(move |cause| cause.category == *category && cause.state == CauseState::Active)
    }

    /// The classification of a case by the chosen cause, with the names of now.
    ///
    /// # Errors
    /// See [`CauseRefusal`].
    pub fn classify(&self, chosen: Option<&CauseCode>) -> Result<Option<Classification>, CauseRefusal> {
        let mut active = self.categories.iter().filter(|category| category.state == CauseState::Active);
        let Some(chosen) = chosen else {
            let is_required = self.choice == Need::Required;
            // Where nothing is offered, nothing can be required.
            let is_offered = active.any(|category| self.active(&category.label.code).next().is_some());
            return if is_required && is_offered { Err(CauseRefusal::Required) } else { Ok(None) };
        };
        let found = active.find_map(|category| {
            let cause = self.active(&category.label.code).find(|cause| cause.label.code == *chosen)?;
            Some(Classification { category: category.label.clone(), cause: cause.label.clone() })
        });
        found.map(Some).ok_or(CauseRefusal::NotOffered)
    }
}

#[cfg(test)]
mod tests;
