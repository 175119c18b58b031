//! The provider's accent: a colour that can be read on every background that it is used on, by day and by night.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ProviderProblem;

/// A colour of sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour([u8; 3]);

/// The least contrast of text (WCAG 2.2, 1.4.3).
const CONTRAST_LEAST: f64 = 4.5;

const WHITE: Colour = Colour([0xFF, 0xFF, 0xFF]);
/// Cards, surfaces and sunken areas by day (`style/tokens.css`), and the page of a mail (`desk/templates/mail.html`).
const LIGHT: [Colour; 4] =
    [WHITE, Colour([0xF4, 0xF8, 0xF8]), Colour([0xEA, 0xF0, 0xF0]), Colour([0xF3, 0xF6, 0xF6])];
/// The same by night.
const DARK: [Colour; 5] = [
    Colour([0x17, 0x20, 0x22]),
    Colour([0x0E, 0x15, 0x18]),
    Colour([0x21, 0x2B, 0x2E]),
    Colour([0x18, 0x20, 0x24]),
    Colour([0x0D, 0x14, 0x17]),
];
/// Text on the accent by night.
const ON_DARK: Colour = Colour([0x03, 0x1A, 0x1C]);
/// How much of the accent is in a soft background, in per cent.
const SOFT_LIGHT: u32 = 8;
const SOFT_DARK: u32 = 14;

impl Colour {
    /// Parses `#005356`, in any case of letters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim().strip_prefix('#')?;
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        Some(Self([part(0)?, part(2)?, part(4)?]))
    }

    /// Relative luminance, from 0 to 1 (WCAG 2.2).
    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// The contrast of two colours, from 1 to 21 (WCAG 2.2).
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance() + 0.05, other.luminance() + 0.05);
        one.max(other) / one.min(other)
    }

    /// This colour with so many per cent of another one.
    fn mixed(self, other: Self, percent: u32) -> Self {
        let mix = |own: u8, other: u8| {
            let sum = u32::from(own) * (100 - percent.min(100)) + u32::from(other) * percent.min(100);
            u8::try_from((sum + 50) / 100).unwrap_or(u8::MAX)
        };
        let mut mixed = self.0;
        for (own, other) in mixed.iter_mut().zip(other.0) {
            *own = mix(*own, other);
        }
        Self(mixed)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// An accent that is legible by day. The one by night is made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Accent(Colour);

impl Accent {
    /// The accent of a colour such as `#005356`.
    ///
    /// # Errors
    /// [`ProviderProblem::Colour`] for another text, and [`ProviderProblem::Contrast`] with the worst measured contrast when
    /// it is below 4.5.
    ///
    /// ```
    /// use domain::provider::{Accent, ProviderProblem};
    ///
    /// assert!(Accent::parse("#005356").is_ok());
    /// assert!(matches!(Accent::parse("#f2b705"), Err(ProviderProblem::Contrast { hundredths: 157, .. })));
    /// ```
    pub fn parse(text: &str) -> Result<Self, ProviderProblem> {
        let accent = Self(Colour::parse(text).ok_or(ProviderProblem::Colour)?);
        let (contrast, on) = accent.worst_by_day();
        if contrast < CONTRAST_LEAST {
            return Err(ProviderProblem::Contrast { hundredths: hundredths(contrast), on: on.to_string() });
        }
        Ok(accent)
    }

    /// The least contrast on a background by day, and that background.
    #[must_use]
    pub fn worst_by_day(self) -> (f64, Colour) {
        let grounds = LIGHT.into_iter().chain([self.soft_by_day()]);
        let measured = grounds.map(|ground| (self.0.contrast(ground), ground));
        measured.min_by(|(one, _), (other, _)| one.total_cmp(other)).unwrap_or((1.0, WHITE))
    }

    /// The colour by day. White is legible on it.
    #[must_use]
    pub const fn by_day(self) -> Colour {
        self.0
    }

    /// A background of it by day.
    #[must_use]
    pub fn soft_by_day(self) -> Colour {
        WHITE.mixed(self.0, SOFT_LIGHT)
    }

    /// The colour by night: with as much white as legibility needs.
    #[must_use]
    pub fn by_night(self) -> Colour {
        let lighter = (0..=100).step_by(5).map(|percent| self.0.mixed(WHITE, percent));
        let is_legible = |colour: &Colour| {
            let grounds = DARK.into_iter().chain([soft_by_night(*colour), ON_DARK]);
            grounds.map(|ground| colour.contrast(ground)).all(|contrast| contrast >= CONTRAST_LEAST)
        };
        lighter.into_iter().find(is_legible).unwrap_or(WHITE)
    }

    /// A background of it by night.
    #[must_use]
    pub fn soft_by_night(self) -> Colour {
        soft_by_night(self.by_night())
    }

    /// Text on it by night.
    #[must_use]
    pub const fn on_it_by_night(self) -> Colour {
        ON_DARK
    }
}

fn soft_by_night(colour: Colour) -> Colour {
    DARK[0].mixed(colour, SOFT_DARK)
}

/// A contrast in hundredths, not rounded up: 4.499 is below the limit and is said as 4.49.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 100 to 2100")]
fn hundredths(contrast: f64) -> u32 {
    (contrast * 100.0) as u32
}

impl TryFrom<String> for Accent {
    type Error = ProviderProblem;

    /// An accent as it was stored: its contrast was judged when it was set, by the backgrounds of that time.
    fn try_from(text: String) -> Result<Self, ProviderProblem> {
        Colour::parse(&text).map(Self).ok_or(ProviderProblem::Colour)
    }
}

impl From<Accent> for String {
    fn from(accent: Accent) -> Self {
        accent.0.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn contrast_is_that_of_the_guidelines() {
        let black = Colour([0; 3]);
        assert!((black.contrast(WHITE) - 21.0).abs() < 1e-9);
        // Grey #767676 is the well-known lightest grey of 4.5:1 on white.
        assert!(Colour::parse("#767676").unwrap().contrast(WHITE) >= 4.5);
        assert!(Colour::parse("#777777").unwrap().contrast(WHITE) < 4.5);
    }

    #[test]
    fn colour_is_read_as_it_is_written() {
        for (text, written) in [("#005356", "#005356"), (" #AbCdEf ", "#abcdef")] {
            assert_eq!(Colour::parse(text).unwrap().to_string(), written);
        }
        for text in ["", "005356", "#0053", "#00535g", "#+05356", "teal", "#0053566"] {
            assert_eq!(Colour::parse(text), None, "{text}");
        }
    }

    #[test]
    fn accent_below_the_least_contrast_is_refused_with_what_was_measured() {
        // On white #6f6f6f has 5.02, on the sunken ground less.
        let refused = Accent::parse("#6f6f6f").unwrap_err();
        let ProviderProblem::Contrast { hundredths, on } = refused else { panic!("{refused:?}") };
        assert!((400..450).contains(&hundredths), "{hundredths}");
        assert_ne!(on, "#ffffff");
    }

    proptest! {
        #[test]
        fn accent_is_legible_by_day_and_by_night(red: u8, green: u8, blue: u8) {
            let Ok(accent) = Accent::parse(&Colour([red, green, blue]).to_string()) else { return Ok(()) };
            prop_assert!(accent.by_day().contrast(WHITE) >= 4.5);
            for ground in DARK.into_iter().chain([accent.soft_by_night(), accent.on_it_by_night()]) {
                prop_assert!(accent.by_night().contrast(ground) >= 4.5);
            }
        }
    }
}
