//! The page as one file that readers keep: the template of the build, filled with the words, the key and the desk's name.

use desk::Desk;
use domain::i18n::Language;
use domain::t;

use super::of_desk::{DESK_META, KEY_META};
use crate::provider::{META, view_of};

/// Fills the template that `tools/assets.mjs` writes. `words` are those of the page, as JSON.
#[must_use]
pub fn kept_page(template: &str, words: &str, desk: &Desk, language: Language) -> String {
    let provider = view_of(&desk.brand());
    let meta = |name: &str, content: &str| format!("<meta name=\"{name}\" content=\"{}\">", escaped(content));
    let head = [
        meta(META, &provider.written()),
        meta(KEY_META, &desk.proof_key().written()),
        meta(DESK_META, desk.public_url()),
    ];
    let title = format!("{} · {}", t!(language, "verify.title"), provider.name);
    // Within a script, only the end of the script has a meaning to the browser.
    let words = words.replace('<', "\\u003c");
    // The provider's own words come last: a name with a place of the template in it stays text.
    template
        .replace("@@language@@", language.code())
        .replace("@@needs_script@@", &escaped(&t!(language, "verify.needs_script")))
        .replace("@@words@@", &words)
        .replace("@@head@@", &head.join("\n"))
        .replace("@@title@@", &escaped(&title))
}

/// A text as HTML, also between double quotes.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn name_of_a_provider_stays_text() {
        assert_eq!(escaped("A & B \"<script>"), "A &amp; B &quot;&lt;script>");
    }
}
