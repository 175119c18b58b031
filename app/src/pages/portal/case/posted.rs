//! Plain forms on a case's page.

use desk::cases::message_files::SentFile;

use super::api::{Amending, Answer, Confirmed, amend, answer, cancel, write};
use super::posting::TrackForm;
use crate::AppError;
use crate::pages::Typed;
use crate::pages::portal::visit::{Answerer, answer_visit};
use crate::request::RequestContext;

/// Executes one of them, by the last part of the case's link.
///
/// # Errors
/// The reason of a refusal; [`AppError::Wrong`] for fields that are wrong.
pub async fn post_on_case(
    context: &RequestContext,
    tracking: &str,
    form: TrackForm,
    typed: &Typed,
) -> Result<(), AppError> {
    let text = |name: &str| typed.get(name).map_or("", String::as_str);
    match form {
        TrackForm::Answer => {
            let given = Answer::from_code(text("answer")).ok_or(AppError::Malformed)?;
            answer(context, tracking, given, text("said")).await
        }
        TrackForm::Amend => amend(context, tracking, &Amending::read(typed)).await,
        TrackForm::Cancel => {
            let confirmed = (text("confirmed") == "yes").then_some(Confirmed::Yes);
            cancel(context, tracking, confirmed, text("reason")).await
        }
        TrackForm::Message => write(context, tracking, text("text"), Vec::new()).await,
        TrackForm::Visit => answer_visit(context, Answerer::Tracking(tracking), typed).await,
    }
}

/// Writes a customer's message with files, by the last part of the case's link.
///
/// # Errors
/// The reason of a refusal; [`AppError::Wrong`] for a text or files that are wrong. Nothing is written then.
pub async fn post_message(
    context: &RequestContext,
    tracking: &str,
    typed: &Typed,
    files: Vec<SentFile>,
) -> Result<(), AppError> {
    write(context, tracking, typed.get("text").map_or("", String::as_str), files).await
}
