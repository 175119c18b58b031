//! Secrets: links to cases, sessions, links of displays.

use domain::actor::ParticipantId;
use domain::case::Case;
use domain::case::visit::VisitId;
use domain::case_number::CaseNumber;
use domain::display::PairingCode;
use domain::time::Instant;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::Ports;
use crate::access::limits::Network;
pub(crate) use crate::hex::{hex, unhex};
use crate::store::{Store, StoreError, secret};

/// The content of a visit's link: a visit in one revision, and the link's expiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitLink {
    /// Number of the case.
    pub number: CaseNumber,
    /// Id of the visit.
    pub visit: VisitId,
    /// Revision of the visit. Once it is answered, the link is used up.
    pub revision: u32,
    /// The first instant at which the link has expired.
    pub expires: Instant,
}

/// The content of a link to a case's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrackingLink {
    /// Number of the case.
    pub number: CaseNumber,
    /// Whose link it is.
    pub holder: LinkHolder,
}

/// Whose link to a case's page it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkHolder {
    /// The contact's.
    Contact {
        /// How often the case's link had been renewed when this one was made.
        generation: u32,
    },
    /// A participant's. It is theirs as long as they are on the case.
    Participant(ParticipantId),
}

/// What stands before a participant's id in their link.
const PARTICIPANT: char = 'p';

impl TrackingLink {
    /// The first link of a case.
    #[must_use]
    pub const fn first(number: CaseNumber) -> Self {
        Self::of_generation(number, 0)
    }

    /// The link of a case that was renewed so often.
    #[must_use]
    pub const fn of_generation(number: CaseNumber, generation: u32) -> Self {
        Self { number, holder: LinkHolder::Contact { generation } }
    }

    /// A participant's link.
    #[must_use]
    pub const fn of_participant(number: CaseNumber, id: ParticipantId) -> Self {
        Self { number, holder: LinkHolder::Participant(id) }
    }

    /// The contact's link of a case that counts now.
    pub(crate) fn of(case: &Case) -> Self {
        Self::of_generation(case.opening.number, case.tracking().generation)
    }

    /// What stands before the code. The first link has its number alone, as links had before they could be renewed.
    fn what(self) -> String {
        let number = self.number.as_compact();
        match self.holder {
            LinkHolder::Contact { generation: 0 } => number,
            LinkHolder::Contact { generation } => format!("{number}-{generation}"),
            LinkHolder::Participant(ParticipantId(id)) => format!("{number}-{PARTICIPANT}{id}"),
        }
    }

    fn read(what: &str) -> Option<Self> {
        let (number, rest) = what.split_once('-').unwrap_or((what, "0"));
        let holder = match rest.strip_prefix(PARTICIPANT) {
            Some(id) => LinkHolder::Participant(ParticipantId(id.parse().ok()?)),
            None => LinkHolder::Contact { generation: rest.parse().ok()? },
        };
        let link = Self { number: CaseNumber::parse(number).ok()?, holder };
        // In no other spelling.
        (link.what() == what).then_some(link)
    }
}

/// Makes and checks customers' links: the case's number with a code that only this installation can compute.
///
/// Codes are computed, not stored. So every mail can contain the link, and no table can leak it.
#[derive(Clone)]
pub struct Tokens {
    key: Hmac<Sha256>,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens")
    }
}

impl Tokens {
    /// Loads the installation's key, or makes it at the first start.
    pub(crate) async fn load(store: &Store, ports: &Ports) -> Result<Self, StoreError> {
        let kept = secret(store, "links", fresh(ports)).await?;
        let key = Hmac::new_from_slice(kept.as_bytes())
            .map_err(|error| StoreError::inconsistent("secrets", error))?;
        Ok(Self { key })
    }

    /// The last part of a case's link: the number, whose link it is but for the contact's first, and 128 unguessable bits.
    #[must_use]
    pub fn tracking(&self, link: TrackingLink) -> String {
        let what = link.what();
        let mac = self.mac(&what).finalize().into_bytes();
        format!("{what}-{}", hex(&mac[..16]))
    }

    /// The content of a link; `None` for a link that this installation did not make. It takes the same time for every
    /// wrong code. Whether the link still counts is not known here.
    #[must_use]
    pub fn case(&self, tracking: &str) -> Option<TrackingLink> {
        let (what, code) = tracking.rsplit_once('-')?;
        let link = TrackingLink::read(what)?;
        let code = unhex(code)?;
        (code.len() == 16 && self.mac(what).verify_truncated_left(&code).is_ok()).then_some(link)
    }

    /// The last part of a survey's link: number, cycle and 128 bits. It gives access to nothing else, and to nothing
    /// once the survey has ended or the case was reopened.
    #[must_use]
    pub fn survey_link(&self, number: CaseNumber, cycle: u32) -> String {
        let what = format!("{}-{cycle}", number.as_compact());
        let mac = self.survey_mac(&what).finalize().into_bytes();
        format!("{what}-{}", hex(&mac[..16]))
    }

    /// Case and cycle of a survey's link; `None` for a link that this installation did not make for a survey.
    #[must_use]
    pub fn survey(&self, link: &str) -> Option<(CaseNumber, u32)> {
        let (what, code) = link.rsplit_once('-')?;
        let (number, cycle) = what.split_once('-')?;
        let parsed = CaseNumber::parse(number).ok().filter(|parsed| parsed.as_compact() == number)?;
        let counted: u32 = cycle.parse().ok().filter(|counted: &u32| counted.to_string() == cycle)?;
        let code = unhex(code)?;
        (code.len() == 16 && self.survey_mac(what).verify_truncated_left(&code).is_ok())
            .then_some((parsed, counted))
    }

    /// What proves that a reply was written by who got a mail of the case: its number, a dot and 64 bits. It stands behind the
    /// plus of the address for replies, and before the id of a visit in an invitation's UID.
    #[must_use]
    pub fn reply_tag(&self, number: CaseNumber) -> String {
        let number = number.as_compact();
        let mac = self.reply_mac(&number).finalize().into_bytes();
        format!("{number}.{}", hex(&mac[..8])).to_lowercase()
    }

    /// The case of such a tag, in any case of letters; `None` for a tag that this installation did not make. It gives
    /// access to nothing: whoever writes to it must be of the case as well.
    #[must_use]
    pub fn reply_case(&self, tag: &str) -> Option<CaseNumber> {
        let (number, code) = tag.split_once('.')?;
        let parsed = CaseNumber::parse(number).ok()?;
        let code = unhex(&code.to_lowercase())?;
        let mac = self.reply_mac(&parsed.as_compact());
        (code.len() == 8 && mac.verify_truncated_left(&code).is_ok()).then_some(parsed)
    }

    fn reply_mac(&self, number: &str) -> Hmac<Sha256> {
        self.key.clone().chain_update("reply:").chain_update(number)
    }

    /// A text with its links unsealed, and with the digits that belong to the first link to sign in.
    #[must_use]
    pub fn unsealed(&self, text: &str) -> String {
        let whole = self.with_links(text);
        if !whole.contains(SEALED_CODE) {
            return whole;
        }
        let entry =
            whole.split_once(ENTRY).and_then(|(_, rest)| rest.split_once('-')).map(|(entry, _)| entry);
        let code = entry.map(|entry| self.entry_code(entry)).unwrap_or_default();
        whole.replace(SEALED_CODE, &code)
    }

    fn with_links(&self, text: &str) -> String {
        let mut parts = text.split(SEAL);
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            if let Some(code) = self.code_after(&whole) {
                whole.push_str(&code);
            }
            whole.push_str(part);
        }
        whole
    }

    /// The code of the sealed link at the end of a text.
    fn code_after(&self, text: &str) -> Option<String> {
        let (rest, what) = text.strip_suffix('-')?.rsplit_once('/')?;
        let is_plain = what.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let mac = match rest.rsplit('/').next() {
            Some("track") => self.mac(what),
            Some("survey") => self.survey_mac(what),
            Some("visit") => self.visit_mac(what),
            Some("password") => self.account_mac(what),
            Some("enter") => self.entry_mac(what),
            _ => return None,
        };
        is_plain.then(|| hex(&mac.finalize().into_bytes()[..16]))
    }

    fn survey_mac(&self, what: &str) -> Hmac<Sha256> {
        self.key.clone().chain_update("survey:").chain_update(what)
    }

    /// The last part of a visit's link.
    #[must_use]
    pub fn for_visit(&self, link: &VisitLink) -> String {
        let VisitLink { number, visit, revision, expires } = link;
        let what = format!("{}-{}-{revision}-{}", number.as_compact(), visit.0, expires.0);
        let mac = self.visit_mac(&what).finalize().into_bytes();
        format!("{what}-{}", hex(&mac[..16]))
    }

    /// The content of a visit's link; `None` for a link that this installation did not make. It gives no access to the
    /// case, nor does a case's link to visits.
    #[must_use]
    pub fn visit_link(&self, link: &str) -> Option<VisitLink> {
        let (what, code) = link.rsplit_once('-')?;
        let code = unhex(code)?;
        if code.len() != 16 || self.visit_mac(what).verify_truncated_left(&code).is_err() {
            return None;
        }
        let mut parts = what.split('-');
        Some(VisitLink {
            number: CaseNumber::parse(parts.next()?).ok()?,
            visit: VisitId(parts.next()?.parse().ok()?),
            revision: parts.next()?.parse().ok()?,
            expires: Instant(parts.next()?.parse().ok()?),
        })
    }

    /// The last part of a link by which somebody chooses a password: its number, a nonce and 128 bits. A restored desk
    /// gives numbers once more; the nonce makes another link of each.
    pub(crate) fn account_link(&self, id: i64, nonce: [u8; 8]) -> String {
        let what = format!("{id}-{}", hex(&nonce));
        let mac = self.account_mac(&what).finalize().into_bytes();
        format!("{what}-{}", hex(&mac[..16]))
    }

    /// The number of such a link; `None` for any that this installation did not make.
    pub(crate) fn account(&self, link: &str) -> Option<i64> {
        let (what, code) = link.rsplit_once('-')?;
        let (number, _) = what.split_once('-')?;
        let id: i64 = number.parse().ok().filter(|id: &i64| id.to_string() == number)?;
        let code = unhex(code)?;
        (code.len() == 16 && self.account_mac(what).verify_truncated_left(&code).is_ok()).then_some(id)
    }

    /// The last part of the link by which a customer signs in: the id of the entry and 128 bits.
    pub(crate) fn entry_link(&self, entry: &str) -> String {
        format!("{entry}-{}", hex(&self.entry_mac(entry).finalize().into_bytes()[..16]))
    }

    /// The entry of such a link; `None` for a link that this installation did not make.
    pub(crate) fn entry<'a>(&self, link: &'a str) -> Option<&'a str> {
        let (entry, code) = link.split_once('-')?;
        let code = unhex(code)?;
        (code.len() == 16 && self.entry_mac(entry).verify_truncated_left(&code).is_ok()).then_some(entry)
    }

    /// The six digits by which a customer signs in, where they asked for them.
    pub(crate) fn entry_code(&self, entry: &str) -> String {
        let mac = self.key.clone().chain_update("entry code:").chain_update(entry).finalize().into_bytes();
        let number = mac.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        format!("{:06}", number % 1_000_000)
    }

    fn entry_mac(&self, what: &str) -> Hmac<Sha256> {
        self.key.clone().chain_update("entry:").chain_update(what)
    }

    /// The code that the screen of a secret shows.
    pub(crate) fn screen_code(&self, secret: &str) -> PairingCode {
        let mac = self.key.clone().chain_update("screen:").chain_update(secret).finalize().into_bytes();
        let number = mac.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        PairingCode::of_random(number)
    }

    /// The secret of the display that the screen of a secret becomes.
    pub(crate) fn display_secret(&self, screen: &str) -> String {
        hex(&self.key.clone().chain_update("display of screen:").chain_update(screen).finalize().into_bytes())
    }

    /// The stored hash of a screen's code. Under the desk's key, because there are few codes.
    pub(crate) fn code_hash(&self, code: &PairingCode) -> String {
        hex(&self
            .key
            .clone()
            .chain_update("screen code:")
            .chain_update(code.as_str())
            .finalize()
            .into_bytes())
    }

    /// The code of a short-lived token of an integration, which counts for one stored hash of its long-lived one.
    pub(crate) fn access_code(&self, what: &str, token_hash: &str) -> String {
        hex(&self.access_mac(what, token_hash).finalize().into_bytes())
    }

    /// Whether this installation made the code. It takes the same time for every wrong one.
    pub(crate) fn is_access_code(&self, what: &str, token_hash: &str, code: &str) -> bool {
        let code = unhex(code).unwrap_or_default();
        self.access_mac(what, token_hash).verify_slice(&code).is_ok()
    }

    fn access_mac(&self, what: &str, token_hash: &str) -> Hmac<Sha256> {
        self.key.clone().chain_update("access:").chain_update(what).chain_update(":").chain_update(token_hash)
    }

    /// The secret of a webhook by its nonce.
    pub(crate) fn webhook_secret(&self, nonce: &str) -> [u8; 32] {
        self.key.clone().chain_update("webhook:").chain_update(nonce).finalize().into_bytes().into()
    }

    /// What WhatsApp sends back when it asks whether the address of a number is the desk's.
    pub(crate) fn whatsapp_verify(&self, number: i64) -> String {
        hex(&self.whatsapp_mac(number).finalize().into_bytes()[..16])
    }

    /// Whether a text is that. It takes the same time for every wrong one.
    pub(crate) fn is_whatsapp_verify(&self, number: i64, typed: &str) -> bool {
        let code = unhex(typed).unwrap_or_default();
        code.len() == 16 && self.whatsapp_mac(number).verify_truncated_left(&code).is_ok()
    }

    fn whatsapp_mac(&self, number: i64) -> Hmac<Sha256> {
        self.key.clone().chain_update("whatsapp:").chain_update(number.to_string())
    }

    fn account_mac(&self, what: &str) -> Hmac<Sha256> {
        self.key.clone().chain_update("account:").chain_update(what)
    }

    fn visit_mac(&self, what: &str) -> Hmac<Sha256> {
        self.key.clone().chain_update("visit:").chain_update(what)
    }

    /// A pseudonym of a sender's network, for the allowance of mails.
    pub(crate) fn sender(&self, network: Network) -> String {
        let mac = self.key.clone().chain_update("sender:").chain_update(network.to_string());
        hex(&mac.finalize().into_bytes()[..8])
    }

    fn mac(&self, what: &str) -> Hmac<Sha256> {
        self.key.clone().chain_update("track:").chain_update(what)
    }
}

/// Replaces the code of a link in a queued mail, so that the outbox gives no access to cases. Typed text never contains
/// it, since control characters are removed.
pub(crate) const SEAL: char = '\u{1}';

/// Stands for the digits of a sign-in in a queued mail, for the same reason.
pub(crate) const SEALED_CODE: char = '\u{2}';

/// What stands before the last part of a link to sign in.
pub(crate) const ENTRY: &str = "/my/enter/";

/// The last part of a case's link, sealed.
pub(crate) fn sealed_tracking(link: TrackingLink) -> String {
    format!("{}-{SEAL}", link.what())
}

/// The last part of any link, sealed.
pub(crate) fn sealed(link: &str) -> String {
    let what = link.rsplit_once('-').map_or(link, |(what, _)| what);
    format!("{what}-{SEAL}")
}

/// A text with masked links, for readers who must not use them: an ellipsis replaces each code.
pub(crate) fn masked(text: &str) -> String {
    const STARTS: [&str; 5] = ["/track/", "/survey/", "/visit/", "/password/", ENTRY];
    const CODE_DIGITS: usize = 32;
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = STARTS.iter().filter_map(|start| Some(rest.find(start)? + start.len())).min() {
        let (before, after) = rest.split_at(at);
        let is_link = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let (link, others) = after.split_at(after.find(|c| !is_link(c)).unwrap_or(after.len()));
        shown.push_str(before);
        match link.rsplit_once('-') {
            Some((what, code)) if code.len() == CODE_DIGITS => {
                shown.push_str(what);
                shown.push_str("-…");
            }
            _ => shown.push_str(link),
        }
        rest = others;
    }
    shown.push_str(rest);
    shown.replace([SEAL, SEALED_CODE], "…")
}

/// A new secret of 256 bits, for a cookie or a link.
pub(crate) fn fresh(ports: &Ports) -> String {
    hex(&ports.random::<32>())
}

/// Whether a text has the form of such a secret.
pub(crate) fn is_secret(text: &str) -> bool {
    text.len() == 64 && unhex(text).is_some()
}

/// The stored hash of a secret: it recognises the secret and cannot replace it.
pub(crate) fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> Tokens {
        Tokens { key: Hmac::new_from_slice(b"a key of a test").unwrap() }
    }

    fn number() -> CaseNumber {
        CaseNumber::new(domain::country::Country::Ve, 2026, 4213).unwrap()
    }

    fn first() -> TrackingLink {
        TrackingLink::first(number())
    }

    fn renewed() -> TrackingLink {
        TrackingLink::of_generation(number(), 2)
    }

    fn of_participant() -> TrackingLink {
        TrackingLink::of_participant(number(), ParticipantId(2))
    }

    #[test]
    fn link_of_one_generation_is_not_that_of_another() {
        let tokens = tokens();
        let (old, new) = (tokens.tracking(first()), tokens.tracking(renewed()));
        assert_eq!((tokens.case(&old), tokens.case(&new)), (Some(first()), Some(renewed())));
        let theirs = tokens.tracking(of_participant());
        assert_eq!(tokens.case(&theirs), Some(of_participant()));
        let (number, code) = old.split_once('-').unwrap();
        for made_up in [
            format!("{number}-2-{code}"),
            format!("{number}-0-{code}"),
            new.replacen("-2-", "-02-", 1),
            new.replacen("-2-", "-3-", 1),
            new.replacen("-2-", "-", 1),
            new.replacen("-2-", "-p2-", 1),
            theirs.replacen("-p2-", "-p3-", 1),
            theirs.replacen("-p2-", "-2-", 1),
            format!("{number}-2-2-{code}"),
            number.to_owned(),
        ] {
            assert_eq!(tokens.case(&made_up), None, "{made_up}");
        }
    }

    #[test]
    fn stored_links_are_completed_with_their_codes() {
        let tokens = tokens();
        let visit =
            VisitLink { number: number(), visit: VisitId(1), revision: 2, expires: Instant(1_795_442_400) };
        for (kind, link) in [
            ("track", tokens.tracking(first())),
            ("track", tokens.tracking(renewed())),
            ("track", tokens.tracking(of_participant())),
            ("survey", tokens.survey_link(number(), 3)),
            ("visit", tokens.for_visit(&visit)),
            ("desk/password", tokens.account_link(7, [9; 8])),
            ("my/enter", tokens.entry_link("0123456789abcdef")),
        ] {
            let text = |link: &str| format!("Ver: <https://vigia.example/{kind}/{link}>.\n");
            assert_eq!(tokens.unsealed(&text(&sealed(&link))), text(&link));
            assert_eq!(tokens.unsealed(&text(&link)), text(&link), "one of an earlier version");
            assert!(!sealed(&link).contains(link.rsplit('-').next().unwrap()));
        }
        for link in [first(), renewed(), of_participant()] {
            assert_eq!(sealed_tracking(link), sealed(&tokens.tracking(link)));
        }
        for other in ["", "\u{1}", "a-\u{1}b", "/desk/VE-\u{1}", "/track/\u{1}", "/track/a b-\u{1}"] {
            assert_eq!(tokens.unsealed(other), other.replace(SEAL, ""), "{other:?}");
        }
    }

    #[test]
    fn tag_of_a_reply_names_its_case_and_no_made_up_one_does() {
        let tag = tokens().reply_tag(number());
        assert_eq!(tokens().reply_case(&tag), Some(number()));
        assert_eq!(tokens().reply_case(&tag.to_uppercase()), Some(number()));
        let other = CaseNumber::new(domain::country::Country::Ve, 2026, 4214).unwrap();
        let code = tag.split_once('.').unwrap().1;
        for made_up in
            [tag[..tag.len() - 2].to_owned(), format!("{}.{code}", other.as_compact()), "x".to_owned()]
        {
            assert_eq!(tokens().reply_case(&made_up), None, "{made_up}");
        }
    }

    #[test]
    fn number_that_is_given_again_makes_another_account_link() {
        let (first, second) = (tokens().account_link(42, [1; 8]), tokens().account_link(42, [2; 8]));
        assert_ne!(first, second);
        assert_eq!((tokens().account(&first), tokens().account(&second)), (Some(42), Some(42)));
        let (of_first, of_second) = (first.rsplit_once('-').unwrap().0, second.rsplit_once('-').unwrap().1);
        for made_up in [format!("{of_first}-{of_second}"), format!("42-{of_second}"), format!("0{first}")] {
            assert_eq!(tokens().account(&made_up), None, "{made_up}");
        }
    }

    #[test]
    fn digits_of_a_sign_in_are_put_in_when_its_mail_is_sent() {
        let tokens = tokens();
        let link = tokens.entry_link("0123456789abcdef");
        let code = tokens.entry_code("0123456789abcdef");
        assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
        let kept = format!("Code: \u{2} <https://vigia.example/my/enter/{}>", sealed(&link));
        assert_eq!(tokens.unsealed(&kept), format!("Code: {code} <https://vigia.example/my/enter/{link}>"));
        assert_eq!(masked(&kept), "Code: … <https://vigia.example/my/enter/0123456789abcdef-…>");
        assert_eq!(tokens.unsealed("Code: \u{2}"), "Code: ", "no link says whose");
        assert_eq!(tokens.entry(&link), Some("0123456789abcdef"));
        let other = tokens.entry_link("fedcba9876543210");
        let made_up = format!("0123456789abcdef-{}", other.split_once('-').unwrap().1);
        assert_eq!((tokens.entry(&made_up), tokens.entry("x")), (None, None));
    }

    #[test]
    fn masked_links_hide_their_codes() {
        let link = tokens().tracking(first());
        let (number, code) = link.split_once('-').unwrap();
        for kind in ["track", "survey", "visit", "desk/password"] {
            for written in [link.clone(), sealed(&link)] {
                let shown = masked(&format!("<a href=\"/{kind}/{written}\">http://v/{kind}/{written}</a>"));
                assert_eq!(shown.matches(&format!("/{kind}/{number}-…")).count(), 2, "{shown}");
                assert!(!shown.contains(SEAL) && !shown.contains(code), "{shown}");
            }
        }
        let once = masked(&format!("/track/{link} /visit/{link}/x /desk/cases/{number}"));
        assert_eq!(once, format!("/track/{number}-… /visit/{number}-…/x /desk/cases/{number}"));
        assert!(!once.contains(code));
    }
}
