//! The survey after the end of a case (letter, step 8): what is asked, what was answered, and how a survey lives.
//!
//! It is part of the case's history, like everything else that happens to a case: [`SurveyEvent`] folds into
//! [`Survey`], and no clock of the case knows of it.

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
    HIGHEST_NPS, HIGHEST_SCALE, Kind, Need, Question, QuestionKey, Questionnaire, QuestionnaireProblem, Texts,
};
