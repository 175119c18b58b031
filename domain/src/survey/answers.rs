//! Answers of a survey and their score.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::i18n::Language;
use crate::questionnaire::{HIGHEST_NPS, HIGHEST_SCALE, Kind, Need, Question, QuestionKey, Questionnaire};
use crate::sla_plan::LowScore;
use crate::t;
use crate::text::{Note, TextProblem};

choices! {
    /// Yes or no.
    pub enum YesNo: "survey" {
        /// The customer says yes.
        Yes = "yes",
        /// The customer says no.
        No = "no",
    }
}

/// An answer to one question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Given {
    /// A mark from 1 to 5.
    Scale(u8),
    /// Yes or no.
    YesNo(YesNo),
    /// Free text.
    Text(Note),
    /// A mark from 0 to 10.
    Nps(u8),
}

impl Given {
    /// Whether the answer is of this kind, and within its marks.
    fn fits(&self, kind: Kind) -> bool {
        match kind {
            Kind::Scale => matches!(self, Self::Scale(mark) if (1..=HIGHEST_SCALE).contains(mark)),
            Kind::Nps => matches!(self, Self::Nps(mark) if *mark <= HIGHEST_NPS),
            Kind::YesNo => matches!(self, Self::YesNo(_)),
            Kind::Text => matches!(self, Self::Text(_)),
        }
    }

    /// The answer in the reader's words.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Scale(mark) => t!(language, "survey.mark", mark = mark, highest = HIGHEST_SCALE),
            Self::Nps(mark) => t!(language, "survey.mark", mark = mark, highest = HIGHEST_NPS),
            Self::YesNo(choice) => t!(language, choice.name_key()).into_owned(),
            Self::Text(text) => text.to_string(),
        }
    }
}

/// What is wrong with an answer as typed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AnswerProblem {
    /// The question must be answered.
    #[error("the question must be answered")]
    Missing,
    /// The mark or choice is none of the question's.
    #[error("the question has no such answer")]
    NoSuchChoice,
    /// The text is not valid.
    #[error("{0:?}")]
    Text(TextProblem),
}

impl AnswerProblem {
    /// What to do, in the reader's language.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Missing | Self::NoSuchChoice => t!(language, "survey.problem.choose").into_owned(),
            Self::Text(problem) => problem.message(language),
        }
    }
}

/// All answers, in the order of the questions. Questions left out are not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(Vec<(QuestionKey, Given)>);

impl Answers {
    /// The answers, in the order of the questions.
    pub fn iter(&self) -> impl Iterator<Item = &(QuestionKey, Given)> {
        self.0.iter()
    }

    /// The answer to a question; `None` when it was left out.
    #[must_use]
    pub fn to(&self, key: &QuestionKey) -> Option<&Given> {
        self.0.iter().find(|(of, _)| of == key).map(|(_, given)| given)
    }

    /// The mean of all marks from 1 to 5; `None` without any.
    #[must_use]
    pub fn score(&self) -> Option<Score> {
        let marks: Vec<u32> = self.scales().map(u32::from).collect();
        Score::mean(i64::from(marks.iter().sum::<u32>()) * 100, i64::try_from(marks.len()).unwrap_or(0))
    }

    /// The mark for "would you recommend us", from 0 to 10.
    #[must_use]
    pub fn recommend(&self) -> Option<u8> {
        self.0.iter().find_map(|(_, given)| match given {
            Given::Nps(mark) => Some(*mark),
            _ => None,
        })
    }

    /// The free comment.
    #[must_use]
    pub fn comment(&self) -> Option<&Note> {
        self.0.iter().find_map(|(_, given)| match given {
            Given::Text(text) => Some(text),
            _ => None,
        })
    }

    /// The same marks, without what was written.
    pub(crate) fn erased(self) -> Self {
        let erased = |given| match given {
            Given::Text(_) => Given::Text(Note::erased(1)),
            Given::Scale(_) | Given::YesNo(_) | Given::Nps(_) => given,
        };
        Self(self.0.into_iter().map(|(key, given)| (key, erased(given))).collect())
    }

    /// Whether the answers open a follow-up.
    #[must_use]
    pub fn is_low(&self, rule: &LowScore) -> bool {
        self.scales().any(|mark| mark <= rule.scale_at_most)
            || self.recommend().is_some_and(|mark| rule.recommend_at_most.is_some_and(|most| mark <= most))
    }

    fn scales(&self) -> impl Iterator<Item = u8> {
        self.0.iter().filter_map(|(_, given)| match given {
            Given::Scale(mark) => Some(*mark),
            _ => None,
        })
    }
}

impl Questionnaire {
    /// Reads a form as typed, by the questions' keys. Unknown fields are ignored.
    ///
    /// # Errors
    /// Every question without a valid answer, with what to do.
    pub fn parse(
        &self,
        typed: &BTreeMap<String, String>,
    ) -> Result<Answers, Vec<(QuestionKey, AnswerProblem)>> {
        let (mut answers, mut problems) = (Vec::new(), Vec::new());
        for question in self.questions() {
            let text = typed.get(question.key.as_str()).map_or("", |text| text.trim());
            match (text.is_empty(), question.need) {
                (true, Need::Optional) => {}
                (true, Need::Required) => problems.push((question.key.clone(), AnswerProblem::Missing)),
                (false, _) => match given(question.kind, text) {
                    Ok(given) => answers.push((question.key.clone(), given)),
                    Err(problem) => problems.push((question.key.clone(), problem)),
                },
            }
        }
        if problems.is_empty() { Ok(Answers(answers)) } else { Err(problems) }
    }

    /// Whether the answers fit these questions: each once, in order, of its kind, and all required ones present.
    #[must_use]
    pub fn takes(&self, answers: &Answers) -> bool {
        let mut rest = answers.0.iter().peekable();
        let answered = |question: &Question, rest: &mut std::iter::Peekable<std::slice::Iter<'_, _>>| {
            let next = rest.next_if(|(key, _): &&(QuestionKey, Given)| *key == question.key);
            match next {
                Some((_, given)) => given.fits(question.kind),
                None => question.need == Need::Optional,
            }
        };
        self.questions().iter().all(|question| answered(question, &mut rest)) && rest.next().is_none()
    }
}

fn given(kind: Kind, text: &str) -> Result<Given, AnswerProblem> {
    let mark = || text.parse::<u8>().map_err(|_| AnswerProblem::NoSuchChoice);
    let given = match kind {
        Kind::Scale => Given::Scale(mark()?),
        Kind::Nps => Given::Nps(mark()?),
        Kind::YesNo => Given::YesNo(YesNo::from_code(text).ok_or(AnswerProblem::NoSuchChoice)?),
        Kind::Text => Given::Text(Note::parse(text).map_err(AnswerProblem::Text)?),
    };
    if given.fits(kind) { Ok(given) } else { Err(AnswerProblem::NoSuchChoice) }
}

/// A mean of marks from 1 to 5, in hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Score(pub i64);

impl Score {
    /// The mean of `count` marks that add up to `sum_hundredths`, rounded; `None` for no marks.
    #[must_use]
    pub const fn mean(sum_hundredths: i64, count: i64) -> Option<Self> {
        if count <= 0 { None } else { Some(Self((2 * sum_hundredths + count) / (2 * count))) }
    }

    /// The score as text: `4,25` in Spanish and Portuguese, `4.25` in English.
    #[must_use]
    pub fn message(self, language: Language) -> String {
        format!("{}{}{:02}", self.0 / 100, language.decimal_sign().sign(), self.0 % 100)
    }
}
