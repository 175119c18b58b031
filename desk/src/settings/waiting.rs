//! The provider's own waiting reasons in a file. The file is the entry: the desk has one list.

use domain::case::PauseReason;
use domain::causes::{CauseState, CausesProblem};
use domain::i18n::Language;
use domain::waiting_reasons::{WaitingReason, WaitingReasons};
use serde::{Deserialize, Serialize};

use super::apply::ChangePlan;
use super::causes::label;
use super::file::{Document, Reason, Subject};
use super::single::{CheckedRules, SingleRules};
use super::subjects::{Rules, SINGLE_ID};
use super::versions::{EntryVersion, Versions};
use crate::store::StoreError;

/// The id of the list among entries: the desk has one.
pub const WAITING_ID: i64 = SINGLE_ID;

/// The comment above the file.
pub(super) const HEAD: &str = "\
# Waiting reasons of the provider's own, offered below the kind of pause that each stands for. The kind decides which clocks stop.
# version  as exported: a file that is older than the desk's own version is refused. Leave it out to write over any version.
# reasons  code: small letters, digits and underscores. kind: customer, spare_part, third_party or agreed_date.
#          es, en, pt: names, at most 60 characters. state: active, or retired: offered no more.
";

/// The list as it stands in a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WaitingEntry {
    /// The version that was read; when it is given, a later one is not written over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<i64>,
    reasons: Vec<ReasonEntry>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReasonEntry {
    code: String,
    kind: PauseReason,
    es: String,
    en: String,
    pt: String,
    #[serde(default)]
    state: CauseState,
}

impl WaitingEntry {
    pub(super) fn of(version: i64, reasons: &WaitingReasons) -> Self {
        let entry = |reason: &WaitingReason| {
            let name = |language| reason.label.names.of(language).to_owned();
            ReasonEntry {
                code: reason.label.code.as_str().to_owned(),
                kind: reason.kind,
                es: name(Language::Es),
                en: name(Language::En),
                pt: name(Language::Pt),
                state: reason.state,
            }
        };
        Self { version: Some(version), reasons: reasons.as_slice().iter().map(entry).collect() }
    }

    /// The list that is written; else everything that is wrong with it, by key.
    fn content(&self) -> Result<WaitingReasons, Vec<(String, CausesProblem)>> {
        let (mut reasons, mut problems) = (Vec::new(), Vec::new());
        for (at, ReasonEntry { code, kind, es, en, pt, state }) in self.reasons.iter().enumerate() {
            match label(code, [es, en, pt], &format!("reasons.{at}")) {
                Ok(label) => reasons.push(WaitingReason { label, kind: *kind, state: *state }),
                Err(wrong) => problems.extend(wrong),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        WaitingReasons::new(reasons).map_err(|(place, problem)| {
            let key = place.map_or_else(|| "reasons".to_owned(), |at| format!("reasons.{at}.code"));
            vec![(key, problem)]
        })
    }
}

impl Rules for WaitingEntry {
    const SUBJECT: Subject = Subject::Waiting;
    const HEAD: &'static str = HEAD;
    const LISTS: &'static [&'static str] = &["reasons"];
    type Content = WaitingReasons;

    fn versions(all: &Versions) -> &[EntryVersion<WaitingReasons>] {
        &all.waiting
    }

    fn from_version(version: &EntryVersion<WaitingReasons>, _: &Versions) -> Self {
        Self::of(version.version, &version.content)
    }

    fn version_mut(&mut self) -> &mut Option<i64> {
        &mut self.version
    }

    fn read(plan: &mut ChangePlan, document: &Document<'_>, all: &Versions) -> Result<(), StoreError> {
        plan.read_single::<Self>(document, all)
    }
}

impl SingleRules for WaitingEntry {
    fn standing() -> Result<WaitingReasons, StoreError> {
        Ok(WaitingReasons::default())
    }

    fn name(_: &WaitingReasons) -> String {
        String::new()
    }
}

impl CheckedRules for WaitingEntry {
    fn checked(&self) -> Result<WaitingReasons, Vec<(String, Reason)>> {
        let told = |(key, problem)| (key, Reason::Causes(problem));
        self.content().map_err(|problems| problems.into_iter().map(told).collect())
    }
}
