//! What is shown of surveys: the shapes that cross the wire.

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
