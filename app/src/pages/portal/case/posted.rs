//! Plain forms on a case's page.

use desk::DeskError;
use desk::cases::execute::{Expected, execute_command};
use desk::cases::message_files::SentFile;
use desk::cases::tracking::held;
use domain::actor::ParticipantId;
use domain::case::{Command, ParticipantCommand, ParticipantRefusal, Refusal};

use super::api::{Amending, Answer, Confirmed, amend, answer, cancel, invite, write};
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
        TrackForm::Invite => invite(context, tracking, typed).await,
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

/// Removes a participant, by the last part of the contact's link.
///
/// # Errors
/// [`AppError::NotFound`] for a link of no case, [`AppError::NotPermitted`] for a participant's.
pub async fn remove_participant(context: &RequestContext, tracking: &str, id: u32) -> Result<(), AppError> {
    let (number, actor) = context.by_link(tracking).await?;
    let remove = ParticipantCommand::Remove { participant: ParticipantId(id) };
    let done =
        execute_command(&context.desk, &actor, number, Expected::Any, Command::Participant(remove)).await;
    match done {
        // They have left meanwhile: nothing is left to do.
        Ok(_) | Err(DeskError::Refused(Refusal::Participant(ParticipantRefusal::NotHere))) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Ends the part of a participant, by the last part of their own link, whoever else is signed in.
///
/// # Errors
/// [`AppError::NotFound`] for a link of no case, [`AppError::NotPermitted`] for the contact's, [`AppError::TooOften`].
pub async fn leave_case(context: &RequestContext, tracking: &str) -> Result<(), AppError> {
    context.unhurried()?;
    let held = held(&context.desk, tracking).await?;
    let leave = Command::Participant(ParticipantCommand::Leave);
    execute_command(&context.desk, &held.actor(None), held.number, Expected::Any, leave).await?;
    Ok(())
}
