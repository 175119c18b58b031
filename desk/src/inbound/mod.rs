//! Mails that come in. What a mail is and what it says are pure rules without I/O.
//!
//! [`Mail::parse`] reads bytes of any kind and never fails: what cannot be read is shown. [`Mail::kind`] says who wrote it, a
//! person or a program. [`reply::own_text`] takes a person's words apart from the mail that they answer; the desk knows that
//! mail, since it sent it.
//!
//! [`whatsapp`] takes messages of WhatsApp in the same way.
//!
//! [`delivery`] takes a mail in; [`triage`] has those that an agent decides.

mod authentication;
mod calendar;
mod charset;
pub mod delivery;
mod files;
mod headers;
mod html;
mod kind;
mod mail;
pub mod reply;
mod report;
pub mod triage;
pub mod whatsapp;

pub use calendar::{Answer, CalendarAnswer, CalendarTime};
pub use headers::{Headers, Mailbox};
pub use kind::Kind;
pub use mail::{Mail, MailFile};
pub use report::{DeliveryFailure, Permanence};

#[cfg(test)]
mod tests {
    //! Hostile input: no panic, and an end soon.

    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8]) -> usize {
        let mail = Mail::parse(bytes);
        let _ = (mail.kind(&["soporte@vigia.example".to_owned()]), mail.thread(), mail.recipients());
        let conversation = reply::Conversation { texts: std::slice::from_ref(&mail.text), addresses: &[] };
        reply::own_text(&mail, &conversation).text.len() + mail.text.len()
    }

    #[test]
    fn hostile_structures_end_soon() {
        let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(4_000);
        let parts: Vec<String> = (0..4_000)
            .map(|at| format!("Content-Type: multipart/mixed; boundary={at}\r\n\r\n--{at}\r\n"))
            .collect();
        let parts = parts.concat();
        let header = format!("Subject: {}\r\n\r\nx", "=?utf-8?q?a?= ".repeat(5_000));
        let fields = "X: y\r\n".repeat(40_000);
        let quotes =
            format!("Subject: x\r\n\r\n{}", format!("{} a b c d\r\n", ">".repeat(500)).repeat(5_000));
        let sentences = format!("Subject: x\r\n\r\n{}", "El 3 de marzo a las 9 soporte\r\n".repeat(5_000));
        let blocks = format!("Subject: x\r\n\r\n{}", "De: a\r\nPara: b\r\nAsunto: c\r\n".repeat(5_000));
        let html = format!("Content-Type: text/html\r\n\r\n{}", "<blockquote><style>&lt".repeat(5_000));
        let cells = format!(
            "Content-Type: text/html; charset=utf-8\r\n\r\n{}{}",
            "\u{a0}".repeat(200_000),
            "</td>".repeat(200_000)
        );
        let open_words = format!("Subject: {}\r\n\r\nx", "=?a?q? ".repeat(30_000));
        let name = "=?a?q? ".repeat(300_000);
        let names = format!("Content-Type: application/pdf; name=\"{name}\"\r\n\r\nx");
        // A run of minutes means that something grows with the square of the length.
        for hostile in
            [nested, parts, header, fields, quotes, sentences, blocks, html, cells, open_words, names]
        {
            assert!(read(hostile.as_bytes()) < 8_000_000);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_mail(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            read(&bytes);
        }

        #[test]
        fn any_headers_and_parts_are_a_mail(
            parts in proptest::collection::vec(prop_oneof![
                Just("Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n"),
                Just("Content-Type: message/delivery-status\r\n"),
                Just("Content-Type: text/calendar; method=REPLY\r\n"),
                Just("Content-Type: text/html; charset=utf-16\r\n"),
                Just("Content-Transfer-Encoding: base64\r\n"),
                Just("Content-Transfer-Encoding: quoted-printable\r\n"),
                Just("Subject: =?utf-8?b?4pyT?= =?x?q?=ZZ?=\r\n"),
                Just("From: <\r\n"),
                Just("\r\n"),
                Just("--b\r\n"),
                Just("--b--\r\n"),
                Just("Action: failed\r\nFinal-Recipient: rfc822; a@b.c\r\nStatus: 5.1\r\n"),
                Just("BEGIN:VCALENDAR\r\nMETHOD:COUNTER\r\nBEGIN:VEVENT\r\nDTSTART:2026\r\n"),
                Just("> El 3 a@b escribi\u{f3}:\r\n"),
                Just("=C3=\r\n=4"),
            ], 0..24)
        ) {
            read(parts.concat().as_bytes());
        }
    }
}
