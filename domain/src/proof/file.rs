//! The file of a proof: JSON that people can read, and that programs take byte by byte.
//!
//! Each byte of the file is signed, or is a digit of the signature, or belongs to the four bytes that end every file. So no byte
//! can be another one.

use serde::{Deserialize, Serialize};

use super::figure::{Counted, Figure};
use super::key::{KEY_BYTES, ProofKey, PublicKey, SIGNATURE_BYTES};
use crate::calendar::{Calendar, Spans, ZoneView};
use crate::case::{Recorded, ServiceHoursRef};
use crate::case_number::CaseNumber;
use crate::hex::{hex, unhex};
use crate::time::Instant;

/// The form of the file. A form that is read in another way gets another number.
pub const FORMAT: u32 = 1;
/// The most bytes of a file that are read. The longest histories have a tenth of it.
pub const PROOF_BYTES_MAX: usize = 32 * 1024 * 1024;

/// How every file begins.
const HEAD: &str = "{\"proof\":";
/// What stands between the proof and its key.
const BEFORE_KEY: &str = ",\n\"key\":\"";
/// What stands between the key and the signature.
const BEFORE_SIGNATURE: &str = "\",\n\"signature\":\"";
/// How every file ends.
const END: &str = "\"}\n";

choices! {
    /// For whom a proof was made.
    pub enum ProofReader: "verify.reader" {
        /// The customer: internal words are withheld, and their digests stand for them.
        Customer = "customer",
        /// The provider: every word of the history, but for readers whose role does not reach every case.
        Provider = "provider",
    }
}

/// What a proof says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The form of the file ([`FORMAT`]).
    pub format: u32,
    /// Name of the provider.
    pub provider: String,
    /// Public address of the desk, without a final slash.
    pub desk: String,
    /// Number of the case.
    pub case: CaseNumber,
    /// For whom it was made.
    pub reader: ProofReader,
    /// When it was made. Clocks that run are read at this time.
    pub made_at: Instant,
    /// The last entry of the audit log then; `None` while the log is empty.
    pub log: Option<LogEntry>,
    /// The figures that the desk told, of every target in every cycle.
    pub told: Vec<Figure>,
    /// The targets that the provider's reports count.
    pub counted: Vec<Counted>,
    /// The calendars of the case: that of the opening, and one for each correction of the contract that changed it.
    pub calendars: Vec<ProofCalendar>,
    /// The history. Plans stand in its opening and its corrections.
    pub history: Vec<Entry>,
}

/// An entry of the audit log. With its digest, `vigia audit verify --head` finds whether the log was written anew since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogEntry {
    /// Its number.
    pub id: i64,
    /// Its digest.
    pub digest: String,
}

/// A calendar at the site of the case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProofCalendar {
    /// The service hours that it is, as entries of the history name them.
    pub hours: ServiceHoursRef,
    /// Its rules: the week, whose holidays it observes, and local closures.
    pub calendar: Calendar,
    /// The site's local time.
    pub zone: ZoneView,
    /// Its open spans and named closures, from before the opening to after the last due time.
    pub spans: Spans,
}

/// An entry of the history, as the chain has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its number among the entries of all histories of the desk.
    pub seq: i64,
    /// The case's version after the entry.
    pub version: u32,
    /// Time of the entry.
    pub at: Instant,
    /// The event's kind.
    pub kind: String,
    /// Its digest, which covers that of the entry before.
    pub digest: String,
    /// What it says.
    pub text: EntryText,
}

/// The text of an entry, as far as the reader may know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum EntryText {
    /// The whole text, which the chain's digest covers.
    Whole {
        /// The salt of its digest.
        salt: String,
        /// The text as it is stored: a [`Recorded`] as JSON.
        document: String,
    },
    /// Without its internal words. The chain covers the whole text by its digest.
    Reduced {
        /// The digest of the whole text.
        content: String,
        /// What is left of it.
        recorded: Box<Recorded>,
    },
    /// Nothing of it but the digest: an internal entry, which changes no figure.
    Withheld {
        /// The digest of the text.
        content: String,
    },
    /// Without personal data, which were erased. The chain covers the text before by its digest.
    Erased {
        /// The digest of the text before.
        content: String,
        /// What took its place.
        recorded: Box<Recorded>,
    },
}

impl Proof {
    /// The file: the proof, the key, the signature.
    ///
    /// # Errors
    /// When a value has no form in JSON, which none of these types makes.
    pub fn signed(&self, key: &ProofKey) -> Result<String, serde_json::Error> {
        let (proof, public) = (self.written()?, key.public().written());
        let mut text = format!("{HEAD}{proof}{BEFORE_KEY}{public}{BEFORE_SIGNATURE}");
        let signature = hex(&key.sign(text.as_bytes()));
        text.push_str(&signature);
        text.push_str(END);
        Ok(text)
    }

    /// The proof as JSON, a line for each part and for each entry.
    fn written(&self) -> Result<String, serde_json::Error> {
        let Self { format, provider, desk, case, reader, made_at, log, told, counted, calendars, history } =
            self;
        let lines = [
            ("format", serde_json::to_string(format)?),
            ("provider", serde_json::to_string(provider)?),
            ("desk", serde_json::to_string(desk)?),
            ("case", serde_json::to_string(case)?),
            ("reader", serde_json::to_string(reader)?),
            ("made_at", serde_json::to_string(made_at)?),
            ("log", serde_json::to_string(log)?),
            ("told", listed(told)?),
            ("counted", listed(counted)?),
            ("calendars", listed(calendars)?),
            ("history", listed(history)?),
        ];
        let lines: Vec<String> = lines.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        Ok(format!("{{\n{}\n}}", lines.join(",\n")))
    }
}

/// A list as JSON, an element on each line.
fn listed<T: Serialize>(list: &[T]) -> Result<String, serde_json::Error> {
    let lines = list.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
    Ok(if lines.is_empty() { "[]".to_owned() } else { format!("[\n{}\n]", lines.join(",\n")) })
}

/// A file, taken apart. Nothing of it is believed yet.
pub(super) struct Parts<'a> {
    /// The proof as JSON.
    pub(super) proof: &'a str,
    /// The key that the file names.
    pub(super) key: PublicKey,
    /// What is signed: all before the signature's digits.
    signed: &'a str,
    signature: [u8; SIGNATURE_BYTES],
}

impl<'a> Parts<'a> {
    /// Whether a file claims to be a proof.
    pub(super) fn are_claimed(file: &[u8]) -> bool {
        file.starts_with(HEAD.as_bytes())
    }

    /// Takes a file apart; `None` for a file of any other form.
    pub(super) fn of(file: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(file).ok()?;
        let (signed, digits) = last_digits(text.strip_suffix(END)?, SIGNATURE_BYTES)?;
        let (before, key) = last_digits(signed.strip_suffix(BEFORE_SIGNATURE)?, KEY_BYTES)?;
        Some(Self {
            proof: before.strip_suffix(BEFORE_KEY)?.strip_prefix(HEAD)?,
            key: PublicKey::parse(key)?,
            signed,
            signature: unhex(digits)?.try_into().ok()?,
        })
    }

    /// Whether the key that the file names signed it.
    pub(super) fn are_signed(&self) -> bool {
        self.key.signed(self.signed.as_bytes(), &self.signature)
    }
}

/// Splits the digits of so many bytes off the end of a text.
fn last_digits(text: &str, bytes: usize) -> Option<(&str, &str)> {
    text.split_at_checked(text.len().checked_sub(2 * bytes)?)
}
