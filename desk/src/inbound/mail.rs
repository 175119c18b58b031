//! A mail taken apart: header fields, text, files and the parts by which programs report.

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Encoding, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::charset::{decoded, decoded_as};
use super::headers::{Headers, Mailbox, decoded_words};
use super::html;

/// Most bytes of a file's name that are read.
const MAX_NAME: usize = 1_000;
/// Most messages within messages of a mail whose structure is read. One with more is read as text.
const MAX_ENCLOSED: usize = 20;
/// Most parts that are looked at.
const MAX_PARTS: usize = 500;
/// Most bytes of a picture that can be decoration: marks and logos of signatures are as small.
const MAX_DECORATION: usize = 16 * 1024;
/// Most such pictures that are looked for in the HTML; those behind are files. Each is read up to its place.
const MAX_LOOKED_FOR: usize = 8;
/// Most bytes of a text.
const MAX_TEXT: usize = 1024 * 1024;

/// A mail as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The header fields of the mail itself.
    pub headers: Headers,
    /// What a reader sees: all text parts in their order; made from the HTML if there are none.
    pub text: String,
    /// Files and inline pictures.
    pub files: Vec<MailFile>,
    /// The parts of the outermost message that are neither text of the reader nor files: reports and calendars.
    pub(super) parts: Vec<Part>,
    /// The content type of the whole, in lower case.
    pub(super) content_type: String,
    /// The parameter `report-type` of the whole.
    pub(super) report_type: String,
}

/// A file of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailFile {
    /// The name; empty if the mail names none.
    pub name: String,
    /// The content type, in lower case.
    pub content_type: String,
    /// The content.
    pub content: Vec<u8>,
    /// What a reader has read before a picture that the HTML shows in its place. `None` for all other files, and for
    /// pictures that are too large to decorate a mail.
    pub(super) before: Option<String>,
}

/// A part by which a program tells something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// The content type, in lower case.
    pub(super) content_type: String,
    /// The content as text.
    pub(super) text: String,
}

/// Content types that are kept in [`Mail::parts`].
const TOLD: [&str; 7] = [
    "message/delivery-status",
    "message/global-delivery-status",
    "message/disposition-notification",
    "message/rfc822",
    "text/rfc822-headers",
    "message/feedback-report",
    "text/calendar",
];

impl Mail {
    /// Takes a mail apart. Any bytes give a mail; what has no structure is its text.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        let with_structure =
            || (enclosed(bytes) <= MAX_ENCLOSED).then(|| Self::with_structure(bytes)).flatten();
        on_a_stack_for(bytes, with_structure).unwrap_or_else(|| Self {
            headers: Headers::parse(bytes),
            text: bounded(decoded(body(bytes))),
            files: Vec::new(),
            parts: Vec::new(),
            content_type: String::new(),
            report_type: String::new(),
        })
    }

    fn with_structure(bytes: &[u8]) -> Option<Self> {
        let headers = Headers::parse(bytes);
        let message = MessageParser::default().parse(bytes)?;
        let root = message.root_part();
        let report_type = root
            .content_type()
            .and_then(|kind| kind.attribute("report-type"))
            .map(str::to_ascii_lowercase)
            .unwrap_or_default();
        Some(Self {
            text: bounded(text(&message, bytes)),
            files: files(&message, bytes),
            parts: parts(&message, bytes),
            content_type: content_type(root),
            report_type,
            headers,
        })
    }

    /// The author: the first mailbox of `From` that has an address.
    #[must_use]
    pub fn from(&self) -> Option<Mailbox> {
        self.headers.mailboxes("from").into_iter().next()
    }

    /// Everybody to whom the mail is addressed.
    #[must_use]
    pub fn recipients(&self) -> Vec<Mailbox> {
        ["to", "cc", "delivered-to", "x-original-to"]
            .iter()
            .flat_map(|name| self.headers.mailboxes(name))
            .collect()
    }

    /// The subject, decoded.
    #[must_use]
    pub fn subject(&self) -> String {
        self.headers.text("subject")
    }

    /// The mail's own id, without angle brackets.
    #[must_use]
    pub fn message_id(&self) -> Option<String> {
        self.headers.message_ids(&["message-id"]).into_iter().next()
    }

    /// The ids of the mails that this one answers, the nearest first.
    #[must_use]
    pub fn answered_ids(&self) -> Vec<String> {
        let mut ids = self.headers.message_ids(&["in-reply-to"]);
        for id in self.headers.message_ids(&["references"]).into_iter().rev() {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }

    /// The ids of the desk's mails that a report speaks of, the surest first.
    #[must_use]
    pub fn reported_ids(&self) -> Vec<String> {
        let mut ids = Vec::new();
        for headers in self.enclosed_headers().into_iter().chain(self.enclosed_copy()) {
            ids.extend(headers.message_ids(&["message-id"]));
        }
        ids.extend(self.headers.message_ids(&["original-message-id"]));
        ids.extend(self.answered_ids());
        ids
    }

    /// The ids of the mails to which this one belongs, the nearest first.
    #[must_use]
    pub fn thread_ids(&self) -> Vec<String> {
        let mut ids = self.answered_ids();
        ids.extend(self.reported_ids());
        ids
    }

    /// Where a case can be found: the subject and the ids of the thread. Also those of the message that a report encloses,
    /// or of the invitation that a calendar answers. A line each.
    #[must_use]
    pub fn thread(&self) -> String {
        const IDS: [&str; 3] = ["in-reply-to", "references", "original-message-id"];
        let mut lines = vec![self.subject()];
        lines.extend(self.headers.message_ids(&IDS));
        if let Some(enclosed) = self.enclosed_headers() {
            lines.push(enclosed.text("subject"));
            lines.extend(enclosed.message_ids(&["message-id", "in-reply-to", "references"]));
        }
        lines.extend(self.enclosed_copy().map(|copy| copy.text("subject")));
        lines.extend(self.enclosed_copy().into_iter().flat_map(|copy| copy.message_ids(&["message-id"])));
        lines.extend(super::calendar::answer(self).map(|answer| answer.uid));
        lines.join("\n")
    }

    /// The header fields of a message that a server copied into its text, as qmail does.
    fn enclosed_copy(&self) -> Option<Headers> {
        let at = super::report::copy_of_message(&self.text)?;
        let copy = self.text[at..].split_once("\n\n")?.1;
        Some(Headers::parse(copy.trim_start().as_bytes()))
    }

    /// The header fields of the message that a report encloses.
    #[must_use]
    pub fn enclosed_headers(&self) -> Option<Headers> {
        let part = self
            .parts
            .iter()
            .find(|part| matches!(part.content_type.as_str(), "message/rfc822" | "text/rfc822-headers"))?;
        Some(Headers::parse(part.text.trim_start().as_bytes()))
    }
}

/// What `read` gives, on a stack that grows with the mail. `None` if it panics, or where there is no room for the stack.
///
/// mail-parser 0.11 drops what it has read by recursion, and the count of messages within messages is a guess of what it
/// reads. A level takes 50 bytes of a mail at least, so that the stack has 800 for it. Optimised, 70 were enough.
fn on_a_stack_for<T: Send>(bytes: &[u8], read: impl FnOnce() -> Option<T> + Send) -> Option<T> {
    const LEAST: usize = 8 * 1024 * 1024;
    const FOR_A_BYTE: usize = 16;
    let size = LEAST + FOR_A_BYTE * bytes.len();
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(size).spawn_scoped(scope, read).ok()?;
        thread.join().ok()?
    })
}

/// How many messages within messages the bytes name.
fn enclosed(bytes: &[u8]) -> usize {
    const NAME: &[u8] = b"message/";
    bytes
        .windows(NAME.len())
        .filter(|window| window.eq_ignore_ascii_case(NAME))
        .take(MAX_ENCLOSED + 1)
        .count()
}

/// What follows the header fields.
pub(super) fn body(bytes: &[u8]) -> &[u8] {
    let end =
        |mark: &[u8]| bytes.windows(mark.len()).position(|window| window == mark).map(|at| at + mark.len());
    let start = match (end(b"\r\n\r\n"), end(b"\n\n")) {
        (Some(one), Some(other)) => one.min(other),
        (one, other) => one.or(other).unwrap_or(0),
    };
    &bytes[start..]
}

fn bounded(mut text: String) -> String {
    if text.len() > MAX_TEXT {
        let end = (0..=MAX_TEXT).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
    }
    text.retain(|c| !c.is_control() || matches!(c, '\n' | '\t'));
    text
}

fn content_type(part: &MessagePart<'_>) -> String {
    part.content_type().map_or_else(
        || "text/plain".to_owned(),
        |kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()).to_ascii_lowercase(),
    )
}

/// The bytes of a part, with its transfer encoding undone.
fn content(part: &MessagePart<'_>, bytes: &[u8]) -> Vec<u8> {
    let at = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
    let (start, end) = (at(part.raw_body_offset()), at(part.raw_end_offset()));
    let raw = &bytes[start.min(end)..end];
    let undone = match part.encoding {
        Encoding::None => None,
        Encoding::QuotedPrintable => quoted_printable_decode(raw),
        Encoding::Base64 => base64_decode(raw),
    };
    undone.unwrap_or_else(|| raw.to_vec())
}

fn part_text(part: &MessagePart<'_>, bytes: &[u8]) -> String {
    let charset = part.content_type().and_then(|kind| kind.attribute("charset"));
    decoded_as(&content(part, bytes), charset)
}

/// All text parts in their order: Apple Mail puts one before and one behind each picture.
fn text(message: &Message<'_>, bytes: &[u8]) -> String {
    let read = |ids: &[u32], plain_only: bool| {
        let mut whole = String::new();
        for part in ids.iter().take(MAX_PARTS).filter_map(|id| message.parts.get(usize::try_from(*id).ok()?))
        {
            let text = match &part.body {
                PartType::Text(_) if content_type(part) == "text/calendar" => continue,
                PartType::Text(_) => part_text(part, bytes),
                PartType::Html(_) if !plain_only => html::text_of(&part_text(part, bytes)),
                _ => continue,
            };
            whole.push_str(&text);
            if !whole.is_empty() && !whole.ends_with('\n') {
                whole.push('\n');
            }
        }
        whole
    };
    let plain = read(&message.text_body, true);
    let has_mixed = message.text_body.iter().any(|id| {
        usize::try_from(*id).ok().and_then(|at| message.parts.get(at)).is_some_and(MessagePart::is_text_html)
    });
    let whole = if has_mixed { read(&message.text_body, false) } else { plain };
    let whole = if whole.trim().is_empty() { read(&message.html_body, false) } else { whole };
    whole.replace("\r\n", "\n").replace('\r', "\n")
}

fn files(message: &Message<'_>, bytes: &[u8]) -> Vec<MailFile> {
    let parts = message.attachments.iter().take(MAX_PARTS);
    let markup = markup(message, bytes);
    let mut looked_for = 0;
    let mut before = |part: &MessagePart<'_>, content: &[u8]| {
        let id = part.content_id().filter(|_| !is_attached(part) && content.len() <= MAX_DECORATION)?;
        looked_for += 1;
        if looked_for > MAX_LOOKED_FOR {
            return None;
        }
        let at = markup.find(&format!("cid:{}", id.trim_matches(['<', '>'])))?;
        let start = markup[..at].rfind('<').unwrap_or(at);
        Some(html::text_of(&markup[..start]))
    };
    parts
        .filter_map(|id| message.parts.get(usize::try_from(*id).ok()?))
        .filter(|part| !TOLD.contains(&content_type(part).as_str()) || is_attached(part))
        .map(|part| {
            let content = content(part, bytes);
            MailFile {
                name: part.attachment_name().map(name_of).unwrap_or_default(),
                content_type: content_type(part),
                before: before(part, &content),
                content,
            }
        })
        .collect()
}

/// The HTML that shows pictures in their place; empty if there is none.
fn markup(message: &Message<'_>, bytes: &[u8]) -> String {
    let part = |id: &u32| usize::try_from(*id).ok().and_then(|at| message.parts.get(at));
    let html = message.html_body.iter().filter_map(part).find(|part| part.is_text_html());
    let mut markup = html.map(|part| part_text(part, bytes)).unwrap_or_default();
    markup.truncate(markup.floor_char_boundary(MAX_TEXT));
    markup
}

/// The name of a file, no longer than a name is.
fn name_of(told: &str) -> String {
    decoded_words(&told[..told.floor_char_boundary(MAX_NAME)])
}

fn is_attached(part: &MessagePart<'_>) -> bool {
    part.content_disposition().is_some_and(mail_parser::ContentType::is_attachment)
}

fn parts(message: &Message<'_>, bytes: &[u8]) -> Vec<Part> {
    message
        .parts
        .iter()
        .take(MAX_PARTS)
        .filter(|part| TOLD.contains(&content_type(part).as_str()) && !is_attached(part))
        .map(|part| Part { content_type: content_type(part), text: part_text(part, bytes) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Dropped by recursion, as a reader's messages within messages are.
    struct Level(#[expect(dead_code, reason = "it is dropped")] Option<Box<Level>>);

    #[test]
    fn stack_is_as_deep_as_a_mail_can_nest() {
        let bytes = vec![b'x'; 3_000_000];
        let nested = (0..bytes.len() / 50).fold(Level(None), |inner, _| Level(Some(Box::new(inner))));
        assert_eq!(
            on_a_stack_for(&bytes, move || {
                drop(nested);
                Some(7)
            }),
            Some(7)
        );
        assert_eq!(on_a_stack_for(&bytes, || None::<()>), None);
    }
}
