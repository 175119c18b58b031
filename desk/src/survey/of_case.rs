//! The survey of one case, for programs.

use domain::actor::{Action, Actor, Subject, may};
use domain::case_number::CaseNumber;
use domain::survey::SurveyRound;

use crate::Desk;
use crate::DeskError;
use crate::events;
use crate::reach::Reach;

/// The survey of a case as far as it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseSurvey {
    /// The latest cycle; `None` before the first survey opens, and after a reopening of a case whose customer did not answer.
    pub asked: Option<SurveyRound>,
    /// Version of the case.
    pub version: u32,
    /// Zone of its site.
    pub zone: String,
}

/// The survey of a case, with its answers. A case that the actor may not read is none.
///
/// # Examples
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/setup.rs"));
/// # fn main() -> Example { on_a_desk(async |desk| {
/// # let number = a_case(&desk).await?;
/// let survey = desk::survey::case_survey(&desk, &agent(), number).await?;
/// assert_eq!(survey.asked, None, "the case is open still");
/// # Ok(()) }) }
/// ```
///
/// # Errors
/// See [`DeskError`].
pub async fn case_survey(desk: &Desk, actor: &Actor, number: CaseNumber) -> Result<CaseSurvey, DeskError> {
    let mut reader = desk.store().reader().await?;
    Reach::of(actor).require(&mut reader, number).await?;
    let history = events::history(&mut reader, number).await?;
    reader.done();
    if history.is_empty() {
        return Err(DeskError::NotFound);
    }
    let case = events::fold(&history)?;
    let subject = Subject::Case { number, country: case.opening.report.country };
    may(actor, Action::ReadCaseFile, subject).map_err(|_| DeskError::NotFound)?;
    Ok(CaseSurvey {
        asked: case.survey().asked().cloned(),
        version: case.version,
        zone: case.opening.hours.zone,
    })
}
