//! The HTML form of a mail. Tables and inline styles, since mail readers know little else; no picture, no font and no
//! script, so that nothing is fetched when it is opened. Colours survive readers that turn pages dark by themselves.

use std::fmt::Write;

use domain::t;

use super::{Fact, MailBody, MailSection, Value};
use crate::access::tokens::SEAL;

const QUIET: &str = "font-size:14px;line-height:21px;color:#56636a";
const LINK: &str = "color:#0a5257;word-break:break-all";
const INK: &str = "font-size:15px;line-height:23px;color:#182226";

/// Style for readers that know `prefers-color-scheme`, and for narrow screens.
const STYLE: &str = "\
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.m-page{background:#0d1417!important}
.m-card{background:#182024!important;border-color:#364045!important}
.m-ink{color:#ecf1f1!important}
.m-quiet{color:#a9b3b6!important}
.m-brand{color:#7fd6d0!important}
.m-soft{background:#1d2b3a!important;border-color:#7db4f0!important}
.m-care{background:#33270f!important;border-color:#e5b95a!important}
.m-line{border-color:#364045!important}
.m-button{background:#7fd6d0!important}
.m-button a{color:#062a2c!important}
}
@media (max-width:480px){.m-pad{padding-left:20px!important;padding-right:20px!important}.m-number{font-size:25px!important}}";

const TABLE: &str = "role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\"";

pub(super) fn render(content: &MailBody) -> String {
    let mut rows = String::new();
    row(&mut rows, "28px 32px 0", "m-ink", INK, &escaped(&content.greeting));
    rows.push_str(&number(&content.number));
    let about: Vec<String> = content.about_number.iter().map(|line| escaped(line)).collect();
    row(&mut rows, "4px 32px 0", "m-quiet", QUIET, &about.join("<br>"));
    rows.push_str(&promise(&content.promise));
    if let Some(notice) = &content.notice {
        rows.push_str(&boxed(
            "m-care",
            "background:#fbf3e0;border-left:5px solid #96650c",
            &format!("<p class=\"m-ink\" style=\"margin:0;{INK}\">{}</p>", escaped(notice)),
        ));
    }
    rows.push_str(&link(content));
    if !content.next.body.is_empty() {
        title(&mut rows, &content.next.title);
        row(&mut rows, "6px 32px 0", "m-ink", INK, &steps(&content.next.body));
    }
    for of in &content.facts {
        title(&mut rows, &of.title);
        rows.push_str(&facts(&of.body));
    }
    let lines: Vec<String> = content.lines.body.iter().map(|line| escaped(line)).collect();
    if !lines.is_empty() {
        title(&mut rows, &content.lines.title);
        row(&mut rows, "6px 32px 0", "m-ink", INK, &lines.join("<br>\n"));
    }
    row(&mut rows, "0 32px 28px", "", "", "");
    page(content, &rows)
}

/// One step stands by itself, several are numbered.
fn steps(steps: &[String]) -> String {
    if let [only] = steps {
        return escaped(only);
    }
    let numbered = (1..).zip(steps).map(|(place, step)| format!("<b>{place}.</b> {}", escaped(step)));
    numbered.collect::<Vec<_>>().join("<br>\n")
}

/// The frame round the rows.
fn page(content: &MailBody, rows: &str) -> String {
    let language = content.language.code();
    let (subject, preview) = (escaped(&content.subject), escaped(&content.promise.body));
    let answers = (escaped(&super::answers(content.language)), address(&content.foot.answers));
    let answers = format!("{} {}", answers.0, anchor(&answers.1));
    let lines = content.foot.lines.iter().map(|line| escaped(line));
    let foot = std::iter::once(answers).chain(lines).collect::<Vec<_>>().join("<br>\n");
    format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"supported-color-schemes\" content=\"light dark\">\n\
         <title>{subject}</title>\n<style>\n{STYLE}\n</style>\n</head>\n\
         <body class=\"m-page\" style=\"margin:0;padding:0;background:#f3f6f6\">\n\
         <div style=\"display:none;max-height:0;overflow:hidden\">{preview}</div>\n\
         <table {TABLE} class=\"m-page\" width=\"100%\" style=\"background:#f3f6f6\">\
         <tr><td align=\"center\" style=\"padding:24px 12px\">\n\
         <table {TABLE} width=\"600\" style=\"width:100%;max-width:600px;\
         font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif\">\n\
         <tr><td class=\"m-brand\" style=\"padding:0 4px 16px;font-size:20px;font-weight:700;color:#0a5257\">Vigía</td></tr>\n\
         <tr><td class=\"m-card\" style=\"background:#ffffff;border:1px solid #dde3e4;border-radius:14px\">\n\
         <table {TABLE} width=\"100%\">\n{rows}</table>\n</td></tr>\n\
         <tr><td class=\"m-quiet\" style=\"padding:18px 4px 0;{QUIET}\">{foot}</td></tr>\n\
         </table>\n</td></tr></table>\n</body>\n</html>\n"
    )
}

fn row(rows: &mut String, padding: &str, class: &str, style: &str, inner: &str) {
    let _ = writeln!(
        rows,
        "<tr><td class=\"m-pad {class}\" style=\"padding:{padding};{style}\">{inner}</td></tr>"
    );
}

fn title(rows: &mut String, text: &str) {
    let text = escaped(text);
    let inner = format!(
        "<h2 class=\"m-ink\" style=\"margin:0;font-size:17px;line-height:24px;color:#182226\">{text}</h2>"
    );
    row(rows, "28px 32px 0", "", "", &inner);
}

fn number(number: &str) -> String {
    let number = escaped(number);
    let mut rows = String::new();
    let inner = format!(
        "<h1 class=\"m-brand m-number\" style=\"margin:0;font-size:32px;line-height:40px;font-weight:700;\
         color:#0a5257;letter-spacing:.5px;white-space:nowrap\">{number}</h1>"
    );
    row(&mut rows, "8px 32px 0", "", "", &inner);
    rows
}

fn promise(promise: &MailSection<String>) -> String {
    let (title, body) = (escaped(&promise.title), escaped(&promise.body));
    let inner = format!(
        "<p class=\"m-quiet\" style=\"margin:0;{QUIET}\">{title}</p>\n\
         <p class=\"m-ink\" style=\"margin:4px 0 0;font-size:18px;line-height:26px;color:#182226\">{body}</p>"
    );
    boxed("m-soft", "background:#eef3f9;border-left:5px solid #2459a6", &inner)
}

fn boxed(class: &str, style: &str, inner: &str) -> String {
    let mut rows = String::new();
    let inner = format!(
        "<table {TABLE} width=\"100%\"><tr><td class=\"{class}\" style=\"{style};border-radius:8px;\
         padding:14px 18px\">{inner}</td></tr></table>"
    );
    row(&mut rows, "20px 32px 0", "", "", &inner);
    rows
}

/// A link as text of the page; where its code is left out, that stays to be seen.
fn address(link: &str) -> String {
    let parts: Vec<String> = link.split(SEAL).map(escaped).collect();
    parts.join(&SEAL.to_string())
}

/// A link of the page by its address, which is escaped already.
fn anchor(link: &str) -> String {
    format!("<a class=\"m-brand\" href=\"{link}\" style=\"{LINK}\">{link}</a>")
}

/// A button, and the link written out for readers that hide buttons.
fn link(content: &MailBody) -> String {
    let (link, language) = (address(&content.link), content.language);
    let button = escaped(&content.button);
    let copy = escaped(&t!(language, "letter.track.copy"));
    let mut rows = String::new();
    let inner = format!(
        "<table {TABLE}><tr><td class=\"m-button\" style=\"background:#0a5257;border-radius:10px\">\
         <a href=\"{link}\" style=\"display:inline-block;padding:14px 24px;font-size:16px;line-height:20px;\
         font-weight:700;color:#ffffff;text-decoration:none\">{button}</a></td></tr></table>"
    );
    row(&mut rows, "20px 32px 0", "", "", &inner);
    let inner = format!("{copy} {}", anchor(&link));
    row(&mut rows, "8px 32px 0", "m-quiet", QUIET, &inner);
    rows
}

fn facts(facts: &[Fact]) -> String {
    let mut inner =
        format!("<table {} width=\"100%\" style=\"{INK}\">\n", TABLE.replace("role=\"presentation\" ", ""));
    for fact in facts {
        let label = escaped(&fact.label);
        let value = match &fact.value {
            Value::Text(text) => escaped(text),
            Value::Link(link) => anchor(&address(link)),
        };
        let _ = writeln!(
            inner,
            "<tr><th class=\"m-quiet m-line\" scope=\"row\" align=\"left\" valign=\"top\" width=\"110\" \
             style=\"padding:8px 12px 8px 0;font-weight:400;color:#56636a;border-bottom:1px solid #dde3e4\">{label}</th>\
             <td class=\"m-ink m-line\" style=\"padding:8px 0;color:#182226;border-bottom:1px solid #dde3e4;\
             word-break:break-word\">{value}</td></tr>"
        );
    }
    inner.push_str("</table>");
    let mut rows = String::new();
    row(&mut rows, "6px 32px 0", "", "", &inner);
    rows
}

/// Text as HTML: safe between tags and within quoted attributes. Line feeds become breaks, other control characters
/// nothing at all.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    let mut plain = 0;
    for (at, character) in text.char_indices() {
        let instead = match character {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\'' => "&#39;",
            '\n' => "<br>",
            _ if character.is_control() => "",
            _ => continue,
        };
        html.push_str(&text[plain..at]);
        html.push_str(instead);
        plain = at + character.len_utf8();
    }
    html.push_str(&text[plain..]);
    html
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
    }
}
