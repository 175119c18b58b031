//! Server functions of the mails' pages.

use domain::calendar::ZoneView;
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::page::Page;
use domain::time::Instant;
use domain::view::{MailState, MailView};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::AppError;
use crate::wire::Wire;

/// A mail as a line of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) id: i64,
    /// `None` for a mail about an account.
    pub(super) case: Option<CaseNumber>,
    pub(super) seen: MailView,
    pub(super) attempts: u32,
    pub(super) next_attempt_at: Instant,
    pub(super) trouble: Option<String>,
    /// The zone of the case's site.
    pub(super) zone: ZoneView,
}

/// A page of the list, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Listed {
    pub(super) page: Page<Line>,
    /// Mails that are held because the mail server refuses the desk itself, or does not answer.
    pub(super) held: i64,
    /// Mails that were given up lately.
    pub(super) dead: i64,
}

/// One mail. Its HTML is shown in a frame of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct MailDetail {
    pub(super) line: Line,
    pub(super) message_id: String,
    pub(super) recipient_name: String,
    pub(super) text: String,
}

/// A kind of mail, with an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct MailKindView {
    pub(super) kind: String,
    /// The key of the kind's name.
    pub(super) name_key: String,
    pub(super) subject: String,
    pub(super) text: String,
}

/// A page of the mails.
#[server(prefix = "/api", endpoint = "mails", protocol = Wire)]
pub(super) async fn read_mails(state: Option<MailState>, page: u32) -> Result<Listed, AppError> {
    let context = crate::pages::staff::session::staff_context()?;
    let Page { rows, paging } = desk::outbox::list(&context.desk, &context.actor, state, page).await?;
    let desk::outbox::Trouble { held, dead } = desk::outbox::trouble(&context.desk, &context.actor).await?;
    let rows = rows.into_iter().map(ssr::line).collect();
    Ok(Listed { page: Page { rows, paging }, held, dead })
}

/// One mail, for administrators.
#[server(prefix = "/api", endpoint = "mail", protocol = Wire)]
pub(super) async fn read_mail(id: String) -> Result<MailDetail, AppError> {
    let context = crate::pages::staff::session::staff_context()?;
    let mail = ssr::mail(&context, &id).await?;
    Ok(MailDetail {
        line: ssr::line(mail.line),
        message_id: mail.message_id,
        recipient_name: mail.recipient_name,
        text: mail.text,
    })
}

/// The kinds of mail, with an example of each in a language.
#[server(prefix = "/api", endpoint = "mail_kinds", protocol = Wire)]
pub(super) async fn read_kinds(language: Language) -> Result<Vec<MailKindView>, AppError> {
    let context = crate::pages::staff::session::staff_context()?;
    let found = desk::outbox::samples(&context.desk, &context.actor, language).await?;
    let seen = |sample: desk::outbox::Sample| MailKindView {
        kind: sample.kind.to_owned(),
        name_key: sample.name_key.to_owned(),
        subject: sample.subject,
        text: sample.text,
    };
    Ok(found.into_iter().map(seen).collect())
}

#[cfg(feature = "ssr")]
pub use ssr::{kind_body, mail_body, post_retry, post_retry_all};

#[cfg(feature = "ssr")]
mod ssr {
    use desk::DeskError;
    use desk::outbox::{Mail, MailId, MailLine, read, retry, retry_all, samples};
    use domain::case::Refusal;
    use domain::i18n::Language;

    use super::Line;
    use crate::AppError;
    use crate::pages::Posted;
    use crate::request::RequestContext;

    pub(super) fn line(line: MailLine) -> Line {
        Line {
            id: line.id.0,
            case: line.case,
            seen: line.seen,
            attempts: line.attempts,
            next_attempt_at: line.next_attempt_at,
            trouble: line.trouble,
            zone: line.zone,
        }
    }

    pub(super) async fn mail(context: &RequestContext, id: &str) -> Result<Mail, AppError> {
        let id = id.parse().map(MailId).map_err(|_| AppError::NotFound)?;
        Ok(read(&context.desk, &context.actor, id).await?)
    }

    /// The HTML of one mail, to be shown in a sandbox under a policy of its own.
    ///
    /// # Errors
    /// When there is no such mail, or the actor may not see it.
    pub async fn mail_body(context: &RequestContext, id: &str) -> Result<String, AppError> {
        mail(context, id).await.map(|mail| mail.html)
    }

    /// The same of a kind of mail, from a made-up case.
    ///
    /// # Errors
    /// When there is no such kind or language, or the actor may not see it.
    pub async fn kind_body(context: &RequestContext, kind: &str, language: &str) -> Result<String, AppError> {
        let language = Language::from_code(language).ok_or(AppError::NotFound)?;
        let all = samples(&context.desk, &context.actor, language).await?;
        let sample = all.into_iter().find(|sample| sample.kind == kind);
        sample.map(|sample| sample.html).ok_or(AppError::NotFound)
    }

    /// Resends all mails that a mail server refused.
    pub async fn post_retry_all(context: &RequestContext) -> Posted {
        match retry_all(&context.desk, &context.actor).await {
            Ok(_) => Posted::Done("/desk/mails?state=queued&done=retried".to_owned()),
            Err(error) => Posted::Failed(error.into()),
        }
    }

    /// Resends one mail that was given up.
    pub async fn post_retry(context: &RequestContext, id: &str) -> Posted {
        let Ok(parsed) = id.parse().map(MailId) else { return Posted::Failed(AppError::NotFound) };
        match retry(&context.desk, &context.actor, parsed).await {
            // Another person has resent it already: the mail's page shows its state.
            Ok(()) | Err(DeskError::Refused(Refusal::DoneAlready)) => {
                Posted::Done(format!("/desk/mails/{}?done=retried", parsed.0))
            }
            Err(error) => Posted::Failed(error.into()),
        }
    }
}
