//! The plain form of a mail, for terminals, screen readers and cautious inboxes.

use super::{Letterhead, MailBody, Value};

/// The longest line in characters, which every mail reader displays unbroken (RFC 5322, 2.1.1 asks for 78).
pub(super) const WIDTH: usize = 76;

pub(super) fn render(content: &MailBody, head: &Letterhead) -> String {
    let mut page = Page::default();
    page.paragraph(&head.desk);
    page.gap();
    page.paragraph(&content.greeting);
    page.gap();
    page.indented(&content.number);
    page.gap();
    for line in &content.about_number {
        page.paragraph(line);
    }
    page.title(&content.promise.title);
    page.paragraph(&content.promise.body);
    if let Some(notice) = &content.notice {
        page.gap();
        page.paragraph(notice);
    }
    page.gap();
    // A link is never broken.
    page.line(&content.link);
    if !content.next.body.is_empty() {
        page.title(&content.next.title);
        match content.next.body.as_slice() {
            [only] => page.paragraph(only),
            steps => {
                for (place, step) in (1..).zip(steps) {
                    page.hanging(&format!("{place}. "), step);
                }
            }
        }
    }
    for facts in &content.facts {
        page.title(&facts.title);
        let longest = facts.body.iter().map(|fact| fact.label.chars().count()).max().unwrap_or_default();
        for fact in &facts.body {
            match &fact.value {
                Value::Text(text) => page.hanging(&format!("{:longest$}  ", fact.label), text),
                Value::Link(link) => {
                    page.paragraph(&fact.label);
                    page.line(link);
                }
            }
        }
    }
    if let Some(closing) = &content.closing {
        page.gap();
        page.paragraph(closing);
    }
    if !content.lines.body.is_empty() {
        page.title(&content.lines.title);
        for line in &content.lines.body {
            page.hanging("  ", line);
        }
    }
    page.gap();
    page.paragraph(&content.foot.replies);
    page.line(&content.foot.answers);
    page.gap();
    // Mail readers cut this line off when they quote.
    page.line("-- ");
    for line in &content.foot.lines {
        page.paragraph(line);
    }
    // Alone on the last line: the mail's header has it from there.
    if let Some(fewer) = &content.foot.fewer {
        page.line(fewer);
    }
    page.0
}

/// The lines so far.
#[derive(Default)]
struct Page(String);

impl Page {
    fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn gap(&mut self) {
        self.line("");
    }

    fn title(&mut self, text: &str) {
        self.gap();
        self.line(&text.to_uppercase());
    }

    fn paragraph(&mut self, text: &str) {
        self.hanging("", text);
    }

    fn indented(&mut self, text: &str) {
        self.hanging("    ", text);
    }

    /// Wraps `text` behind `head`, with further lines indented below it.
    fn hanging(&mut self, head: &str, text: &str) {
        let margin = head.chars().count();
        let width = WIDTH.saturating_sub(margin);
        if is_one_line(text, width) {
            // Most texts of a mail, and openings wait for their mail.
            self.0.push_str(head);
            self.line(text);
            return;
        }
        let blank = " ".repeat(margin);
        for (index, line) in wrapped(text, width).iter().enumerate() {
            let start = if index == 0 { head } else { &blank };
            self.line(format!("{start}{line}").trim_end());
        }
    }
}

/// Whether [`wrapped`] gives the text back as it is, told without wrapping it. A text of no more bytes has no more characters.
fn is_one_line(text: &str, width: usize) -> bool {
    let is_plain = |text: &str| text.chars().all(|c| c == ' ' || !c.is_whitespace());
    !text.is_empty() && text.len() <= width && text.trim() == text && !text.contains("  ") && is_plain(text)
}

/// Breaks `text` between words into lines of at most `width` characters. Existing breaks remain. A longer word is
/// broken within.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let (mut line, mut length) = (String::new(), 0);
        for word in paragraph.split_whitespace() {
            for piece in pieces(word, width) {
                let long = piece.chars().count();
                if length > 0 && length + 1 + long > width {
                    lines.push(std::mem::take(&mut line));
                    length = 0;
                }
                if length > 0 {
                    line.push(' ');
                    length += 1;
                }
                line.push_str(piece);
                length += long;
            }
        }
        lines.push(line);
    }
    lines
}

/// A word in pieces of `width` characters, the last of them shorter.
fn pieces(word: &str, width: usize) -> impl Iterator<Item = &str> {
    let mut left = word;
    std::iter::from_fn(move || {
        let end = left.char_indices().nth(width).map_or(left.len(), |(end, _)| end);
        let (piece, rest) = left.split_at(end);
        left = rest;
        (!piece.is_empty()).then_some(piece)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn wrapped_lines_are_short_and_lose_no_word(text in any::<String>(), width in 1usize..80) {
            let lines = wrapped(&text, width);
            prop_assert!(lines.iter().all(|line| line.chars().count() <= width));
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }

    proptest! {
        #[test]
        fn text_of_one_line_is_wrapped_as_it_is(text in "[a-zñ \u{a0}\n\t]{0,12}", width in 1usize..20) {
            if is_one_line(&text, width) {
                prop_assert_eq!(wrapped(&text, width), [text]);
            }
        }
    }

    #[test]
    fn ordinary_text_is_one_line() {
        assert!(is_one_line("Equipo en Caracas, Venezuela", 40));
        for other in ["", " a", "a ", "a  b", "a\nb", "a\u{a0}b", "más de lo que cabe"] {
            assert!(!is_one_line(other, 12), "{other:?}");
        }
    }

    #[test]
    fn typed_line_breaks_are_preserved() {
        assert_eq!(wrapped("uno\ndos tres", 20), ["uno", "dos tres"]);
        assert_eq!(wrapped("uno dos tres", 7), ["uno dos", "tres"]);
    }
}
