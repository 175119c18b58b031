//! Resolutions by category and cause: the page, and a file.

use std::collections::BTreeMap;

use domain::actor::{Action, Actor, Subject, may};
use domain::audit::AuditData;
use domain::causes::CauseTree;
use domain::i18n::Language;
use domain::reports::SlaReportFilter;
use domain::survey::Texts;
use domain::t;
use sqlx::AnyConnection;
use sqlx::query::QueryAs;

use super::csv::{Cells, Sheet, SheetFile, SheetFor, file_name};
use super::sla_report::asked;
use crate::audit::Reading;
use crate::store::{StoreError, documents, row};
use crate::{Desk, DeskError};

/// How often cases were resolved in a period, by the categories and causes that were chosen. A case that was resolved twice
/// counts twice, as in the report of SLA compliance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CausesReport {
    /// The filter.
    pub filter: SlaReportFilter,
    /// The categories, the most frequent first.
    pub categories: Vec<CategoryCount>,
    /// Resolutions without a cause.
    pub without: i64,
    /// All resolutions.
    pub total: i64,
}

/// The resolutions of a category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryCount {
    /// Its code.
    pub code: String,
    /// Its latest name in the reader's language.
    pub name: String,
    /// All of its resolutions.
    pub count: i64,
    /// Its causes, the most frequent first.
    pub causes: Vec<CauseCount>,
}

/// The resolutions of a cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CauseCount {
    /// Its code.
    pub code: String,
    /// Its latest name in the reader's language.
    pub name: String,
    /// Its resolutions.
    pub count: i64,
}

const COUNTS: &str = "SELECT COALESCE(category, '') AS category, COALESCE(cause, '') AS cause, COUNT(*) AS counted
     FROM milestones
     WHERE step = 'resolved' AND day BETWEEN $1 AND $2 AND ($3 = '' OR country = $3) AND ($4 = '' OR priority = $4)
       AND ($5 = '' OR EXISTS (SELECT 1 FROM cases c WHERE c.number = milestones.case_number AND c.contract_number = $5))
     GROUP BY category, cause";

row! {
    struct CountRow {
        category: String,
        cause: String,
        counted: i64,
    }
}

/// The resolutions of a period, in one language.
///
/// # Errors
/// See [`DeskError`].
pub async fn causes_report(
    desk: &Desk,
    actor: &Actor,
    filter: SlaReportFilter,
    language: Language,
) -> Result<CausesReport, DeskError> {
    may(actor, Action::ReadReports, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let counting = asked(&filter).into_iter().fold(sqlx::query_as(COUNTS), QueryAs::bind);
    let rows: Vec<CountRow> = counting.fetch_all(&mut *reader).await?;
    let names = Names::read(&mut reader).await?;
    reader.done();
    Ok(counted(filter, rows, &names, language))
}

fn counted(filter: SlaReportFilter, rows: Vec<CountRow>, names: &Names, language: Language) -> CausesReport {
    let total = rows.iter().map(|row| row.counted).sum();
    let (mut without, mut groups) = (0, BTreeMap::<String, Vec<CauseCount>>::new());
    for CountRow { category, cause, counted } in rows {
        if cause.is_empty() {
            without += counted;
            continue;
        }
        let name = Names::of(&names.causes, &cause, language);
        groups.entry(category).or_default().push(CauseCount { code: cause, name, count: counted });
    }
    let group = |(code, mut causes): (String, Vec<CauseCount>)| {
        causes.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.name.cmp(&other.name)));
        let name = Names::of(&names.categories, &code, language);
        CategoryCount { code, name, count: causes.iter().map(|cause| cause.count).sum(), causes }
    };
    let mut categories: Vec<CategoryCount> = groups.into_iter().map(group).collect();
    categories.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.name.cmp(&other.name)));
    CausesReport { filter, categories, without, total }
}

/// The latest names of all codes that any version had: an entry that is gone from the tree still has its figures.
#[derive(Debug, Default)]
struct Names {
    categories: BTreeMap<String, Texts>,
    causes: BTreeMap<String, Texts>,
}

impl Names {
    async fn read(connection: &mut AnyConnection) -> Result<Self, StoreError> {
        let mut names = Self::default();
        names.learn(&CauseTree::standing());
        for version in documents::all::<CauseTree>(connection).await? {
            names.learn(&version.document);
        }
        Ok(names)
    }

    fn learn(&mut self, tree: &CauseTree) {
        let known =
            |label: &domain::causes::CauseLabel| (label.code.as_str().to_owned(), label.names.clone());
        self.categories.extend(tree.categories().iter().map(|category| known(&category.label)));
        self.causes.extend(tree.causes().iter().map(|cause| known(&cause.label)));
    }

    /// The name of a code; the code itself when no version has it.
    fn of(names: &BTreeMap<String, Texts>, code: &str, language: Language) -> String {
        names.get(code).map_or(code, |texts| texts.of(language)).to_owned()
    }
}

/// The columns of the file, by the keys of their names.
const COLUMNS: [&str; 7] = [
    "reports.kept.from",
    "reports.kept.to",
    "cause.report.category_code",
    "cause.report.category",
    "cause.report.cause_code",
    "cause.report.cause",
    "reports.kept.resolved",
];

/// The report as a CSV file: a line for each cause, and one for resolutions without any.
///
/// # Errors
/// See [`DeskError`].
pub async fn causes_csv(
    desk: &Desk,
    actor: &Actor,
    filter: SlaReportFilter,
    reading: SheetFor,
) -> Result<SheetFile, DeskError> {
    let language = reading.language;
    let report = causes_report(desk, actor, filter, language).await?;
    desk.note_reading(actor, Reading::Export(AuditData::Causes), report.categories.len());
    let days = report.filter.days;
    let (from, to) = (days.first().to_string(), days.last().to_string());
    let mut sheet = Sheet::new(reading, Cells::Texts, &COLUMNS);
    for CategoryCount { code, name, causes, .. } in &report.categories {
        for cause in causes {
            let of_cause = [cause.code.clone(), cause.name.clone(), cause.count.to_string()];
            sheet.line(&[&[from.clone(), to.clone(), code.clone(), name.clone()][..], &of_cause].concat());
        }
    }
    if report.without > 0 {
        let none = t!(language, "cause.report.without").into_owned();
        let empty = String::new;
        sheet.line(&[from.clone(), to.clone(), empty(), none, empty(), empty(), report.without.to_string()]);
    }
    let name = file_name(&t!(language, "cause.report.title"), &from, &to);
    Ok(SheetFile { name, text: sheet.into_text() })
}
