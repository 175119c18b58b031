//! The survey after the end of a case (letter, step 8): questions, answers and rules.
//!
//! It is part of the case's history: [`SurveyEvent`] folds into [`Survey`]. No clock of the case depends on it.

mod answers;
mod decide;
mod event;
mod life;
mod view;

pub use answers::{AnswerProblem, Answers, Given, Score, YesNo};
pub(crate) use decide::decide;
pub use decide::{SurveyCommand, SurveyRefusal};
pub use event::{FollowUpOutcome, SurveyEvent, Way};
pub use life::{Ended, FollowUp, Handler, Survey, SurveyRound};
pub use view::{
    FollowUpList, FollowUpRow, SurveyCall, SurveyForm, SurveyFormState, SurveyQueue, SurveyRow, WhoseCall,
};

pub use crate::questionnaire::{
    HIGHEST_NPS, HIGHEST_SCALE, Kind, Need, QUESTION_CHARS_MAX, QUESTIONS_MAX, Question, QuestionKey,
    Questionnaire, QuestionnaireId, QuestionnaireProblem, Texts,
};
