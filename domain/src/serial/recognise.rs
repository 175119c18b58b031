//! Recognition of a serial: its maker's format, its content, and corrections when it fits none.

use chrono::NaiveDate;

use super::{
    Serial, SerialProblem,
    format::SerialFormat,
    formats::Confidence,
    mask::{Mask, Row, Slot},
    of_desk::SerialFormats,
    rules::{FieldKey, Made, MadePart, Read, Reason, read},
};
use crate::i18n::Language;
use crate::priority::Platform;
use crate::t;

/// The most characters that an offered correction changes.
const MOST_CHANGES: usize = 3;
/// The most corrections offered.
const MOST_OFFERS: usize = 3;
/// The most characters of a serial of a maker without a known format.
const MOST_UNKNOWN: usize = 25;

/// What the formats say about a serial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognition {
    /// The matching formats, narrowest first: the first is the most likely.
    pub matches: Vec<Decoded>,
    /// Corrections with look-alikes changed, when it fits no format. They are offered, never substituted.
    pub suggestion: Option<Vec<String>>,
    /// Whether it fits no format of its maker (of any maker, when none is named). It is accepted and flagged.
    pub flagged_unknown: bool,
}

/// A serial decoded by one format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// Maker of the format.
    pub manufacturer: String,
    /// Code of the format.
    pub format: String,
    /// Platform of such equipment, if the format tells.
    pub platform: Option<Platform>,
    /// Its content, in the order of reading.
    pub fields: Vec<(FieldKey, String)>,
    /// Date of manufacture, if the serial has it.
    pub made: Option<Made>,
    /// Confidence in the format.
    pub confidence: Confidence,
}

impl Decoded {
    /// The content as data: `location=FOC;year=2005;week=13`.
    #[must_use]
    pub fn as_data(&self) -> String {
        let parts: Vec<_> =
            self.fields.iter().map(|(key, value)| format!("{}={value}", key.code())).collect();
        parts.join(";")
    }

    /// The content for the customer who typed it: "Cisco, hecho en la semana 13 de 2005". It omits codes of plants,
    /// markets and revisions, which mean nothing to customers.
    #[must_use]
    pub fn summary(&self, language: Language) -> String {
        let mut parts = vec![self.manufacturer.clone()];
        match self.made {
            Some(Made { year, part: Some(MadePart::Week(week)) }) => {
                parts.push(t!(language, "serial.made.week", year = year, week = week));
            }
            Some(Made { year, part: Some(MadePart::Month(month)) }) => {
                parts.push(t!(language, "serial.made.month", year = year, month = month));
            }
            Some(Made { year, part: None }) => parts.push(t!(language, "serial.made.year", year = year)),
            None => {}
        }
        for (key, value) in &self.fields {
            if key.is_plain() {
                parts.push(format!("{} {value}", key.label(language)));
            }
        }
        parts.extend(self.platform.map(|platform| t!(language, platform.name_key()).into_owned()));
        parts.join(", ")
    }
}

/// A serial checked against one maker's formats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether a format of the maker fits. Makers without a known format have 4 to 25 characters.
    pub valid: bool,
    /// Why no format fits; [`Reason::Ok`] when one does.
    pub reason: Reason,
    /// The content, as by [`Decoded::as_data`].
    pub decoded: String,
}

/// A format with a row of its mask.
type Candidate<'a> = (&'a SerialFormat, &'a Row);

impl SerialFormats {
    /// Recognises a serial by the formats of `manufacturer` or of all makers. Dates after `today` do not match.
    ///
    /// ```
    /// use domain::serial::{Serial, SerialFormats};
    ///
    /// let serial = Serial::parse("FOC0913A1B2").unwrap();
    /// let formats = SerialFormats::default();
    /// let found = formats.recognise(&serial, Some("Cisco"), "2026-11-22".parse().unwrap());
    /// assert_eq!(found.matches[0].made.unwrap().year, 2005);
    /// ```
    #[must_use]
    pub fn recognise(&self, serial: &Serial, manufacturer: Option<&str>, today: NaiveDate) -> Recognition {
        let compact = serial.as_str();
        let maker = manufacturer.map(str::trim).filter(|name| self.is_maker(name));
        let own = |format: &SerialFormat| maker.is_none_or(|name| is_of(format, name));
        // Other brands of the maker: a Meraki under Cisco, a printer under HP.
        let kin = |format: &SerialFormat| maker.is_some_and(|name| is_brand_of(format.manufacturer(), name));

        let mut matches = self.fitting(compact, today, own);
        let suggestion = if matches.is_empty() { self.corrections(compact, today, own) } else { Vec::new() };
        if matches.is_empty() {
            matches = self.fitting(compact, today, kin);
        }
        let named_unknown = manufacturer.is_some_and(|name| !name.trim().is_empty()) && maker.is_none();
        if named_unknown {
            // The maker has no known format, so formats of other makers say nothing.
            return Recognition { matches: Vec::new(), suggestion: None, flagged_unknown: true };
        }
        Recognition {
            flagged_unknown: matches.is_empty(),
            suggestion: (!suggestion.is_empty()).then_some(suggestion),
            matches,
        }
    }

    /// Checks `text` strictly against the formats of `manufacturer`.
    #[must_use]
    pub fn check_against(&self, manufacturer: &str, text: &str, today: NaiveDate) -> Verdict {
        let refused = |reason| Verdict { valid: false, reason, decoded: String::new() };
        let serial = match Serial::parse(text) {
            Ok(serial) => serial,
            Err(SerialProblem::Empty | SerialProblem::Placeholder) => return refused(Reason::Placeholder),
            Err(SerialProblem::TooShort(_) | SerialProblem::TooLong(_)) => {
                return refused(Reason::WrongLength);
            }
            Err(SerialProblem::BadCharacter(_) | SerialProblem::Dot) => return refused(Reason::BadCharacter),
        };
        let (compact, manufacturer) = (serial.as_str(), manufacturer.trim());
        let own = |format: &SerialFormat| is_of(format, manufacturer);
        if let Some(best) = self.fitting(compact, today, own).into_iter().next() {
            return Verdict { valid: true, reason: Reason::Ok, decoded: best.as_data() };
        }
        if self.is_maker(manufacturer) {
            return refused(self.reason_against(compact, today, own));
        }
        if compact.len() > MOST_UNKNOWN {
            return refused(Reason::WrongLength);
        }
        Verdict { valid: true, reason: Reason::Ok, decoded: String::new() }
    }

    /// The rows of the wanted formats with the length of the text, narrowest first.
    fn candidates(&self, compact: &str, wanted: impl Fn(&SerialFormat) -> bool) -> Vec<Candidate<'_>> {
        let formats = self.all().filter(|format| wanted(format));
        let rows = formats.flat_map(|format| format.mask().rows().iter().map(move |row| (format, row)));
        let mut rows: Vec<_> = rows.filter(|(_, row)| row.length() == compact.len()).collect();
        rows.sort_by_cached_key(|(format, row)| (row.breadth(), format.confidence));
        rows
    }

    fn fitting(
        &self,
        compact: &str,
        today: NaiveDate,
        wanted: impl Fn(&SerialFormat) -> bool,
    ) -> Vec<Decoded> {
        let decode = |(format, row): Candidate<'_>| {
            if !row.takes(compact) {
                return None;
            }
            read_checked(format, row, compact, today).ok().map(|read| decoded(format, read))
        };
        self.candidates(compact, wanted).into_iter().filter_map(decode).collect()
    }

    /// Serials that fit after look-alikes are changed.
    fn corrections(
        &self,
        compact: &str,
        today: NaiveDate,
        wanted: impl Fn(&SerialFormat) -> bool,
    ) -> Vec<String> {
        let mut offers = Vec::new();
        for (format, row) in self.candidates(compact, wanted) {
            let Some(mended) = row.with_look_alikes(compact, MOST_CHANGES) else { continue };
            let fits = mended != compact && read_checked(format, row, &mended, today).is_ok();
            if fits && !offers.contains(&mended) && offers.len() < MOST_OFFERS {
                offers.push(mended);
            }
        }
        offers
    }

    /// Why a text fits none of the formats, by the row with the fewest wrong characters.
    fn reason_against(
        &self,
        compact: &str,
        today: NaiveDate,
        wanted: impl Fn(&SerialFormat) -> bool,
    ) -> Reason {
        let wrong =
            |row: &Row| row.slots().iter().zip(compact.chars()).filter(|(slot, c)| !slot.takes(*c)).count();
        let nearest = self.candidates(compact, wanted).into_iter().min_by_key(|(_, row)| wrong(row));
        let Some((format, row)) = nearest else { return Reason::WrongLength };
        match row.first_wrong(compact).and_then(|index| row.slots().get(index)) {
            Some(slot) => reason_of(format.mask(), slot),
            None => read_checked(format, row, compact, today).err().unwrap_or(Reason::Ok),
        }
    }
}

fn is_of(format: &SerialFormat, manufacturer: &str) -> bool {
    format.manufacturer().eq_ignore_ascii_case(manufacturer)
}

/// Whether `name` is the beginning of a longer maker's name: "Cisco" of "Cisco Meraki".
fn is_brand_of(longer: &str, name: &str) -> bool {
    longer
        .split_at_checked(name.len())
        .is_some_and(|(head, tail)| head.eq_ignore_ascii_case(name) && tail.starts_with(' '))
}

/// Reads a text that fits a row, and whose check fits.
fn read_checked(format: &SerialFormat, row: &Row, compact: &str, today: NaiveDate) -> Result<Read, Reason> {
    if !format.check_fits(compact) {
        return Err(Reason::BadCheck);
    }
    read(&format.steps, format.mask(), row, compact, today)
}

fn decoded(format: &SerialFormat, read: Read) -> Decoded {
    Decoded {
        manufacturer: format.manufacturer().to_owned(),
        format: format.code().to_owned(),
        platform: format.platform(),
        made: read.made(),
        fields: read.fields,
        confidence: format.confidence,
    }
}

/// The reason for a wrong character in a slot.
fn reason_of(mask: &Mask, slot: &Slot) -> Reason {
    if slot.is_literal() {
        return Reason::BadPrefix;
    }
    match mask.name_of(slot) {
        Some("m") if slot.is_narrow() => Reason::BadMonth,
        Some("y") if slot.is_narrow() => Reason::BadYear,
        Some("dec" | "model") if slot.is_narrow() => Reason::BadPrefix,
        _ => Reason::BadCharacter,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()
    }

    fn known(text: &str, manufacturer: Option<&str>) -> Recognition {
        SerialFormats::default().recognise(&Serial::parse(text).unwrap(), manufacturer, today())
    }

    #[test]
    fn serial_yields_manufacturer_and_date() {
        let found = known("FOC0913A1B2", Some("cisco "));
        let first = &found.matches[0];
        assert_eq!(first.manufacturer, "Cisco");
        assert_eq!(first.made, Some(Made { year: 2005, part: Some(MadePart::Week(13)) }));
        assert!(!found.flagged_unknown);
        for language in Language::ALL {
            let words = first.summary(language);
            assert!(words.contains("2005") && words.contains("13"), "{words}");
            assert!(!words.contains("FOC"), "a plant's code is none of the customer's: {words}");
            assert!(!words.contains("%{") && !words.contains("serial."), "{words}");
        }
    }

    #[test]
    fn serial_summary_omits_plant_codes() {
        let words = |text, maker| known(text, Some(maker)).matches[0].summary(Language::Es);
        assert_eq!(words("FOC0913A1B2", "Cisco"), "Cisco, hecho en la semana 13 de 2005");
        assert_eq!(words("MXQ3410ABC", "HPE"), "HPE");
    }

    #[test]
    fn look_alikes_are_suggested_and_never_replaced() {
        let found = known("F0C09I3A1B2", Some("Cisco"));
        assert_eq!(found.suggestion, Some(vec!["FOC0913A1B2".to_owned()]));
        assert!(found.flagged_unknown);
        assert!(found.matches.is_empty());
    }

    #[test]
    fn serials_of_sister_brands_are_recognised() {
        assert_eq!(known("Q2XX-9ZK4-A7B1", Some("Cisco")).matches[0].manufacturer, "Cisco Meraki");
        assert_eq!(known("125-423-316-01", Some("Dell")).matches[0].as_data(), "tag=5RFDP01");
    }

    #[test]
    fn unknown_serial_is_accepted_and_flagged() {
        let found = known("ZX-81/0001", Some("Sinclair"));
        assert_eq!(found, Recognition { matches: vec![], suggestion: None, flagged_unknown: true });
        let formats = SerialFormats::default();
        assert!(formats.check_against("Sinclair", "ZX-81/0001", today()).valid);
        assert!(!formats.check_against("Sinclair", &"A1".repeat(13), today()).valid);
        assert!(!known("FOC0913A1B2", None).flagged_unknown);
    }

    #[test]
    fn serial_fields_and_reasons_have_messages() {
        for language in Language::ALL {
            for key in FieldKey::ALL {
                assert!(!key.label(language).starts_with("serial."), "{key:?}");
            }
            for reason in [
                Reason::Ok,
                Reason::Placeholder,
                Reason::WrongLength,
                Reason::BadCharacter,
                Reason::BadPrefix,
                Reason::BadWeek,
                Reason::BadMonth,
                Reason::BadYear,
                Reason::OutOfRange,
                Reason::BadCheck,
            ] {
                assert!(!reason.message(language).starts_with("serial."), "{reason:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_serial_panics_and_suggestions_are_valid(text in ".{0,30}|[A-Z0-9]{4,26}") {
            let formats = SerialFormats::default();
            if let Ok(serial) = Serial::parse(&text) {
                for maker in [None, Some("Cisco"), Some("Dell"), Some("HP"), Some("Ñandú")] {
                    let found = formats.recognise(&serial, maker, today());
                    for offer in found.suggestion.iter().flatten() {
                        let offered = formats.recognise(&Serial::parse(offer).unwrap(), maker, today());
                        prop_assert!(!offered.matches.is_empty());
                    }
                }
                let _ = formats.check_against("Huawei", &text, today());
            }
        }
    }
}
