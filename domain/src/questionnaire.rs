//! Questionnaires: questions as data, versioned, each in every language of the desk.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::i18n::Language;
use crate::t;

/// The best mark on a scale; the worst is 1.
pub const HIGHEST_SCALE: u8 = 5;
/// The best mark for "would you recommend us"; the worst is 0.
pub const HIGHEST_NPS: u8 = 10;
/// The most questions of a questionnaire.
pub const QUESTIONS_MAX: usize = 20;
/// The longest text of a question, in characters: it is read out over the telephone.
pub const QUESTION_CHARS_MAX: usize = 300;

/// Identifies a questionnaire that a provider has set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct QuestionnaireId(pub i64);

/// Key of a question within its questionnaire: in forms, in answers, in ids of elements.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct QuestionKey(String);

impl QuestionKey {
    /// Parses small letters, digits and underscores, up to 40.
    ///
    /// # Errors
    /// [`QuestionnaireProblem::Key`] for anything else.
    pub fn parse(input: &str) -> Result<Self, QuestionnaireProblem> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if input.is_empty() || input.len() > 40 || !input.chars().all(plain) {
            return Err(QuestionnaireProblem::Key(input.chars().take(40).collect()));
        }
        Ok(Self(input.to_owned()))
    }

    /// The key as in forms and stored answers.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for QuestionKey {
    type Error = QuestionnaireProblem;

    fn try_from(value: String) -> Result<Self, QuestionnaireProblem> {
        Self::parse(&value)
    }
}

/// Kinds of questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A mark from 1 to [`HIGHEST_SCALE`].
    Scale,
    /// Yes or no.
    YesNo,
    /// Free text.
    Text,
    /// "Would you recommend us", from 0 to [`HIGHEST_NPS`].
    Nps,
}

/// Whether a question must be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// The answer is required.
    Required,
    /// The answer may be left out.
    Optional,
}

/// A text in every language that the desk had when it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Texts(BTreeMap<Language, String>);

impl Texts {
    /// A text with its words in each language of the desk.
    pub fn new(words: impl Fn(Language) -> String) -> Self {
        Self(Language::ALL.into_iter().map(|language| (language, words(language))).collect())
    }

    /// The text in one language; in the desk's first, when the text is older than this language.
    #[must_use]
    pub fn of(&self, language: Language) -> &str {
        let words = self.0.get(&language).or_else(|| self.0.get(&Language::default()));
        words.map_or("", String::as_str)
    }

    fn written(key: &str) -> Self {
        Self::new(|language| t!(language, key).into_owned())
    }
}

/// One question of a survey, with the text of its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Key in forms and stored answers.
    pub key: QuestionKey,
    /// Kind of the answer.
    pub kind: Kind,
    /// Whether the answer is required.
    pub need: Need,
    /// Text of the question.
    pub texts: Texts,
}

impl Question {
    /// The first language in which its text is empty or too long.
    #[must_use]
    pub fn wrong_text(&self) -> Option<Language> {
        let good = |text: &str| !text.trim().is_empty() && text.chars().count() <= QUESTION_CHARS_MAX;
        Language::ALL.into_iter().find(|language| !good(self.texts.of(*language)))
    }
}

/// Why questions are no valid questionnaire.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QuestionnaireProblem {
    /// A key is not valid, see [`QuestionKey::parse`].
    #[error("{0:?} is no key of a question")]
    Key(String),
    /// Two questions have the same key.
    #[error("two questions have the key {0:?}")]
    Twice(String),
    /// There are no questions, or too many.
    #[error("a questionnaire has 1 to {QUESTIONS_MAX} questions")]
    Count,
    /// A question lacks its text in a language, or the text is too long.
    #[error("question {0:?} needs 1 to {QUESTION_CHARS_MAX} characters in every language")]
    Text(String),
}

/// Questions in order. They are stored with the case, so that each answer can be read beside its question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Draft", into = "Draft")]
pub struct Questionnaire {
    version: u32,
    questions: Vec<Question>,
}

/// A questionnaire as deserialised, not yet checked.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Draft {
    version: u32,
    questions: Vec<Question>,
}

impl TryFrom<Draft> for Questionnaire {
    type Error = QuestionnaireProblem;

    fn try_from(draft: Draft) -> Result<Self, QuestionnaireProblem> {
        Self::new(draft.version, draft.questions)
    }
}

impl From<Questionnaire> for Draft {
    fn from(questionnaire: Questionnaire) -> Self {
        let Questionnaire { version, questions } = questionnaire;
        Self { version, questions }
    }
}

impl Questionnaire {
    /// Checks the questions.
    ///
    /// # Errors
    /// See [`QuestionnaireProblem`].
    pub fn new(version: u32, questions: Vec<Question>) -> Result<Self, QuestionnaireProblem> {
        if questions.is_empty() || questions.len() > QUESTIONS_MAX {
            return Err(QuestionnaireProblem::Count);
        }
        let mut keys = BTreeSet::new();
        for question in &questions {
            let key = question.key.as_str();
            if !keys.insert(key) {
                return Err(QuestionnaireProblem::Twice(key.to_owned()));
            }
            if question.wrong_text().is_some() {
                return Err(QuestionnaireProblem::Text(key.to_owned()));
            }
        }
        Ok(Self { version, questions })
    }

    /// The default questions: speed, solution, treatment, overall satisfaction, recommendation and a comment.
    #[must_use]
    pub fn initial() -> Self {
        let question = |key: &str, kind, need, words| Question {
            key: QuestionKey(key.to_owned()),
            kind,
            need,
            texts: Texts::written(words),
        };
        Self {
            version: 1,
            questions: vec![
                question("attention", Kind::Scale, Need::Required, "survey.question.attention"),
                question("solution", Kind::Scale, Need::Required, "survey.question.solution"),
                question("treatment", Kind::Scale, Need::Required, "survey.question.treatment"),
                question("overall", Kind::Scale, Need::Required, "survey.question.overall"),
                question("recommend", Kind::Nps, Need::Optional, "survey.question.recommend"),
                question("comment", Kind::Text, Need::Optional, "survey.question.comment"),
            ],
        }
    }

    /// Counts up with every change.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// The questions, in the order in which they are asked.
    #[must_use]
    pub fn questions(&self) -> &[Question] {
        &self.questions
    }
}
