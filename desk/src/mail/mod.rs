//! What the desk writes to customers, composed as text and as HTML from the same content. Pure: nothing is sent here.

mod html;
mod lines;
mod opening;
mod text;

pub(crate) use opening::{OpeningLetter, opening};

use domain::words::Language;

/// A mail, ready to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Composed {
    /// Fixed words and the number alone: nothing that a stranger typed stands in an inbox under the desk's name.
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

/// What a mail about a case says, in the reader's language and not yet marked up. Everything in it is untrusted: each
/// form marks up, wraps and escapes for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Content {
    language: Language,
    subject: String,
    greeting: String,
    /// The case's number in groups.
    number: String,
    /// What stands below the number.
    about_number: Vec<String>,
    /// A word of caution, if one is due.
    notice: Option<String>,
    /// What is promised now.
    promise: Titled<String>,
    link: String,
    next: Titled<Vec<String>>,
    facts: Titled<Vec<Fact>>,
    lines: Titled<Vec<String>>,
    /// Small print.
    foot: Vec<String>,
}

/// Something under a title.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Titled<T> {
    title: String,
    body: T,
}

/// One thing that was reported.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fact {
    label: String,
    /// May hold line feeds.
    value: String,
}

impl Content {
    fn compose(self) -> Composed {
        Composed { text: text::render(&self), html: html::render(&self), subject: self.subject }
    }
}

/// Who writes.
fn text_of_desk(language: Language) -> String {
    domain::t!(language, "letter.desk").into_owned()
}
