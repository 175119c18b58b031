//! The HTML form of a mail, by the template `desk/templates/mail.html`.

use std::fmt::{self, Write};
use std::sync::LazyLock;

use domain::t;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value as Filled};
use minijinja::{Environment, Error, UndefinedBehavior, context, escape_formatter};

use super::{Letterhead, MailBody};
use crate::access::tokens::SEAL;

/// The name's extension turns on escaping of every value.
const MAIL: &str = "mail.html";

/// The templates, loaded once. One that cannot be loaded is missing, and logged.
static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    if let Err(error) = read(&mut templates) {
        tracing::error!(%error, "the templates of mails cannot be read");
    }
    templates
});

fn read(templates: &mut Environment<'static>) -> Result<(), Error> {
    // A line with only a tag leaves no blank line.
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
    templates.set_syntax(syntax.build()?);
    // A misspelt name is an error instead of an empty text.
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    templates.set_formatter(|out, state, value| match value.as_str() {
        Some(text) if value.is_safe() => out.write_str(text).map_err(Error::from),
        Some(text) => write_escaped(out, text).map_err(Error::from),
        None => escape_formatter(out, state, value),
    });
    templates.add_filter("address", |link: &str| Filled::from_safe_string(address(link)));
    templates.add_template(MAIL, include_str!("../../templates/mail.html"))
}

/// Fills the template in.
///
/// # Errors
/// When the template is another than the tested one.
pub(super) fn render(content: &MailBody, head: &Letterhead) -> Result<String, Error> {
    let language = content.language;
    TEMPLATES.get_template(MAIL)?.render(context! {
        language => language.code(),
        mail => Serde(content),
        head => Serde(head),
        copy => t!(language, "letter.track.copy").into_owned(),
        answers => content.foot.replies.as_str(),
    })
}

/// The plain form as a page, for when the template fails.
pub(super) fn plain(text: &str) -> String {
    format!("<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<p>{}</p>\n", escaped(text))
}

/// A link as text. A sealed code remains visible as such.
fn address(link: &str) -> String {
    let parts: Vec<String> = link.split(SEAL).map(escaped).collect();
    parts.join(&SEAL.to_string())
}

/// Text as HTML, as [`write_escaped`] writes it.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    // Writing into a string cannot fail.
    let _ = write_escaped(&mut html, text);
    html
}

/// Text as HTML, safe between tags and within quoted attributes. Line feeds become breaks, other control characters are
/// dropped.
fn write_escaped(html: &mut impl Write, text: &str) -> fmt::Result {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(begins_special) {
        // Such a byte begins a character, so the text is cut between two.
        let (plain, from) = rest.split_at(at);
        let mut following = from.chars();
        let Some(character) = following.next() else { break };
        rest = following.as_str();
        html.write_str(plain)?;
        match character {
            '&' => html.write_str("&amp;")?,
            '<' => html.write_str("&lt;")?,
            '>' => html.write_str("&gt;")?,
            '"' => html.write_str("&quot;")?,
            '\'' => html.write_str("&#39;")?,
            '\n' => html.write_str("<br>")?,
            _ if character.is_control() => {}
            _ => html.write_char(character)?,
        }
    }
    html.write_str(rest)
}

/// Whether a byte of UTF-8 is, or begins, a character that is not written as it is. 0xC2 begins the control characters from
/// U+0080 to U+009F, and others.
const fn begins_special(byte: u8) -> bool {
    matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'' | 0..=0x1f | 0x7f | 0xc2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn text_is_escaped_in_html(text in any::<String>()) {
            let html = escaped(&text).replace("<br>", "");
            prop_assert!(!html.contains(['<', '>', '"', '\'']));
        }
    }

    #[test]
    fn typed_text_is_shown_in_html() {
        assert_eq!(escaped("a < b & \"c\"\nd\u{7}"), "a &lt; b &amp; &quot;c&quot;<br>d");
        assert_eq!(escaped("¡Año\u{85}\u{7f}nuevo! n.º 1 £ '"), "¡Añonuevo! n.º 1 £ &#39;");
    }
}
