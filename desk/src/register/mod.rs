//! Use-cases: the register in the browser. Lists of organisations, contracts, sites and equipment; their pages; changes by
//! hand under the rules of the import; merges of entries that are one.
//!
//! Each change is written down (`contracts::changes`). Open cases keep the plan and hours of their opening.

mod edit;
mod entry;
mod fields;
mod labels;
mod list;
mod merge;
mod parse;
mod rows;
mod walk;
mod write;

use domain::register::RegisterKind;

pub use crate::contracts::changes::{RecordedRegisterChange, register_history};
pub use edit::{SaveError, Saved, Target, save};
pub use entry::{
    CaseLine, CasesOf, Entry, Owner, PromiseCount, Resolved, Spellings, cases_of, entry, promises_of,
};
pub use fields::{FieldProblem, Fields, Suggestions, suggestions};
pub(crate) use labels::drawn;
pub use labels::{LabelPaper, LabelsFor, MOST_LABELS, label_address, labels};
pub use list::{ListQuery, Listed, OrganisationLine, SiteLine, Within, list};
pub use merge::{MergeError, MergePreview, alike, merge, preview_merge};
pub use walk::{WALK_ROWS_MAX, Walked, walk};

/// The key of an entry of the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKey {
    /// Id of an organisation.
    Organisation(i64),
    /// Number of a contract as registered.
    Contract(String),
    /// Id of a site.
    Site(i64),
    /// Serial of a piece of equipment as registered.
    Equipment(String),
}

impl EntryKey {
    /// The key of a kind from its text. `None` when a number is needed and the text is none, and for control characters: no
    /// key has them, and a database may refuse them.
    #[must_use]
    pub fn parse(kind: RegisterKind, text: &str) -> Option<Self> {
        if text.chars().any(char::is_control) {
            return None;
        }
        match kind {
            RegisterKind::Organisation => text.parse().ok().map(Self::Organisation),
            RegisterKind::Contract => Some(Self::Contract(text.to_owned())),
            RegisterKind::Site => text.parse().ok().map(Self::Site),
            RegisterKind::Equipment => Some(Self::Equipment(text.to_owned())),
        }
    }

    /// The kind of the entry.
    #[must_use]
    pub const fn kind(&self) -> RegisterKind {
        match self {
            Self::Organisation(_) => RegisterKind::Organisation,
            Self::Contract(_) => RegisterKind::Contract,
            Self::Site(_) => RegisterKind::Site,
            Self::Equipment(_) => RegisterKind::Equipment,
        }
    }

    /// The key as text, as the history and addresses have it.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Organisation(id) | Self::Site(id) => id.to_string(),
            Self::Contract(key) | Self::Equipment(key) => key.clone(),
        }
    }
}
