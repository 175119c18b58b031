//! The causes of faults in a file. The file is the entry: the desk has one tree.

use domain::causes::{
    Cause, CauseCategory, CauseCode, CauseLabel, CauseState, CauseTree, CausesPlace, CausesProblem,
};
use domain::i18n::Language;
use domain::survey::Need;
use serde::{Deserialize, Serialize};

use super::apply::ChangePlan;
use super::file::{Document, Reason, Subject};
use super::single::{CheckedRules, SingleRules};
use super::subjects::{Rules, SINGLE_ID};
use super::versions::{EntryVersion, Versions};
use crate::store::StoreError;

/// The id of the tree among entries: the desk has one.
pub const CAUSES_ID: i64 = SINGLE_ID;

/// The comment above the file.
pub(super) const HEAD: &str = "\
# Causes of faults by category: what an agent chooses from who resolves a case, in this order. Reports count by them.
# version     as exported: a file that is older than the desk's own version is refused. Leave it out to write over any version.
# choice      optional, or required: then no case is resolved without a cause.
# categories  code: small letters, digits and underscores; it stays when names change. es, en, pt: names, at most 60 characters.
# causes      the same, and the code of its category. A code stands once in its list.
# state       active, or retired: offered no more. Cases and reports of earlier days still name it, also when the entry is gone.
";

/// The tree as it stands in a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CausesEntry {
    /// The version that was read; when it is given, a later one is not written over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<i64>,
    choice: Need,
    categories: Vec<CategoryEntry>,
    causes: Vec<CauseEntry>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CategoryEntry {
    code: String,
    es: String,
    en: String,
    pt: String,
    #[serde(default)]
    state: CauseState,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CauseEntry {
    category: String,
    code: String,
    es: String,
    en: String,
    pt: String,
    #[serde(default)]
    state: CauseState,
}

/// What is wrong with a tree, by key; lines are counted from 0.
type Problem = (String, CausesProblem);

/// A code with its names, and the problems of each by key.
pub(super) fn label(code: &str, [es, en, pt]: [&str; 3], row: &str) -> Result<CauseLabel, Vec<Problem>> {
    let name = |language| match language {
        Language::Es => es.to_owned(),
        Language::En => en.to_owned(),
        Language::Pt => pt.to_owned(),
    };
    let code = CauseCode::parse(code);
    let named = |code| CauseLabel::new(code, name);
    let at = |problem: CausesProblem| {
        let part = if let CausesProblem::Name(language) = problem { language.code() } else { "code" };
        (format!("{row}.{part}"), problem)
    };
    match code {
        Ok(code) => named(code).map_err(|problem| vec![at(problem)]),
        Err(problem) => Err(vec![at(problem)]),
    }
}

impl CausesEntry {
    pub(super) fn of(version: i64, tree: &CauseTree) -> Self {
        let names = |label: &CauseLabel| Language::ALL.map(|language| label.names.of(language).to_owned());
        let category = |category: &CauseCategory| {
            let [es, en, pt] = names(&category.label);
            let code = category.label.code.as_str().to_owned();
            CategoryEntry { code, es, en, pt, state: category.state }
        };
        let cause = |cause: &Cause| {
            let [es, en, pt] = names(&cause.label);
            let code = cause.label.code.as_str().to_owned();
            CauseEntry { category: cause.category.as_str().to_owned(), code, es, en, pt, state: cause.state }
        };
        Self {
            version: Some(version),
            choice: tree.choice(),
            categories: tree.categories().iter().map(category).collect(),
            causes: tree.causes().iter().map(cause).collect(),
        }
    }

    /// The tree that is written; else everything that is wrong with it.
    fn content(&self) -> Result<CauseTree, Vec<Problem>> {
        let (mut problems, mut categories, mut causes) = (Vec::new(), Vec::new(), Vec::new());
        for (at, CategoryEntry { code, es, en, pt, state }) in self.categories.iter().enumerate() {
            match label(code, [es, en, pt], &format!("categories.{at}")) {
                Ok(label) => categories.push(CauseCategory { label, state: *state }),
                Err(wrong) => problems.extend(wrong),
            }
        }
        for (at, CauseEntry { category, code, es, en, pt, state }) in self.causes.iter().enumerate() {
            let label = label(code, [es, en, pt], &format!("causes.{at}"));
            let category = CauseCode::parse(category)
                .map_err(|_| (format!("causes.{at}.category"), CausesProblem::UnknownCategory));
            match (label, category) {
                (Ok(label), Ok(category)) => causes.push(Cause { label, category, state: *state }),
                (label, category) => {
                    problems.extend(label.err().into_iter().flatten());
                    problems.extend(category.err());
                }
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        CauseTree::new(self.choice, categories, causes).map_err(|problems| {
            problems.into_iter().map(|(place, problem)| (key(place, problem), problem)).collect()
        })
    }
}

/// The key that a problem of a tree lies with.
fn key(place: CausesPlace, problem: CausesProblem) -> String {
    let part = if problem == CausesProblem::UnknownCategory { "category" } else { "code" };
    match place {
        CausesPlace::Categories => "categories".to_owned(),
        CausesPlace::Causes => "causes".to_owned(),
        CausesPlace::Category(at) => format!("categories.{at}.{part}"),
        CausesPlace::Cause(at) => format!("causes.{at}.{part}"),
    }
}

impl Rules for CausesEntry {
    const SUBJECT: Subject = Subject::Causes;
    const HEAD: &'static str = HEAD;
    const LISTS: &'static [&'static str] = &["categories", "causes"];
    type Content = CauseTree;

    fn versions(all: &Versions) -> &[EntryVersion<CauseTree>] {
        &all.causes
    }

    fn from_version(version: &EntryVersion<CauseTree>, _: &Versions) -> Self {
        Self::of(version.version, &version.content)
    }

    fn version_mut(&mut self) -> &mut Option<i64> {
        &mut self.version
    }

    fn read(plan: &mut ChangePlan, document: &Document<'_>, all: &Versions) -> Result<(), StoreError> {
        plan.read_single::<Self>(document, all)
    }
}

impl SingleRules for CausesEntry {
    fn standing() -> Result<CauseTree, StoreError> {
        Ok(CauseTree::standing())
    }

    fn name(_: &CauseTree) -> String {
        String::new()
    }
}

impl CheckedRules for CausesEntry {
    fn checked(&self) -> Result<CauseTree, Vec<(String, Reason)>> {
        let told = |(key, problem)| (key, Reason::Causes(problem));
        self.content().map_err(|problems| problems.into_iter().map(told).collect())
    }
}
