//! The table of subjects: what each has in common with the others, from the entries of its file.
//!
//! A new subject implements [`Rules`] for its entry and gets its line in [`rules`]. The compiler asks for the rest.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use domain::time::Instant;
use serde::Serialize;

use super::apply::ChangePlan;
use super::calendars::CalendarEntry;
use super::causes::CausesEntry;
use super::changes;
use super::fields::{self, Fields};
use super::file::{Document, Subject};
use super::formats::FormatsEntry;
use super::history::{Version, told};
use super::mail_texts::MailTextEntry;
use super::plans::PlanEntry;
use super::provider::ProviderEntry;
use super::questionnaires::QuestionnaireEntry;
use super::replies::ReplyEntry;
use super::serial_formats::SerialFormatsEntry;
use super::teams::TeamEntry;
use super::versions::{EntryVersion, Versions};
use super::waiting::WaitingEntry;
use crate::store::StoreError;

/// The id of the entry of a subject of which the desk has one.
pub(super) const SINGLE_ID: i64 = 1;

/// An entry as it stands in a file.
pub(super) trait Rules: Serialize + Sized {
    /// Its subject.
    const SUBJECT: Subject;
    /// The comment above its file.
    const HEAD: &'static str;
    /// The lists that a form shows with every row, so that without a row they are empty.
    const LISTS: &'static [&'static str] = &[];
    /// What a version has.
    type Content;

    /// The versions of its subject.
    fn versions(all: &Versions) -> &[EntryVersion<Self::Content>];

    /// The entry of a version, with the names that other subjects have in `among`.
    fn from_version(version: &EntryVersion<Self::Content>, among: &Versions) -> Self;

    /// The version that it names.
    fn version_mut(&mut self) -> &mut Option<i64>;

    /// Compares a file with the desk.
    fn read(plan: &mut ChangePlan, document: &Document<'_>, all: &Versions) -> Result<(), StoreError>;
}

/// The entries of a subject.
pub(super) fn entries<E: Rules>(all: &Versions) -> Vec<E> {
    E::versions(all).iter().map(|version| E::from_version(version, all)).collect()
}

/// The entries as a file. Each names the version that `seen` gives for its id.
pub(super) fn written<E: Rules>(
    entries: Vec<(i64, E)>,
    seen: &dyn Fn(i64) -> Option<i64>,
) -> Result<String, StoreError> {
    let dated = |(id, mut entry): (i64, E)| {
        *entry.version_mut() = seen(id);
        entry
    };
    let mut entries: Vec<E> = entries.into_iter().map(dated).collect();
    let body = match E::SUBJECT.table() {
        // An empty list (`reply = []`) would refuse an entry that is written below it.
        Some(_) if entries.is_empty() => Ok(String::new()),
        Some(table) => toml::to_string(&BTreeMap::from([(table, entries)])),
        None => {
            let entry = entries.pop();
            toml::to_string(&entry.ok_or_else(|| StoreError::inconsistent("settings", "a missing entry"))?)
        }
    };
    let body = body.map_err(|error| StoreError::inconsistent("settings", error))?;
    Ok(format!("{}\n{body}", E::HEAD))
}

/// A version without its content.
pub(super) struct Head {
    pub(super) id: i64,
    pub(super) version: i64,
    pub(super) effective_from: Instant,
}

/// What can be asked of every subject.
pub(super) trait AnySubject: Sync {
    /// The file of the versions in force, whose entries name the versions of `seen`.
    fn export(&self, then: &Versions, seen: &dyn Fn(i64) -> Option<i64>) -> Result<String, StoreError>;

    /// An entry as the fields of a form; `None` when there is none of this id.
    fn fields(&self, then: &Versions, id: i64) -> Option<Result<Fields, StoreError>>;

    /// All versions with the changes from the ones before.
    fn history(&self, all: &Versions) -> Result<Vec<Version>, StoreError>;

    /// Compares a file with the desk.
    fn read(&self, plan: &mut ChangePlan, document: &Document<'_>, all: &Versions) -> Result<(), StoreError>;

    /// The lists that a form shows with every row.
    fn lists(&self) -> &'static [&'static str];

    /// All versions without their content.
    fn heads(&self, all: &Versions) -> Vec<Head>;
}

struct Of<E>(PhantomData<fn() -> E>);

impl<E: Rules> AnySubject for Of<E> {
    fn export(&self, then: &Versions, seen: &dyn Fn(i64) -> Option<i64>) -> Result<String, StoreError> {
        let ids = E::versions(then).iter().map(|version| version.id);
        written(ids.zip(entries::<E>(then)).collect(), seen)
    }

    fn fields(&self, then: &Versions, id: i64) -> Option<Result<Fields, StoreError>> {
        let found = E::versions(then).iter().find(|version| version.id == id)?;
        Some(fields::of_entry(&E::from_version(found, then)))
    }

    fn history(&self, all: &Versions) -> Result<Vec<Version>, StoreError> {
        let (versions, entries) = (E::versions(all), entries::<E>(all));
        let version = |(at, version): (usize, &EntryVersion<E::Content>)| {
            let before = at.checked_sub(1).filter(|before| versions[*before].id == version.id);
            let fields = before.map(|before| changes::between(&entries[before], &entries[at])).transpose()?;
            Ok(told(E::SUBJECT, (version.id, &version.name), &version.stamp, fields))
        };
        versions.iter().enumerate().map(version).collect()
    }

    fn read(&self, plan: &mut ChangePlan, document: &Document<'_>, all: &Versions) -> Result<(), StoreError> {
        E::read(plan, document, all)
    }

    fn lists(&self) -> &'static [&'static str] {
        E::LISTS
    }

    fn heads(&self, all: &Versions) -> Vec<Head> {
        let head = |version: &EntryVersion<E::Content>| Head {
            id: version.id,
            version: version.version,
            effective_from: version.stamp.effective_from,
        };
        E::versions(all).iter().map(head).collect()
    }
}

/// The rules of a subject.
pub(super) const fn rules(subject: Subject) -> &'static dyn AnySubject {
    match subject {
        Subject::Calendars => &Of::<CalendarEntry>(PhantomData),
        Subject::Questionnaires => &Of::<QuestionnaireEntry>(PhantomData),
        Subject::Plans => &Of::<PlanEntry>(PhantomData),
        Subject::Provider => &Of::<ProviderEntry>(PhantomData),
        Subject::Formats => &Of::<FormatsEntry>(PhantomData),
        Subject::SerialFormats => &Of::<SerialFormatsEntry>(PhantomData),
        Subject::Teams => &Of::<TeamEntry>(PhantomData),
        Subject::Causes => &Of::<CausesEntry>(PhantomData),
        Subject::Waiting => &Of::<WaitingEntry>(PhantomData),
        Subject::Replies => &Of::<ReplyEntry>(PhantomData),
        Subject::MailTexts => &Of::<MailTextEntry>(PhantomData),
    }
}
