//! The provider as it is set, on the server alone: its time zone needs the rules of zones.

use serde::{Deserialize, Serialize};

use super::{Accent, Hotlines, ProviderProblem, STANDING_NAME};
use crate::attachment::ContentHash;
use crate::calendar::zone::{UnknownZone, Zone};
use crate::country::Country;
use crate::mail_address::MailAddress;
use crate::text::legible;
use crate::time::Instant;

/// The most characters of a name: it stands in headers of pages and mails.
pub const NAME_CHARS_MAX: usize = 60;
/// The most lines of a signature, and the most characters of all of them.
pub const SIGNATURE_LINES_MAX: usize = 4;
const SIGNATURE_CHARS_MAX: usize = 300;

/// The provider of the desk.
///
/// Its JSON is read without the rules of a new value: they may change, and every version that was accepted stays legible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    /// Its name.
    pub name: ProviderName,
    /// SHA-256 of its logo, a PNG that the desk has written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<ContentHash>,
    /// Its accent colour; `None` for that of the design.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accent: Option<Accent>,
    /// The time zone of the centre. Its days begin the settings that count from a day on. Its months are those of reports
    /// over all countries.
    pub zone: Zone,
    /// Its telephone lines.
    pub hotlines: Hotlines,
    /// How long links of customers lead to a case that has ended.
    #[serde(default)]
    pub link_days: LinkDays,
    /// What its mails say.
    #[serde(default)]
    pub mail: MailSettings,
}

/// For how many days after its end a case is shown by its customer's link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LinkDays(i64);

impl LinkDays {
    /// The fewest days: the survey and the time for reopening come after the end.
    pub const LEAST: i64 = 30;
    /// The most days: ten years.
    pub const MOST: i64 = 3653;

    /// A number of days.
    ///
    /// # Errors
    /// [`ProviderProblem::LinkDays`] outside of [`Self::LEAST`] to [`Self::MOST`].
    pub fn new(days: i64) -> Result<Self, ProviderProblem> {
        if (Self::LEAST..=Self::MOST).contains(&days) {
            Ok(Self(days))
        } else {
            Err(ProviderProblem::LinkDays)
        }
    }

    /// The days.
    #[must_use]
    pub const fn days(self) -> i64 {
        self.0
    }

    /// The first instant at which a link has expired whose time runs from `from`.
    #[must_use]
    pub const fn end(self, from: Instant) -> Instant {
        from.plus(self.0 * 86_400)
    }

    /// The last instant from which the time of a link has run out by `now`.
    #[must_use]
    pub const fn run_out_from(self, now: Instant) -> Instant {
        now.plus(-self.0 * 86_400)
    }
}

impl Default for LinkDays {
    fn default() -> Self {
        Self(90)
    }
}

/// What mails say about the provider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailSettings {
    /// The name of the sender; `None` for that of the operator's configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_name: Option<ProviderName>,
    /// The address for answers; `None` for the sender's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MailAddress>,
    /// The signature; `None` for name and kind of the desk in the reader's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
}

impl Provider {
    /// The provider until one is set: the name of the software, the lines of the letter, the capital of its first country.
    ///
    /// # Errors
    /// When the zone database lacks that capital: a fault of the build.
    pub fn standing() -> Result<Self, UnknownZone> {
        Ok(Self {
            name: ProviderName(STANDING_NAME.to_owned()),
            logo: None,
            accent: None,
            zone: Zone::parse(Country::HOME.capital_zone())?,
            hotlines: Hotlines::standing(),
            link_days: LinkDays::default(),
            mail: MailSettings::default(),
        })
    }

    /// The sender's name in mails: the set one, else that of the operator's configuration, else the provider's.
    /// `configured` is the software's name where the operator has set none.
    #[must_use]
    pub fn sender_name<'a>(&'a self, configured: &'a str) -> &'a str {
        match &self.mail.from_name {
            Some(name) => name.as_str(),
            None if configured == STANDING_NAME => self.name.as_str(),
            None => configured,
        }
    }
}

/// A name on one line: of the provider, or of the sender of its mails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProviderName(String);

impl ProviderName {
    /// Normalises the name: on one line, words separated by single spaces.
    ///
    /// # Errors
    /// When it is empty or longer than [`NAME_CHARS_MAX`].
    pub fn parse(typed: &str) -> Result<Self, ProviderProblem> {
        let name = legible(typed).split_whitespace().collect::<Vec<_>>().join(" ");
        let fits = (1..=NAME_CHARS_MAX).contains(&name.chars().count());
        if fits { Ok(Self(name)) } else { Err(ProviderProblem::Length { most: NAME_CHARS_MAX }) }
    }

    /// The name as accepted.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<ProviderName> for String {
    fn from(name: ProviderName) -> Self {
        name.0
    }
}

/// The lines at the end of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Signature(String);

impl Signature {
    /// Normalises the lines. Empty ones are left out.
    ///
    /// # Errors
    /// When there is no line, or more than [`SIGNATURE_LINES_MAX`], or they are longer than 300 characters.
    pub fn parse(typed: &str) -> Result<Self, ProviderProblem> {
        let legible = legible(typed);
        let lines: Vec<String> = legible
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .filter(|line| !line.is_empty())
            .collect();
        let text = lines.join("\n");
        if !(1..=SIGNATURE_CHARS_MAX).contains(&text.chars().count()) {
            return Err(ProviderProblem::Length { most: SIGNATURE_CHARS_MAX });
        }
        if lines.len() > SIGNATURE_LINES_MAX {
            return Err(ProviderProblem::Lines { most: SIGNATURE_LINES_MAX });
        }
        Ok(Self(text))
    }

    /// The lines, divided by line feeds.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Signature> for String {
    fn from(signature: Signature) -> Self {
        signature.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_and_signature_are_normalised_and_limited() {
        assert_eq!(ProviderName::parse("  Andina \n TI\u{7}").unwrap().as_str(), "Andina TI");
        assert!(ProviderName::parse(" \n").is_err());
        assert!(ProviderName::parse(&"x".repeat(61)).is_err());
        assert_eq!(Signature::parse("Andina  TI\r\n\r\n Mesa ").unwrap().as_str(), "Andina TI\nMesa");
        assert_eq!(Signature::parse("1\n2\n3\n4\n5"), Err(ProviderProblem::Lines { most: 4 }));
        assert!(Signature::parse(" ").is_err());
    }

    #[test]
    fn sender_is_named_by_setting_then_by_configuration_then_by_the_provider() {
        let named = |name: &str| ProviderName::parse(name).unwrap();
        let mut provider = Provider { name: named("Andina TI"), ..Provider::standing().unwrap() };
        assert_eq!(provider.sender_name("Vigía"), "Andina TI");
        assert_eq!(provider.sender_name("Mesa central"), "Mesa central");
        provider.mail.from_name = Some(named("Soporte Andina"));
        assert_eq!(provider.sender_name("Mesa central"), "Soporte Andina");
        assert_eq!(Provider::standing().unwrap().sender_name("Vigía"), "Vigía");
    }
}
