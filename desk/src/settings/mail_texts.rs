//! The provider's own words of mails in a file: an entry for each kind of mail.

use domain::i18n::Language;
use domain::wording::{MailPart, MailText, MailTextKind, MailWords, Template, mail_text};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::apply::{ChangePlan, Draft};
use super::fields::{self, Fields};
use super::file::{Document, FileProblem, Reason, SettingsFile, Subject};
use super::subjects::{Rules, entries};
use super::versions::{EntryVersion, Versions, WordsOfMail};
use crate::contracts::plans::Recording;
use crate::store::{StoreError, Tx};
use crate::wording::put_mail_text;

/// The comment above a file's mails.
pub(super) const HEAD: &str = "\
# Mails to customers: the provider's own words, by language (es, en, pt). What is left out has the standard words.
# version   as exported: a file that is older than the desk's own version is refused. Leave it out to write over any version.
# subject   one line with {number}; further variables: {priority} {about} {platform} {country} {provider}
# greeting  the words before the number; further variables: {name} {location} {serial} {opened}
# closing   the words after the facts, with the same variables; the standard mails have none.
#           Mails that may go to a stranger (opening_unverified, amended, links) have no {name}, {location} and {serial}.
#           A brace itself is written twice: {{ or }}.
";

/// All mails of a file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MailTextsFile {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) mail: Vec<MailTextEntry>,
}

/// A mail of a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MailTextEntry {
    pub(super) kind: MailTextKind,
    /// The version that was read; when it is given, a later one is not written over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<i64>,
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    es: Words,
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    en: Words,
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pt: Words,
}

/// The words of a language, as typed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    greeting: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    closing: Option<String>,
}

impl Words {
    fn of(words: Option<&MailWords>) -> Self {
        let text = |part| words.and_then(|words| words.get(part)).map(Template::as_str).map(str::to_owned);
        Self {
            subject: text(MailPart::Subject),
            greeting: text(MailPart::Greeting),
            closing: text(MailPart::Closing),
        }
    }

    const fn is_empty(&self) -> bool {
        self.subject.is_none() && self.greeting.is_none() && self.closing.is_none()
    }

    const fn get(&self, part: MailPart) -> Option<&String> {
        match part {
            MailPart::Subject => self.subject.as_ref(),
            MailPart::Greeting => self.greeting.as_ref(),
            MailPart::Closing => self.closing.as_ref(),
        }
    }
}

impl MailTextEntry {
    pub(super) fn of(kind: MailTextKind, version: Option<i64>, text: &MailText) -> Self {
        let words = |language| Words::of(text.get(language));
        let (es, en, pt) = (words(Language::Es), words(Language::En), words(Language::Pt));
        Self { kind, version, es, en, pt }
    }

    /// The words that are written; else everything that is wrong with them, by key.
    fn checked(&self) -> Result<MailText, Vec<(String, Reason)>> {
        let typed = |language: Language, part| {
            let words = match language {
                Language::Es => &self.es,
                Language::En => &self.en,
                Language::Pt => &self.pt,
            };
            words.get(part).cloned().unwrap_or_default()
        };
        mail_text(self.kind, typed).map_err(|problems| {
            let told = problems.into_iter().map(|(language, part, problem)| {
                (format!("{}.{}", language.code(), part.code()), Reason::Wording(problem))
            });
            told.collect()
        })
    }
}

impl Rules for MailTextEntry {
    const SUBJECT: Subject = Subject::MailTexts;
    const HEAD: &'static str = HEAD;
    type Content = WordsOfMail;

    fn versions(all: &Versions) -> &[EntryVersion<WordsOfMail>] {
        &all.mail_texts
    }

    fn from_version(version: &EntryVersion<WordsOfMail>, _: &Versions) -> Self {
        Self::of(version.content.kind, Some(version.version), &version.content.text)
    }

    fn version_mut(&mut self) -> &mut Option<i64> {
        &mut self.version
    }

    fn read(plan: &mut ChangePlan, document: &Document<'_>, all: &Versions) -> Result<(), StoreError> {
        plan.read_mail_texts(document, all)
    }
}

/// Changed words of a kind of mail.
#[derive(Debug, Clone)]
pub(super) struct MailTextDraft {
    pub(super) kind: MailTextKind,
    pub(super) text: MailText,
}

impl Draft for MailTextDraft {
    fn write<'a>(
        &'a self,
        tx: &'a mut Tx,
        recording: &'a Recording,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        async move { put_mail_text(tx, self.kind, &self.text, recording).await }.boxed()
    }
}

impl ChangePlan {
    /// Compares the mails of a file.
    pub(super) fn read_mail_texts(
        &mut self,
        document: &Document<'_>,
        all: &Versions,
    ) -> Result<(), StoreError> {
        let Some(MailTextsFile { mail: read }) = self.read_document(document) else { return Ok(()) };
        let entries: Vec<MailTextEntry> = entries(&self.base);
        for (index, entry) in read.iter().enumerate() {
            if read[..index].iter().any(|other| other.kind == entry.kind) {
                self.problems.push(document.wrong(index, "kind", Reason::Repeated));
                continue;
            }
            let text = match entry.checked() {
                Ok(text) => text,
                Err(problems) => {
                    self.tell(document, index, problems);
                    continue;
                }
            };
            let (kind, id) = (entry.kind, entry.kind.place());
            let before = entries.iter().find(|before| before.kind == kind);
            let written = MailTextEntry::of(kind, None, &text);
            if self.compare(Subject::MailTexts, kind.code(), Some(id), before, &written, all)? {
                let newest = all.newest(Subject::MailTexts, id);
                self.refuse_outdated(document, index, entry.version, newest);
                self.drafts.push(Box::new(MailTextDraft { kind, text }));
            }
        }
        Ok(())
    }
}

/// The words of a form, by the rules of a file: for a preview.
///
/// # Errors
/// What is wrong with them, at their fields.
pub fn mail_text_of(fields: &Fields) -> Result<(MailTextKind, MailText), Vec<FileProblem>> {
    let unreadable = || {
        let reason = Reason::Unreadable(String::new());
        vec![FileProblem { subject: Subject::MailTexts, line: 1, key: String::new(), reason }]
    };
    let mut fields = fields.clone();
    let file: SettingsFile = fields::file(Subject::MailTexts, &mut fields).map_err(|_| unreadable())?;
    let document = Document::parse(&file).map_err(|problem| vec![problem])?;
    let read = document.read::<MailTextsFile>().map_err(|problem| vec![problem])?;
    let entry = read.mail.first().ok_or_else(unreadable)?;
    let text = entry.checked().map_err(|problems| {
        let told = problems.into_iter().map(|(key, reason)| document.wrong(0, &key, reason));
        told.collect::<Vec<_>>()
    })?;
    Ok((entry.kind, text))
}
