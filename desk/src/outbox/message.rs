//! A queued mail as the bytes for a server.

use crate::store::row;
use std::time::{Duration, SystemTime};

use domain::mail_address::MailAddress;
use lettre::Address;
use lettre::address::Envelope;
use lettre::message::header::{
    ContentDisposition, ContentTransferEncoding, ContentType, ContentTypeErr, HeaderName, HeaderValue,
};
use lettre::message::{Attachment, Body, Mailbox, Message, MultiPart, SinglePart};
use thiserror::Error;

use super::stationery::Stationery;
use crate::access::tokens::Tokens;
use crate::mail::{Method, changed, organized};

/// The sender of all mails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// Name in inboxes.
    pub name: String,
    /// Address for replies and bounces.
    pub address: MailAddress,
    /// Where the mails of a case are answered.
    pub replies: ReplyAddresses,
}

/// Where the mails of a case are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReplyAddresses {
    /// At one address for all cases. A reply finds its case by the mail that it answers.
    #[default]
    Shared,
    /// At an address with the case's code behind a plus (RFC 5233), for mailboxes that take such addresses.
    PerCase,
}

row! {
    /// The parts of a row that are sent.
    #[derive(Debug, Clone)]
    pub(super) struct Queued {
        pub(super) id: i64,
        pub(super) message_id: String,
        pub(super) case_number: String,
        pub(super) language: String,
        pub(super) recipient_name: String,
        pub(super) recipient: String,
        pub(super) subject: String,
        pub(super) body_text: String,
        pub(super) body_html: String,
        pub(super) thread_id: Option<String>,
        pub(super) attempts: i64,
        pub(super) created_utc_s: i64,
        pub(super) calendar: Option<String>,
        pub(super) document: Option<Vec<u8>>,
    }
}

impl Queued {
    /// The mail with its links unsealed. The outbox holds them sealed.
    pub(super) fn unsealed(&self, tokens: &Tokens) -> Self {
        let open = |text: &str| tokens.unsealed(text);
        Self {
            body_text: open(&self.body_text),
            body_html: open(&self.body_html),
            calendar: self.calendar.as_deref().map(|calendar| changed(calendar, open)),
            ..self.clone()
        }
    }
}

/// A mail in its final form.
#[derive(Debug)]
pub(super) struct Built {
    pub(super) envelope: Envelope,
    pub(super) bytes: Vec<u8>,
}

/// Why a row cannot become a mail. No retry helps.
#[derive(Debug, Error)]
pub(super) enum BuildError {
    #[error("an address that no server takes")]
    Address(#[from] lettre::address::AddressError),
    #[error("no mail can be made of it: {0}")]
    Message(#[from] lettre::error::Error),
    #[error("no kind of content")]
    MailKind(#[from] ContentTypeErr),
}

/// Builds the mail of a row; the same row always gives the same bytes.
///
/// lettre 0.11.23 panics on a line break in a display name and trusts header values. So control characters are removed
/// here, in addition to the checks on input.
pub(super) fn build(mail: &Queued, stationery: &Stationery) -> Result<Built, BuildError> {
    let Stationery { sender, reply_to, logo, leave } = stationery;
    let created = u64::try_from(mail.created_utc_s).unwrap_or_default().min(u64::from(u32::MAX));
    let message_id = one_line(&mail.message_id);
    let mut builder = Message::builder()
        .from(mailbox(&sender.name, sender.address.as_str())?)
        // Stated explicitly, because some mail readers reply to the envelope's address.
        .reply_to(mailbox(&sender.name, reply_to.as_str())?)
        .to(mailbox(&mail.recipient_name, &mail.recipient)?)
        .subject(one_line(&mail.subject))
        .date(SystemTime::UNIX_EPOCH + Duration::from_secs(created))
        .message_id(Some(message_id.clone()));
    if let Some(first) = mail.thread_id.as_deref().map(one_line) {
        builder = builder.in_reply_to(first.clone()).references(first);
    }
    let builder = builder
        // RFC 3834 against automatic replies; Exchange obeys the second header.
        .raw_header(header(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated"))
        .raw_header(header(HeaderName::new_from_ascii_str("X-Auto-Response-Suppress"), "All"))
        .raw_header(header(HeaderName::new_from_ascii_str("Content-Language"), &mail.language));
    // One tap in a mail reader (RFC 8058).
    let builder = match leave {
        None => builder,
        Some(address) => builder
            .raw_header(header(HeaderName::new_from_ascii_str("List-Unsubscribe"), &format!("<{address}>")))
            .raw_header(header(
                HeaderName::new_from_ascii_str("List-Unsubscribe-Post"),
                "List-Unsubscribe=One-Click",
            )),
    };
    let bodies = MultiPart::alternative()
        .boundary(boundary(&message_id))
        .singlepart(text(ContentType::TEXT_PLAIN, &mail.body_text));
    let html = text(ContentType::TEXT_HTML, &mail.body_html);
    let bodies = match logo {
        None => bodies.singlepart(html),
        Some((id, png)) => bodies.multipart(with_logo(html, id, png, &message_id)?),
    };
    let body = match mail.calendar.as_deref() {
        None => bodies,
        Some(calendar) => with_invitation(bodies, calendar, sender, &message_id)?,
    };
    let body = match &mail.document {
        None => body,
        Some(document) => with_document(body, document, mail, &message_id)?,
    };
    let message = builder.multipart(body)?;
    Ok(Built { envelope: message.envelope().clone(), bytes: message.formatted() })
}

/// The HTML with the logo that it shows, in the mail itself (RFC 2387).
fn with_logo(html: SinglePart, id: &str, png: &[u8], message_id: &str) -> Result<MultiPart, BuildError> {
    let picture = Attachment::new_inline(id.to_owned()).body(png.to_vec(), ContentType::parse("image/png")?);
    let inner = boundary(message_id).replacen("=_", "=_l", 1);
    Ok(MultiPart::related().boundary(inner).singlepart(html).singlepart(picture))
}

/// The bodies with the invitation, twice. As an alternative form, mail readers offer to add it to the calendar; the
/// others get it as a file.
fn with_invitation(
    bodies: MultiPart,
    calendar: &str,
    sender: &Sender,
    message_id: &str,
) -> Result<MultiPart, BuildError> {
    let method = Method::of(calendar).name();
    let calendar = organized(calendar, &one_line(&sender.name), sender.address.as_str());
    let kind = |kind: String| ContentType::parse(&kind);
    let form = SinglePart::builder()
        .header(kind(format!("text/calendar; charset=utf-8; method={method}"))?)
        .body(calendar.clone());
    let file = SinglePart::builder()
        .header(kind("application/ics; name=\"invite.ics\"".to_owned())?)
        .header(ContentDisposition::attachment("invite.ics"))
        .body(calendar);
    let outer = boundary(message_id).replacen("=_", "=_m", 1);
    Ok(MultiPart::mixed().boundary(outer).multipart(bodies.singlepart(form)).singlepart(file))
}

/// The bodies with a document named by the case's number.
fn with_document(
    bodies: MultiPart,
    document: &[u8],
    mail: &Queued,
    message_id: &str,
) -> Result<MultiPart, BuildError> {
    let name: String = mail.case_number.chars().filter(char::is_ascii_alphanumeric).collect();
    let file = Attachment::new(format!("{name}.pdf"))
        .body(document.to_vec(), ContentType::parse("application/pdf")?);
    let outer = boundary(message_id).replacen("=_", "=_d", 1);
    Ok(MultiPart::mixed().boundary(outer).multipart(bodies).singlepart(file))
}

fn mailbox(name: &str, address: &str) -> Result<Mailbox, BuildError> {
    let name = one_line(name);
    let address: Address = address.parse()?;
    Ok(Mailbox::new((!name.is_empty()).then_some(name), address))
}

fn header(name: HeaderName, value: &str) -> HeaderValue {
    HeaderValue::new(name, one_line(value))
}

/// One line: each run of C0 and C1 controls and Unicode line breaks becomes a space.
fn one_line(text: &str) -> String {
    let breaks = |c: char| c.is_control() || c.is_whitespace();
    text.split(breaks).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A text as a part. Quoted-printable without a choice: lettre reads a text three times to choose, for a quarter of what an
/// opening costs (`bench/instructions.py`).
fn text(kind: ContentType, text: &str) -> SinglePart {
    let encoded = quoted_printable::encode(lines(text));
    SinglePart::builder()
        .header(kind)
        .body(Body::dangerous_pre_encoded(encoded, ContentTransferEncoding::QuotedPrintable))
}

/// The text with CR LF for line feeds, and without other control characters. A mail must not have NUL, and a bare CR makes
/// servers disagree on where it ends.
fn lines(text: &str) -> Vec<u8> {
    let mut lines = Vec::with_capacity(text.len() + text.len() / 16);
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\n' => lines.extend_from_slice(b"\r\n"),
            0x00..=0x1f | 0x7f => {}
            // U+0080 to U+009F, the C1 controls.
            0xc2 if bytes.next_if(|next| (0x80..=0x9f).contains(next)).is_some() => {}
            byte => lines.push(byte),
        }
    }
    lines
}

/// The MIME boundary, from the Message-ID, whose random part no author of a body can know.
fn boundary(message_id: &str) -> String {
    let letters = message_id.chars().filter(char::is_ascii_alphanumeric);
    "=_".chars().chain(letters.take(60)).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(in super::super) fn queued_at(created_utc_s: i64) -> Queued {
        Queued {
            id: 7,
            message_id: "<VE2600421392.7.00112233aabbccdd@vigia.example>".to_owned(),
            case_number: "VE2600421392".to_owned(),
            language: "es".to_owned(),
            recipient_name: "Luis Peña".to_owned(),
            recipient: "luis.pena@example.com".to_owned(),
            subject: "Caso VE26-004213-92 abierto · Redes, Torre Ávila".to_owned(),
            body_text: "Señor,\nbuenos días\n".to_owned(),
            body_html: "<p>Señor</p>".to_owned(),
            thread_id: None,
            attempts: 0,
            created_utc_s,
            calendar: None,
            document: None,
        }
    }

    pub(in super::super) fn sender(name: &str) -> Stationery {
        let address = MailAddress::parse("desk@vigia.example").unwrap();
        let sender =
            Sender { name: name.to_owned(), address: address.clone(), replies: ReplyAddresses::Shared };
        Stationery { sender, reply_to: address, logo: None, leave: None }
    }

    /// Headers in order with their whole values, parsed without lettre.
    fn headers(bytes: &[u8]) -> Vec<(String, String)> {
        let text = std::str::from_utf8(bytes).unwrap();
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        assert!(!head.replace("\r\n", "").contains(['\r', '\n']), "a bare line break");
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in head.split("\r\n") {
            if line.starts_with([' ', '\t']) {
                headers.last_mut().unwrap().1.push_str(line);
            } else {
                let (name, value) = line.split_once(": ").unwrap();
                headers.push((name.to_owned(), value.to_owned()));
            }
        }
        headers
    }

    const FIRST: [&str; 11] = [
        "From",
        "Reply-To",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "Content-Language",
        "MIME-Version",
        "Content-Type",
    ];

    fn names(built: &Built) -> Vec<String> {
        headers(&built.bytes).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn message_bytes_are_determined_by_the_row() {
        let mail = queued_at(1_795_442_400);
        let built = build(&mail, &sender("Vigía")).unwrap();
        assert_eq!(built.bytes, build(&mail, &sender("Vigía")).unwrap().bytes);
        assert_eq!(names(&built), FIRST);
        let headers = headers(&built.bytes);
        let value = |name: &str| headers.iter().find(|header| header.0 == name).unwrap().1.as_str();
        assert_eq!(value("Message-ID"), mail.message_id);
        assert!(value("Reply-To").ends_with("<desk@vigia.example>"), "{}", value("Reply-To"));
        assert_eq!(value("Date"), "Mon, 23 Nov 2026 14:00:00 +0000");
        assert_eq!(value("Auto-Submitted"), "auto-generated");
        assert_eq!(value("Content-Language"), "es");
        assert!(value("Content-Type").starts_with("multipart/alternative; boundary="));
        assert!(built.bytes.is_ascii(), "no server need know 8BITMIME");
    }

    #[test]
    fn later_mail_refers_to_the_first_of_its_thread() {
        let mut mail = queued_at(0);
        mail.thread_id = Some("<VE2600421392.1.ffff@vigia.example>".to_owned());
        let headers = headers(&build(&mail, &sender("Vigía")).unwrap().bytes);
        for name in ["In-Reply-To", "References"] {
            let header = headers.iter().find(|header| header.0 == name).unwrap();
            assert_eq!(Some(&header.1), mail.thread_id.as_ref());
        }
    }

    #[test]
    fn invitation_is_attached_as_alternative_and_as_file() {
        let mut mail = queued_at(0);
        mail.calendar = Some("BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nORGANIZER\r\nEND:VCALENDAR\r\n".to_owned());
        let built = build(&mail, &sender("Vigía")).unwrap();
        assert_eq!(built.bytes, build(&mail, &sender("Vigía")).unwrap().bytes);
        assert_eq!(names(&built), FIRST);
        let text = String::from_utf8(built.bytes).unwrap().replace("\r\n ", " ");
        for part in [
            "Content-Type: multipart/mixed; boundary=",
            "Content-Type: multipart/alternative; boundary=",
            "Content-Type: text/calendar; charset=utf-8; method=CANCEL",
            "Content-Disposition: attachment; filename=\"invite.ics\"",
        ] {
            assert_eq!(text.matches(part).count(), 1, "{part} in {text}");
        }
    }

    #[test]
    fn document_is_attached_as_a_file() {
        let mut mail = queued_at(0);
        mail.document = Some(b"%PDF-1.7\n\xE2\xE3 \r\n.\r\n".to_vec());
        let built = build(&mail, &sender("Vigía")).unwrap();
        assert_eq!(built.bytes, build(&mail, &sender("Vigía")).unwrap().bytes);
        assert_eq!(names(&built), FIRST);
        assert!(built.bytes.is_ascii());
        let text = String::from_utf8(built.bytes).unwrap().replace("\r\n ", " ");
        for part in [
            "Content-Type: multipart/mixed; boundary=",
            "Content-Type: application/pdf",
            "Content-Disposition: attachment; filename=\"VE2600421392.pdf\"",
            "Content-Transfer-Encoding: base64",
        ] {
            assert_eq!(text.matches(part).count(), 1, "{part} in {text}");
        }
    }

    /// Text that tries to break out of its header or body.
    fn hostile() -> impl Strategy<Value = String> {
        let pieces = prop_oneof![
            Just("\r\n".to_owned()),
            Just("\n".to_owned()),
            Just("\r".to_owned()),
            Just("\0".to_owned()),
            Just("\u{85}\u{2028}\u{1b}".to_owned()),
            Just("\r\nBcc: eve@evil.example\r\n".to_owned()),
            Just("\r\n\r\n.\r\nRCPT TO:<eve@evil.example>".to_owned()),
            Just("\" <eve@evil.example>, \"".to_owned()),
            Just("=?utf-8?q?=0d=0aBcc:_eve@evil.example?=".to_owned()),
            any::<String>(),
        ];
        proptest::collection::vec(pieces, 0..6).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn typed_text_adds_no_header_and_no_recipient(
            name in hostile(), from in hostile(), subject in hostile(), text in hostile(), html in hostile(), language in hostile(),
        ) {
            let mut mail = queued_at(0);
            (mail.recipient_name, mail.subject, mail.language) = (name, subject, language);
            (mail.body_text, mail.body_html) = (text, html);
            let built = build(&mail, &sender(&from)).unwrap();
            prop_assert_eq!(names(&built), FIRST);
            let to: Vec<&str> = built.envelope.to().iter().map(AsRef::as_ref).collect();
            prop_assert_eq!(to, ["luis.pena@example.com"]);
            prop_assert!(built.bytes.is_ascii());
            let bytes = String::from_utf8(built.bytes.clone()).unwrap().replace("\r\n", "");
            prop_assert!(bytes.bytes().all(|b| !b.is_ascii_control()));
        }

        #[test]
        fn text_keeps_every_character_but_controls(typed in hostile()) {
            let kept = typed.replace(|c: char| c != '\n' && c.is_control(), "").replace('\n', "\r\n");
            prop_assert_eq!(String::from_utf8(lines(&typed)).unwrap(), kept);
        }

        #[test]
        fn recipient_is_one_address_or_refused(address in hostile()) {
            let mut mail = queued_at(0);
            mail.recipient = address.clone();
            if let Ok(built) = build(&mail, &sender("Vigía")) {
                prop_assert_eq!(built.envelope.to().len(), 1);
                prop_assert_eq!(names(&built), FIRST);
                prop_assert!(!address.contains(['\r', '\n']));
            }
        }
    }
}
