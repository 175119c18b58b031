//! Versions of all subjects in the database.

use domain::calendar::week::Calendar;
use domain::case::Author;
use domain::causes::CauseTree;
use domain::provider::Provider;
use domain::serial::SerialFormats;
use domain::sla_plan::{PlanStatus, SlaPlan};
use domain::survey::{Questionnaire, QuestionnaireId};
use domain::time::Instant;
use domain::waiting_reasons::WaitingReasons;
use domain::wording::{CannedReply, MailText, MailTextKind};
use domain::workforce::Team;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::causes::CausesEntry;
use super::file::Subject;
use super::formats::FormatsEntry;
use super::provider::ProviderEntry;
use super::serial_formats::SerialFormatsEntry;
use super::single;
use super::subjects::{Head, rules};
use super::teams::SignInNames;
use super::waiting::WaitingEntry;
use crate::contracts::plans::read_status;
use crate::formats::FormatsDocument;
use crate::store::StoreError;
use crate::wording::{read_mail_text, read_reply};

/// Time, author and effective time of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) effective_from: Instant,
    /// `None` for a version of the desk's first start.
    pub(super) recorded: Option<(Instant, Author)>,
}

impl Stamp {
    /// That of what counts before anything is set.
    pub(super) const SINCE_EVER: Self = Self { effective_from: Instant(0), recorded: None };

    pub(super) fn read(
        effective_from_utc_s: i64,
        at: Option<i64>,
        by: Option<String>,
    ) -> Result<Self, StoreError> {
        let recorded = at.zip(by).map(|(at, by)| {
            let by = serde_json::from_str(&by).map_err(|error| StoreError::inconsistent("plans", error))?;
            Ok::<_, StoreError>((Instant(at), by))
        });
        Ok(Self { effective_from: Instant(effective_from_utc_s), recorded: recorded.transpose()? })
    }
}

/// A version of an entry.
#[derive(Debug, Clone)]
pub(super) struct EntryVersion<T> {
    pub(super) id: i64,
    /// 0 for what counts before anything is set, which is in no table.
    pub(super) version: i64,
    /// What people call it in this version.
    pub(super) name: String,
    pub(super) content: T,
    pub(super) stamp: Stamp,
}

/// What plans have beside their names.
#[derive(Debug, Clone)]
pub(super) struct PlanContent {
    pub(super) terms: SlaPlan,
    pub(super) calendar: i64,
    pub(super) status: PlanStatus,
}

/// Words of a kind of mail.
#[derive(Debug, Clone)]
pub(super) struct WordsOfMail {
    pub(super) kind: MailTextKind,
    pub(super) text: MailText,
}

/// The content of entries with ids, as a table has it.
trait Listed: Sized {
    /// All versions, those of one id in order.
    const ALL: &'static str;

    /// The name and the content of a version.
    fn read(row: &AnyRow) -> Result<(String, Self), StoreError>;

    fn id(row: &AnyRow) -> Result<i64, StoreError> {
        Ok(row.try_get("id")?)
    }
}

/// Reads all versions of a subject whose entries have ids.
async fn listed<T: Listed>(connection: &mut AnyConnection) -> Result<Vec<EntryVersion<T>>, StoreError> {
    let rows = sqlx::query(T::ALL).fetch_all(connection).await?;
    let version = |row: &AnyRow| {
        let (name, content) = T::read(row)?;
        let stamp = Stamp::read(
            row.try_get("effective_from_utc_s")?,
            row.try_get("recorded_at_utc_s")?,
            row.try_get("recorded_by")?,
        )?;
        let (id, version) = (T::id(row)?, row.try_get("version")?);
        Ok(EntryVersion { id, version, name, content, stamp })
    };
    rows.iter().map(version).collect()
}

/// A column with JSON.
fn parsed<T: serde::de::DeserializeOwned>(
    row: &AnyRow,
    column: &str,
    table: &'static str,
) -> Result<T, StoreError> {
    let document: String = row.try_get(column)?;
    serde_json::from_str(&document).map_err(|error| StoreError::inconsistent(table, error))
}

impl Listed for Calendar {
    const ALL: &'static str =
        "SELECT id, version, document, effective_from_utc_s, recorded_at_utc_s, recorded_by
         FROM calendars ORDER BY id, version";

    fn read(row: &AnyRow) -> Result<(String, Self), StoreError> {
        let calendar: Self = parsed(row, "document", "calendars")?;
        Ok((calendar.name().to_owned(), calendar))
    }
}

impl Listed for PlanContent {
    const ALL: &'static str =
        "SELECT id, version, name, terms, calendar_id, status, effective_from_utc_s, recorded_at_utc_s, recorded_by
         FROM plans ORDER BY id, version";

    fn read(row: &AnyRow) -> Result<(String, Self), StoreError> {
        let terms = parsed(row, "terms", "plans")?;
        let status = read_status(&row.try_get::<String, _>("status")?)?;
        Ok((row.try_get("name")?, Self { terms, calendar: row.try_get("calendar_id")?, status }))
    }
}

impl Listed for Questionnaire {
    const ALL: &'static str =
        "SELECT id, version, name, document, effective_from_utc_s, recorded_at_utc_s, recorded_by
         FROM questionnaires ORDER BY id, version";

    fn read(row: &AnyRow) -> Result<(String, Self), StoreError> {
        let document: String = row.try_get("document")?;
        Ok((row.try_get("name")?, crate::contracts::questionnaires::read_document(&document)?))
    }
}

impl Listed for CannedReply {
    const ALL: &'static str =
        "SELECT id, version, name, document, effective_from_utc_s, recorded_at_utc_s, recorded_by
         FROM canned_replies ORDER BY id, version";

    fn read(row: &AnyRow) -> Result<(String, Self), StoreError> {
        Ok((row.try_get("name")?, read_reply(&row.try_get::<String, _>("document")?)?))
    }
}

impl Listed for Team {
    const ALL: &'static str =
        "SELECT id, version, document, effective_from_utc_s, recorded_at_utc_s, recorded_by
         FROM teams ORDER BY id, version";

    fn read(row: &AnyRow) -> Result<(String, Self), StoreError> {
        let team: Self = parsed(row, "document", "teams")?;
        Ok((team.name.as_str().to_owned(), team))
    }
}

impl Listed for WordsOfMail {
    const ALL: &'static str =
        "SELECT kind, version, document, effective_from_utc_s, recorded_at_utc_s, recorded_by
         FROM mail_texts ORDER BY kind, version";

    fn read(row: &AnyRow) -> Result<(String, Self), StoreError> {
        let (kind, document): (String, String) = (row.try_get("kind")?, row.try_get("document")?);
        let (kind, text) = read_mail_text(&kind, &document)?;
        Ok((kind.code().to_owned(), Self { kind, text }))
    }

    fn id(row: &AnyRow) -> Result<i64, StoreError> {
        Ok(Self::read(row)?.1.kind.place())
    }
}

impl WordsOfMail {
    /// All versions by kind. The standard words of each kind come first.
    async fn by_kind(connection: &mut AnyConnection) -> Result<Vec<EntryVersion<Self>>, StoreError> {
        let standing = |kind: MailTextKind| EntryVersion {
            id: kind.place(),
            version: 0,
            name: kind.code().to_owned(),
            content: Self { kind, text: MailText::default() },
            stamp: Stamp::SINCE_EVER,
        };
        let mut versions = MailTextKind::ALL.map(standing).to_vec();
        versions.extend(listed::<Self>(connection).await?);
        versions.sort_by_key(|version| (version.id, version.version));
        Ok(versions)
    }
}

/// Declares the versions of all subjects: each with its content, and how they are read.
macro_rules! versions {
    ($($field:ident: $content:ty = $read:expr),+ $(,)?) => {
        /// All versions, those of one id in order.
        #[derive(Debug, Clone, Default)]
        pub(super) struct Versions {
            $(pub(super) $field: Vec<EntryVersion<$content>>,)+
            /// What members of teams sign in with now.
            pub(super) names: SignInNames,
        }

        impl Versions {
            /// Reads all versions: some hundreds at most.
            pub(super) async fn read(connection: &mut AnyConnection) -> Result<Self, StoreError> {
                Ok(Self {
                    $($field: $read(connection).await?,)+
                    names: SignInNames::read(connection).await?,
                })
            }

            /// The versions in force at `at`: of each id the latest one that has taken effect, as the register picks it.
            pub(super) fn in_force(&self, at: Instant) -> Self {
                Self { $($field: in_force(&self.$field, at),)+ names: self.names.clone() }
            }
        }
    };
}

versions! {
    calendars: Calendar = listed::<Calendar>,
    plans: PlanContent = listed::<PlanContent>,
    questionnaires: Questionnaire = listed::<Questionnaire>,
    provider: Provider = single::all::<ProviderEntry>,
    causes: CauseTree = single::all::<CausesEntry>,
    waiting: WaitingReasons = single::all::<WaitingEntry>,
    replies: CannedReply = listed::<CannedReply>,
    mail_texts: WordsOfMail = WordsOfMail::by_kind,
    formats: FormatsDocument = single::all::<FormatsEntry>,
    serials: SerialFormats = single::all::<SerialFormatsEntry>,
    teams: Team = listed::<Team>,
}

impl Versions {
    /// The name of a questionnaire in its last version here.
    pub(super) fn questionnaire_name(&self, id: QuestionnaireId) -> Option<&str> {
        let found = self.questionnaires.iter().rev().find(|version| version.id == id.0);
        found.map(|version| version.name.as_str())
    }

    /// The name of a calendar in its last version here; empty for an unknown id.
    pub(super) fn calendar_name(&self, id: i64) -> &str {
        let found = self.calendars.iter().rev().find(|version| version.id == id);
        found.map_or("", |version| version.name.as_str())
    }

    /// The number of the newest version, also of one that is planned.
    pub(super) fn newest(&self, subject: Subject, id: i64) -> Option<i64> {
        let of_id = rules(subject).heads(self).into_iter().filter(|head| head.id == id);
        of_id.map(|head| head.version).max()
    }

    /// From when the next version of `subject` with this id counts that does not count at `at` yet. A version that is older
    /// than the one in force will never count.
    pub(super) fn planned_from(&self, subject: Subject, id: i64, at: Instant) -> Option<Instant> {
        let heads = rules(subject).heads(self).into_iter().filter(|head| head.id == id);
        let (in_force, later): (Vec<Head>, Vec<Head>) = heads.partition(|head| head.effective_from <= at);
        let newest = in_force.iter().map(|head| head.version).max().unwrap_or(i64::MIN);
        let later = later.into_iter().filter(|head| head.version > newest);
        later.map(|head| head.effective_from).min()
    }
}

/// Names that entries will have after `at`, by id.
pub(super) fn planned_names<T>(versions: &[EntryVersion<T>], at: Instant) -> Vec<(i64, String)> {
    let planned = versions.iter().filter(|version| version.stamp.effective_from > at);
    planned.map(|version| (version.id, version.name.clone())).collect()
}

/// Of each id the last version that has taken effect at `at`.
fn in_force<T: Clone>(versions: &[EntryVersion<T>], at: Instant) -> Vec<EntryVersion<T>> {
    let mut last: Vec<&EntryVersion<T>> = Vec::new();
    for version in versions.iter().filter(|version| version.stamp.effective_from <= at) {
        match last.last_mut() {
            Some(before) if before.id == version.id => *before = version,
            _ => last.push(version),
        }
    }
    last.into_iter().cloned().collect()
}
