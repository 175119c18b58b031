//! The fields of an entry's form, parsed by the rules of the import.

use std::collections::BTreeMap;

use domain::actor::{Action, Actor, Subject, may};
use domain::calendar::zone::Zone;
use domain::contract_number::ContractNumber;
use domain::country::Country;
use domain::i18n::Language;
use domain::mail_address::{MailAddress, MailAddressProblem};
use domain::phone::{Phone, PhoneProblem};
use domain::priority::Platform;
use domain::serial::Serial;
use domain::t;
use domain::text::{PersonName, TextProblem, optional};
use sqlx::Row;

use crate::Desk;
use crate::DeskError;
use crate::contracts::plans::{choices, known_plans};
use crate::formats::NumberFormats;
use crate::import::CellProblem;
use crate::import::cells;
use crate::import::doubts::{self, Doubt};

/// The fields of an entry, by their names in files and forms.
pub type Fields = BTreeMap<String, String>;

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldProblem {
    /// As in a file of the import.
    Cell(CellProblem),
    /// A name of a person is not legible.
    Text(TextProblem),
    /// A telephone cannot be.
    Phone(PhoneProblem),
    /// A mail address cannot be.
    Mail(MailAddressProblem),
    /// Another entry has this name, number or serial.
    Taken,
    /// It was the name or serial of an entry that was merged into another one.
    Merged {
        /// What that one is called.
        into: String,
    },
    /// The organisation of the contract has no site of this name.
    NoSuchSite {
        /// The organisation.
        organisation: String,
    },
}

impl FieldProblem {
    /// What is wrong and what to do, in the reader's language.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Cell(problem) => problem.message(language),
            Self::Text(problem) => problem.message(language),
            Self::Phone(problem) => problem.message(language),
            Self::Mail(problem) => problem.message(language),
            Self::Taken => t!(language, "register.problem.taken").into_owned(),
            Self::Merged { into } => t!(language, "register.problem.merged", into = into),
            Self::NoSuchSite { organisation } => {
                t!(language, "register.problem.site", organisation = organisation)
            }
        }
    }
}

impl From<CellProblem> for FieldProblem {
    fn from(problem: CellProblem) -> Self {
        Self::Cell(problem)
    }
}

/// Reads the fields of a form and collects what is wrong and what is doubtful.
pub(super) struct Reading<'a> {
    typed: &'a Fields,
    /// The number formats in force.
    pub(super) formats: &'a NumberFormats,
    pub(super) problems: Vec<(&'static str, FieldProblem)>,
    pub(super) doubts: Vec<(&'static str, Doubt)>,
}

impl<'a> Reading<'a> {
    pub(super) const fn new(typed: &'a Fields, formats: &'a NumberFormats) -> Self {
        Self { typed, formats, problems: Vec::new(), doubts: Vec::new() }
    }

    pub(super) fn refuse(&mut self, field: &'static str, problem: impl Into<FieldProblem>) {
        self.problems.push((field, problem.into()));
    }

    fn take<T, P: Into<FieldProblem>>(
        &mut self,
        field: &'static str,
        parse: impl FnOnce(&str) -> Result<T, P>,
    ) -> Option<T> {
        let text = self.typed.get(field).map_or("", |text| text.trim());
        parse(text).map_err(|problem| self.refuse(field, problem)).ok()
    }

    pub(super) fn name(&mut self, field: &'static str) -> Option<String> {
        self.take(field, cells::name)
    }

    pub(super) fn address(&mut self) -> Option<String> {
        self.take("address", cells::address)
    }

    pub(super) fn country(&mut self) -> Option<Country> {
        self.take("country", cells::country)
    }

    pub(super) fn contract(&mut self, field: &'static str) -> Option<ContractNumber> {
        let formats = &self.formats.contracts;
        self.take(field, |text| cells::contract(text, formats))
    }

    /// The number of a contract that is not registered yet.
    pub(super) fn new_contract(&mut self, field: &'static str) -> Option<ContractNumber> {
        let formats = &self.formats.contracts;
        self.take(field, |text| formats.parse_new(text).map_err(CellProblem::Contract))
    }

    pub(super) fn day(&mut self, field: &'static str) -> Option<chrono::NaiveDate> {
        self.take(field, cells::date)
    }

    /// A name that may be missing, such as a model.
    pub(super) fn optional_name(&mut self, field: &'static str) -> Option<String> {
        self.take(field, |text| match cells::name(text) {
            Err(CellProblem::Empty) => Ok(String::new()),
            read => read,
        })
    }

    pub(super) fn serial(&mut self) -> Option<Serial> {
        self.take("serial", cells::serial)
    }

    pub(super) fn platform(&mut self) -> Option<Platform> {
        self.take("platform", cells::platform)
    }

    pub(super) fn zone(&mut self) -> Option<Zone> {
        self.take("zone", cells::zone)
    }

    pub(super) fn doubt_zone(&mut self, zone: Zone, country: Country) {
        self.doubts.extend(doubts::of_zone(zone, country).map(|doubt| ("zone", doubt)));
    }

    pub(super) fn doubt_serial(&mut self, serial: &Serial, of: (&str, Platform), today: chrono::NaiveDate) {
        let doubt = doubts::of_maker(&self.formats.serials, serial, of, today);
        self.doubts.extend(doubt.map(|doubt| ("serial", doubt)));
    }

    pub(super) fn doubt(&mut self, field: &'static str, doubt: Doubt) {
        self.doubts.push((field, doubt));
    }

    /// Name, telephone and mail address of whom to ask; each may be missing.
    pub(super) fn contact(&mut self, country: Country) -> Option<[String; 3]> {
        let name =
            self.take("contact_name", |text| optional(text, PersonName::parse).map_err(FieldProblem::Text));
        let phone = self.take("contact_phone", |text| {
            optional(text, |text| Phone::parse_with_extension(country, text)).map_err(FieldProblem::Phone)
        });
        let mail =
            self.take("contact_mail", |text| optional(text, MailAddress::parse).map_err(FieldProblem::Mail));
        let name = name?.map(|name| name.as_str().to_owned()).unwrap_or_default();
        let phone = phone?.map(|phone| phone.international()).unwrap_or_default();
        let mail = mail?.map(|mail| mail.as_str().to_owned()).unwrap_or_default();
        Some([name, phone, mail])
    }
}

/// What a form offers for its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suggestions {
    /// The names of the plans that a contract can choose now.
    pub plans: Vec<String>,
    /// The numbers of the organisation's contracts, at most 200.
    pub contracts: Vec<String>,
    /// The names of the organisation's sites, at most 200.
    pub sites: Vec<String>,
}

/// The most contracts or sites that a form suggests; others are typed.
const SUGGESTED: i64 = 200;

/// What a form of an organisation's entry offers; without an organisation the plans alone.
///
/// # Errors
/// See [`DeskError`].
pub async fn suggestions(
    desk: &Desk,
    actor: &Actor,
    organisation: Option<i64>,
) -> Result<Suggestions, DeskError> {
    may(actor, Action::ReadRegister, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let plans = choices(&known_plans(&mut reader, desk.now()).await?);
    let mut found = Suggestions { plans, ..Suggestions::default() };
    if let Some(id) = organisation {
        let queries = [
            "SELECT number FROM contracts WHERE organisation_id = $1 ORDER BY valid_to DESC, number LIMIT $2",
            "SELECT name FROM sites WHERE organisation_id = $1 ORDER BY name LIMIT $2",
        ];
        for (query, names) in queries.into_iter().zip([&mut found.contracts, &mut found.sites]) {
            let rows = sqlx::query(query).bind(id).bind(SUGGESTED).fetch_all(&mut *reader).await?;
            *names = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        }
    }
    reader.done();
    Ok(found)
}
