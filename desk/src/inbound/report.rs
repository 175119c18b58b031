//! Reports of mail servers: what became of a mail that the desk sent (RFC 3464), also in the forms of servers that write none.

use super::headers::Headers;
use super::mail::Mail;

/// Most addresses of a report that are taken.
const MAX_RECIPIENTS: usize = 50;

/// A mail that did not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryFailure {
    /// The addresses that were not reached, in lower case.
    pub recipients: Vec<String>,
    /// The enhanced status code as the report has it (RFC 3463). It alone does not say whether the failure lasts.
    pub status: Option<String>,
    /// What the other server said, if the report quotes it.
    pub diagnostic: Option<String>,
    /// Whether the server still tries.
    pub permanence: Permanence,
}

/// Whether a server has given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permanence {
    /// The mail will not arrive.
    Permanent,
    /// The server still tries.
    Temporary,
}

/// What a report says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reported {
    /// A mail did not arrive.
    Failed(DeliveryFailure),
    /// A mail arrived, was passed on or was read. The code, if there is one.
    Arrived(Option<String>),
}

/// What a mail server reports by the mail; `None` if it is no report.
pub(super) fn reported(mail: &Mail) -> Option<Reported> {
    let status_part = mail.parts.iter().find(|part| part.content_type.ends_with("delivery-status"));
    if let Some(part) = status_part
        && (mail.content_type == "multipart/report" || is_from_server(mail))
    {
        return status_report(&part.text, &mail.text);
    }
    if mail.parts.iter().any(|part| part.content_type == "message/disposition-notification") {
        return Some(Reported::Arrived(None));
    }
    is_from_server(mail).then(|| written_report(mail)).flatten()
}

/// Whether the mail has no sender to answer to, as servers send it, or is from a server's own address.
fn is_from_server(mail: &Mail) -> bool {
    const LOCAL_PARTS: [&str; 4] = ["mailer-daemon", "postmaster", "maildaemon", "mail-daemon"];
    let is_server = |address: &str| LOCAL_PARTS.iter().any(|local| address.split('@').next() == Some(local));
    let from = mail.headers.get("from").unwrap_or_default().to_lowercase();
    mail.from().is_some_and(|from| is_server(&from.address)) || from.contains("mailer-daemon")
}

/// Whether the path for answers is empty, which programs write (RFC 5321, 4.5.5).
pub(super) fn has_null_sender(headers: &Headers) -> bool {
    headers.get("return-path").is_some_and(|path| path.split_whitespace().collect::<String>() == "<>")
}

/// What one recipient's group of fields says.
struct Group {
    recipient: Option<String>,
    action: String,
    status: Option<String>,
    diagnostic: Option<String>,
}

fn groups(text: &str) -> Vec<Group> {
    let text = text.replace("\r\n", "\n");
    let typed = |value: &str| value.split_once(';').map_or(value, |(_, rest)| rest).trim().to_owned();
    text.split("\n\n")
        .map(|group| Headers::parse(group.trim_start().as_bytes()))
        .filter(|fields| fields.has("action") || fields.has("final-recipient"))
        .take(MAX_RECIPIENTS)
        .map(|fields| Group {
            recipient: ["original-recipient", "final-recipient"]
                .iter()
                .filter_map(|name| fields.get(name))
                .filter_map(|value| address(&typed(value)))
                .next_back(),
            action: fields.word("action").unwrap_or_default(),
            status: fields.get("status").and_then(code),
            diagnostic: fields.get("diagnostic-code").map(&typed),
        })
        .collect()
}

/// The action decides. A server that gives up may write a status of 4. One that says "delayed" may have thrown the mail
/// away: `OpenSMTPD` then says that its envelope expired.
fn status_report(status: &str, notice: &str) -> Option<Reported> {
    let mut groups = groups(status);
    if groups.is_empty() {
        return None;
    }
    let has_expired = notice.contains("Envelope expired");
    for group in &mut groups {
        let digit = group.status.as_deref().and_then(|code| code.chars().next());
        if group.action == "delayed" && has_expired && group.status.as_deref() == Some("4.4.7") {
            "failed".clone_into(&mut group.action);
        } else if group.action.is_empty() {
            let guess = match digit {
                Some('5') => "failed",
                Some('4') => "delayed",
                _ => "delivered",
            };
            guess.clone_into(&mut group.action);
        }
    }
    let worst =
        ["failed", "delayed"].into_iter().find(|action| groups.iter().any(|group| group.action == *action));
    let Some(worst) = worst else {
        return Some(Reported::Arrived(groups.into_iter().find_map(|group| group.status)));
    };
    groups.retain(|group| group.action == worst);
    let mut recipients: Vec<String> = Vec::new();
    for recipient in groups.iter().filter_map(|group| group.recipient.clone()) {
        if !recipients.contains(&recipient) {
            recipients.push(recipient);
        }
    }
    let permanence = if worst == "failed" { Permanence::Permanent } else { Permanence::Temporary };
    Some(Reported::Failed(DeliveryFailure {
        recipients,
        status: groups.iter().find_map(|group| group.status.clone()),
        diagnostic: groups.iter().find_map(|group| group.diagnostic.clone()),
        permanence,
    }))
}

/// Words by which servers that write no report say that they still try.
const DELAYS: [&str; 10] = [
    "still being retried",
    "will be retried",
    "not yet been delivered",
    "delivery attempts will continue",
    "warning: message",
    "delayed",
    "warning only",
    "se reintentará",
    "seguirá intentando",
    "continuará tentando",
];
/// Words by which they say that they have given up.
const FAILURES: [&str; 17] = [
    "failure notice",
    "permanent error",
    "permanent fatal error",
    "undeliverable",
    "undelivered mail",
    "could not be delivered",
    "couldn't be delivered",
    "wasn't able to deliver",
    "delivery failed",
    "delivery failure",
    "delivery has failed",
    "returned mail",
    "no se puede entregar",
    "no se pudo entregar",
    "no entregado",
    "não foi possível entregar",
    "não entregue",
];

/// What a server reports in words alone, as qmail does.
fn written_report(mail: &Mail) -> Option<Reported> {
    let text = format!(
        "{}\n{}",
        mail.subject(),
        &mail.text[..copy_of_message(&mail.text).unwrap_or(mail.text.len())]
    );
    let lower = text.to_lowercase();
    let failed = FAILURES.iter().any(|word| lower.contains(word)) || mail.headers.has("x-failed-recipients");
    let delayed = DELAYS.iter().any(|word| lower.contains(word));
    if !failed && !delayed {
        return None;
    }
    let own: Vec<String> = mail.recipients().into_iter().map(|one| one.address).collect();
    let mut recipients: Vec<String> = Vec::new();
    let named = mail.headers.mailboxes("x-failed-recipients").into_iter().map(|one| one.address);
    let written = text.lines().filter_map(|line| address_of_line(line.trim()));
    for found in named.chain(written) {
        if !own.contains(&found) && !recipients.contains(&found) && recipients.len() < MAX_RECIPIENTS {
            recipients.push(found);
        }
    }
    let permanence =
        if delayed && !lower.contains("permanent") { Permanence::Temporary } else { Permanence::Permanent };
    let status = text.split(|c: char| !c.is_ascii_digit() && c != '.').find_map(code);
    Some(Reported::Failed(DeliveryFailure { recipients, status, diagnostic: None, permanence }))
}

/// Where a server's text says that a copy of the message follows.
pub(super) fn copy_of_message(text: &str) -> Option<usize> {
    const MARKS: [&str; 5] = [
        "Below this line is a copy",
        "This is a copy of the message",
        "Original message follows",
        "----- Original message -----",
        "--- The header of the original",
    ];
    MARKS.iter().filter_map(|mark| text.find(mark)).min()
}

/// The address with which a line begins: `<a@b>:`, `a@b`, `a@b: reason`.
fn address_of_line(line: &str) -> Option<String> {
    let word = line.split_whitespace().next()?;
    address(word.trim_matches(|c| matches!(c, '<' | '>' | ':' | ',' | ';' | '"' | '\'')))
}

/// A text as an address with two sides.
fn address(text: &str) -> Option<String> {
    let text = text.trim().trim_matches(|c| matches!(c, '<' | '>' | '"')).to_lowercase();
    let (local, host) = text.rsplit_once('@')?;
    let is_plain = !text
        .contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ':' | '(' | ')'));
    (!local.is_empty() && host.contains('.') && is_plain && text.len() <= 254).then_some(text)
}

/// An enhanced status code at the beginning of a text: a class of 2, 4 or 5 and two numbers.
fn code(text: &str) -> Option<String> {
    let word = text.split_whitespace().next()?.trim_matches('.');
    let parts: Vec<&str> = word.split('.').collect();
    let are_numbers =
        parts.iter().all(|part| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()));
    (parts.len() == 3 && are_numbers && matches!(parts[0], "2" | "4" | "5")).then(|| word.to_owned())
}
