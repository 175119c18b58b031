//! Texts in the reader's language, from the files in `locales/`: one set for screens, mails and reports.
//!
//! `t!(language, "key", name = value)` gives the text of a key with its placeholders filled in. A test
//! (`tests/words.rs`) checks every key in the code against the files, and every entry in all three languages.
//!
//! The server holds all languages. A browser holds that of its page: [`all`] serialises it on the server, `load` takes
//! it there. So programs for browsers carry no texts, and a browser loads no other language.

use std::borrow::Cow;

/// The sign between whole and fraction of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalSign {
    /// `98,7`.
    Comma,
    /// `98.7`.
    Point,
}

impl DecimalSign {
    /// The sign itself.
    #[must_use]
    pub const fn sign(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Point => '.',
        }
    }
}

choices! {
    /// A language of the desk. Its code is that of BCP 47, as in `<html lang>` and in the names of the files.
    #[derive(Default, PartialOrd, Ord)]
    pub enum Language {
        /// Spanish as spoken in the region (usted): the first language of the desk.
        #[default]
        Es = "es",
        /// English, without regional forms.
        En = "en",
        /// Portuguese as Brazil writes it.
        Pt = "pt",
    }
}

impl Language {
    /// The language's own name for itself.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::Es => "Español",
            Self::En => "English",
            Self::Pt => "Português",
        }
    }

    /// The sign between whole and fraction of a number.
    #[must_use]
    pub const fn decimal_sign(self) -> DecimalSign {
        match self {
            Self::Es | Self::Pt => DecimalSign::Comma,
            Self::En => DecimalSign::Point,
        }
    }

    /// The language of a BCP 47 tag such as `pt`, `pt-BR` or `EN_us`; `None` for a language that the desk lacks.
    ///
    /// ```
    /// use domain::i18n::Language;
    ///
    /// assert_eq!(Language::from_tag("pt-BR"), Some(Language::Pt));
    /// assert_eq!(Language::from_tag("de"), None);
    /// ```
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.code()))
    }

    /// The best language for an `Accept-Language` header (RFC 9110, 12.5.4), Spanish when none fits.
    #[must_use]
    pub fn from_accept_language(header: &str) -> Self {
        let mut best = (0_u16, Self::default());
        for part in header.split(',').take(32) {
            let mut pieces = part.split(';');
            let Some(language) = pieces.next().and_then(Self::from_tag) else { continue };
            let weight = pieces.find_map(|p| p.trim().strip_prefix("q=").map(thousandths)).unwrap_or(1000);
            if weight > best.0 {
                best = (weight, language);
            }
        }
        best.1
    }
}

/// A weight such as `0.85` in thousandths, without floats; 0 for a malformed one.
fn thousandths(weight: &str) -> u16 {
    let (whole, fraction) = weight.trim().split_once('.').unwrap_or((weight.trim(), ""));
    let fraction: String = fraction.chars().chain("000".chars()).take(3).collect();
    match (whole.parse::<u16>(), fraction.parse::<u16>()) {
        (Ok(0), Ok(part)) => part,
        (Ok(1), Ok(_)) => 1000,
        _ => 0,
    }
}

/// The text of `key` in `language`; the key itself when no file has it, which a test prevents.
#[must_use]
pub fn text(language: Language, key: &str) -> Cow<'static, str> {
    held::text(language, key).unwrap_or_else(|| Cow::Owned(key.to_owned()))
}

#[cfg(not(target_arch = "wasm32"))]
pub use held::all;
#[cfg(target_arch = "wasm32")]
pub use held::{load, load_more};

/// On the server, with all languages.
#[cfg(not(target_arch = "wasm32"))]
mod held {
    use std::borrow::Cow;
    use std::collections::BTreeMap;

    use super::Language;

    pub(super) fn text(language: Language, key: &str) -> Option<Cow<'static, str>> {
        crate::_rust_i18n_try_translate(language.code(), key)
    }

    /// All texts of a language, by key.
    #[must_use]
    pub fn all(language: Language) -> BTreeMap<Cow<'static, str>, Cow<'static, str>> {
        let messages = crate::_rust_i18n_backend().messages_for_locale(language.code());
        messages.unwrap_or_default().into_iter().collect()
    }
}

/// In a browser, with one language.
#[cfg(target_arch = "wasm32")]
mod held {
    use std::borrow::Cow;
    use std::collections::HashMap;
    use std::sync::OnceLock;

    use super::Language;

    type Words = OnceLock<HashMap<String, String>>;

    static LOADED: Words = OnceLock::new();
    static MORE: Words = OnceLock::new();

    pub(super) fn text(_: Language, key: &str) -> Option<Cow<'static, str>> {
        let found = |words: &'static Words| words.get()?.get(key).map(|text| Cow::Borrowed(text.as_str()));
        found(&LOADED).or_else(|| found(&MORE))
    }

    /// Takes the texts of the page's language before anything is displayed: a JSON object of texts by key.
    ///
    /// # Errors
    /// When the JSON is no such object.
    pub fn load(json: &str) -> Result<(), serde_json::Error> {
        keep(&LOADED, json)
    }

    /// Takes the texts of pages that are loaded later than the first one.
    ///
    /// # Errors
    /// When the JSON is no such object.
    pub fn load_more(json: &str) -> Result<(), serde_json::Error> {
        keep(&MORE, json)
    }

    fn keep(into: &Words, json: &str) -> Result<(), serde_json::Error> {
        let words = serde_json::from_str(json)?;
        // Another language comes with another page.
        let _ = into.set(words);
        Ok(())
    }
}

/// The text of `key` in `language` with each `%{name}` replaced by its value.
#[must_use]
pub fn fill(language: Language, key: &str, names: &[&str], values: &[String]) -> String {
    rust_i18n::replace_patterns(&text(language, key), names, values)
}

/// The text of a key: `t!(language, "form.title")` gives `Cow<'static, str>`, `t!(language, "mail.greeting", name = x)`
/// a `String` with `%{name}` filled in.
///
/// ```
/// use domain::i18n::Language;
/// use domain::t;
///
/// assert_eq!(t!(Language::Pt, "form.title"), "Abrir um chamado");
/// assert_eq!(t!(Language::En, "language.switch_to", name = "Español"), "Switch to Español");
/// ```
#[macro_export]
macro_rules! t {
    ($language:expr, $key:expr $(,)?) => {
        $crate::i18n::text($language, $key)
    };
    ($language:expr, $key:expr, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::i18n::fill($language, $key, &[$(stringify!($name)),+], &[$($value.to_string()),+])
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_language_picks_the_heaviest_language_we_speak() {
        for (header, expected) in [
            ("", Language::Es),
            ("de-DE,de;q=0.9", Language::Es),
            ("en-US,en;q=0.9,es;q=0.8", Language::En),
            ("fr;q=1, pt-BR;q=0.7, en;q=0.6", Language::Pt),
            ("es;q=0.4, en;q=0.41", Language::En),
            ("en;q=0, pt;q=0.001", Language::Pt),
            ("en;q=banana, pt;q=0.1", Language::Pt),
        ] {
            assert_eq!(Language::from_accept_language(header), expected, "{header}");
        }
    }

    #[test]
    fn placeholders_are_filled_in() {
        let line = crate::t!(Language::Es, "language.name");
        assert_eq!(line, "Español");
        assert_eq!(crate::t!(Language::En, "language.switch_to", name = "Español"), "Switch to Español");
    }
}
