//! The formats of serials in a file. The file is the entry: the desk has one set.

use domain::actor::{Action, Actor, Subject as Of, may};
use domain::i18n::Language;
use domain::serial::mask::MaskError;
use domain::serial::{
    CODE_CHARS_MAX, MANUFACTURER_CHARS_MAX, MASK_CHARS_MAX, ROWS_MAX, Reason as SerialReason, Recognition,
    SERIAL_FORMATS_MAX, Serial, SerialFormat, SerialFormatProblem, SerialFormats, SerialProblem,
    WrittenSerialFormat, standing_formats,
};
use domain::t;
use serde::{Deserialize, Serialize};

use super::apply::ChangePlan;
use super::fields::{self, Fields};
use super::file::{Document, Reason, Subject, of_check, of_mask};
use super::single::{CheckedRules, SingleRules};
use super::subjects::{Rules, SINGLE_ID};
use super::versions::{EntryVersion, Versions};
use crate::store::StoreError;
use crate::{Desk, DeskError};

/// The id of the formats among entries: the desk has one set.
pub const SERIAL_FORMATS_ID: i64 = SINGLE_ID;

/// The comment above the file.
pub(super) const HEAD: &str = "\
# Formats of serials: how forms and imports recognise equipment. A serial of no known format is accepted and flagged.
# version  as exported: a file that is older than the desk's own version is refused. Leave it out to write over any version.
# off      codes of standing formats that do not count, as [\"hp_pc\"]; the page of serial formats lists them.
# formats  code: small letters, digits and underscores; that of a standing format takes its place. manufacturer: the maker.
#          mask: A letter, 9 digit, X letter or digit, H hexadecimal digit, [..] one of a set, '..' this text, {n} repeats,
#          - a printed hyphen, | or, <name:..> a part with a name. Names of parts: yy year of two digits, yyyy year, y last digit
#          of the year or a letter from A = 2010, ww week, mm month of two digits, m month of one character; site, plant,
#          location, model and others are shown as they stand.
#          check: luhn-10, luhn-36, luhn-23, luhn-32, verhoeff, damm, iso7064-11-10, iso7064-11-2, iso7064-37-36 or
#          iso7064-97-10, in the last places of the mask over all before them; leave it out for serials without a check.
#          platform: network, servers, software, data_centre, computing or printing; leave it out when the serial does not tell.
#          year_from: the year of 00 in yy; 2000 when it is left out.
#          months: 123456789ABC, ABCDEFGHJKLM or 123456789XYZ, the months in m; the first when it is left out.
";

/// The formats as they stand in a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SerialFormatsEntry {
    /// The version that was read; when it is given, a later one is not written over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    off: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    formats: Vec<WrittenSerialFormat>,
}

/// What is wrong with the formats, by key; formats are counted from 0.
type Problem = (String, SerialFormatProblem);

impl SerialFormatsEntry {
    /// The formats of a version as they are compared.
    pub(super) fn of(version: i64, formats: &SerialFormats) -> Self {
        let own = formats.own().iter().map(|format| format.written().clone());
        Self { version: Some(version), off: formats.off().to_vec(), formats: own.collect() }
    }

    /// The formats that are written; else everything that is wrong with them.
    fn content(&self) -> Result<SerialFormats, Vec<Problem>> {
        let (mut own, mut problems): (Vec<SerialFormat>, _) = (Vec::new(), Vec::new());
        for (at, written) in self.formats.iter().enumerate().take(SERIAL_FORMATS_MAX) {
            match SerialFormat::parse(written.clone()) {
                Ok(format) if own.iter().any(|other| other.code() == format.code()) => {
                    problems.push((format!("formats.{at}.code"), SerialFormatProblem::Repeated));
                }
                Ok(format) => own.push(format),
                Err((key, problem)) => problems.push((format!("formats.{at}.{key}"), problem)),
            }
        }
        if self.formats.len() > SERIAL_FORMATS_MAX {
            problems.push(("formats".to_owned(), SerialFormatProblem::TooMany));
        }
        let is_standing = |code: &str| standing_formats().iter().any(|format| format.code() == code);
        if let Some(unknown) = self.off.iter().find(|code| !is_standing(code)) {
            problems.push(("off".to_owned(), SerialFormatProblem::UnknownStanding(unknown.clone())));
        }
        // In the order of the program, each once: a box that is ticked twice is no change.
        let codes = standing_formats().iter().map(SerialFormat::code);
        let off = codes.filter(|code| self.off.iter().any(|off| off == code)).map(str::to_owned);
        if problems.is_empty() { Ok(SerialFormats::new(own, off.collect())) } else { Err(problems) }
    }
}

impl Rules for SerialFormatsEntry {
    const SUBJECT: Subject = Subject::SerialFormats;
    const HEAD: &'static str = HEAD;
    const LISTS: &'static [&'static str] = &["formats"];
    type Content = SerialFormats;

    fn versions(all: &Versions) -> &[EntryVersion<SerialFormats>] {
        &all.serials
    }

    fn from_version(version: &EntryVersion<SerialFormats>, _: &Versions) -> Self {
        Self::of(version.version, &version.content)
    }

    fn version_mut(&mut self) -> &mut Option<i64> {
        &mut self.version
    }

    fn read(plan: &mut ChangePlan, document: &Document<'_>, all: &Versions) -> Result<(), StoreError> {
        plan.read_single::<Self>(document, all)
    }
}

impl SingleRules for SerialFormatsEntry {
    fn standing() -> Result<SerialFormats, StoreError> {
        Ok(SerialFormats::default())
    }

    fn name(_: &SerialFormats) -> String {
        String::new()
    }
}

impl CheckedRules for SerialFormatsEntry {
    fn checked(&self) -> Result<SerialFormats, Vec<(String, Reason)>> {
        let told = |(key, problem)| (key, Reason::SerialFormats(problem));
        self.content().map_err(|problems| problems.into_iter().map(told).collect())
    }
}

/// The problem in the reader's language.
pub(super) fn of_serial_formats(problem: &SerialFormatProblem, language: Language) -> String {
    use SerialFormatProblem as P;
    let key = match problem {
        P::Code => return t!(language, "settings.reason.serial_code", most = CODE_CHARS_MAX),
        P::Manufacturer => {
            return t!(language, "settings.reason.serial_manufacturer", most = MANUFACTURER_CHARS_MAX);
        }
        P::Mask(MaskError::TooLarge) => {
            return t!(
                language,
                "settings.reason.serial_mask_too_large",
                most = MASK_CHARS_MAX,
                rows = ROWS_MAX
            );
        }
        P::Mask(error) => return of_mask(*error, language),
        P::Length => {
            let (least, most) = (Serial::MIN, Serial::MAX);
            return t!(language, "settings.reason.serial_length", least = least, most = most);
        }
        P::Scheme => "settings.reason.check",
        P::Check(problem) => return of_check(*problem, language),
        P::Platform => "settings.reason.serial_platform",
        P::Year => "settings.reason.serial_year",
        P::Months => "settings.reason.serial_months",
        P::UnknownPart(part) => return t!(language, "settings.reason.serial_unknown_part", part = part),
        P::PartShape { part, digits } => {
            return t!(language, "settings.reason.serial_part_shape", part = part, digits = digits);
        }
        P::NoPart(part) => return t!(language, "settings.reason.serial_no_part", part = part),
        P::Repeated => "settings.reason.serial_repeated",
        P::TooMany => return t!(language, "settings.reason.too_many_formats", most = SERIAL_FORMATS_MAX),
        P::UnknownStanding(code) => return t!(language, "settings.reason.serial_off", code = code),
    };
    t!(language, key).into_owned()
}

/// What formats say about a value that was typed to try them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriedSerial {
    /// What it is recognised as, without a maker's name.
    pub recognition: Recognition,
    /// Why it fits no format of a maker of the provider's own formats, by maker. A maker whose format it fits is missing.
    pub reasons: Vec<(String, SerialReason)>,
}

/// Tries a value on the formats of a form, as if they were in force. `None` while the formats are wrong.
///
/// # Errors
/// See [`DeskError`]. A value that is no serial of any maker is no error of the desk.
pub fn try_serial_formats(
    desk: &Desk,
    actor: &Actor,
    fields: &Fields,
    value: &str,
) -> Result<Option<Result<TriedSerial, SerialProblem>>, DeskError> {
    may(actor, Action::ReadSettings, Of::Desk)?;
    let file = fields::file(Subject::SerialFormats, &mut fields.clone())?;
    let entry = Document::parse(&file).and_then(|document| document.read::<SerialFormatsEntry>());
    let Some(formats) = entry.ok().and_then(|entry| entry.content().ok()) else { return Ok(None) };
    let serial = match Serial::parse(value) {
        Ok(serial) => serial,
        Err(problem) => return Ok(Some(Err(problem))),
    };
    let today = desk.now().to_chrono().unwrap_or_default().date_naive();
    let recognition = formats.recognise(&serial, None, today);
    let mut reasons: Vec<(String, SerialReason)> = Vec::new();
    for maker in formats.own().iter().map(SerialFormat::manufacturer) {
        let verdict = formats.check_against(maker, serial.as_str(), today);
        if !verdict.valid && !reasons.iter().any(|(told, _)| told == maker) {
            reasons.push((maker.to_owned(), verdict.reason));
        }
    }
    Ok(Some(Ok(TriedSerial { recognition, reasons })))
}
