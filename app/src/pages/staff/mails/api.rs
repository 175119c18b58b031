//! What the mails' pages ask of the server.

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
    /// The time at the site of the case.
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

/// One mail; its HTML is shown in a frame of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct MailDetail {
    pub(super) line: Line,
    pub(super) message_id: String,
    pub(super) recipient_name: String,
    pub(super) text: String,
}

/// A kind of mail as an example shows it.
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
    let asked = crate::pages::staff::session::staff_context()?;
    let Page { rows, paging } = desk::outbox::list(&asked.desk, &asked.actor, state, page).await?;
    let desk::outbox::Trouble { held, dead } = desk::outbox::trouble(&asked.desk, &asked.actor).await?;
    let rows = rows.into_iter().map(ssr::line).collect();
    Ok(Listed { page: Page { rows, paging }, held, dead })
}

/// Reads one mail for the administrators.
#[server(prefix = "/api", endpoint = "mail", protocol = Wire)]
pub(super) async fn read_mail(id: String) -> Result<MailDetail, AppError> {
    let asked = crate::pages::staff::session::staff_context()?;
    let mail = ssr::mail(&asked, &id).await?;
    Ok(MailDetail {
        line: ssr::line(mail.line),
        message_id: mail.message_id,
        recipient_name: mail.recipient_name,
        text: mail.text,
    })
}

/// What each kind of mail looks like in a language.
#[server(prefix = "/api", endpoint = "mail_kinds", protocol = Wire)]
pub(super) async fn read_kinds(language: Language) -> Result<Vec<MailKindView>, AppError> {
    let asked = crate::pages::staff::session::staff_context()?;
    let found = desk::outbox::samples(&asked.desk, &asked.actor, language).await?;
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

    pub(super) async fn mail(asked: &RequestContext, id: &str) -> Result<Mail, AppError> {
        let id = id.parse().map(MailId).map_err(|_| AppError::NotFound)?;
        Ok(read(&asked.desk, &asked.actor, id).await?)
    }

    /// The HTML form of one mail: to be shown in a sandbox, under a policy of its own.
    ///
    /// # Errors
    /// When there is no such mail, or the asker may not see it.
    pub async fn mail_body(asked: &RequestContext, id: &str) -> Result<String, AppError> {
        mail(asked, id).await.map(|mail| mail.html)
    }

    /// The same of a kind of mail, from a made-up case.
    ///
    /// # Errors
    /// When there is no such kind or language, or the asker may not see it.
    pub async fn kind_body(asked: &RequestContext, kind: &str, language: &str) -> Result<String, AppError> {
        let language = Language::from_code(language).ok_or(AppError::NotFound)?;
        let all = samples(&asked.desk, &asked.actor, language).await?;
        let sample = all.into_iter().find(|sample| sample.kind == kind);
        sample.map(|sample| sample.html).ok_or(AppError::NotFound)
    }

    /// Sends once more all that a mail server refused.
    pub async fn post_retry_all(asked: &RequestContext) -> Posted {
        match retry_all(&asked.desk, &asked.actor).await {
            Ok(_) => Posted::Done("/desk/mails?state=queued&done=retried".to_owned()),
            Err(error) => Posted::Failed(error.into()),
        }
    }

    /// Sends a mail that was given up once more.
    pub async fn post_retry(asked: &RequestContext, id: &str) -> Posted {
        let Ok(parsed) = id.parse().map(MailId) else { return Posted::Failed(AppError::NotFound) };
        match retry(&asked.desk, &asked.actor, parsed).await {
            // Somebody else was faster: the mail's page says where it stands.
            Ok(()) | Err(DeskError::Refused(Refusal::DoneAlready)) => {
                Posted::Done(format!("/desk/mails/{}?done=retried", parsed.0))
            }
            Err(error) => Posted::Failed(error.into()),
        }
    }
}
