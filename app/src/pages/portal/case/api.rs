//! Server functions of a customer's case pages. Each checks the actor, parses, and calls the desk once.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::page::CustomersPage;
use super::posting::TrackReply;
use crate::AppError;
use crate::wire::Wire;

/// A case by the last part of its link.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CustomersCase {
    /// The case as its customer sees it.
    pub(super) page: CustomersPage,
    /// The reader of the page.
    pub(super) seen_by: Reader,
    /// The reply to a plain form of the page.
    pub(super) reply: Option<TrackReply>,
}

/// The reader of a customer's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reader {
    /// The contact, by the case's link.
    Contact,
    /// A participant, who writes and says nothing in the contact's name.
    Participant,
    /// A member of the staff, who says nothing there.
    Staff,
}

/// A case as its customer sees it, by the last part of the link.
///
/// # Errors
/// [`AppError::NotFound`] for a link of no case, [`AppError::LinkExpired`].
#[server(prefix = "/api", endpoint = "tracked_case", protocol = Wire)]
pub(super) async fn tracked_case(tracking: String) -> Result<CustomersCase, AppError> {
    use desk::cases::read::read_case;
    use desk::cases::tracking::held;

    let context = crate::request::request_context()?;
    let held = held(&context.desk, &tracking).await?;
    let page = read_case(&context.desk, &held.actor(None), held.number).await?;
    let holder = if held.participant.is_some() { Reader::Participant } else { Reader::Contact };
    let seen_by = if context.is_staff() { Reader::Staff } else { holder };
    let page = CustomersPage::of(page, &tracking, holder);
    Ok(CustomersCase { page, seen_by, reply: TrackReply::of_page() })
}

/// A customer's answer to a solution, by the last part of the link: it works, or it still fails. Once the case is closed it
/// says that the fault came back. `said` is the customer's comment.
///
/// # Errors
/// [`AppError::NotFound`] for a link of no case, [`AppError::Refused`] when no answer is open.
#[server(prefix = "/api", endpoint = "answer_case", protocol = Wire)]
pub(super) async fn answer_case(tracking: String, answer: Answer, said: String) -> Result<(), AppError> {
    server::answer(&crate::request::request_context()?, &tracking, answer, &said).await
}

/// A message of a customer, by the last part of the link.
///
/// # Errors
/// [`AppError::NotFound`] for a link of no case, [`AppError::TooOften`] or [`AppError::Refused`] for too many messages or
/// after the end.
#[server(prefix = "/api", endpoint = "write_to_desk", protocol = Wire)]
pub(super) async fn write_to_desk(tracking: String, text: String) -> Result<(), AppError> {
    server::write(&crate::request::request_context()?, &tracking, &text, Vec::new()).await
}

/// Cancels a customer's case, by the last part of the link; `confirmed` is the customer's confirmation.
///
/// # Errors
/// [`AppError::NotFound`] for a link of no case, [`AppError::Wrong`] without the confirmation, [`AppError::Refused`] when the
/// case cannot be cancelled any more.
#[server(prefix = "/api", endpoint = "cancel_case", protocol = Wire)]
pub(super) async fn cancel_case(
    tracking: String,
    confirmed: Option<Confirmed>,
    reason: String,
) -> Result<(), AppError> {
    server::cancel(&crate::request::request_context()?, &tracking, confirmed, &reason).await
}

/// The confirmation of a cancellation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Confirmed {
    /// The customer has confirmed.
    #[serde(rename = "yes")]
    Yes,
}

domain::choices! {
    /// A customer's answer by the case's link.
    pub enum Answer {
        /// The solution works.
        Works = "works",
        /// The solution does not work.
        StillFails = "still_fails",
        /// The fault came back after closing.
        CameBack = "came_back",
    }
}

/// The customer's amendment, as typed. The place is not theirs to change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Amending {
    /// The version of the case that the customer read.
    pub seen: u32,
    /// Name of the contact.
    pub name: String,
    /// The contact's telephone, as typed.
    pub phone: String,
    /// The contact's second telephone.
    pub second: String,
    /// The contact's mail address.
    pub mail: String,
    /// The description of the fault.
    pub fault: String,
    /// The reason of the amendment.
    pub reason: String,
}

/// Amends a customer's report, by the last part of the link.
///
/// # Errors
/// [`AppError::NotFound`] for a link of no case, [`AppError::Wrong`] for fields that are wrong, [`AppError::TooOften`] or
/// [`AppError::Refused`] when nothing is changed.
#[server(prefix = "/api", endpoint = "amend_case", protocol = Wire)]
pub(super) async fn amend_case(tracking: String, typed: Amending) -> Result<(), AppError> {
    server::amend(&crate::request::request_context()?, &tracking, &typed).await
}

#[cfg(feature = "ssr")]
pub(super) use server::{amend, answer, cancel, invite, write};

#[cfg(feature = "ssr")]
mod server {
    use desk::cases::execute::{Expected, execute_command};
    use desk::cases::message_files::{SentFile, write_by_link};
    use desk::cases::read::read_case;
    use domain::actor::Actor;
    use domain::case::{
        AmendField, AmendForm, Command, MessageCommand, ParticipantCommand, RevisionCommand,
        TerminationCommand, Verdict, report_at,
    };
    use domain::i18n::Language;
    use domain::intake::FieldProblem;
    use domain::mail_address::MailAddress;
    use domain::text::{Note, PersonName, Reason, TextProblem, optional};

    use super::Amending;
    use crate::AppError;
    use crate::pages::Typed;
    use crate::request::RequestContext;

    /// Executes a customer's answer, for the page's script and for the plain form.
    ///
    /// # Errors
    /// See [`super::answer_case`].
    pub async fn answer(
        context: &RequestContext,
        tracking: &str,
        answer: super::Answer,
        said: &str,
    ) -> Result<(), AppError> {
        let (number, actor) = context.by_link(tracking).await?;
        let wrong = |problem: TextProblem| AppError::wrong("said", problem.message(context.language));
        let note = || optional(said, Note::parse).map_err(wrong);
        let verify = |verdict, said| Command::Verify { verdict, channel: None, who: None, said };
        let command = match answer {
            super::Answer::Works => verify(Verdict::Works, note()?),
            super::Answer::StillFails => verify(Verdict::StillFails, note()?),
            super::Answer::CameBack => Command::Reopen { said: Note::parse(said).map_err(wrong)? },
        };
        // Without a version: only the rules decide whether an answer comes too late.
        execute_command(&context.desk, &actor, number, Expected::Any, command).await?;
        Ok(())
    }

    /// Cancels a customer's case, for the page's script and for the plain form.
    ///
    /// # Errors
    /// See [`super::cancel_case`].
    pub async fn cancel(
        context: &RequestContext,
        tracking: &str,
        confirmed: Option<super::Confirmed>,
        reason: &str,
    ) -> Result<(), AppError> {
        let (number, actor) = context.by_link(tracking).await?;
        if confirmed.is_none() {
            let words = domain::t!(context.language, "track.cancel.unconfirmed");
            return Err(AppError::wrong("confirmed", words.into_owned()));
        }
        let reason = optional(reason, Reason::parse)
            .map_err(|problem| AppError::wrong("reason", problem.message(context.language)))?;
        let command = Command::Termination(TerminationCommand::CancelOwn { reason });
        execute_command(&context.desk, &actor, number, Expected::Any, command).await?;
        Ok(())
    }

    /// Executes a customer's message, for the page's script and for the plain form.
    ///
    /// # Errors
    /// See [`super::write_to_desk`].
    pub async fn write(
        context: &RequestContext,
        tracking: &str,
        text: &str,
        files: Vec<SentFile>,
    ) -> Result<(), AppError> {
        let (number, actor) = context.by_link(tracking).await?;
        let text = Note::parse(text)
            .map_err(|problem| AppError::wrong("text", problem.message(context.language)))?;
        if files.is_empty() {
            let command = Command::Message(MessageCommand::Write { text });
            execute_command(&context.desk, &actor, number, Expected::Any, command).await?;
            return Ok(());
        }
        let done = write_by_link(&context.desk, (&actor, context.source), number, text, files).await;
        done.map(drop).map_err(|error| AppError::of_message(error, context.language))
    }

    /// Invites another person, for the plain form.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for a link of no case, [`AppError::Wrong`] for fields that are wrong, [`AppError::Refused`] where a
    /// rule refuses it.
    pub async fn invite(context: &RequestContext, tracking: &str, typed: &Typed) -> Result<(), AppError> {
        let (number, actor) = context.by_link(tracking).await?;
        let text = |name: &str| typed.get(name).map_or("", String::as_str);
        let name = PersonName::parse(text("name")).map_err(|problem| problem.message(context.language));
        let mail = MailAddress::parse(text("mail")).map_err(|problem| problem.message(context.language));
        let (name, mail) = match (name, mail) {
            (Ok(name), Ok(mail)) => (name, mail),
            (name, mail) => {
                let problem =
                    |field: &str, words: Option<String>| words.map(|words| (field.to_owned(), words));
                let problems = [problem("name", name.err()), problem("mail", mail.err())];
                return Err(AppError::Wrong(problems.into_iter().flatten().collect()));
            }
        };
        let language = Language::from_code(text("language")).unwrap_or(context.language);
        let command = Command::Participant(ParticipantCommand::Invite { name, mail, language });
        execute_command(&context.desk, &actor, number, Expected::Any, command).await?;
        Ok(())
    }

    /// Amends a customer's report, for the page's script and for the plain form.
    ///
    /// # Errors
    /// See [`super::amend_case`].
    pub async fn amend(context: &RequestContext, tracking: &str, typed: &Amending) -> Result<(), AppError> {
        let (number, actor) = context.by_link(tracking).await?;
        let page = read_case(&context.desk, &Actor::Customer(number), number).await?;
        let seen = report_at(&page.history, typed.seen).ok_or(AppError::NotFound)?;
        let Amending { name, phone, second, mail, fault, reason, .. } = typed.clone();
        let form =
            AmendForm { name, phone, second, mail, fault, reason, location: seen.location.to_string() };
        let what = form.read(&seen).map_err(|problems| {
            let told = |(field, problem): &(AmendField, FieldProblem)| {
                (name_of(*field).to_owned(), problem.message(context.language))
            };
            AppError::Wrong(problems.iter().map(told).collect())
        })?;
        let command = Command::Revision(RevisionCommand::Amend { what: Box::new(what), undelivered: 0 });
        execute_command(&context.desk, &actor, number, Expected::Any, command).await?;
        Ok(())
    }

    /// The name of a field in the form.
    const fn name_of(field: AmendField) -> &'static str {
        match field {
            AmendField::Name => "name",
            AmendField::Phone => "phone",
            AmendField::Second => "second",
            AmendField::Mail => "mail",
            AmendField::Location => "location",
            AmendField::Fault => "fault",
            AmendField::Reason => "reason",
        }
    }
}
