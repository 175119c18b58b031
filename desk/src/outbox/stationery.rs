//! What a mail says about the provider when it is sent.

use domain::case_number::CaseNumber;
use domain::mail_address::MailAddress;

use super::message::{Queued, ReplyAddresses, Sender};
use crate::access::tokens::LinkHolder;
use crate::mail::{logo_id, logo_of};
use crate::provider::logo_png;
use crate::{Desk, DeskError};

/// What a mail says about the provider when it is sent: sender, address for answers, logo.
#[derive(Debug, Clone)]
pub(super) struct Stationery {
    pub(super) sender: Sender,
    /// Where answers go.
    pub(super) reply_to: MailAddress,
    /// The picture that the mail shows, by its id inside the mail.
    pub(super) logo: Option<(String, Vec<u8>)>,
    /// Where a participant leaves the case; `None` for other readers.
    pub(super) leave: Option<String>,
}

impl Stationery {
    /// That of a mail: what is set now, and the logo that the mail was composed with.
    pub(super) async fn of(desk: &Desk, mail: &Queued, configured: &Sender) -> Result<Self, DeskError> {
        let brand = desk.brand();
        let provider = &brand.provider;
        let logo = match logo_of(&mail.body_html) {
            Some(hash) => match logo_png(desk, &hash).await {
                Ok(png) => Some((logo_id(hash.as_str()), png)),
                // Readers show the provider's name in its place.
                Err(DeskError::NotFound) => None,
                Err(error) => return Err(error),
            },
            None => None,
        };
        let Sender { name, address, replies } = configured;
        let shared = provider.mail.reply_to.as_ref().unwrap_or(address);
        let reply_to = match (replies, CaseNumber::parse(&mail.case_number)) {
            (ReplyAddresses::PerCase, Ok(number)) => with_tag(shared, &desk.tokens().reply_tag(number)),
            // A mail about an account has no case.
            (ReplyAddresses::PerCase, Err(_)) | (ReplyAddresses::Shared, _) => shared.clone(),
        };
        let sender = Sender {
            name: provider.sender_name(name).to_owned(),
            address: address.clone(),
            replies: *replies,
        };
        Ok(Self { sender, reply_to, logo, leave: leave(desk, mail) })
    }
}

/// Where a participant leaves the case, from the last line of their mail. The link's code proves that the desk wrote it.
fn leave(desk: &Desk, mail: &Queued) -> Option<String> {
    let last = mail.body_text.lines().next_back()?.trim();
    let tracking = last.strip_prefix(desk.public_url())?.strip_prefix("/track/")?.strip_suffix("/leave")?;
    let link = desk.tokens().case(tracking)?;
    let is_theirs = matches!(link.holder, LinkHolder::Participant(_));
    (is_theirs && link.number.as_compact() == mail.case_number).then(|| last.to_owned())
}

/// The address with a tag behind a plus (RFC 5233); without it where that would be no address.
fn with_tag(address: &MailAddress, tag: &str) -> MailAddress {
    let tagged = address.as_str().rsplit_once('@').map(|(local, host)| format!("{local}+{tag}@{host}"));
    tagged.and_then(|tagged| MailAddress::parse(&tagged).ok()).unwrap_or_else(|| address.clone())
}

#[cfg(test)]
mod tests {
    use super::super::message::build;
    use super::super::message::tests::{queued_at, sender};
    use super::*;

    #[test]
    fn tag_stands_behind_the_plus_of_any_address() {
        let tag = "ve2600421392.0011223344556677";
        let tagged = |address: &str| with_tag(&MailAddress::parse(address).unwrap(), tag).as_str().to_owned();
        assert_eq!(tagged("casos@andina.example"), format!("casos+{tag}@andina.example"));
        // 64 characters is the most that a local part has (RFC 5321).
        let long = format!("{}@andina.example", "a".repeat(40));
        assert_eq!(tagged(&long), long);
    }

    #[test]
    fn logo_lies_in_the_mail_and_answers_go_where_the_provider_says() {
        let hash = "a".repeat(64);
        let html = format!("<p><img src=\"cid:{hash}@logo\"></p>");
        assert_eq!(logo_of(&html).unwrap().as_str(), hash);
        let mail = Queued { body_html: html, ..queued_at(1_700_000_000) };
        let reply_to = MailAddress::parse("mesa@andina.example").unwrap();
        let logo = Some((logo_id(&hash), b"\x89PNG".to_vec()));
        let bytes = build(&mail, &Stationery { reply_to, logo, ..sender("Andina TI") }).unwrap().bytes;
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("multipart/related"), "{text}");
        assert!(text.contains(&format!("Content-ID: <{hash}@logo>")), "{text}");
        assert!(text.contains("From: \"Andina TI\" <desk@vigia.example>"), "{text}");
        assert!(text.contains("Reply-To: \"Andina TI\" <mesa@andina.example>"), "{text}");
    }
}
