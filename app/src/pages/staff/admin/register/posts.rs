//! The forms of the register.

use desk::register::{EntryKey, Fields, MergeError, SaveError, Saved, Target, merge, save};
use domain::i18n::Language;
use domain::register::RegisterKind;
use domain::t;
use http::StatusCode;

use super::merge::words;
use super::{NEW, entry_address, kind_of};
use crate::AppError;
use crate::pages::{PostReply, Posted, Typed};
use crate::request::RequestContext;

/// Takes the form of an entry, or of a new one. `organisation` is the one in the address of a new entry's form.
pub async fn post_register_entry(
    asked: &RequestContext,
    kind: &str,
    id: &str,
    organisation: Option<i64>,
    typed: Typed,
) -> Posted {
    let Some(kind) = kind_of(kind) else { return Posted::Failed(AppError::NotFound) };
    let Some(target) = target(kind, id, organisation, &typed) else {
        return Posted::Failed(AppError::NotFound);
    };
    let is_new = matches!(target, Target::New { .. });
    let saved = if typed.contains_key("confirmed") { Saved::Confirmed } else { Saved::Asked };
    let fields: Fields = typed.clone();
    match save(&asked.desk, &asked.actor, target, fields, saved).await {
        Ok(key) => {
            let done = if is_new { "added" } else { "saved" };
            Posted::Done(format!("{}?done={done}", entry_address(&key)))
        }
        Err(error) => refused(asked.language, typed, error),
    }
}

/// What a form is about; `None` for an address of nothing.
fn target(kind: RegisterKind, id: &str, organisation: Option<i64>, typed: &Typed) -> Option<Target> {
    if id == NEW {
        return Some(Target::New { kind, organisation });
    }
    let key = EntryKey::parse(kind, id)?;
    // A form without a version has been read in none.
    let version = typed.get("version").and_then(|version| version.parse().ok()).unwrap_or(0);
    Some(Target::Existing { key, version })
}

fn refused(language: Language, mut typed: Typed, error: SaveError) -> Posted {
    typed.remove("confirmed");
    typed.remove("doubtful");
    let (status, problems, failure) = match error {
        SaveError::Fields(problems) => {
            let problems =
                problems.into_iter().map(|(field, problem)| (field.to_owned(), problem.message(language)));
            (StatusCode::UNPROCESSABLE_ENTITY, problems.collect(), None)
        }
        SaveError::Doubtful(doubts) => {
            typed.insert("doubtful".to_owned(), "yes".to_owned());
            let problems =
                doubts.into_iter().map(|(field, doubt)| (field.to_owned(), doubt.message(language)));
            (StatusCode::UNPROCESSABLE_ENTITY, problems.collect(), None)
        }
        SaveError::ChangedMeanwhile => {
            typed.remove("version");
            let words = t!(language, "register.changed_meanwhile").into_owned();
            (StatusCode::CONFLICT, Vec::new(), Some(words))
        }
        SaveError::Desk(error) => return Posted::not_taken(typed, &error.into(), language),
    };
    Posted::Again(status, PostReply { typed, problems, failure })
}

/// Takes the confirmation of a merge.
pub async fn post_register_merge(asked: &RequestContext, kind: &str, id: &str, typed: Typed) -> Posted {
    let keys = kind_of(kind).and_then(|kind| {
        let into = typed.get("into").map_or("", String::as_str);
        Some((EntryKey::parse(kind, id)?, EntryKey::parse(kind, into)?))
    });
    let Some((from, into)) = keys else { return Posted::Failed(AppError::NotFound) };
    let version = |name: &str| typed.get(name).and_then(|version| version.parse().ok()).unwrap_or(0);
    let versions = (version("from_version"), version("into_version"));
    match merge(&asked.desk, &asked.actor, (&from, versions.0), (&into, versions.1)).await {
        Ok(()) => Posted::Done(format!("{}?done=merged", entry_address(&into))),
        Err(MergeError::Desk(error)) => Posted::not_taken(typed, &error.into(), asked.language),
        Err(error) => {
            let status = match error {
                MergeError::ChangedMeanwhile => StatusCode::CONFLICT,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            let failure = Some(words(asked.language, &error));
            Posted::Again(status, PostReply { typed, problems: Vec::new(), failure })
        }
    }
}
