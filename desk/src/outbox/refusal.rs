//! A mail server's refusal, and whether it concerns the recipient or the desk itself.
//!
//! Codes are those of RFC 5321 and the enhanced ones of RFC 3463. The server's words may have addresses: they are
//! stored with the mail and never logged.

use std::fmt;
use std::time::Duration;

/// Stage of the delivery to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SmtpStage {
    /// Connecting, greeting, securing the connection.
    Connect,
    /// Signing in at the mail server.
    SignIn,
    /// MAIL FROM.
    Sender,
    /// RCPT TO.
    Recipient,
    /// DATA.
    Content,
}

impl fmt::Display for SmtpStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::SignIn => "signing in",
            Self::Sender => "naming the sender",
            Self::Recipient => "naming the recipient",
            Self::Content => "handing over the content",
        })
    }
}

/// An enhanced code: class, subject and detail (RFC 3463).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Enhanced(u16, u16, u16);

impl Enhanced {
    /// The enhanced code at the beginning of a reply.
    fn leading(text: &str) -> Option<Self> {
        let mut numbers = text.split_whitespace().next()?.split('.').map(str::parse);
        let code = Self(numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?);
        (numbers.next().is_none() && matches!(code.0, 2 | 4 | 5)).then_some(code)
    }
}

/// A refusal as codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reply {
    step: SmtpStage,
    code: u16,
    enhanced: Option<Enhanced>,
}

/// Subject of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// The desk: its sign-in, its sender or its quota. Every mail would fail alike.
    Desk,
    /// The recipient, or the mail itself.
    Mail,
    /// Unclear until several recipients meet the same refusal.
    Unclear,
}

impl Reply {
    pub(super) fn new(step: SmtpStage, code: u16, text: &str) -> Self {
        Self { step, code, enhanced: Enhanced::leading(text) }
    }

    /// Whether the refusal is permanent.
    pub(super) const fn is_permanent(self) -> bool {
        self.code >= 500
    }

    /// The subject of the refusal.
    pub(super) fn about(self) -> About {
        // A missing sign-in can be the answer to any command (RFC 4954, section 6).
        if matches!(self.step, SmtpStage::Connect | SmtpStage::SignIn)
            || matches!(self.code, 530 | 534 | 535 | 538)
        {
            return About::Desk;
        }
        match self.enhanced.map(|Enhanced(_, subject, detail)| (subject, detail)) {
            // Sender refused (RFC 3463), rates and daily limits, and "may not send as" by the codes of large hosts.
            Some((1, 7 | 8 | 90) | (2, 121 | 122 | 252) | (3, 2 | 5) | (4, 5 | 6) | (7, _)) => About::Desk,
            // Mailboxes and systems that do not exist, are full or closed; faulty content.
            Some((1, 1..=6 | 10) | (2, 1..=3) | (3, 4) | (4, 1) | (6, _)) => About::Mail,
            // Too large: it concerns the content at any stage.
            _ if self.code == 552 => About::Mail,
            _ if self.step == SmtpStage::Sender => About::Desk,
            _ => About::Unclear,
        }
    }
}

/// The codes alone, so that equal refusals have equal texts.
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        self.enhanced
            .map_or(Ok(()), |Enhanced(class, subject, detail)| write!(f, " {class}.{subject}.{detail}"))
    }
}

/// Why an attempt failed, without personal data, for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Why {
    /// The server refused.
    Refused(Reply),
    /// The server did not answer within this time.
    Silence(SmtpStage, Duration),
    /// The connection failed, or the answer was not valid; described by this side.
    Broken(SmtpStage, String),
    /// The folder for mails cannot be written.
    Folder(std::io::ErrorKind),
    /// The row cannot become a mail.
    Unsendable,
    /// The sink does not accept it now.
    NotNow,
    /// The task that sent it panicked.
    Panicked,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(reply) => write!(f, "the server answered {reply} while {}", reply.step),
            Self::Silence(step, within) => write!(f, "no answer within {} s while {step}", within.as_secs()),
            Self::Broken(step, what) => write!(f, "{what} while {step}"),
            Self::Folder(kind) => write!(f, "the folder for mails cannot be written: {kind}"),
            Self::Unsendable => f.write_str("it cannot be put together"),
            Self::NotNow => f.write_str("not now"),
            Self::Panicked => f.write_str("sending it panicked"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(step: SmtpStage, code: u16, text: &str) -> About {
        Reply::new(step, code, text).about()
    }

    #[test]
    fn refusal_of_limit_or_sender_concerns_the_desk() {
        for (step, code, text) in [
            (SmtpStage::Content, 550, "5.4.5 Daily user sending limit exceeded."),
            (SmtpStage::Content, 550, "5.4.6 Unusual sending rate"),
            (SmtpStage::Recipient, 554, "5.7.1 <x@y.example>: Relay access denied"),
            (SmtpStage::Content, 550, "5.7.60 SMTP; Client does not have permissions to send as this sender"),
            (SmtpStage::Content, 554, "5.2.252 SendAsDenied"),
            (SmtpStage::Content, 550, "5.1.90 Your message can't be sent because of a daily limit"),
            (SmtpStage::Sender, 550, "5.1.8 Access denied, bad outbound sender"),
            (SmtpStage::Sender, 553, "sender not owned by user"),
            (SmtpStage::Sender, 530, "5.5.1 Authentication Required"),
            (SmtpStage::SignIn, 535, "5.7.8 authentication failed"),
            (SmtpStage::Connect, 554, "no SMTP service here"),
        ] {
            assert_eq!(about(step, code, text), About::Desk, "{code} {text}");
        }
    }

    #[test]
    fn refusal_of_mailbox_or_content_concerns_the_mail() {
        for (step, code, text) in [
            (SmtpStage::Recipient, 550, "5.1.1 <x@y.example> unknown"),
            (SmtpStage::Recipient, 550, "5.1.10 RESOLVER.ADR.RecipientNotFound"),
            (SmtpStage::Recipient, 552, "5.2.2 mailbox full"),
            (SmtpStage::Recipient, 550, "5.4.1 Recipient address rejected: Access denied"),
            (SmtpStage::Sender, 552, "message size exceeds fixed limit"),
            (SmtpStage::Content, 554, "5.6.0 bad content"),
        ] {
            assert_eq!(about(step, code, text), About::Mail, "{code} {text}");
        }
        assert_eq!(about(SmtpStage::Recipient, 550, "Invalid recipient"), About::Unclear);
        assert_eq!(about(SmtpStage::Content, 554, "transaction failed"), About::Unclear);
    }

    #[test]
    fn refusal_shows_codes_without_the_text_of_the_server() {
        let reply = Reply::new(SmtpStage::Recipient, 550, "5.1.1 <ana@example.com> unknown");
        assert_eq!(reply.to_string(), "550 5.1.1");
        assert_eq!(
            Why::Refused(reply).to_string(),
            "the server answered 550 5.1.1 while naming the recipient"
        );
        assert_eq!(Reply::new(SmtpStage::Recipient, 550, "192.0.2.1 unknown").to_string(), "550");
        assert_eq!(Reply::new(SmtpStage::Recipient, 550, "").to_string(), "550");
    }
}
