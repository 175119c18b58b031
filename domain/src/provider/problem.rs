//! What is wrong with a value of the provider.

use thiserror::Error;

use crate::i18n::Language;
use crate::t;

use super::HOTLINES_MAX;

/// The largest picture of a logo in bytes: 1 MiB.
pub const LOGO_BYTES_MAX: usize = 1024 * 1024;

/// Why a value of the provider is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProviderProblem {
    /// A text is empty or too long.
    #[error("a text has from 1 to {most} characters")]
    Length {
        /// The most characters.
        most: usize,
    },
    /// A text has more lines than there is room for.
    #[error("a text has at most {most} lines")]
    Lines {
        /// The most lines.
        most: usize,
    },
    /// The colour is not written as `#005356`.
    #[error("a colour is written as #005356")]
    Colour,
    /// The colour cannot be read on a background that it is used on.
    #[error("the contrast on {on} is {hundredths} hundredths, below 450")]
    Contrast {
        /// The measured contrast in hundredths, such as 398 for 3.98:1.
        hundredths: u32,
        /// The background, as `#eaf0f0`.
        on: String,
    },
    /// The words of a line dial no number.
    #[error("the words of the line dial no number")]
    HotlineWords,
    /// The digits of a line dial no number.
    #[error("the digits of the line dial no number")]
    HotlineDigits,
    /// Words and digits of a line are different keys.
    #[error("the words dial {words}, the digits {digits}")]
    HotlinesDiffer {
        /// The keys of the words, such as `08002770000`.
        words: String,
        /// The keys of the digits.
        digits: String,
    },
    /// A line stands there twice.
    #[error("the line stands there twice")]
    HotlineRepeated {
        /// Its second place, from 0.
        place: usize,
    },
    /// More lines than there is room for.
    #[error("more than {HOTLINES_MAX} lines")]
    TooManyHotlines,
    /// The country of a line is none that the desk serves.
    #[error("no country of the desk")]
    Country,
    /// No time zone has the name.
    #[error("no time zone has the name")]
    Zone,
    /// It is no mail address.
    #[error("no mail address")]
    MailAddress,
    /// The days of links are too few or too many.
    #[error("links lead to ended cases for too few or too many days")]
    LinkDays,
    /// The picture of the logo.
    #[error(transparent)]
    Logo(#[from] LogoProblem),
}

choices! {
    /// Why the picture of a logo is refused.
    #[derive(Error)]
    pub enum LogoProblem {
        /// It is larger than [`LOGO_BYTES_MAX`].
        #[error("the picture is larger than {LOGO_BYTES_MAX} bytes")]
        TooLarge = "too_large",
        /// Its first bytes are of no accepted kind: SVG, for example, which can hold programs.
        #[error("the picture is neither PNG, JPEG nor WebP")]
        UnknownKind = "unknown_kind",
        /// It is broken, or has too many pixels.
        #[error("the picture cannot be read")]
        Unreadable = "unreadable",
        /// It was not uploaded to this desk, or was forgotten since.
        #[error("the picture is not there")]
        Missing = "missing",
    }
}

impl ProviderProblem {
    /// What is wrong and what to do, in the reader's language.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Length { most } => t!(language, "brand.problem.length", most = most),
            Self::Lines { most } => t!(language, "brand.problem.lines", most = most),
            Self::Colour => t!(language, "brand.problem.colour").into_owned(),
            Self::Contrast { hundredths, on } => {
                let separator = if language == Language::En { '.' } else { ',' };
                let measured = format!("{}{separator}{:02}:1", hundredths / 100, hundredths % 100);
                let least = format!("4{separator}5:1");
                t!(language, "brand.problem.contrast", measured = measured, on = on, least = least)
            }
            Self::HotlineWords => t!(language, "brand.problem.hotline_words").into_owned(),
            Self::HotlineDigits => t!(language, "brand.problem.hotline_digits").into_owned(),
            Self::HotlinesDiffer { words, digits } => {
                t!(language, "brand.problem.hotlines_differ", words = words, digits = digits)
            }
            Self::HotlineRepeated { .. } => t!(language, "brand.problem.hotline_repeated").into_owned(),
            Self::TooManyHotlines => t!(language, "brand.problem.too_many_hotlines", most = HOTLINES_MAX),
            Self::Country => t!(language, "brand.problem.country").into_owned(),
            Self::Zone => t!(language, "brand.problem.zone").into_owned(),
            Self::MailAddress => t!(language, "brand.problem.mail_address").into_owned(),
            Self::LinkDays => t!(language, "brand.problem.link_days").into_owned(),
            Self::Logo(problem) => problem.message(language),
        }
    }
}

impl LogoProblem {
    /// What is wrong and what to do, in the reader's language.
    #[must_use]
    pub fn message(self, language: Language) -> String {
        match self {
            Self::TooLarge => {
                t!(language, "brand.problem.logo_too_large", most = LOGO_BYTES_MAX / 1024 / 1024)
            }
            Self::UnknownKind => t!(language, "brand.problem.logo_unknown_kind").into_owned(),
            Self::Unreadable => t!(language, "brand.problem.logo_unreadable").into_owned(),
            Self::Missing => t!(language, "brand.problem.logo_missing").into_owned(),
        }
    }
}
