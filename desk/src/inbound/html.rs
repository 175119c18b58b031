//! The text of a mail that has HTML only. Quoted blocks keep their marks, cells and blocks stand apart.

/// Most bytes of a text that is made.
const MAX_BYTES: usize = 2 * 1024 * 1024;
/// Deepest quotation whose marks are written.
const MAX_DEPTH: usize = 20;

/// Elements that begin and end a line.
const BLOCKS: [&str; 24] = [
    "address", "article", "aside", "body", "center", "dd", "div", "dl", "dt", "fieldset", "footer", "form",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "ol", "pre", "section", "table", "ul",
];
/// Elements whose content is no text of the reader.
const HIDDEN: [&str; 5] = ["head", "script", "style", "template", "title"];

/// The text of HTML. Any input gives a text; a broken tag is passed over.
#[must_use]
pub(crate) fn text_of(html: &str) -> String {
    let mut writer = Writer::default();
    let mut rest = html;
    while !rest.is_empty() && writer.text.len() + writer.line.len() < MAX_BYTES {
        let Some(open) = rest.find('<') else {
            writer.words(rest);
            break;
        };
        writer.words(&rest[..open]);
        rest = after_tag(&rest[open..], &mut writer);
    }
    writer.finished()
}

/// Writes what a tag means, and gives what follows it.
fn after_tag<'a>(rest: &'a str, writer: &mut Writer) -> &'a str {
    if let Some(comment) = rest.strip_prefix("<!--") {
        return comment.split_once("-->").map_or("", |(_, after)| after);
    }
    let is_tag = rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
    if !is_tag {
        writer.words("<");
        return &rest[1..];
    }
    let end = tag_end(rest);
    let (tag, after) = rest.split_at(end);
    let inner = tag[1..].trim_end_matches('>');
    let (closing, inner) = inner.strip_prefix('/').map_or((false, inner), |inner| (true, inner));
    let name =
        inner.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default().to_ascii_lowercase();
    if !closing && HIDDEN.contains(&name.as_str()) && !writer.unclosed.contains(&name) {
        let behind = after_element(after, &name);
        if behind.is_none() {
            writer.unclosed.push(name);
        }
        return behind.unwrap_or(after);
    }
    writer.tag(&name, closing);
    after
}

/// The end of a tag: quotes of attributes may hold angle brackets.
fn tag_end(rest: &str) -> usize {
    let mut quote = None;
    for (at, byte) in rest.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    // A quote that never ends: the tag ends at the first bracket.
    rest.find('>').map_or(rest.len(), |at| at + 1)
}

/// What follows the end of an element whose content is hidden. `None` if it never ends: then it hides nothing.
fn after_element<'a>(rest: &'a str, name: &str) -> Option<&'a str> {
    let mut from = 0;
    while let Some(at) = rest[from..].find("</") {
        let after = &rest[from + at + 2..];
        if after.as_bytes().get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
        {
            return Some(after.split_once('>').map_or("", |(_, after)| after));
        }
        from += at + 2;
    }
    None
}

/// Text that is being made, line by line.
#[derive(Default)]
struct Writer {
    text: String,
    line: String,
    /// Whether the line has anything but space: looked for once, since a line can be as long as the mail.
    is_written: bool,
    depth: usize,
    blank: bool,
    /// Elements whose content is hidden and that never end: looked for once.
    unclosed: Vec<String>,
}

impl Writer {
    fn words(&mut self, raw: &str) {
        let decoded = entities(raw);
        for (at, word) in decoded.split(|c: char| c.is_whitespace() && c != '\u{a0}').enumerate() {
            if at > 0 && !self.line.is_empty() && !self.line.ends_with([' ', '\t']) {
                self.line.push(' ');
            }
            self.line.push_str(word);
            self.is_written |= word.contains(|c: char| !c.is_whitespace());
        }
    }

    fn tag(&mut self, name: &str, closing: bool) {
        match name {
            "br" | "hr" => self.end_line(),
            "tr" | "li" => {
                self.end_block();
                if name == "li" && !closing {
                    self.line.push_str("- ");
                    self.is_written = true;
                }
            }
            "td" | "th" if closing && self.is_written => self.line.push('\t'),
            "p" => {
                self.end_block();
                self.blank = true;
            }
            "blockquote" => {
                self.end_block();
                self.depth =
                    if closing { self.depth.saturating_sub(1) } else { (self.depth + 1).min(MAX_DEPTH) };
            }
            _ if BLOCKS.contains(&name) => self.end_block(),
            _ => {}
        }
    }

    /// Ends the line if it has a content.
    fn end_block(&mut self) {
        if self.is_written {
            self.end_line();
        } else {
            self.line.clear();
        }
    }

    fn end_line(&mut self) {
        let mark = ">".repeat(self.depth);
        if self.blank && !self.text.is_empty() {
            self.text.push_str(&mark);
            self.text.push('\n');
        }
        self.blank = false;
        let line = self.line.trim();
        self.text.push_str(&mark);
        if self.depth > 0 && !line.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(line);
        self.text.push('\n');
        self.line.clear();
        self.is_written = false;
    }

    fn finished(mut self) -> String {
        self.end_block();
        self.text
    }
}

/// A text with its character references decoded. An unknown one stays as it is.
fn entities(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        text.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let known = after
            .char_indices()
            .take(12)
            .find(|(_, c)| *c == ';')
            .and_then(|(end, _)| Some((entity(&after[..end])?, end)));
        if let Some((c, end)) = known {
            text.push(c);
            rest = &after[end + 1..];
        } else {
            text.push('&');
            rest = after;
        }
    }
    text.push_str(rest);
    text
}

/// The character of a reference: the ones of the markup, those of Spanish and Portuguese, and numbers.
fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|c| !c.is_control() || c.is_whitespace());
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "iexcl" => '¡',
        "iquest" => '¿',
        "ordf" => 'ª',
        "ordm" => 'º',
        "deg" => '°',
        "laquo" => '«',
        "raquo" => '»',
        "middot" => '·',
        "copy" => '©',
        "reg" => '®',
        "euro" => '€',
        "ndash" => '–',
        "mdash" => '—',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "bull" => '•',
        "hellip" => '…',
        "times" => '×',
        _ => return accented(name),
    })
}

/// The letter of a reference such as `eacute`.
fn accented(name: &str) -> Option<char> {
    let mut letters = name.chars();
    let letter = letters.next()?;
    let (plain, marked): (&str, &str) = match letters.as_str() {
        "acute" => ("aeiouyAEIOUY", "áéíóúýÁÉÍÓÚÝ"),
        "grave" => ("aeiouAEIOU", "àèìòùÀÈÌÒÙ"),
        "circ" => ("aeiouAEIOU", "âêîôûÂÊÎÔÛ"),
        "tilde" => ("anoANO", "ãñõÃÑÕ"),
        "uml" => ("aeiouyAEIOU", "äëïöüÿÄËÏÖÜ"),
        "cedil" => ("cC", "çÇ"),
        _ => return None,
    };
    plain.chars().position(|c| c == letter).and_then(|at| marked.chars().nth(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotations_keep_their_marks_and_blocks_their_lines() {
        let html = "<html><head><title>x</title><style>p{}</style></head><body><div>Hola &lt;Ana&gt;,</div><div><br></div>\
                    <p>uno&nbsp;dos<br>tres</p><blockquote><div>cita</div><blockquote>vieja</blockquote></blockquote>fin</body></html>";
        assert_eq!(text_of(html), "Hola <Ana>,\n\n\nuno\u{a0}dos\ntres\n>\n> cita\n>> vieja\nfin\n");
    }

    #[test]
    fn cells_stand_apart() {
        assert_eq!(
            text_of("<table><tr><td>Serie</td><td>CX-1</td></tr><tr><td>b</td></tr></table>"),
            "Serie\tCX-1\nb\n"
        );
    }

    #[test]
    fn broken_markup_loses_no_words() {
        assert_eq!(text_of("a < b <i title=\"x>y\">c</i> <style>d"), "a < b c d\n");
        assert_eq!(text_of("5 &lt 6 &nada; &#233; &eacute;&Ntilde;"), "5 &lt 6 &nada; é éÑ\n");
        assert_eq!(text_of("<b title='roto>x</b> y"), "x y\n");
    }
}
