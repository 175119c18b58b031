//! A line of a mail's text.

/// A line, its quotation marks taken apart.
#[derive(Debug)]
pub(super) struct Line<'a> {
    /// The line as it was written.
    pub(super) raw: &'a str,
    /// How many quotation marks it begins with.
    pub(super) depth: usize,
    /// What follows the marks.
    pub(super) content: &'a str,
    /// The words of the content, in lower case, without punctuation.
    pub(super) words: Vec<String>,
}

impl<'a> Line<'a> {
    pub(super) fn read(raw: &'a str) -> Self {
        let mut content = raw.trim_start_matches([' ', '\t', '\u{a0}']);
        let mut depth = 0;
        while let Some(rest) = content.strip_prefix('>') {
            depth += 1;
            content = rest.trim_start_matches([' ', '\u{a0}']);
        }
        Self { raw, depth, content, words: words(content) }
    }

    /// Whether the line has no content; quotation marks are none.
    pub(super) fn is_blank(&self) -> bool {
        self.content.trim().is_empty()
    }
}

/// The words of a text: runs of letters and digits, in lower case.
pub(super) fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}
