//! Doubts: rows that are valid but probably wrong, which must be confirmed.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::calendar::zone::{Zone, release};
use domain::country::Country;
use domain::i18n::Language;
use domain::priority::Platform;
use domain::serial::{Serial, SerialFormats};
use domain::t;

/// A row that is probably wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubtful {
    /// Line in the file, from 1.
    pub line: u64,
    /// Name of the column.
    pub column: &'static str,
    /// The doubt.
    pub doubt: Doubt,
}

/// Why a row is probably wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// A new serial differs from another only by leading zeros, which spreadsheets remove.
    LeadingZeros {
        /// The other serial.
        known: String,
    },
    /// A new serial is one that was corrected to another one. Written, it would take the cases back from that one.
    CorrectedTo {
        /// The serial that the equipment has now.
        serial: String,
    },
    /// A new serial fits no format of its maker.
    NotItsMakers {
        /// The maker.
        manufacturer: String,
    },
    /// A new serial has a format of its maker that tells another platform.
    OtherPlatform {
        /// The platform that the format tells.
        platform: Platform,
    },
    /// Day and month of the text could be exchanged, and no other date of the file tells which of them comes first.
    DayFirst {
        /// The date as it was read, with its day first.
        read: NaiveDate,
    },
    /// The zone is not one of the site's country.
    ZoneElsewhere {
        /// Name of the zone in the row.
        zone: String,
        /// Country of the site in the row.
        country: Country,
    },
    /// The zone is in no country of the desk: its rules may have changed since this program was built.
    ZoneOutside {
        /// Name of the zone in the row.
        zone: String,
    },
}

impl Doubt {
    /// The doubt and what to check, in the reader's language.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::LeadingZeros { known } => t!(language, "import.doubt.leading_zeros", known = known),
            Self::CorrectedTo { serial } => t!(language, "import.doubt.corrected_to", serial = serial),
            Self::NotItsMakers { manufacturer } => {
                t!(language, "import.doubt.not_its_makers", manufacturer = manufacturer)
            }
            Self::OtherPlatform { platform } => {
                let platform = t!(language, platform.name_key());
                t!(language, "import.doubt.other_platform", platform = platform)
            }
            Self::DayFirst { read } => t!(language, "import.doubt.day_first", read = read),
            Self::ZoneElsewhere { zone, country } => {
                let country = t!(language, country.name_key());
                t!(language, "import.doubt.zone_elsewhere", zone = zone, country = country)
            }
            Self::ZoneOutside { zone } => {
                t!(language, "import.doubt.zone_outside", zone = zone, release = release())
            }
        }
    }
}

impl Doubtful {
    /// The doubt and what to check, in the reader's language: `line 7, serial: …`.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        let problem = self.doubt.message(language);
        t!(language, "import.row.in_column", line = self.line, column = self.column, problem = problem)
    }
}

/// The doubt about a site's zone.
pub(crate) fn of_zone(zone: Zone, country: Country) -> Option<Doubt> {
    let name = zone.name().to_owned();
    match zone.country() {
        Some(of) if of == country => None,
        Some(_) => Some(Doubt::ZoneElsewhere { zone: name, country }),
        None => Some(Doubt::ZoneOutside { zone: name }),
    }
}

/// Whether a serial fits no format of a maker with known formats, or one that tells another platform.
pub(crate) fn of_maker(
    formats: &SerialFormats,
    serial: &Serial,
    (manufacturer, platform): (&str, Platform),
    today: NaiveDate,
) -> Option<Doubt> {
    if !formats.is_maker(manufacturer) {
        return None;
    }
    let found = formats.recognise(serial, Some(manufacturer), today);
    if found.flagged_unknown {
        return Some(Doubt::NotItsMakers { manufacturer: manufacturer.to_owned() });
    }
    // A format that tells no platform, or this one, settles it.
    let told: Option<Vec<Platform>> = found.matches.iter().map(|decoded| decoded.platform).collect();
    let told = told.filter(|told| !told.contains(&platform))?;
    told.first().map(|platform| Doubt::OtherPlatform { platform: *platform })
}

/// Serials by their form without leading zeros.
#[derive(Default)]
pub(super) struct Bare<'a>(HashMap<&'a str, &'a str>);

impl<'a> Bare<'a> {
    pub(super) fn add(&mut self, serial: &'a str) {
        self.0.entry(serial.trim_start_matches('0')).or_insert(serial);
    }

    /// The doubt about a serial that differs from another only by leading zeros.
    pub(super) fn doubt(&self, serial: &str) -> Option<Doubt> {
        let known = self.0.get(serial.trim_start_matches('0')).filter(|known| **known != serial)?;
        Some(Doubt::LeadingZeros { known: (*known).to_owned() })
    }
}
