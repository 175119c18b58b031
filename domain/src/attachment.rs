//! Files of visits and messages: photographs and documents. The first bytes decide the kind; the sender's claims, the name
//! included, are not trusted.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::i18n::Language;
use crate::t;
use crate::text::{composed, is_invisible};

/// The most files of one visit, and of one message.
pub const MOST_FILES: usize = 20;
/// The most files that come with an opening: there is no case yet, and its sender may be a stranger.
pub const MOST_FILES_AT_OPENING: usize = 6;
/// The most files of all messages of a case.
pub const MOST_FILES_OF_CASE: usize = 100;
/// The largest file in bytes: 8 MiB, as large as a telephone's photograph.
pub const MOST_BYTES: usize = 8 * 1024 * 1024;
/// The most bytes of all files of a message, and of all files of an opening: a form is held in memory whole.
pub const MOST_BYTES_TOGETHER: usize = 4 * MOST_BYTES;
/// The longest name of a file in characters, ending included.
const NAME_CHARS: usize = 80;

/// Kind of an accepted file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// A photograph of a camera or telephone.
    Jpeg,
    /// A screenshot.
    Png,
    /// A compressed photograph.
    Webp,
    /// A document. PDF is the only accepted kind of document.
    Pdf,
    /// Plain text, such as the log of a program. It comes with messages, notes and openings; visits take none.
    Text,
}

/// How a browser gets the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// As a picture, which the browser displays.
    InPlace,
    /// As a download, because a document may hold programs.
    AsDownload,
}

impl FileKind {
    /// All accepted kinds.
    pub const ALL: [Self; 5] = [Self::Jpeg, Self::Png, Self::Webp, Self::Pdf, Self::Text];

    /// The kind by the first bytes. `None` for anything else, whatever its name: pages, scripts, SVG, programs,
    /// archives.
    ///
    /// Signatures are those of JPEG (ITU-T T.81, B.1.1: SOI, then a marker), PNG (RFC 2083, 12.12) and WebP (RFC 9649,
    /// 2.4). That of PDF (ISO 32000-1, 7.5.2) must be at the very beginning, although some readers look further.
    #[must_use]
    pub const fn sniff(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xFF, 0xD8, 0xFF, 0xC0..=0xFE, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            [b'%', b'P', b'D', b'F', b'-', b'0'..=b'9', ..] => Some(Self::Pdf),
            _ => None,
        }
    }

    /// The kind of an accepted file.
    ///
    /// # Errors
    /// See [`FileProblem`].
    pub fn of(content: &[u8]) -> Result<Self, FileProblem> {
        match content.len() {
            0 => Err(FileProblem::Empty),
            1..=MOST_BYTES if is_heic(content) => Err(FileProblem::Heic),
            1..=MOST_BYTES => Self::sniff(content).ok_or(FileProblem::UnknownKind),
            _ => Err(FileProblem::TooLarge),
        }
    }

    /// The kind of an accepted file of a message: text has no signature, so that the ending of its name counts as well. Nothing is
    /// done with it but to keep it, and to give it as a download.
    ///
    /// # Errors
    /// See [`FileProblem`].
    pub fn with_message(claimed: &str, content: &[u8]) -> Result<Self, FileProblem> {
        match Self::of(content) {
            Err(FileProblem::UnknownKind) if is_named_text(claimed) && is_text(content) => Ok(Self::Text),
            kind => kind,
        }
    }

    /// The media type of the response.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Pdf => "application/pdf",
            Self::Text => "text/plain",
        }
    }

    /// Whether the browser displays or downloads it.
    #[must_use]
    pub const fn shown(self) -> Shown {
        match self {
            Self::Jpeg | Self::Png | Self::Webp => Shown::InPlace,
            Self::Pdf | Self::Text => Shown::AsDownload,
        }
    }

    /// The kind's name, the same in every language.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::Webp => "WebP",
            Self::Pdf => "PDF",
            Self::Text => "TXT",
        }
    }

    /// The kind's code in the database, the same as in the history.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::Webp => "webp",
            Self::Pdf => "pdf",
            Self::Text => "text",
        }
    }

    /// The kind of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// File name extensions of the kind, the usual one first.
    const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["jpg", "jpeg", "jfif"],
            Self::Png => &["png"],
            Self::Webp => &["webp"],
            Self::Pdf => &["pdf"],
            Self::Text => &["txt", "log"],
        }
    }
}

/// Whether a name has the ending of a text.
fn is_named_text(claimed: &str) -> bool {
    let ending = claimed.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| FileKind::Text.endings().contains(&ending.as_str()))
}

/// Whether bytes are of a text in UTF-8 or an older code: no control characters but those of lines, and of colours in logs.
fn is_text(content: &[u8]) -> bool {
    content.iter().all(|byte| *byte >= b' ' || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B))
}

/// Whether a file is a photograph in HEIC or HEIF, the format of telephones: a box `ftyp` with a brand of ISO/IEC
/// 23008-12. Few programs can show it.
fn is_heic(content: &[u8]) -> bool {
    const BRANDS: [&[u8]; 6] = [b"heic", b"heix", b"hevc", b"heim", b"mif1", b"msf1"];
    content.get(4..8) == Some(b"ftyp".as_slice())
        && content.get(8..12).is_some_and(|brand| BRANDS.contains(&brand))
}

choices! {
    /// Why a file is refused.
    #[derive(Error)]
    pub enum FileProblem {
        /// No file was chosen, or it is empty.
        #[error("the file is empty")]
        Empty = "empty",
        /// It is larger than [`MOST_BYTES`].
        #[error("the file is larger than {MOST_BYTES} bytes")]
        TooLarge = "too_large",
        /// Its first bytes are of no accepted kind.
        #[error("the file is neither JPEG, PNG, WebP nor PDF")]
        UnknownKind = "unknown_kind",
        /// It is in HEIC, which few programs can show. The browser sends it as JPEG.
        #[error("the file is a HEIC photograph")]
        Heic = "heic",
        /// It begins as a picture, and cannot be read as one. Pictures of messages are drawn anew.
        #[error("the picture cannot be read")]
        Unreadable = "unreadable",
        /// The message has [`MOST_FILES`] files without it, or the case's messages have [`MOST_FILES_OF_CASE`].
        #[error("more than {MOST_FILES} files in a message, or {MOST_FILES_OF_CASE} in a case")]
        TooMany = "too_many_in_message",
        /// The opening has more than [`MOST_FILES_AT_OPENING`] files.
        #[error("more than {MOST_FILES_AT_OPENING} files with an opening")]
        TooManyAtOpening = "too_many_at_opening",
        /// The files of the opening have more than [`MOST_BYTES_TOGETHER`].
        #[error("the files of an opening are larger than {MOST_BYTES_TOGETHER} bytes together")]
        TooLargeWithOpening = "too_large_with_opening",
        /// The desk has taken as many bytes from strangers as it takes in a day.
        #[error("no more files of strangers today")]
        EnoughToday = "enough_today",
    }
}

impl FileProblem {
    /// What is wrong and what to do, in the reader's language.
    #[must_use]
    pub fn message(self, language: Language) -> String {
        match self {
            Self::Empty => t!(language, "file.problem.empty").into_owned(),
            Self::TooLarge => t!(language, "file.problem.too_large", most = MOST_BYTES / 1024 / 1024),
            Self::UnknownKind => t!(language, "file.problem.unknown_kind").into_owned(),
            Self::Heic => t!(language, "file.problem.heic").into_owned(),
            Self::Unreadable => t!(language, "file.problem.unreadable").into_owned(),
            Self::TooMany => {
                t!(language, "file.problem.too_many_in_message", most = MOST_FILES, all = MOST_FILES_OF_CASE)
            }
            Self::TooManyAtOpening => {
                t!(language, "file.problem.too_many_at_opening", most = MOST_FILES_AT_OPENING)
            }
            Self::TooLargeWithOpening => {
                t!(language, "file.problem.too_large_with_opening", most = MOST_BYTES_TOGETHER / 1024 / 1024)
            }
            Self::EnoughToday => t!(language, "file.problem.enough_today").into_owned(),
        }
    }

    /// The reason in two or three words, for a line that names several files.
    #[must_use]
    pub fn reason(self, language: Language) -> String {
        match self {
            Self::Empty => t!(language, "file.reason.empty").into_owned(),
            Self::TooLarge => t!(language, "file.reason.too_large", most = MOST_BYTES / 1024 / 1024),
            Self::UnknownKind => t!(language, "file.reason.unknown_kind").into_owned(),
            Self::Heic => t!(language, "file.reason.heic").into_owned(),
            Self::Unreadable => t!(language, "file.reason.unreadable").into_owned(),
            Self::TooMany | Self::TooManyAtOpening => t!(language, "file.reason.too_many").into_owned(),
            Self::TooLargeWithOpening => {
                t!(language, "file.reason.too_large", most = MOST_BYTES_TOGETHER / 1024 / 1024)
            }
            Self::EnoughToday => t!(language, "file.reason.enough_today").into_owned(),
        }
    }
}

/// The text is not of the expected form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("malformed")]
pub struct Malformed;

/// Declares a newtype of a fixed number of lower-case hexadecimal digits.
macro_rules! hex_digits {
    ($(#[$doc:meta])* $name:ident, $digits:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Parses the digits as written.
            ///
            /// # Errors
            /// [`Malformed`] for any other text.
            pub fn parse(text: &str) -> Result<Self, Malformed> {
                let fits = text.len() == $digits && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
                if fits { Ok(Self(text.to_owned())) } else { Err(Malformed) }
            }

            /// The hexadecimal digits, in lower case.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = Malformed;

            fn try_from(text: String) -> Result<Self, Malformed> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(digits: $name) -> Self {
                digits.0
            }
        }
    };
}

hex_digits!(
    /// Id of a file within its case: 128 random bits.
    FileId,
    32
);
hex_digits!(
    /// SHA-256 of a file's bytes, which detects changed bytes.
    ContentHash,
    64
);

/// A safe file name: one line, no path, nothing invisible, with the extension of its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FileName(String);

impl FileName {
    /// Makes a safe name of the sender's. Never fails: a name without a usable character is `untitled`.
    #[must_use]
    pub fn of(claimed: &str, kind: FileKind) -> Self {
        let harmless = harmless(claimed);
        let name = harmless.as_str();
        let (stem, ending) = match name.rsplit_once('.') {
            Some((stem, ending)) if kind.endings().contains(&ending.to_lowercase().as_str()) => {
                (stem, ending)
            }
            // Another extension stays in the name: `invoice.html` that is a picture becomes `invoice.html.jpg`.
            _ => (name, kind.endings()[0]),
        };
        let stem: String = stem.chars().take(NAME_CHARS - 1 - ending.len()).collect();
        let stem = stem.trim_end_matches(['.', ' ']);
        let stem = if stem.is_empty() { "untitled" } else { stem };
        Self(format!("{stem}.{ending}"))
    }

    /// The name as displayed and offered for saving.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The sender's name of a refused file, made safe for display: one line, no path, nothing invisible. Empty when nothing
/// is left.
#[must_use]
pub fn told_name(claimed: &str) -> String {
    harmless(claimed).chars().take(NAME_CHARS).collect()
}

/// A size in bytes as people read it.
#[must_use]
pub fn size_in_words(language: Language, bytes: u32) -> String {
    const MIB: u32 = 1024 * 1024;
    if bytes < MIB {
        return t!(language, "file.size_kb", size = bytes.div_ceil(1024));
    }
    let tenths = bytes / (MIB / 10);
    t!(language, "file.size_mb", whole = tenths / 10, tenth = tenths % 10)
}

fn harmless(claimed: &str) -> String {
    let last = claimed.rsplit(['/', '\\']).next().unwrap_or_default();
    // Composition comes first: it turns the Greek question mark into a semicolon.
    let shown = composed(last.to_owned()).replace(is_hostile, " ");
    let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    words.trim_matches(['.', ' ']).to_owned()
}

impl TryFrom<String> for FileName {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let fits = !text.is_empty() && text.chars().count() <= NAME_CHARS && !text.chars().any(is_hostile);
        if fits { Ok(Self(text)) } else { Err(Malformed) }
    }
}

impl From<FileName> for String {
    fn from(name: FileName) -> Self {
        name.0
    }
}

/// Characters that end lines, leave folders, are invisible, or have a meaning in shells, headers or markup.
fn is_hostile(c: char) -> bool {
    c.is_control()
        || is_invisible(c)
        || matches!(
            c,
            '/' | '\\'
                | '<'
                | '>'
                | ':'
                | '"'
                | '|'
                | '?'
                | '*'
                | '%'
                | ';'
                | '`'
                | '$'
                | '\u{2028}'
                | '\u{2029}'
        )
}

/// A file of a visit or a message: everything but its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Id within the case.
    pub id: FileId,
    /// Name of the file.
    pub name: FileName,
    /// Kind of the file.
    pub kind: FileKind,
    /// Size in bytes.
    pub bytes: u32,
    /// Hash of the bytes.
    pub hash: ContentHash,
}

impl Attachment {
    /// What stands for an erased file: the same id and kind, no name and no bytes.
    #[must_use]
    pub fn erased(&self) -> Self {
        // SHA-256 of nothing (FIPS 180-4).
        let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let name = FileName::of("", self.kind);
        Self { id: self.id.clone(), name, kind: self.kind, bytes: 0, hash: ContentHash(nothing.to_owned()) }
    }

    /// An uploaded file; `hash` is that of `content`.
    ///
    /// # Errors
    /// See [`FileProblem`].
    pub fn of(id: FileId, claimed: &str, content: &[u8], hash: ContentHash) -> Result<Self, FileProblem> {
        let kind = FileKind::of(content)?;
        let bytes = u32::try_from(content.len()).map_err(|_| FileProblem::TooLarge)?;
        Ok(Self { id, name: FileName::of(claimed, kind), kind, bytes, hash })
    }
}

/// The files that came with one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageFiles {
    /// Version of the history that the message is.
    pub version: u32,
    /// The files, in the order in which they were sent; never empty.
    pub files: Vec<Attachment>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn log_is_accepted_by_its_name_and_its_bytes() {
        let kind = FileKind::with_message;
        assert_eq!(kind("eventos.LOG", "13:05 falló el disco\r\n".as_bytes()), Ok(FileKind::Text));
        assert_eq!(kind("nota.txt", b"\x1B[31mERROR\x1B[0m\n"), Ok(FileKind::Text));
        assert_eq!(
            kind("foto.txt", b"\xFF\xD8\xFF\xE0\x00\x10JFIF\0"),
            Ok(FileKind::Jpeg),
            "the bytes decide"
        );
        for (name, content) in
            [("foto.jpg", &b"<svg/>"[..]), ("pagina.html", b"<p>x"), ("log", b"x"), ("a.log", b"MZ\x90\0")]
        {
            assert_eq!(kind(name, content), Err(FileProblem::UnknownKind), "{name}");
        }
        assert_eq!(FileName::of("eventos.log", FileKind::Text).as_str(), "eventos.log");
    }

    #[test]
    fn file_sizes_are_rounded() {
        assert_eq!(size_in_words(Language::Es, 1), "1 KB");
        assert_eq!(size_in_words(Language::Es, 300 * 1024), "300 KB");
        assert_eq!(size_in_words(Language::Es, 1024 * 1024 * 3 / 2), "1,5 MB");
        assert_eq!(size_in_words(Language::En, 8 * 1024 * 1024), "8.0 MB");
    }

    #[test]
    fn file_kind_is_detected_by_its_first_bytes() {
        for (bytes, kind) in [
            (&b"\xFF\xD8\xFF\xE0\x00\x10JFIF\0"[..], FileKind::Jpeg),
            (b"\xFF\xD8\xFF\xE1\x00\x18Exif\0", FileKind::Jpeg),
            (b"\xFF\xD8\xFF\xDB\x00\x43", FileKind::Jpeg),
            (b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR", FileKind::Png),
            (b"RIFF\x24\0\0\0WEBPVP8 ", FileKind::Webp),
            (b"%PDF-1.7\n", FileKind::Pdf),
        ] {
            assert_eq!(FileKind::sniff(bytes), Some(kind), "{bytes:?}");
        }
    }

    #[test]
    fn other_content_is_refused_under_any_name() {
        for bytes in [
            &b""[..],
            b"\xFF\xD8\xFF",
            b"\xFF\xD8\xFF\x00not a marker",
            b"\x89PNG\n\x1A\n",
            b"RIFF\x24\0\0\0WAVEfmt ",
            b"RIFF\x24\0\0\0AVI LIST",
            b" %PDF-1.7",
            b"%PDF",
            b"%PDF-x",
            b"<!doctype html><script>alert(1)</script>",
            b"<html>",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>",
            b"<?xml version=\"1.0\"?><svg/>",
            b"\xEF\xBB\xBF<html>",
            b"GIF89a<script>",
            b"BM\0\0\0\0",
            b"II*\0",
            b"PK\x03\x04",
            b"MZ\x90\0",
            b"\x7FELF",
            b"\0\0\0\x1Cftypheic",
            b"%!PS-Adobe-3.0",
            b"#!/bin/sh",
            b"\0\0\0\x18ftypmp42",
        ] {
            assert_eq!(FileKind::sniff(bytes), None, "{bytes:?}");
            let refused = Attachment::of(id(), "photo.jpg", bytes, hash());
            let problem = match bytes {
                [] => FileProblem::Empty,
                _ if is_heic(bytes) => FileProblem::Heic,
                _ => FileProblem::UnknownKind,
            };
            assert_eq!(refused, Err(problem));
        }
    }

    fn id() -> FileId {
        FileId::parse(&"0f".repeat(16)).unwrap()
    }

    fn hash() -> ContentHash {
        ContentHash::parse(&"0a".repeat(32)).unwrap()
    }

    #[test]
    fn file_size_is_limited() {
        let mut bytes = vec![0; MOST_BYTES + 1];
        bytes[..5].copy_from_slice(b"%PDF-");
        bytes[5] = b'1';
        assert_eq!(Attachment::of(id(), "a.pdf", &bytes, hash()), Err(FileProblem::TooLarge));
        bytes.pop();
        assert_eq!(Attachment::of(id(), "a.pdf", &bytes, hash()).unwrap().bytes, 8 * 1024 * 1024);
    }

    #[test]
    fn file_names_are_sanitised() {
        let long = "ñ".repeat(300);
        for (claimed, kind, name) in [
            ("foto.jpg", FileKind::Jpeg, "foto.jpg"),
            ("IMG_0142.JPEG", FileKind::Jpeg, "IMG_0142.JPEG"),
            ("C:\\fakepath\\foto.png", FileKind::Png, "foto.png"),
            ("../../etc/passwd", FileKind::Pdf, "passwd.pdf"),
            ("page.html", FileKind::Jpeg, "page.html.jpg"),
            ("a\u{202E}gpj.exe", FileKind::Png, "a gpj.exe.png"),
            ("x\r\nSet-Cookie: a=b.pdf", FileKind::Pdf, "x Set-Cookie a=b.pdf"),
            ("\"; filename=\"evil.html", FileKind::Pdf, "filename= evil.html.pdf"),
            ("<img src=x onerror=alert(1)>.png", FileKind::Png, "img src=x onerror=alert(1) .png"),
            ("", FileKind::Webp, "untitled.webp"),
            ("...", FileKind::Webp, "untitled.webp"),
            (".jpg", FileKind::Jpeg, "jpg.jpg"),
            ("Acta de instalación.pdf", FileKind::Pdf, "Acta de instalación.pdf"),
            ("a\u{37E}b.pdf", FileKind::Pdf, "a b.pdf"),
            (&long, FileKind::Png, &format!("{}.png", "ñ".repeat(76))),
        ] {
            assert_eq!(FileName::of(claimed, kind).as_str().replace(" .", "."), name.replace(" .", "."));
        }
    }

    proptest! {
        #[test]
        fn sanitised_name_is_valid_for_any_input(claimed in any::<String>()) {
            for kind in FileKind::ALL {
                let name = FileName::of(&claimed, kind);
                prop_assert_eq!(FileName::try_from(name.as_str().to_owned()), Ok(name.clone()));
                let ending = name.as_str().rsplit('.').next().unwrap().to_lowercase();
                prop_assert!(kind.endings().contains(&ending.as_str()));
            }
        }

        #[test]
        fn file_kind_follows_from_signatures_alone(tail in proptest::collection::vec(any::<u8>(), 0..64)) {
            let known = FileKind::sniff(&tail).is_some();
            let begins = [&b"\xFF\xD8\xFF"[..], b"\x89PNG", b"RIFF", b"%PDF-"].iter().any(|first| tail.starts_with(first));
            prop_assert!(!known || begins);
        }
    }
}
