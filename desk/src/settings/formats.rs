//! The number formats in a file. The file is the entry: the desk has one set of formats.

use std::collections::BTreeMap;

use domain::actor::{Action, Actor, Subject as Of, may};
use domain::case_number::CasePrefix;
use domain::check_digits::Scheme;
use domain::contract_number::{
    ContractFormat, ContractFormats, ContractNumber, ContractNumberProblem, FormatProblem, default_formats,
};
use domain::country::Country;
use domain::i18n::Language;
use domain::serial::mask::MaskError;
use domain::t;
use serde::{Deserialize, Serialize};

use super::apply::ChangePlan;
use super::fields::{self, Fields};
use super::file::{Document, Reason, Subject};
use super::single::{CheckedRules, SingleRules};
use super::subjects::{Rules, SINGLE_ID};
use super::versions::{EntryVersion, Versions};
use crate::formats::FormatsDocument;
use crate::store::StoreError;
use crate::{Desk, DeskError};

/// The id of the formats among entries: the desk has one set.
pub const FORMATS_ID: i64 = SINGLE_ID;

/// The most formats of contract numbers.
pub const CONTRACT_FORMATS_MAX: usize = 24;

/// The comment above the file.
pub(super) const HEAD: &str = "\
# Number formats: what new contracts are numbered like. Numbers of earlier formats stay valid; what is left out has its standing value.
# version    as exported: a file that is older than the desk's own version is refused. Leave it out to write over any version.
# contracts  country: VE, CO or MX; leave it out for all countries.
#            mask: A letter, 9 digit, X letter or digit, [..] one of a set, '..' this text, {n} repeats, - a printed hyphen.
#            check: luhn-10, luhn-36, luhn-23, luhn-32, verhoeff, damm, iso7064-11-10, iso7064-11-2, iso7064-37-36 or
#            iso7064-97-10, in the last places of the mask over all before them; leave it out for numbers without a check.
# cases      letters before the country in the numbers of new cases, by country, as VE = \"AN\": up to four.
";

/// The formats as they stand in a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FormatsEntry {
    /// The version that was read; when it is given, a later one is not written over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<i64>,
    #[serde(default = "standing")]
    contracts: Vec<ContractEntry>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    cases: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ContractEntry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    #[serde(default)]
    mask: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    check: Option<String>,
}

fn standing() -> Vec<ContractEntry> {
    default_formats().iter().map(ContractEntry::of).collect()
}

/// Why number formats are refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormatsProblem {
    /// No format is left.
    None,
    /// More than [`CONTRACT_FORMATS_MAX`].
    TooMany,
    /// No country of the desk has this code.
    Country,
    /// No scheme of check characters has this name.
    Check,
    /// The mask cannot be read.
    Mask(MaskError),
    /// A number of the mask cannot have its check.
    Format(FormatProblem),
    /// The same mask stands further up.
    Repeated,
    /// The letters before case numbers are none, too many, or a label or country.
    Prefix,
}

/// What is wrong with the formats, by key; formats are counted from 0.
type Problem = (String, FormatsProblem);

impl ContractEntry {
    fn of(format: &ContractFormat) -> Self {
        Self {
            country: format.country().map(|country| country.code().to_owned()),
            mask: format.mask().to_owned(),
            check: format.check().map(|scheme| scheme.name().to_owned()),
        }
    }

    fn checked(&self, at: usize) -> Result<ContractFormat, Problem> {
        let wrong = |part: &str, problem| (format!("contracts.{at}.{part}"), problem);
        let given =
            |text: &Option<String>| text.as_deref().filter(|text| !text.is_empty()).map(str::to_owned);
        let country = given(&self.country)
            .map(|code| Country::from_code(&code).ok_or_else(|| wrong("country", FormatsProblem::Country)));
        let check = given(&self.check)
            .map(|name| Scheme::from_name(&name).ok_or_else(|| wrong("check", FormatsProblem::Check)));
        let (country, check) = (country.transpose()?, check.transpose()?);
        let format = ContractFormat::new(country, &self.mask, check)
            .map_err(|error| wrong("mask", FormatsProblem::Mask(error)))?;
        match format.fitness() {
            Ok(()) => Ok(format),
            Err(problem @ FormatProblem::TooLong) => Err(wrong("mask", FormatsProblem::Format(problem))),
            Err(problem) => Err(wrong("check", FormatsProblem::Format(problem))),
        }
    }
}

impl FormatsEntry {
    /// The formats of a version as they are compared.
    pub(super) fn of(version: i64, formats: &FormatsDocument) -> Self {
        let contracts = formats.contracts.iter().map(ContractEntry::of).collect();
        Self { version: Some(version), contracts, cases: formats.cases.clone() }
    }

    /// The formats that are written; else everything that is wrong with them.
    fn content(&self) -> Result<FormatsDocument, Vec<Problem>> {
        let (mut contracts, mut problems): (Vec<ContractFormat>, _) = (Vec::new(), Vec::new());
        for (at, entry) in self.contracts.iter().enumerate().take(CONTRACT_FORMATS_MAX) {
            match entry.checked(at) {
                Ok(format) if contracts.iter().any(|other| other.mask() == format.mask()) => {
                    problems.push((format!("contracts.{at}.mask"), FormatsProblem::Repeated));
                }
                Ok(format) => contracts.push(format),
                Err(problem) => problems.push(problem),
            }
        }
        match self.contracts.len() {
            0 => problems.push(("contracts".to_owned(), FormatsProblem::None)),
            count if count > CONTRACT_FORMATS_MAX => {
                problems.push(("contracts".to_owned(), FormatsProblem::TooMany));
            }
            _ => {}
        }
        let mut cases = BTreeMap::new();
        for (code, letters) in &self.cases {
            match (Country::from_code(code), CasePrefix::parse(letters)) {
                (None, _) => problems.push((format!("cases.{code}"), FormatsProblem::Country)),
                (_, None) => problems.push((format!("cases.{code}"), FormatsProblem::Prefix)),
                (Some(_), Some(prefix)) => drop(cases.insert(code.clone(), prefix.to_string())),
            }
        }
        if problems.is_empty() { Ok(FormatsDocument { contracts, cases }) } else { Err(problems) }
    }
}

impl Rules for FormatsEntry {
    const SUBJECT: Subject = Subject::Formats;
    const HEAD: &'static str = HEAD;
    const LISTS: &'static [&'static str] = &["contracts"];
    type Content = FormatsDocument;

    fn versions(all: &Versions) -> &[EntryVersion<FormatsDocument>] {
        &all.formats
    }

    fn from_version(version: &EntryVersion<FormatsDocument>, _: &Versions) -> Self {
        Self::of(version.version, &version.content)
    }

    fn version_mut(&mut self) -> &mut Option<i64> {
        &mut self.version
    }

    fn read(plan: &mut ChangePlan, document: &Document<'_>, all: &Versions) -> Result<(), StoreError> {
        plan.read_single::<Self>(document, all)
    }
}

impl SingleRules for FormatsEntry {
    fn standing() -> Result<FormatsDocument, StoreError> {
        Ok(FormatsDocument::standing())
    }

    fn name(_: &FormatsDocument) -> String {
        name()
    }
}

impl CheckedRules for FormatsEntry {
    fn checked(&self) -> Result<FormatsDocument, Vec<(String, Reason)>> {
        let told = |(key, problem)| (key, Reason::Formats(problem));
        self.content().map_err(|problems| problems.into_iter().map(told).collect())
    }
}

/// What people call the formats. Names are data, so the desk's first language serves.
pub(super) fn name() -> String {
    t!(Language::default(), "settings.page.formats").into_owned()
}

/// What formats say about a value that was typed to try them.
pub type Tried = Result<(ContractNumber, Option<Country>), ContractNumberProblem>;

/// Tries a value on the formats of a form, as if they were in force: whether a new contract can have the number. `None`
/// while the formats are wrong.
///
/// # Errors
/// See [`DeskError`].
pub fn try_formats(
    desk: &Desk,
    actor: &Actor,
    fields: &Fields,
    value: &str,
) -> Result<Option<Tried>, DeskError> {
    may(actor, Action::ReadSettings, Of::Desk)?;
    let file = fields::file(Subject::Formats, &mut fields.clone())?;
    let entry = Document::parse(&file).and_then(|document| document.read::<FormatsEntry>());
    let Some(formats) = entry.ok().and_then(|entry| entry.content().ok()) else { return Ok(None) };
    let formats = ContractFormats::new(formats.contracts, desk.formats().all().iter().cloned());
    Ok(Some(formats.parse_new(value).map(|number| {
        let country = formats.country_of(&number);
        (number, country)
    })))
}
