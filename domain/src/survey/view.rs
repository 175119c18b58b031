//! Surveys as pages show them: the types that cross the wire.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::answers::Score;
use super::life::{FollowUp, SurveyRound};
use crate::calendar::ZoneView;
use crate::case::{Contact, Recorded};
use crate::case_number::CaseNumber;
use crate::country::Country;
use crate::page::Page;
use crate::questionnaire::Questionnaire;
use crate::time::Instant;

/// A line of the call queue. Holds no personal data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SurveyRow {
    /// Number of the case.
    pub number: CaseNumber,
    /// Country of the site.
    pub country: Country,
    /// The organisation; empty when unknown.
    pub customer: String,
    /// Maker and model as registered, else the serial.
    pub equipment: String,
    /// The site as registered, else the location in the customer's words.
    pub place: String,
    /// When the survey opened.
    pub since: Instant,
    /// Time of the next call.
    pub turn: Instant,
    /// Number of failed calls.
    pub attempts: u32,
    /// The time at the site.
    pub zone: ZoneView,
}

/// A page of the call queue, the next call first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SurveyQueue {
    /// The calls for the reader.
    pub page: Page<SurveyRow>,
    /// Number of calls left out because the reader worked on the case.
    pub others: i64,
    /// The server's time.
    pub now: Instant,
}

/// Whether the reader may make a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhoseCall {
    /// The reader may call: they did not work on the case.
    Yours,
    /// The reader worked on the case.
    SomebodyElses,
}

/// Everything that a call to the customer needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SurveyCall {
    /// Number of the case.
    pub number: CaseNumber,
    /// The organisation; empty when unknown.
    pub customer: String,
    /// Maker and model as registered, else the serial.
    pub equipment: String,
    /// The contact to call.
    pub contact: Contact,
    /// Whether the reader may call.
    pub whose: WhoseCall,
    /// Time of the opening.
    pub opened_at: Instant,
    /// Time of the closing; `None` when the case was reopened since.
    pub closed_at: Option<Instant>,
    /// The last solution.
    pub solution: Option<String>,
    /// The survey; `None` before it opens.
    pub asked: Option<SurveyRound>,
    /// The survey's events so far.
    pub history: Vec<Recorded>,
    /// The time at the site.
    pub zone: ZoneView,
    /// The server's time.
    pub now: Instant,
}

/// The survey on the page of the invitation's link.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SurveyForm {
    /// Number of the case.
    pub number: CaseNumber,
    /// The state of the page.
    pub state: SurveyFormState,
}

/// State of the page of an invitation's link.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurveyFormState {
    /// The survey is open.
    Open {
        /// The questions.
        questionnaire: Questionnaire,
        /// The first instant at which they can no longer be answered.
        until: Instant,
        /// The time at the site.
        zone: ZoneView,
        /// The rejected input, by the questions' keys.
        typed: BTreeMap<String, String>,
        /// The problems of the input: the question's key, and what to do in the reader's language.
        problems: Vec<(String, String)>,
        /// Why the input was rejected although no answer is wrong.
        failure: Option<String>,
    },
    /// The customer has answered.
    Answered,
    /// The survey has ended.
    Over,
}

/// A follow-up: a customer with a low score, or one who was not reached after a failed solution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FollowUpRow {
    /// Number of the case.
    pub number: CaseNumber,
    /// Country of the site.
    pub country: Country,
    /// The organisation; empty when unknown.
    pub customer: String,
    /// The member of the staff who resolved the case.
    pub agent: String,
    /// The mean of the marks from 1 to 5.
    pub score: Option<Score>,
    /// The mark for "would you recommend us".
    pub recommend: Option<u8>,
    /// The comment; empty when there is none.
    pub comment: String,
    /// Time of the answers.
    pub answered_at: Instant,
    /// State of the follow-up.
    pub follow_up: FollowUp,
    /// The time at the site.
    pub zone: ZoneView,
}

/// A page of follow-ups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FollowUpList {
    /// The follow-ups.
    pub page: Page<FollowUpRow>,
    /// The server's time.
    pub now: Instant,
}
