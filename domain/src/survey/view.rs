//! What is shown of surveys: the shapes that cross the wire.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::answers::Score;
use super::life::{FollowUp, SurveyRound};
use super::questionnaire::Questionnaire;
use crate::calendar::ZoneView;
use crate::calendar::format::month_key;
use crate::case::{Contact, Recorded};
use crate::case_number::CaseNumber;
use crate::country::Country;
use crate::i18n::Language;
use crate::page::Page;
use crate::reports::rounded_share;
use crate::t;
use crate::time::Instant;

/// A case whose customer is to be called, as a line of the queue. Holds no personal data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SurveyRow {
    /// Number of the case that is asked about.
    pub number: CaseNumber,
    /// Where its site is.
    pub country: Country,
    /// The organisation; empty when unknown.
    pub customer: String,
    /// Maker and model as registered, else the serial.
    pub equipment: String,
    /// The site as registered, else the place in the customer's words.
    pub place: String,
    /// Since when the customer is asked.
    pub since: Instant,
    /// When they are to be called.
    pub turn: Instant,
    /// How often somebody called in vain.
    pub attempts: u32,
    /// The time at the site.
    pub zone: ZoneView,
}

/// A page of the call queue, whose turn comes first stands first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SurveyQueue {
    /// The calls for the reader.
    pub page: Page<SurveyRow>,
    /// Calls that are left out because the reader worked on the case.
    pub others: i64,
    /// The server's time.
    pub now: Instant,
}

/// Whether the reader may make the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhoseCall {
    /// The reader may call: they did not work on the case.
    Yours,
    /// They worked on the case.
    SomebodyElses,
}

/// Everything that somebody needs to call a customer about a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SurveyCall {
    /// Number of the case that is asked about.
    pub number: CaseNumber,
    /// The organisation; empty when unknown.
    pub customer: String,
    /// Maker and model as registered, else the serial.
    pub equipment: String,
    /// Whom to call.
    pub contact: Contact,
    /// Whether the reader may.
    pub whose: WhoseCall,
    /// When the case was opened.
    pub opened_at: Instant,
    /// When it was closed; `None` when it has been opened again since.
    pub closed_at: Option<Instant>,
    /// What was done last.
    pub solution: Option<String>,
    /// The survey; `None` when it is not due.
    pub asked: Option<SurveyRound>,
    /// What happened to the survey so far.
    pub history: Vec<Recorded>,
    /// The time at the site.
    pub zone: ZoneView,
    /// The server's time.
    pub now: Instant,
}

/// The survey as its customer sees it, by the link of the invitation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SurveyForm {
    /// Number of the case that was asked about.
    pub number: CaseNumber,
    /// What there is to do.
    pub state: SurveyFormState,
}

/// What the link of an invitation leads to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurveyFormState {
    /// The questions, and until when they can be answered.
    Open {
        /// What is asked.
        questionnaire: Questionnaire,
        /// The first instant at which it can no longer be answered.
        until: Instant,
        /// The time at the site.
        zone: ZoneView,
        /// What was typed before, when it could not be taken.
        typed: BTreeMap<String, String>,
        /// What is wrong with it: the question's key, and what to do in the reader's language.
        problems: Vec<(String, String)>,
        /// Why it could not be taken when no answer is wrong.
        failure: Option<String>,
    },
    /// The customer has answered.
    Answered,
    /// It can no longer be answered.
    Over,
}

/// A customer who is not content, and whom somebody must speak with, or has: by their answers, or without any when nobody
/// reached them after a solution that failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FollowUpRow {
    /// Number of the case whose customer is unhappy.
    pub number: CaseNumber,
    /// Where its site is.
    pub country: Country,
    /// The organisation; empty when unknown.
    pub customer: String,
    /// Who resolved the case.
    pub agent: String,
    /// The mean of the marks.
    pub score: Option<Score>,
    /// Would they recommend us.
    pub recommend: Option<u8>,
    /// What else they had to say; empty when nothing.
    pub comment: String,
    /// When they answered.
    pub answered_at: Instant,
    /// What came of it.
    pub follow_up: FollowUp,
    /// The time at the site.
    pub zone: ZoneView,
}

/// A page of low scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FollowUpList {
    /// The scores.
    pub page: Page<FollowUpRow>,
    /// The server's time.
    pub now: Instant,
}

/// A month of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Month {
    year: i32,
    month: u32,
}

impl Month {
    /// A month of the years 2000 to 2999; `None` for any other.
    #[must_use]
    pub fn new(year: i32, month: u32) -> Option<Self> {
        ((2000..3000).contains(&year) && (1..=12).contains(&month)).then_some(Self { year, month })
    }

    /// Reads a month as reports write it: `2026-11`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let digits = |part: &str, length| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return None;
        }
        Self::new(year.parse().ok()?, month.parse().ok()?)
    }

    /// The month of an instant, by the calendar of a place.
    #[must_use]
    pub fn of(zone: &ZoneView, at: Instant) -> Option<Self> {
        let local = zone.local(at);
        Self::new(local.year, u32::from(local.month))
    }

    /// Its first day.
    #[must_use]
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, self.month, 1).unwrap_or_default()
    }

    /// Its last day.
    #[must_use]
    pub fn last_day(self) -> NaiveDate {
        let day = |day| NaiveDate::from_ymd_opt(self.year, self.month, day);
        day(31).or_else(|| day(30)).or_else(|| day(29)).or_else(|| day(28)).unwrap_or_default()
    }

    /// Its name in a language: `noviembre de 2026`.
    #[must_use]
    pub fn message(self, language: Language) -> String {
        let month = t!(language, month_key(u8::try_from(self.month).unwrap_or(12)));
        t!(language, "calendar.month_year", month = month, year = self.year)
    }

    /// The month that lies `months` before this one.
    #[must_use]
    pub fn back(self, months: u32) -> Self {
        let count = i64::from(self.year) * 12 + i64::from(self.month) - 1 - i64::from(months);
        let year = i32::try_from(count.div_euclid(12)).unwrap_or(self.year);
        let month = u32::try_from(count.rem_euclid(12)).unwrap_or(0) + 1;
        Self::new(year, month).unwrap_or(self)
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

impl TryFrom<String> for Month {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("no month")
    }
}

/// Some months, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The first month.
    pub from: Month,
    /// The last month.
    pub to: Month,
}

choices! {
    /// What results are told apart by.
    pub enum Dimension: "survey.by" {
        /// The month in which customers were asked.
        Month = "month",
        /// The country of the site.
        Country = "country",
        /// The contract's plan.
        Plan = "plan",
        /// Who resolved the case.
        Agent = "agent",
        /// Who was on site last; cases without a visit are left out.
        Technician = "technician",
    }
}

/// What came of the surveys of one group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultLine {
    /// Which group: a month, a country's code, a name; empty when there is none to tell.
    pub group: String,
    /// Customers who were asked.
    pub asked: i64,
    /// Of them, those who answered.
    pub answered: i64,
    /// Of them, those who refused.
    pub refused: i64,
    /// The sum of all scores, in hundredths, and how many there are.
    pub scores: (i64, i64),
    /// Marks of 9 and 10, marks of 6 and less, and all marks for recommending.
    pub marks: (i64, i64, i64),
}

impl ResultLine {
    /// The mean score.
    #[must_use]
    pub const fn score(&self) -> Option<Score> {
        Score::mean(self.scores.0, self.scores.1)
    }

    /// Customers who answered, of a hundred who were asked.
    #[must_use]
    pub const fn response_percent(&self) -> Option<i64> {
        if self.asked > 0 { Some(rounded_share(self.answered, self.asked, 100)) } else { None }
    }

    /// Net promoter score: from -100 to 100.
    #[must_use]
    pub const fn nps(&self) -> Option<i64> {
        let (promoters, detractors, all) = self.marks;
        let lead = promoters - detractors;
        if all > 0 { Some(lead.signum() * rounded_share(lead.abs(), all, 100)) } else { None }
    }
}

/// The results of a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyResults {
    /// The months in which surveys fell due.
    pub period: Period,
    /// All of them together.
    pub total: ResultLine,
    /// The same, told apart.
    pub by: Vec<(Dimension, Vec<ResultLine>)>,
}
