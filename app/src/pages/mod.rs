//! The pages, by who they are for.

mod reply;

pub mod portal;
pub mod staff;

pub use reply::PostReply;
#[cfg(feature = "ssr")]
pub use reply::Posted;

/// What a page is told when a survey cannot be shown.
#[cfg(feature = "ssr")]
fn survey_error(error: desk::survey::SurveyError) -> crate::AppError {
    use crate::AppError;
    use crate::request::{internal, refuse};
    use desk::survey::SurveyError;

    match error {
        SurveyError::NotFound => refuse(AppError::NotFound),
        SurveyError::NotPermitted(refused) => {
            refuse(AppError::Refused(domain::case::Refusal::NotPermitted(refused)))
        }
        SurveyError::Store(error) => internal(error),
    }
}
