//! Values of the wire that are read only where they are shown.
//!
//! The code that reads a type is in the bundle of every page that gets it. An error can hold any entry of a case; the queue
//! shows none (docs/decisions/0050).

use std::marker::PhantomData;

use domain::case::Refusal;
use domain::i18n::Language;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A value as JSON, in the text of another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Later<T> {
    text: String,
    #[serde(skip)]
    of: PhantomData<T>,
}

impl<T: DeserializeOwned> Later<T> {
    /// The value; `None` where the server is of another version.
    #[must_use]
    pub fn read(&self) -> Option<T> {
        serde_json::from_str(&self.text).ok()
    }
}

#[cfg(feature = "ssr")]
impl<T: Serialize> Later<T> {
    /// A value for the browser.
    #[must_use]
    pub fn of(value: &T) -> Self {
        Self { text: serde_json::to_string(value).unwrap_or_default(), of: PhantomData }
    }
}

/// A refusal of the desk, and its message for the reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    words: String,
    refusal: Later<Refusal>,
}

impl Refused {
    /// A refusal for the reader of this request.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn of(refusal: &Refusal) -> Self {
        Self { words: refusal.message(crate::request::language()), refusal: Later::of(refusal) }
    }

    /// The refusal; `None` where the server is of another version.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        self.refusal.read()
    }

    /// The message. In the browser it is the server's, in the language of the page.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        #[cfg(feature = "ssr")]
        if let Some(refusal) = self.refusal() {
            return refusal.message(language);
        }
        let _ = language;
        self.words.clone()
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn refusal_crosses_the_wire_with_its_words() {
        let refusal = Refusal::DoneAlready;
        let sent = serde_json::to_string(&Refused::of(&refusal)).unwrap();
        let read: Refused = serde_json::from_str(&sent).unwrap();
        assert_eq!(read.refusal(), Some(refusal.clone()));
        assert_eq!(read.words, refusal.message(Language::Es));
        assert_eq!(read.message(Language::En), refusal.message(Language::En));
    }

    #[test]
    fn value_of_another_version_is_none() {
        let read: Later<Refusal> = serde_json::from_str(r#""\"unheard\"""#).unwrap();
        assert_eq!(read.read(), None);
    }
}
