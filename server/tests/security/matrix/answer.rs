//! Answers, and what of them is compared.
//!
//! Normalised before two answers are compared, because it differs between any two requests or repeats what was asked:
//! - headers `date`, `x-request-id`, `content-length`, `transfer-encoding`, `ratelimit`, `retry-after`;
//! - the nonce of a page's policy, in the header and wherever the page carries it;
//! - the requested address, and each object's name of eight letters and more, as it was filled in;
//! - the present time, as seconds or milliseconds since 1970.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::entry::{Effect, Entry};
use super::holders::Holder;
use super::seeded::Thing;
use crate::support::{Answer, Server};

/// Headers that differ between any two requests.
const PASSING: [&str; 6] =
    ["date", "x-request-id", "content-length", "transfer-encoding", "ratelimit", "retry-after"];
/// What `next=` of the sign-in encodes of an address.
const IN_QUERY: &AsciiSet = &CONTROLS.add(b'?').add(b'&').add(b'=').add(b'%').add(b'#').add(b'+').add(b' ');
/// The shortest name of an object that is replaced: shorter ones stand in texts by chance.
const NAME_CHARS_MIN: usize = 8;
/// Seconds around now that count as the present time.
const NOW_S: u64 = 3_600;

/// Requests so far: each comes from an address of its own, so that no rate limit of strangers answers.
static ASKED: AtomicU32 = AtomicU32::new(1);

/// An answer, with what its request named.
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) location: String,
    /// The lines of the head that are compared.
    head: Vec<String>,
    body: String,
    /// The requested address.
    address: String,
    /// What the request named, each by the parameter that it was filled into.
    named: Vec<(&'static str, String)>,
    /// The nonce of the page's policy; `None` for an answer that is no page.
    nonce: Option<String>,
}

impl Told {
    /// Asks the entry as the holder about the thing.
    pub(crate) fn ask(server: &Server, entry: &Entry, holder: &Holder, thing: &Thing) -> Self {
        let [_, a, b, c] = ASKED.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let address = entry.address(thing);
        let (content, body) = entry.content(thing);
        let head = format!("X-Forwarded-For: 10.{a}.{b}.{c}\r\n{}{content}", holder.head);
        let answer = if entry.effect == Effect::Streams {
            server.head(&format!("{} {address} HTTP/1.1\r\n{head}\r\n", entry.method()))
        } else {
            server.ask(entry.method(), &address, &head, &body)
        };
        Self::of(&answer, address, thing)
    }

    fn of(answer: &Answer, address: String, thing: &Thing) -> Self {
        let policy = answer.header("content-security-policy");
        let nonce = policy.split_once("'nonce-").and_then(|(_, rest)| rest.split_once('\''));
        let is_compared = |line: &String| {
            let name = line.split(':').next().unwrap_or_default();
            !PASSING.iter().any(|passing| name.eq_ignore_ascii_case(passing))
        };
        let mut head = answer.lines();
        head.retain(is_compared);
        head.sort();
        Self {
            status: answer.status(),
            location: answer.header("location"),
            head,
            body: answer.text(),
            address,
            named: thing.fills.clone(),
            nonce: nonce.map(|(nonce, _)| nonce.to_owned()),
        }
    }

    /// A text of the answer without what differs between any two answers.
    fn normal(&self, text: &str) -> String {
        let encoded = utf8_percent_encode(&self.address, IN_QUERY).to_string();
        let path = self.address.split('?').next().unwrap_or_default();
        let mut text = text.replace(&encoded, "{address}").replace(&self.address, "{address}");
        if path.len() >= NAME_CHARS_MIN {
            text = text.replace(path, "{path}");
        }
        for (name, value) in self.named.iter().filter(|(_, value)| value.len() >= NAME_CHARS_MIN) {
            text = text.replace(value.as_str(), &format!("{{{name}}}"));
        }
        if let Some(nonce) = &self.nonce {
            text = text.replace(nonce.as_str(), "{nonce}");
        }
        without_now(&text)
    }

    /// Whether it leads to a sign-in.
    pub(crate) fn is_door(&self) -> bool {
        let doors = ["/desk/sign-in", "/my/sign-in", "/pair"];
        (300..400).contains(&self.status) && doors.iter().any(|door| self.location.starts_with(door))
    }

    /// Whether the body holds the mark of a case. Its first letter is looked for, because the tests are not optimised.
    pub(crate) fn holds(&self, mark: &str) -> bool {
        let first = mark.chars().next().unwrap();
        self.body.match_indices(first).any(|(at, _)| self.body[at..].starts_with(mark))
    }

    /// The first difference from another answer.
    pub(crate) fn difference(&self, other: &Self) -> Option<String> {
        if self.status != other.status {
            return Some(format!("status {} instead of {}", self.status, other.status));
        }
        let [head, other_head] = [self, other].map(|told| told.normal(&told.head.join("\n")));
        let [body, other_body] = [self, other].map(|told| told.normal(&told.body));
        difference_of(&head, &other_head).or_else(|| difference_of(&body, &other_body))
    }
}

/// Where two texts differ first, with what stands around it.
fn difference_of(one: &str, another: &str) -> Option<String> {
    if one == another {
        return None;
    }
    let (one, another) = (one.as_bytes(), another.as_bytes());
    let place = one.iter().zip(another).position(|(one, another)| one != another);
    let place = place.unwrap_or_else(|| one.len().min(another.len()));
    let around = |bytes: &[u8]| {
        let part = &bytes[place.saturating_sub(60)..(place + 60).min(bytes.len())];
        String::from_utf8_lossy(part).into_owned()
    };
    Some(format!("{:?} instead of {:?}", around(one), around(another)))
}

/// The text without the present time.
fn without_now(text: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let is_now = |digits: &str| {
        let seconds = match digits.len() {
            10 => digits.parse::<u64>().ok(),
            13 => digits.parse::<u64>().ok().map(|milliseconds| milliseconds / 1000),
            _ => None,
        };
        seconds.is_some_and(|seconds| seconds.abs_diff(now) < NOW_S)
    };
    let mut rest = text;
    let mut whole = String::with_capacity(text.len());
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let digits = rest[start..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - start);
        let number = &rest[start..start + digits];
        whole.push_str(&rest[..start]);
        whole.push_str(if is_now(number) { "{now}" } else { number });
        rest = &rest[start + digits..];
    }
    whole.push_str(rest);
    whole
}
