//! The files of a mail: those that are kept with its message, those that are not and why, and pictures that only decorate it.

use std::sync::Arc;

use domain::attachment::{FileProblem, MOST_FILES, told_name};
use domain::i18n::Language;
use domain::t;

use super::mail::MailFile;
use crate::cases::message_files::{ReadyFile, SentFile, beside};
use crate::pictures;
use crate::store::StoreError;

/// Most names of files that a message tells.
const MAX_NAMES: usize = 20;
/// A small picture that is as flat or as narrow, in pixels, is a mark or a logo of a signature.
const DECORATION_SIDE: u32 = 100;
/// A picture as thin as this shows nothing: lines, and pixels that tell their sender of a reader.
const INVISIBLE_SIDE: u32 = 4;
/// Words at the end of the author's text by which its place in the HTML is found.
const LAST_WORDS: usize = 5;

/// Content types of parts that programs read and people do not: they are no files of the author.
const OF_PROGRAMS: [&str; 6] = [
    "text/calendar",
    "application/ics",
    "application/pgp-signature",
    "application/pgp-keys",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
];

/// The files of a mail, ready to be kept. Copies share them.
#[derive(Clone, Default)]
pub(super) struct MailFiles(Arc<Vec<Arrived>>);

struct Arrived {
    /// The name that the mail says, made safe for display.
    name: String,
    file: Result<ReadyFile, FileProblem>,
    decoration: Decoration,
}

/// Whether a picture only decorates the mail.
enum Decoration {
    /// No: it is a file.
    No,
    /// Yes, wherever it stands.
    Yes,
    /// If it stands behind the author's words: what is read before it.
    Behind(String),
}

impl MailFiles {
    /// Makes the files of a mail ready, beside the requests.
    pub(super) async fn ready(files: Vec<MailFile>) -> Result<Self, StoreError> {
        if files.is_empty() {
            return Ok(Self::default());
        }
        beside(move || {
            let of_people = |file: &MailFile| !OF_PROGRAMS.contains(&file.content_type.as_str());
            Self(Arc::new(files.into_iter().filter(of_people).enumerate().map(Arrived::of).collect()))
        })
        .await
    }

    /// The files that come with the author's words. `room` is how many the case can still have.
    pub(super) fn beside(&self, own: &str, room: usize) -> Sorted {
        let mut sorted = Sorted::default();
        for arrived in self.0.iter().filter(|arrived| !arrived.decoration.holds(own)) {
            sorted.names.push(arrived.name.clone());
            match &arrived.file {
                // A thread that is quoted several times repeats its pictures.
                Ok(file) if sorted.kept.iter().any(|other| other.is_same(file)) => {}
                Ok(_) if sorted.kept.len() >= MOST_FILES.min(room) => {
                    sorted.not_kept.push((arrived.name.clone(), FileProblem::TooMany));
                }
                Ok(file) => sorted.kept.push(file.clone()),
                Err(problem) => sorted.not_kept.push((arrived.name.clone(), *problem)),
            }
        }
        sorted
    }
}

impl Arrived {
    fn of((at, file): (usize, MailFile)) -> Self {
        let MailFile { name, content, before, .. } = file;
        let decoration = Decoration::of(&content, before);
        let told = Some(told_name(&name)).filter(|name| !name.is_empty());
        // Enough for every message, and no work for a mail of hundreds of files.
        let file = if at < 3 * MOST_FILES {
            ReadyFile::of(SentFile { name, content })
        } else {
            Err(FileProblem::TooMany)
        };
        Self { name: told.unwrap_or_else(|| format!("#{}", at + 1)), file, decoration }
    }
}

impl Decoration {
    fn of(content: &[u8], before: Option<String>) -> Self {
        let (Some(before), Some((width, height))) = (before, pictures::size_of(content)) else {
            return Self::No;
        };
        let side = width.min(height);
        if side <= INVISIBLE_SIDE {
            Self::Yes
        } else if side <= DECORATION_SIDE {
            Self::Behind(before)
        } else {
            Self::No
        }
    }

    /// Whether the picture decorates a mail whose author wrote `own`. A mail without words may be its picture alone.
    fn holds(&self, own: &str) -> bool {
        match self {
            Self::No => false,
            Self::Yes => true,
            Self::Behind(before) => {
                let mut last: Vec<&str> = own.split_whitespace().rev().take(LAST_WORDS).collect();
                if last.is_empty() {
                    return false;
                }
                last.reverse();
                let mut rest = before.split_whitespace();
                loop {
                    if rest.clone().take(last.len()).eq(last.iter().copied()) {
                        return true;
                    }
                    if rest.next().is_none() {
                        return false;
                    }
                }
            }
        }
    }
}

/// The files of a message, those that are kept and those that are not.
#[derive(Default)]
pub(super) struct Sorted {
    /// The files that are kept.
    pub(super) kept: Vec<ReadyFile>,
    /// The others with the reason.
    not_kept: Vec<(String, FileProblem)>,
    /// The names of all.
    names: Vec<String>,
}

impl Sorted {
    /// The line about files: what is not kept and why; the names, if there are no other words.
    pub(super) fn told(&self, language: Language, is_alone: bool) -> Option<String> {
        if !self.not_kept.is_empty() {
            let told =
                |(name, problem): &(String, FileProblem)| format!("{name}: {}", problem.reason(language));
            let mut names: Vec<String> = self.not_kept.iter().take(MAX_NAMES).map(told).collect();
            if self.not_kept.len() > MAX_NAMES {
                names.push("…".to_owned());
            }
            let (count, missing) = (self.names.len(), self.not_kept.len());
            let names = names.join("; ");
            return Some(t!(
                language,
                "inbound.files_not_kept",
                count = count,
                missing = missing,
                names = names
            ));
        }
        let is_told = is_alone && !self.names.is_empty();
        let names = || self.names.iter().take(MAX_NAMES).cloned().collect::<Vec<_>>().join(", ");
        is_told.then(|| t!(language, "inbound.files", names = names()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::Mail;

    fn gif(width: u16, height: u16) -> Vec<u8> {
        [b"GIF89a".as_slice(), &width.to_le_bytes(), &height.to_le_bytes(), b"\x80"].concat()
    }

    #[test]
    fn small_picture_behind_the_words_is_decoration_and_one_among_them_is_not() {
        let before = "Hola:\n\nEl panel muestra esto:\nSaludos\nAna Rivas".to_owned();
        let own = "El panel muestra esto:";
        for (size, is_decoration) in
            [((1, 1), true), ((600, 3), true), ((220, 60), true), ((24, 24), true), ((640, 480), false)]
        {
            let of = Decoration::of(&gif(size.0, size.1), Some(before.clone()));
            assert_eq!(of.holds(own), is_decoration, "{size:?}");
        }
        let among = || Decoration::of(&gif(220, 60), Some("Hola:\n\nEl panel muestra".to_owned()));
        assert!(!among().holds(own), "more words follow");
        assert!(!among().holds(""), "it may be all that was sent");
        assert!(!Decoration::of(&gif(1, 1), None).holds(own), "it is attached");
        assert!(!Decoration::of(b"%PDF-1.7", Some(before)).holds(own));
    }

    /// A mail with HTML and the pictures that it shows.
    fn mail(html: &str, ids: &[&str]) -> Mail {
        let picture = |id: &&str| {
            format!(
                "--b\r\nContent-Type: image/gif; name={id}.gif\r\nContent-ID: <{id}@x>\r\n\
                 Content-Disposition: inline\r\nContent-Transfer-Encoding: base64\r\n\r\nR0lGODlhGAAYAIA=\r\n"
            )
        };
        let text = format!(
            "From: ana@example.com\r\nSubject: x\r\nContent-Type: multipart/related; boundary=b\r\n\r\n\
             --b\r\nContent-Type: text/html\r\n\r\n{html}\r\n{}--b--\r\n",
            ids.iter().map(picture).collect::<String>()
        );
        Mail::parse(text.as_bytes())
    }

    #[test]
    fn only_the_first_pictures_are_looked_for_among_the_words() {
        let ids = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
        let html: Vec<String> = ids.iter().map(|id| format!("<img src=\"cid:{id}@x\">")).collect();
        let html = html.concat();
        let of = mail(&html, &ids);
        let looked_for: Vec<bool> = of.files.iter().map(|file| file.before.is_some()).collect();
        assert_eq!(looked_for, [[true; 8].as_slice(), &[false; 2]].concat());
    }

    #[test]
    fn logo_of_a_signature_is_told_from_a_picture_among_the_words() {
        let mail = mail(
            "<p>Parpadea esta luz <img src=\"cid:luz@x\"> desde ayer por la noche.</p><p>-- <br>Ana <img src=\"cid:logo@x\"></p>",
            &["luz", "logo"],
        );
        let own = "Parpadea esta luz desde ayer por la noche.";
        let of = |file: &MailFile| Decoration::of(&file.content, file.before.clone()).holds(own);
        let found: Vec<_> = mail.files.iter().map(|file| (file.name.as_str(), of(file))).collect();
        assert_eq!(found, [("luz.gif", false), ("logo.gif", true)]);
    }
}
