//! The formats of contract numbers of a desk.

use crate::country::Country;

use super::{ContractFormat, ContractNumber, ContractNumberProblem, default_formats};

/// The formats of contract numbers of a desk: those of new contracts, and those that numbers of the register may have since
/// earlier. A number of the register is read by either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractFormats {
    /// Those of new contracts come first.
    all: Vec<ContractFormat>,
    current: usize,
}

impl Default for ContractFormats {
    /// The formats of a desk that has set none.
    fn default() -> Self {
        Self::new(default_formats().to_vec(), [])
    }
}

impl ContractFormats {
    /// The formats `current` of new contracts, and the `former` ones. A format that is both is current.
    #[must_use]
    pub fn new(current: Vec<ContractFormat>, former: impl IntoIterator<Item = ContractFormat>) -> Self {
        let count = current.len();
        let mut all = current;
        for format in former {
            if !all.contains(&format) {
                all.push(format);
            }
        }
        Self { all, current: count }
    }

    /// Whether they are those of a desk that has set none.
    #[must_use]
    pub fn are_standing(&self) -> bool {
        self.current == self.all.len() && self.all == default_formats()
    }

    /// Formats of new contracts.
    #[must_use]
    pub fn current(&self) -> &[ContractFormat] {
        &self.all[..self.current]
    }

    /// All formats, those of new contracts first.
    #[must_use]
    pub fn all(&self) -> &[ContractFormat] {
        &self.all
    }

    /// Parses a number as [`ContractNumber::parse`] does, by every format.
    ///
    /// # Errors
    /// When it fits no format. The formats that are proposed are those of new contracts.
    ///
    /// ```
    /// use domain::contract_number::{ContractFormat, ContractFormats, default_formats};
    ///
    /// let own = ContractFormat::new(None, "'AN'-9{4}", None).unwrap();
    /// let formats = ContractFormats::new(vec![own], default_formats().to_vec());
    /// assert_eq!(formats.parse("an 0042").unwrap().as_str(), "AN-0042");
    /// let former = formats.parse("CPS-VE-004213-58").unwrap();
    /// assert!(!formats.fit_new(&former), "no new contract has such a number");
    /// ```
    pub fn parse(&self, input: &str) -> Result<ContractNumber, ContractNumberProblem> {
        ContractNumber::parse(input, &self.all).map_err(|problem| match problem {
            ContractNumberProblem::UnknownFormat { .. } => self.unknown(),
            problem => problem,
        })
    }

    /// The number of a new contract.
    ///
    /// # Errors
    /// When it fits no format of new contracts.
    pub fn parse_new(&self, input: &str) -> Result<ContractNumber, ContractNumberProblem> {
        let number = self.parse(input)?;
        if self.fit_new(&number) { Ok(number) } else { Err(self.unknown()) }
    }

    /// Whether a new contract can have the number.
    #[must_use]
    pub fn fit_new(&self, number: &ContractNumber) -> bool {
        number.format(self.current()).is_some()
    }

    /// Whether the number has one of the formats.
    #[must_use]
    pub fn fit(&self, number: &ContractNumber) -> bool {
        number.format(&self.all).is_some()
    }

    /// The country that the number names; `None` when its format serves all countries.
    #[must_use]
    pub fn country_of(&self, number: &ContractNumber) -> Option<Country> {
        number.format(&self.all).and_then(ContractFormat::country)
    }

    fn unknown(&self) -> ContractNumberProblem {
        let patterns = self.current().iter().map(ContractFormat::pattern).collect();
        ContractNumberProblem::UnknownFormat { patterns }
    }

    /// The text that [`Self::read`] reads: a line for each format, with country, mask and check. An empty line divides those
    /// of new contracts from the others.
    #[must_use]
    pub fn written(&self) -> String {
        let line = |format: &ContractFormat| {
            let country = format.country.map_or("", Country::code);
            let check = format.check.map_or("", super::Scheme::name);
            format!("{country}\t{}\t{check}\n", format.source)
        };
        let lines = |formats: &[ContractFormat]| formats.iter().map(line).collect::<String>();
        format!("{}\n{}", lines(self.current()), lines(&self.all[self.current..]))
    }

    /// Reads what [`Self::written`] wrote. Of any other text it takes what it understands.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let (mut all, mut current) = (Vec::new(), None);
        for line in text.lines() {
            let mut parts = line.split('\t');
            match (parts.next(), parts.next(), parts.next()) {
                (Some(country), Some(mask), Some(check)) => {
                    let (country, check) = (Country::from_code(country), super::Scheme::from_name(check));
                    all.extend(ContractFormat::new(country, mask, check));
                }
                _ => current = current.or(Some(all.len())),
            }
        }
        Self { current: current.unwrap_or(all.len()), all }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::check_digits::Scheme;

    fn format(country: Option<Country>, mask: &str, check: Option<Scheme>) -> ContractFormat {
        ContractFormat::new(country, mask, check).unwrap()
    }

    fn own() -> ContractFormats {
        let current = vec![
            format(Some(Country::Ve), "'AN'-A9{5}X", Some(Scheme::Luhn36)),
            format(None, "'K'-9{4}", None),
        ];
        ContractFormats::new(current, default_formats().to_vec())
    }

    #[test]
    fn former_number_is_read_and_no_new_contract_has_it() {
        let formats = own();
        let former = formats.parse("cps ve OO4213 58").unwrap();
        assert_eq!((former.as_str(), formats.fit(&former)), ("CPS-VE-004213-58", true));
        assert_eq!(formats.country_of(&former), Some(Country::Ve));
        let refused = formats.parse_new("CPS-VE-004213-58");
        let Err(ContractNumberProblem::UnknownFormat { patterns }) = refused else { panic!("{refused:?}") };
        assert_eq!((patterns.len(), patterns[1].as_str()), (2, "K-####"));
        assert_eq!(formats.parse_new("k 0042").unwrap().as_str(), "K-0042");
        assert!(ContractFormats::default().parse_new("CPS-VE-004213-58").is_ok());
    }

    #[test]
    fn correct_former_number_is_not_mended_into_another_one() {
        // As typed it is a former number; with look-alikes exchanged it would be a new one.
        let formats =
            ContractFormats::new(vec![format(None, "'N'9{4}", None)], [format(None, "'N'A9{3}", None)]);
        assert_eq!(formats.parse("NO123").unwrap().as_str(), "NO123");
        assert_eq!(formats.parse("N01Z3").map(|number| number.to_string()).ok().as_deref(), Some("N0123"));
    }

    #[test]
    fn formats_are_read_as_they_are_written() {
        for formats in [own(), ContractFormats::default()] {
            assert_eq!(ContractFormats::read(&formats.written()), formats);
        }
        for text in ["", "\n", "a", "VE\t<\t\n", "\t\t\t"] {
            assert!(ContractFormats::read(text).current().is_empty(), "{text:?}");
        }
    }

    /// A mask with a check over all before it, and characters for its free places.
    fn checked() -> impl Strategy<Value = (ContractFormat, String)> {
        let digits = [
            (Scheme::Luhn10, "9"),
            (Scheme::Verhoeff, "9"),
            (Scheme::Damm, "9"),
            (Scheme::Mod11And10, "9"),
            (Scheme::Mod11, "[0-9X]"),
        ];
        let letters = [(Scheme::Luhn36, "X"), (Scheme::Mod37And36, "X"), (Scheme::Mod97, "9{2}")];
        let of_digits =
            (prop::sample::select(digits.to_vec()), "[0-9]{3,8}").prop_map(|((scheme, check), fill)| {
                (format(None, &format!("9{{{}}}-{check}", fill.len()), Some(scheme)), fill)
            });
        let of_letters =
            (prop::sample::select(letters.to_vec()), "[A-Z0-9]{3,8}").prop_map(|((scheme, check), fill)| {
                (format(Some(Country::Co), &format!("'AN'-X{{{}}}-{check}", fill.len()), Some(scheme)), fill)
            });
        prop_oneof![of_digits, of_letters]
    }

    proptest! {
        #[test]
        fn every_number_of_a_mask_is_accepted_and_one_wrong_check_character_refused(
            (format, fill) in checked(),
            other in prop::sample::select(('0'..='9').chain('A'..='Z').collect::<Vec<_>>()),
        ) {
            let formats = ContractFormats::new(vec![format.clone()], []);
            prop_assert_eq!(format.fitness(), Ok(()));
            let number = ContractNumber::compose(&format, &fill).unwrap();
            prop_assert_eq!(formats.parse_new(number.as_str()), Ok(number.clone()));
            prop_assert_eq!(formats.parse_new(&number.as_str().replace('-', "").to_lowercase()), Ok(number.clone()));
            let (head, last) = number.as_str().split_at(number.as_str().len() - 1);
            let wrong = format!("{head}{other}");
            // A look-alike of the right character is read as the right one, and any other is refused.
            let is_alike = |read: &ContractNumber| *read == number && (other.is_ascii_alphabetic() != last.starts_with(|c: char| c.is_ascii_alphabetic()));
            let read = formats.parse_new(&wrong);
            prop_assert!(wrong == number.as_str() || read.as_ref().map_or(true, is_alike), "{} {:?}", wrong, read);
        }
    }
}
