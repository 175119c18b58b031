//! The header fields of a mail, read from bytes of any charset.

use mail_parser::decoders::base64::base64_decode;

use super::charset::{decoded, decoded_as};

/// Most bytes of headers that are read; what stands behind is not looked at.
const MAX_BYTES: usize = 256 * 1024;
/// Most fields that are read.
const MAX_FIELDS: usize = 2_000;
/// Most bytes of an encoded word. RFC 2047 permits 75; some programs write a whole subject as one.
const MAX_WORD: usize = 2_000;
/// Most message ids that are taken from the fields of a thread.
const MAX_IDS: usize = 200;

/// Header fields in their order, with unfolded values. Names are in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers {
    fields: Vec<(String, String)>,
}

impl Headers {
    /// Reads fields up to the first empty line. A line that is no field is passed over.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in bytes[..bytes.len().min(MAX_BYTES)].split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                break;
            }
            let text = decoded(line);
            if line.starts_with(b" ") || line.starts_with(b"\t") {
                if let Some((_, value)) = fields.last_mut() {
                    value.push(' ');
                    value.push_str(text.trim());
                }
            } else if let Some((name, value)) = text.split_once(':')
                && fields.len() < MAX_FIELDS
            {
                fields.push((name.trim_end().to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        Self { fields }
    }

    /// The first field of a name, as it was written.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All fields of a name.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Whether there is a field of the name with a content.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.all(name).any(|value| !value.is_empty())
    }

    /// The first field of a name with its encoded words decoded (RFC 2047).
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        self.get(name).map(decoded_words).unwrap_or_default()
    }

    /// The first word of a field in lower case, without comments: `auto-replied` of `Auto-Replied (vacation)`.
    #[must_use]
    pub fn word(&self, name: &str) -> Option<String> {
        let value = self.get(name)?;
        let end =
            value.find(|c: char| c.is_whitespace() || matches!(c, '(' | ';' | ',')).unwrap_or(value.len());
        let word = value[..end].to_ascii_lowercase();
        (!word.is_empty()).then_some(word)
    }

    /// The mailboxes of all fields of a name that have an address with two sides.
    #[must_use]
    pub fn mailboxes(&self, name: &str) -> Vec<Mailbox> {
        self.all(name).flat_map(mailboxes).collect()
    }

    /// Every message id in the given fields, in their order, without angle brackets.
    #[must_use]
    pub fn message_ids(&self, names: &[&str]) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        for value in names.iter().flat_map(|name| self.all(name)) {
            for id in value.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | ',' | '"')) {
                let is_id =
                    id.split_once('@').is_some_and(|(left, right)| !left.is_empty() && !right.is_empty());
                // No server makes an id with a control character, and PostgreSQL takes no NUL.
                let is_id = is_id && !id.contains(char::is_control);
                if is_id && ids.len() < MAX_IDS && !ids.iter().any(|known| known == id) {
                    ids.push(id.to_owned());
                }
            }
        }
        ids
    }
}

/// A name and an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The name, decoded; empty if there is none.
    pub name: String,
    /// The address in lower case.
    pub address: String,
}

/// The mailboxes of a field's value. A comma inside quotes or angle brackets divides nothing.
fn mailboxes(value: &str) -> Vec<Mailbox> {
    let (mut quoted, mut angled, mut start) = (false, false, 0);
    let mut parts = Vec::new();
    for (at, c) in value.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '<' if !quoted => angled = true,
            '>' if !quoted => angled = false,
            ',' | ';' if !quoted && !angled => {
                parts.push(&value[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&value[start..]);
    parts.into_iter().filter_map(mailbox).collect()
}

fn mailbox(text: &str) -> Option<Mailbox> {
    let (name, address) = match text.rsplit_once('<') {
        Some((name, rest)) => (name, rest.split('>').next().unwrap_or(rest)),
        None => ("", text.rsplit_once(':').map_or(text, |(_, address)| address)),
    };
    let address = address.trim().trim_matches('"').to_lowercase();
    let (local, host) = address.rsplit_once('@')?;
    let is_plain = !address.contains(|c: char| c.is_whitespace() || c.is_control());
    (!local.is_empty() && !host.is_empty() && is_plain).then(|| Mailbox {
        name: decoded_words(name.trim()).trim().trim_matches('"').trim().to_owned(),
        address,
    })
}

/// A text with its encoded words decoded. The bytes of neighbours in one charset are joined first: some programs cut
/// inside a letter.
#[must_use]
pub(crate) fn decoded_words(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut pending: Option<(String, Vec<u8>)> = None;
    let mut rest = text;
    while let Some(at) = rest.find("=?") {
        let Some((word, length)) = encoded_word(&rest[at..]) else {
            flush(&mut pending, &mut whole);
            whole.push_str(&rest[..at + 2]);
            rest = &rest[at + 2..];
            continue;
        };
        if pending.is_none() || !rest[..at].trim().is_empty() {
            flush(&mut pending, &mut whole);
            whole.push_str(&rest[..at]);
        }
        pending = match pending.take() {
            Some((charset, mut bytes)) if charset.eq_ignore_ascii_case(&word.0) => {
                bytes.extend(word.1);
                Some((charset, bytes))
            }
            mut other => {
                flush(&mut other, &mut whole);
                Some(word)
            }
        };
        rest = &rest[at + length..];
    }
    flush(&mut pending, &mut whole);
    whole.push_str(rest);
    whole
}

fn flush(pending: &mut Option<(String, Vec<u8>)>, whole: &mut String) {
    if let Some((charset, bytes)) = pending.take() {
        whole.push_str(&decoded_as(&bytes, Some(&charset)));
    }
}

/// Charset and bytes of the encoded word at the beginning of a text, and its length.
fn encoded_word(text: &str) -> Option<((String, Vec<u8>), usize)> {
    // One that never ends would be looked for to the end of the field, and so would each that follows.
    let text = &text[..text.floor_char_boundary(MAX_WORD)];
    let (charset, rest) = text.strip_prefix("=?")?.split_once('?')?;
    let (encoding, rest) = rest.split_once('?')?;
    let (content, _) = rest.split_once("?=")?;
    if charset.len() > 40 || charset.contains(char::is_whitespace) {
        return None;
    }
    let bytes = match encoding {
        "B" | "b" => base64_decode(content.as_bytes())?,
        "Q" | "q" => q_decoded(content),
        _ => return None,
    };
    let charset = charset.split('*').next().unwrap_or(charset);
    let length = 2 + charset.len() + 1 + encoding.len() + 1 + content.len() + 2;
    let length = length + text[2..].split_once('?').map_or(0, |(whole, _)| whole.len() - charset.len());
    Some(((charset.to_owned(), bytes), length))
}

/// The bytes of an encoded word in encoding Q.
fn q_decoded(content: &str) -> Vec<u8> {
    let bytes = content.as_bytes();
    let mut whole = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let code = bytes.get(at + 1..at + 3).and_then(|two| std::str::from_utf8(two).ok());
        match (byte, code.and_then(|two| u8::from_str_radix(two, 16).ok())) {
            (b'=', Some(code)) => {
                whole.push(code);
                at += 3;
            }
            (b'_', _) => {
                whole.push(b' ');
                at += 1;
            }
            _ => {
                whole.push(*byte);
                at += 1;
            }
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_words_that_cut_a_letter_are_joined() {
        assert_eq!(decoded_words("=?utf-8?q?ca=C3?= =?utf-8?q?=ADda_en?= casa"), "caída en casa");
        assert_eq!(
            decoded_words("Impresora =?utf-8?q?ca=C3=ADda?= en la sede"),
            "Impresora caída en la sede"
        );
        assert_eq!(decoded_words("=?UTF-8?B?UmXDumJsaWNh?= =?iso-8859-1?q?a=F1o?="), "Reúblicaaño");
        assert_eq!(decoded_words("a =? b ?= c"), "a =? b ?= c");
        assert_eq!(decoded_words("=?utf-8*es?q?a=C3=B1o?=."), "año.");
    }

    #[test]
    fn raw_bytes_are_read_as_utf8_or_windows_1252() {
        let headers = Headers::parse(b"Subject: ca\xEDda\r\nX: ca\xC3\xADda\r\n\r\nSubject: other");
        assert_eq!(headers.text("subject"), "caída");
        assert_eq!(headers.text("x"), "caída");
        assert_eq!(headers.all("subject").count(), 1);
    }

    #[test]
    fn ids_of_a_thread_are_found_in_any_writing() {
        let headers = Headers::parse(
            b"References: <a@x>,<b@x>\r\n\tc@x\r\nreferences: \"d@x\"\r\nIn-Reply-To: <a@x> (x)\r\n\r\n",
        );
        assert_eq!(headers.message_ids(&["references", "in-reply-to"]), ["a@x", "b@x", "c@x", "d@x"]);
    }

    #[test]
    fn mailboxes_have_two_sides() {
        let headers = Headers::parse(
            b"From: \"Pardo, Ana\" <Ana@X.example>, sin-lado, <b@y>; =?utf-8?q?J=C3=A3o?= <j@z>\r\n\r\n",
        );
        let found = headers.mailboxes("from");
        assert_eq!(
            found.iter().map(|one| one.address.as_str()).collect::<Vec<_>>(),
            ["ana@x.example", "b@y", "j@z"]
        );
        assert_eq!((found[0].name.as_str(), found[2].name.as_str()), ("Pardo, Ana", "Jão"));
    }

    #[test]
    fn word_of_a_field_ends_before_its_comment() {
        let headers = Headers::parse(b"Auto-Submitted: auto-replied (vacation)\nPrecedence: Bulk\n\n");
        assert_eq!(headers.word("auto-submitted").as_deref(), Some("auto-replied"));
        assert_eq!(headers.word("precedence").as_deref(), Some("bulk"));
    }
}
