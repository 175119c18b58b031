//! What administrators set in the browser: lists, one form an entry, and who changed what. The server alone draws these pages:
//! they are plain forms, and no bundle is loaded for them (`docs/decisions/0038`).

mod calendar;
mod causes;
mod changes;
mod closures;
mod fields;
mod formats;
mod labels;
mod lists;
mod mail_texts;
mod plan;
mod provider;
mod questionnaires;
mod replies;
mod report;
mod retirement;
mod rows;
mod serial_formats;
mod team;
mod trial;
mod waiting;
mod year;

use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::NaiveDate;
use desk::settings::{self, Fields, FileProblem, Outcome, PlanContracts, Request, SettingsReport, Subject};
use desk::{Desk, DeskError};
use domain::actor::{Action, Actor, Subject as Of, may};
use domain::calendar::zone::Zone;
use domain::i18n::Language;
use domain::t;
use domain::time::Instant;
use domain::wording::MailTextKind;
use http::StatusCode;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

pub use calendar::CalendarPage;
pub use causes::CausesPage;
pub use changes::ChangesPage;
pub use closures::{CLOSURES_FILE, post_closures};
pub use formats::FormatsPage;
pub use lists::{CalendarsPage, PlansPage};
pub use mail_texts::{MailTextPage, MailTextsPage, post_mail_text};
pub use plan::PlanPage;
pub use provider::{LOGO_FILE, ProviderPage, post_provider};
pub use questionnaires::{QuestionnairePage, QuestionnairesPage};
pub use replies::{RepliesPage, ReplyPage};
pub use serial_formats::SerialFormatsPage;
pub use team::{TeamPage, TeamsPage};
pub use waiting::WaitingPage;

use super::Section;
use crate::AppError;
use crate::request::{RequestContext, request_context};

/// The name of the field that says what is to be done.
const ACTION: &str = "action";
/// The day from which a change counts; empty for at once.
const EFFECTIVE_FROM: &str = "effective_from";
/// What the preview that stands on the page was made of.
const PREVIEWED: &str = "previewed";
/// The last part of the address of a new entry.
const NEW: &str = "new";

/// What a post of the form asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ask {
    Preview,
    Save,
}

/// What comes back to a form: what was typed, and what it would change, or what is wrong with it.
#[derive(Debug, Clone)]
pub struct SettingsReply {
    fields: Fields,
    effective_from: String,
    outcome: Result<SettingsReport, String>,
    /// The digest of what the report is about.
    previewed: u64,
    /// What came of a trial of words of mails.
    trial: Option<mail_texts::Trial>,
    /// What was read of a file of closures that came along.
    file: Option<closures::ClosuresFile>,
    /// The value that was typed to try the formats, and what they say of it.
    tried: Option<trial::Tried>,
}

impl SettingsReply {
    /// What was typed into the form of the page at `path` before a new sign-in, and what is said of it.
    pub(super) fn kept(path: &str, pairs: Vec<(String, String)>, words: String) -> Self {
        let entry = path.strip_prefix("/desk/admin/").and_then(|rest| rest.split_once('/'));
        let mut typed = match entry {
            Some((_, id)) => Typed::of_entry(id, pairs),
            None => Typed::of(pairs),
        };
        if let Some(kind) = path.strip_prefix(Section::of(Subject::MailTexts).address())
            && let Some(kind) = kind.strip_prefix('/')
        {
            typed.fields.insert("kind".to_owned(), kind.to_owned());
        }
        Self {
            fields: settings::tidy(rows::arranged(typed.fields)),
            effective_from: typed.day,
            outcome: Err(words),
            previewed: 0,
            trial: None,
            file: None,
            tried: None,
        }
    }

    /// What is wrong with a field or with a part of it, in the reader's language.
    fn problem(&self, key: &str, language: Language) -> Option<String> {
        self.found(key, language, |field| field == key || field.starts_with(&format!("{key}.")))
    }

    /// What is wrong with a list as a whole.
    fn problem_of_list(&self, key: &str, language: Language) -> Option<String> {
        self.found(key, language, |field| field == key)
    }

    fn found(&self, key: &str, language: Language, is_of: impl Fn(&str) -> bool) -> Option<String> {
        let Ok(report) = &self.outcome else { return None };
        let found = report.problems.iter().find(|problem| is_of(&problem.field()))?;
        Some(labels::reason(language, key, &found.reason))
    }
}

/// What became of a posted form.
#[derive(Debug)]
pub enum SettingsPosted {
    /// It was written; the browser goes on there.
    Done(String),
    /// The page again.
    Again(StatusCode, Box<SettingsReply>),
    /// There is no page to show it on.
    Failed(AppError),
}

/// Takes the form of an entry: shows what it would change, or writes it once that was shown.
pub async fn post_settings(
    asked: &RequestContext,
    subject: Subject,
    id: &str,
    pairs: Vec<(String, String)>,
) -> SettingsPosted {
    if let Err(refused) = may(&asked.actor, Action::ChangeSettings, Of::Desk) {
        return SettingsPosted::Failed(DeskError::from(refused).into());
    }
    answer(asked, subject, Typed::of_entry(id, pairs), None).await
}

/// The same of a subject that has one entry; rows of lists are put into the order of their numbers. A value to try is tried.
pub async fn post_single(
    asked: &RequestContext,
    subject: Subject,
    pairs: Vec<(String, String)>,
) -> SettingsPosted {
    if let Err(refused) = may(&asked.actor, Action::ChangeSettings, Of::Desk) {
        return SettingsPosted::Failed(DeskError::from(refused).into());
    }
    let mut typed = Typed::of(pairs);
    typed.fields = rows::arranged(typed.fields);
    let tried = match trial::Tried::take(asked, subject, &mut typed.fields) {
        Ok(tried) => tried,
        Err(error) => return SettingsPosted::Failed(error.into()),
    };
    let mut posted = answer(asked, subject, typed, None).await;
    if let SettingsPosted::Again(_, reply) = &mut posted {
        reply.tried = tried;
    }
    posted
}

/// A form as it was sent.
struct Typed {
    fields: Fields,
    /// The day from which the change counts, as typed.
    day: String,
    ask: Ask,
    /// The digest of the preview that stood on the page.
    previewed: Option<u64>,
}

impl Typed {
    /// The form of the entry that an address names.
    fn of_entry(id: &str, pairs: Vec<(String, String)>) -> Self {
        let mut typed = Self::of(pairs);
        typed.fields = rows::arranged(typed.fields);
        if id == NEW {
            typed.fields.remove("id");
            typed.fields.remove("version");
        } else {
            typed.fields.insert("id".to_owned(), id.to_owned());
        }
        typed
    }

    fn of(pairs: Vec<(String, String)>) -> Self {
        let (fields, day, ask) = (Fields::new(), String::new(), Ask::Preview);
        let mut typed = Self { fields, day, ask, previewed: None };
        for (name, value) in pairs {
            match name.as_str() {
                ACTION if value == "save" => typed.ask = Ask::Save,
                EFFECTIVE_FROM => value.trim().clone_into(&mut typed.day),
                // A form without its file names the file alone.
                ACTION | CLOSURES_FILE => {}
                PREVIEWED => typed.previewed = value.parse::<u64>().ok(),
                // A field of several inputs is a list.
                _ => {
                    let field = typed.fields.entry(name);
                    field.and_modify(|list| *list = format!("{list}, {value}")).or_insert(value);
                }
            }
        }
        typed
    }
}

/// Shows or writes what was typed. `wrong` is a problem that was found before.
async fn answer(
    asked: &RequestContext,
    subject: Subject,
    typed: Typed,
    wrong: Option<FileProblem>,
) -> SettingsPosted {
    let Typed { fields, day, ask, previewed } = typed;
    let fields = settings::tidy(fields);
    let seen = match retirement::seen(asked, subject, &fields).await {
        Ok(seen) => seen,
        Err(error) => return SettingsPosted::Failed(error.into()),
    };
    let digest = digest(&fields, &day, &seen);
    let again = |status, fields, outcome| {
        let reply = SettingsReply {
            fields,
            effective_from: day.clone(),
            outcome,
            previewed: digest,
            trial: None,
            file: None,
            tried: None,
        };
        SettingsPosted::Again(status, Box::new(reply))
    };
    let effective_from = match first_moment(&asked.desk, &day) {
        Ok(moment) => moment,
        Err(key) => {
            let words = t!(asked.language, key).into_owned();
            return again(StatusCode::UNPROCESSABLE_ENTITY, fields, Err(words));
        }
    };
    // What was typed since the preview was not shown to anybody.
    let request = match ask {
        Ask::Save if previewed == Some(digest) && wrong.is_none() => Request::Apply { effective_from },
        Ask::Save | Ask::Preview => Request::DryRun { effective_from },
    };
    let changed = settings::change_entry(&asked.desk, &asked.actor, subject, fields.clone(), request).await;
    match changed {
        Ok((_, report)) if report.outcome == Outcome::Written => {
            SettingsPosted::Done(format!("{}?saved=yes", Section::of(subject).address()))
        }
        Ok((fields, mut report)) => {
            report.problems.extend(wrong);
            let is_wrong = !report.problems.is_empty();
            let status = if is_wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            again(status, fields, Ok(report))
        }
        Err(error) => {
            let error = AppError::from(error);
            again(error.status(), fields, Err(error.message(asked.language)))
        }
    }
}

/// A number that differs when the form does, or the contracts that were shown beside it. It protects nothing: it tells an
/// edited form from the one that was shown. An empty field counts like a missing one: a row that was read from a file
/// has fewer than the form draws.
fn digest(fields: &Fields, day: &str, seen: &PlanContracts) -> u64 {
    let mut hasher = DefaultHasher::new();
    let filled: Vec<_> = fields.iter().filter(|(_, text)| !text.is_empty()).collect();
    (filled, day, seen).hash(&mut hasher);
    hasher.finish()
}

/// When a local day begins in the zone of the contact centre; now for no day. Else the key of what is wrong.
fn first_moment(desk: &Desk, day: &str) -> Result<Instant, &'static str> {
    let now = desk.now();
    if day.is_empty() {
        return Ok(now);
    }
    let day: NaiveDate = day.parse().map_err(|_| "settings.page.day_wrong")?;
    let moment = desk.brand().provider.zone.first_instant(day).ok_or("settings.page.day_wrong")?;
    if moment < now { Err("settings.past") } else { Ok(moment) }
}

/// The zone in which days of settings begin: that of the provider's centre.
pub(super) fn centre_zone() -> Option<Zone> {
    request_context().ok().map(|asked| asked.desk.brand().provider.zone)
}

/// The entry that the page's address names, from what came back to its form, or from the desk.
struct Form {
    subject: Subject,
    /// The last part of the page's address.
    id: String,
    fields: Fields,
    reply: Option<SettingsReply>,
    /// Whether the reader changes it, or only reads it.
    access: Access,
}

/// What a reader may do with a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    Change,
}

impl Access {
    fn of(actor: &Actor) -> Self {
        if may(actor, Action::ChangeSettings, Of::Desk).is_ok() { Self::Change } else { Self::Read }
    }
}

/// What the address of a page says.
struct Address {
    id: String,
    /// The entry that a new one is a copy of.
    copy_of: Option<i64>,
    /// The moment of an earlier state.
    at: Option<Instant>,
}

impl Address {
    fn of_page() -> Self {
        let (params, query) = (use_params_map(), use_query_map());
        let number = |name: &str| query.with_untracked(|query| query.get(name)?.parse::<i64>().ok());
        Self {
            id: params.with_untracked(|params| params.get("id").unwrap_or_default()),
            copy_of: number("from"),
            at: number("at").map(Instant),
        }
    }
}

/// The id of the entry that a page's address names: words of mails are named by their kind.
fn entry_id(subject: Subject, id: &str) -> Option<i64> {
    match subject {
        Subject::MailTexts => MailTextKind::from_code(id).map(MailTextKind::place),
        _ => id.parse().ok(),
    }
}

/// Reads the entry of a page.
async fn form(asked: &RequestContext, subject: Subject, address: Address) -> Result<Form, AppError> {
    // Before the address is looked at, so that nobody else learns what there is.
    may(&asked.actor, Action::ReadSettings, Of::Desk).map_err(DeskError::from)?;
    let reply: Option<SettingsReply> = use_context();
    let access = Access::of(&asked.actor);
    let Address { id, copy_of, at } = address;
    let read = async |id: i64| {
        settings::entry(&asked.desk, &asked.actor, subject, id, at.unwrap_or(asked.desk.now())).await
    };
    let fields = match (&reply, id.as_str()) {
        (Some(reply), _) => reply.fields.clone(),
        (None, NEW) => {
            let mut fields = match copy_of {
                Some(other) => read(other).await?,
                None => Fields::new(),
            };
            fields.retain(|key, _| !["id", "version", "name"].contains(&key.as_str()));
            fields
        }
        (None, id) => read(entry_id(subject, id).ok_or(DeskError::NotFound)?).await?,
    };
    Ok(Form { subject, id, fields, reply, access })
}
