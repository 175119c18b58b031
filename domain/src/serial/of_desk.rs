//! The formats of serials of a desk: those that come with the program, and the provider's own.

use serde::{Deserialize, Serialize};

use super::format::{SerialFormat, WrittenSerialFormat};
use super::formats::{EXPRESS_CODE, standing_formats};

/// The most formats of a provider's own.
pub const SERIAL_FORMATS_MAX: usize = 64;

/// The formats of serials of a desk. An own format stands in the place of a standing one of its code.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SerialFormats {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    own: Vec<SerialFormat>,
    /// Codes of standing formats that do not count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    off: Vec<String>,
}

impl SerialFormats {
    /// A provider's own formats beside the standing ones without those that are `off`, by their codes.
    #[must_use]
    pub const fn new(own: Vec<SerialFormat>, off: Vec<String>) -> Self {
        Self { own, off }
    }

    /// The provider's own formats.
    #[must_use]
    pub fn own(&self) -> &[SerialFormat] {
        &self.own
    }

    /// Codes of standing formats that do not count.
    #[must_use]
    pub fn off(&self) -> &[String] {
        &self.off
    }

    /// Whether they are those of a desk that has set none.
    #[must_use]
    pub fn are_standing(&self) -> bool {
        self.own.is_empty() && self.off.is_empty()
    }

    /// All formats that count, the provider's own first.
    pub fn all(&self) -> impl Iterator<Item = &SerialFormat> {
        let is_own = |code: &str| self.own.iter().any(|own| own.code() == code);
        let is_off = |code: &str| self.off.iter().any(|off| off == code);
        let standing =
            standing_formats().iter().filter(move |format| !is_own(format.code()) && !is_off(format.code()));
        self.own.iter().chain(standing)
    }

    /// The makers with known formats, for a list of proposals.
    #[must_use]
    pub fn manufacturers(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for name in self.all().map(SerialFormat::manufacturer) {
            if name != EXPRESS_CODE && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Whether a format of this maker is known.
    #[must_use]
    pub fn is_maker(&self, name: &str) -> bool {
        self.all().any(|format| format.manufacturer().eq_ignore_ascii_case(name))
    }

    /// The text that [`Self::read`] reads: the codes that are off on the first line, then a line for each own format.
    #[must_use]
    pub fn written(&self) -> String {
        let line = |format: &SerialFormat| {
            let WrittenSerialFormat { code, manufacturer, mask, check, platform, year_from, months } =
                format.written();
            let text = |part: &Option<String>| part.clone().unwrap_or_default();
            let year = year_from.map(|year| year.to_string()).unwrap_or_default();
            let parts = [
                code.clone(),
                manufacturer.clone(),
                mask.clone(),
                text(check),
                text(platform),
                year,
                text(months),
            ];
            format!("\n{}", parts.join("\t"))
        };
        self.off.join("\t") + &self.own.iter().map(line).collect::<String>()
    }

    /// Reads what [`Self::written`] wrote. Of any other text it takes what it understands.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut lines = text.split('\n');
        let off = lines.next().unwrap_or_default().split('\t').filter(|code| !code.is_empty());
        let off = off.map(str::to_owned).collect();
        let own = lines.filter_map(|line| {
            let mut parts = line.split('\t').map(str::to_owned);
            let (code, manufacturer, mask) = (parts.next()?, parts.next()?, parts.next()?);
            let (check, platform) = (parts.next(), parts.next());
            let year_from = parts.next().and_then(|year| year.parse().ok());
            let months = parts.next();
            let written =
                WrittenSerialFormat { code, manufacturer, mask, check, platform, year_from, months };
            SerialFormat::parse(written).ok()
        });
        Self { own: own.collect(), off }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;

    use super::*;
    use crate::priority::Platform;
    use crate::serial::{Made, MadePart, Reason, Serial};

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()
    }

    fn format(code: &str, manufacturer: &str, mask: &str) -> WrittenSerialFormat {
        WrittenSerialFormat {
            code: code.to_owned(),
            manufacturer: manufacturer.to_owned(),
            mask: mask.to_owned(),
            ..WrittenSerialFormat::default()
        }
    }

    fn acme() -> SerialFormat {
        let written = WrittenSerialFormat {
            platform: Some("printing".to_owned()),
            check: Some("luhn-10".to_owned()),
            ..format("acme", "Acme", "'7'<yy:9{2}><ww:9{2}>9{4}9")
        };
        SerialFormat::parse(written).unwrap()
    }

    fn of(own: Vec<SerialFormat>, off: &[&str]) -> SerialFormats {
        SerialFormats::new(own, off.iter().map(|code| (*code).to_owned()).collect())
    }

    fn serial(text: &str) -> Serial {
        Serial::parse(text).unwrap()
    }

    /// The serial with its check.
    fn checked(body: &str) -> String {
        format!("{body}{}", crate::check_digits::Scheme::Luhn10.check(body).unwrap())
    }

    #[test]
    fn own_format_decodes_date_and_platform() {
        let formats = of(vec![acme()], &[]);
        let found = formats.recognise(&serial(&checked("725130042")), Some("acme"), today());
        let first = &found.matches[0];
        assert_eq!((first.manufacturer.as_str(), first.format.as_str()), ("Acme", "acme"));
        assert_eq!(first.made, Some(Made { year: 2025, part: Some(MadePart::Week(13)) }));
        assert_eq!(first.platform, Some(Platform::Printing));
        assert!(formats.manufacturers().contains(&"Acme"));
    }

    #[test]
    fn serial_with_a_wrong_check_fits_no_own_format() {
        let formats = of(vec![acme()], &[]);
        let right = checked("725130042");
        let wrong = format!("{}{}", &right[..9], if right.ends_with('1') { '2' } else { '1' });
        let verdict = formats.check_against("Acme", &wrong, today());
        assert_eq!((verdict.valid, verdict.reason), (false, Reason::BadCheck));
        assert!(formats.recognise(&serial(&wrong), Some("Acme"), today()).flagged_unknown);
        // A look-alike is offered only with its check.
        let found = formats.recognise(&serial(&right.replace('0', "O")), Some("Acme"), today());
        assert_eq!(found.suggestion, Some(vec![right]));
        let other = wrong.replace('0', "O");
        assert_eq!(formats.recognise(&serial(&other), Some("Acme"), today()).suggestion, None);
    }

    #[test]
    fn standing_format_is_turned_off_or_stands_back_for_an_own_one() {
        let fits = |formats: &SerialFormats, text: &str| {
            formats.recognise(&serial(text), Some("Cisco"), today()).matches.len()
        };
        assert_eq!(fits(&SerialFormats::default(), "FOC0913A1B2"), 1);
        let off = of(vec![], &["cisco"]);
        assert_eq!(fits(&off, "FOC0913A1B2"), 0);
        assert!(!off.is_maker("Cisco") && off.is_maker("Cisco Meraki"));
        let written = format("cisco", "Cisco", "'CS'9{9}");
        let own = of(vec![SerialFormat::parse(written).unwrap()], &[]);
        assert_eq!((fits(&own, "FOC0913A1B2"), fits(&own, "CS123456789")), (0, 1));
    }

    #[test]
    fn full_years_and_months_of_two_digits_are_read() {
        let own = SerialFormat::parse(format("k", "Kappa", "'K'<yyyy:9{4}><mm:9{2}>9{3}")).unwrap();
        let formats = of(vec![own], &[]);
        let made = |text: &str| formats.check_against("Kappa", text, today());
        assert_eq!(made("K201907001").decoded, "year=2019;month=7");
        for (text, reason) in [("K201913001", Reason::BadMonth), ("K202707001", Reason::BadYear)] {
            assert_eq!(made(text).reason, reason, "{text}");
        }
    }

    #[test]
    fn part_that_a_way_to_fill_the_mask_lacks_is_not_asked_for() {
        let mask = "'A'<yy:9{2}><ww:9{2}>9{4}|'B'<yyyy:9{4}>9{4}|'C'9{6}";
        let formats = of(vec![SerialFormat::parse(format("kappa", "Kappa", mask)).unwrap()], &[]);
        for text in ["A25130001", "B20250001", "C123456"] {
            let verdict = formats.check_against("Kappa", text, today());
            assert!(verdict.valid, "{text}: {verdict:?}");
        }
        assert!(
            !formats.check_against("Kappa", "A25990001", today()).valid,
            "a part that is there is judged"
        );
    }

    #[test]
    fn formats_are_read_as_they_are_written() {
        let own = vec![acme(), SerialFormat::parse(format("b", "Beta & Söhne", "A{2}9{4,6}")).unwrap()];
        for formats in [SerialFormats::default(), of(own.clone(), &[]), of(own, &["cisco", "hp_pc"])] {
            assert_eq!(SerialFormats::read(&formats.written()), formats);
            let stored = serde_json::to_string(&formats).unwrap();
            assert_eq!(serde_json::from_str::<SerialFormats>(&stored).unwrap(), formats);
        }
        for text in ["", "\n", "\n\t\t\t", "\na\tb\t<", "\na\tb\t9{4}\t?"] {
            assert!(SerialFormats::read(text).own().is_empty(), "{text:?}");
        }
    }

    #[test]
    fn widest_formats_that_are_accepted_judge_a_long_serial_at_once() {
        // Each has the most rows, all of the length of the longest serial, and differs at the last place.
        let wide = |at: usize| {
            let rows = (0..16).map(|row| format!("X{{38}}[{}]'Z'", char::from(b'A' + row)));
            format(&format!("w{at}"), "Wide", &rows.collect::<Vec<_>>().join("|"))
        };
        let own: Vec<_> = (0..SERIAL_FORMATS_MAX).map(|at| SerialFormat::parse(wide(at)).unwrap()).collect();
        let formats = of(own, &[]);
        for at in 0..100 {
            let found = formats.recognise(&serial(&format!("{at:0>3}{}", "Q".repeat(37))), None, today());
            assert!(found.matches.is_empty());
        }
    }

    proptest! {
        #[test]
        fn no_own_format_panics(
            mask in "[A9XH'<>:a|~{}0-9ymw,\\[\\]-]{0,30}|(<(yy|ww|mm|m|y|site):[9AX](\\{[1-4]\\})?>|9\\{[1-4]\\}){1,6}",
            check in prop::option::of(prop::sample::select(vec!["luhn-10", "iso7064-97-10", "damm"])),
            text in "[0-9A-Z]{4,40}|.{0,20}",
        ) {
            let written = WrittenSerialFormat { check: check.map(str::to_owned), ..format("a", "Acme", &mask) };
            if let Ok(own) = SerialFormat::parse(written) {
                let formats = of(vec![own], &["cisco"]);
                prop_assert_eq!(&SerialFormats::read(&formats.written()), &formats);
                let verdict = formats.check_against("Acme", &text, today());
                if let Ok(serial) = Serial::parse(&text) {
                    let found = formats.recognise(&serial, Some("Acme"), today());
                    prop_assert_eq!(found.matches.is_empty(), !verdict.valid);
                    for offer in found.suggestion.iter().flatten() {
                        prop_assert!(formats.check_against("Acme", offer, today()).valid);
                    }
                }
            }
        }
    }
}
