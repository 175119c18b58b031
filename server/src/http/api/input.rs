//! What a request says: its parameters, its body and the version that it names. What is wrong is told at its field.

use app::AppError;
use axum::body::Bytes;
use axum::http::header::{CONTENT_TYPE, IF_MATCH};
use axum::http::{HeaderMap, StatusCode};
use desk::cases::execute::Expected;
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::t;
use domain::text::TextProblem;
use domain::time::Instant;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::Number;

use super::problem::ApiError;

/// The case that a path names. A number that cannot be read is of no case.
pub(super) fn case_number(path: &str) -> Result<CaseNumber, ApiError> {
    CaseNumber::parse(path).map_err(|_| ApiError::App(AppError::NotFound))
}

/// The body as JSON.
pub(super) fn body<T: DeserializeOwned>(headers: &HeaderMap, bytes: &Bytes) -> Result<T, ApiError> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(ApiError::Bare(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    // A list would be read as the members in their order.
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Err(ApiError::Unreadable("an object is expected".to_owned()));
    }
    serde_json::from_slice(bytes).map_err(|error| ApiError::Unreadable(error.to_string()))
}

/// A whole number of a body, or none. JSON has one kind of number: `636.0` is whole as well.
pub(super) fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let Some(number) = Option::<Number>::deserialize(deserializer)? else { return Ok(None) };
    let text = number.to_string();
    let whole = text.strip_suffix(".0").unwrap_or(&text).parse::<i64>();
    whole.map(Some).map_err(|_| D::Error::custom(format_args!("{number} is no whole number in range")))
}

/// The version that `If-Match` names. `*` is any version (RFC 9110, 13.1.1); a weak tag matches none.
pub(super) fn if_match(headers: &HeaderMap) -> Result<Option<Expected>, ApiError> {
    let mut values = headers.get_all(IF_MATCH).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if value == "*" {
        return Ok(Some(Expected::Any));
    }
    let tag = value.to_str().ok().filter(|_| values.next().is_none());
    let version = tag.and_then(|tag| tag.trim().strip_prefix('"')?.strip_suffix('"')?.parse().ok());
    version.map(|version| Some(Expected::Exactly(version))).ok_or(ApiError::PreconditionFailed)
}

/// The version that a command which steers must name.
pub(super) fn version(headers: &HeaderMap) -> Result<Expected, ApiError> {
    if_match(headers)?.ok_or(ApiError::PreconditionRequired)
}

/// Fields as they are read, with what is wrong of each.
#[derive(Debug)]
pub(super) struct Fields {
    language: Language,
    wrong: Vec<(String, String)>,
}

impl Fields {
    pub(super) const fn new(language: Language) -> Self {
        Self { language, wrong: Vec::new() }
    }

    /// The language of the words.
    pub(super) const fn language(&self) -> Language {
        self.language
    }

    /// Notes what is wrong with a field.
    pub(super) fn wrong(&mut self, name: &str, words: String) {
        self.wrong.push((name.to_owned(), words));
    }

    /// A text that must be there. An absent one is read as an empty one, which has words of its own.
    pub(super) fn text<T, P>(
        &mut self,
        name: &str,
        value: Option<&str>,
        parse: impl FnOnce(&str) -> Result<T, P>,
        words: impl FnOnce(&P, Language) -> String,
    ) -> Option<T> {
        match parse(value.unwrap_or_default()) {
            Ok(parsed) => Some(parsed),
            Err(problem) => {
                self.wrong(name, words(&problem, self.language));
                None
            }
        }
    }

    /// A text that may be absent or empty.
    pub(super) fn optional<T, P>(
        &mut self,
        name: &str,
        value: Option<&str>,
        parse: impl FnOnce(&str) -> Result<T, P>,
        words: impl FnOnce(&P, Language) -> String,
    ) -> Option<T> {
        let value = value.filter(|value| !value.trim().is_empty())?;
        self.text(name, Some(value), parse, words)
    }

    /// A choice that must be there.
    pub(super) fn choice<T>(
        &mut self,
        name: &str,
        value: Option<&str>,
        from_code: impl FnOnce(&str) -> Option<T>,
        codes: &[&str],
    ) -> Option<T> {
        let found = value.and_then(from_code);
        if found.is_none() {
            self.wrong(name, t!(self.language, "api.choice", choices = codes.join(", ")));
        }
        found
    }

    /// A time that must be there.
    pub(super) fn time(&mut self, name: &str, value: Option<&str>) -> Option<Instant> {
        let found = value.and_then(time);
        if found.is_none() {
            self.wrong(name, t!(self.language, "api.time").into_owned());
        }
        found
    }

    /// A time that may be absent.
    pub(super) fn optional_time(&mut self, name: &str, value: Option<&str>) -> Option<Instant> {
        value.and_then(|value| self.time(name, Some(value)))
    }

    /// Every field that is wrong, in the order in which they were read.
    pub(super) fn done(self) -> Result<(), ApiError> {
        if self.wrong.is_empty() { Ok(()) } else { Err(AppError::Wrong(self.wrong).into()) }
    }

    /// The error that is left when a field was missing.
    pub(super) fn refused(self) -> ApiError {
        ApiError::App(AppError::Wrong(self.wrong))
    }
}

/// A time by RFC 3339, cut to the second. Only years of four digits have one.
pub(super) fn time(text: &str) -> Option<Instant> {
    chrono::DateTime::parse_from_rfc3339(text).ok().map(|at| Instant(at.timestamp()))
}

/// Most characters of words to search for.
pub(super) const WORDS_MAX: usize = 200;

/// The parameters of a query. Each is taken by its name; what is left at the end is unknown.
#[derive(Debug)]
pub(super) struct Parameters {
    pairs: Vec<(String, String)>,
    pub(super) fields: Fields,
}

impl Parameters {
    pub(super) const fn new(pairs: Vec<(String, String)>, language: Language) -> Self {
        Self { pairs, fields: Fields::new(language) }
    }

    /// The value of a parameter, which may be there once.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let place = self.pairs.iter().position(|(key, _)| key == name)?;
        let (_, value) = self.pairs.swap_remove(place);
        if self.pairs.iter().any(|(key, _)| key == name) {
            self.pairs.retain(|(key, _)| key != name);
            self.fields.wrong(name, t!(self.fields.language, "api.repeated").into_owned());
        }
        Some(value)
    }

    /// Words to search for; empty when they are not there.
    pub(super) fn words(&mut self, name: &str) -> String {
        let words = self.take(name).unwrap_or_default();
        let length = words.chars().count();
        if length > WORDS_MAX {
            let problem = TextProblem::TooLong { max: WORDS_MAX, length };
            self.fields.wrong(name, problem.message(self.fields.language));
        }
        words
    }

    /// A choice that may be absent.
    pub(super) fn choice<T>(
        &mut self,
        name: &str,
        from_code: impl FnOnce(&str) -> Option<T>,
        codes: &[&str],
    ) -> Option<T> {
        let value = self.take(name)?;
        self.fields.choice(name, Some(&value), from_code, codes)
    }

    /// A whole number within a range; `absent` when it is not there.
    pub(super) fn number(&mut self, name: &str, least: u32, most: u32, absent: u32) -> u32 {
        let Some(value) = self.take(name) else { return absent };
        let found = value.parse().ok().filter(|number| (least..=most).contains(number));
        found.unwrap_or_else(|| {
            self.fields.wrong(name, t!(self.fields.language, "api.number", least = least, most = most));
            absent
        })
    }

    /// Refuses parameters that no one has taken, and all that are wrong.
    pub(super) fn done(mut self) -> Result<(), ApiError> {
        self.tell_unknown();
        self.fields.done()
    }

    /// The error that is left when a parameter was missing.
    pub(super) fn refused(mut self) -> ApiError {
        self.tell_unknown();
        self.fields.refused()
    }

    fn tell_unknown(&mut self) {
        for (name, _) in std::mem::take(&mut self.pairs) {
            self.fields.wrong(&name, t!(self.fields.language, "api.parameter").into_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn if_match_names_one_version_or_any() {
        let of = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(IF_MATCH, HeaderValue::from_static(value));
            if_match(&headers).map_err(|_| ())
        };
        assert_eq!(of("\"7\""), Ok(Some(Expected::Exactly(7))));
        assert_eq!(of("*"), Ok(Some(Expected::Any)));
        for value in ["7", "W/\"7\"", "\"7\", \"8\"", "\"x\"", ""] {
            assert_eq!(of(value), Err(()), "{value:?}");
        }
        assert!(matches!(version(&HeaderMap::new()), Err(ApiError::PreconditionRequired)));
    }

    #[test]
    fn parameters_that_are_unknown_or_repeated_are_told() {
        let pairs = [("limit", "x"), ("status", "new"), ("status", "closed"), ("stauts", "new")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let mut parameters = Parameters::new(pairs, Language::En);
        assert_eq!(parameters.take("status").as_deref(), Some("new"));
        assert_eq!(parameters.number("limit", 1, 200, 50), 50);
        let Err(ApiError::App(AppError::Wrong(wrong))) = parameters.done() else { panic!("they are wrong") };
        let names: Vec<_> = wrong.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["status", "limit", "stauts"]);
    }

    #[test]
    fn whole_numbers_are_read_in_any_way_that_json_writes_them() {
        let of = |text: &str| whole(&mut serde_json::Deserializer::from_str(text)).ok();
        for (text, number) in
            [("7", Some(7)), ("7.0", Some(7)), ("-7.0", Some(-7)), ("7e0", Some(7)), ("null", None)]
        {
            assert_eq!(of(text), Some(number), "{text}");
        }
        for text in ["7.5", "1e30", "9223372036854775808", "\"7\"", "true"] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn words_to_search_for_have_a_greatest_length() {
        for (length, is_wrong) in [(WORDS_MAX, false), (WORDS_MAX + 1, true)] {
            let mut parameters = Parameters::new(vec![("q".to_owned(), "ñ".repeat(length))], Language::En);
            assert_eq!(parameters.words("q").chars().count(), length);
            assert_eq!(parameters.done().is_err(), is_wrong, "{length}");
        }
    }

    #[test]
    fn times_are_read_by_rfc_3339() {
        assert_eq!(time("1970-01-01T00:00:01Z"), Some(Instant(1)));
        assert_eq!(time("1970-01-01T00:00:01-04:00"), Some(Instant(14_401)));
        assert_eq!(time("1970-01-01"), None);
    }
}
