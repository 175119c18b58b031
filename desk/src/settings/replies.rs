//! Canned replies in a file.

use domain::i18n::Language;
use domain::wording::{CannedReply, ReplyState};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::apply::{ChangePlan, Draft, Names, Place, numbered};
use super::file::{Document, Reason, Subject};
use super::subjects::{Rules, entries};
use super::versions::{EntryVersion, Versions};
use crate::contracts::plans::{Recording, legible_name};
use crate::store::{StoreError, Tx};
use crate::wording::put_reply;

/// The comment above a file's replies.
pub(super) const HEAD: &str = "\
# Canned replies: texts that agents take when they write to a customer, and can change before they send.
# id       as exported; leave it out for a new reply. Without one, a reply of the same name is the same one.
# version  as exported: a file that is older than the desk's own version is refused. Leave it out to write over any version.
# name     what agents choose by.
# state    retired: agents are not offered it any more.
# text     es, en, pt: one text a language; without one, customers of that language are not offered it.
#          Variables: {number} {name} {priority} {about} {platform} {country} {location} {serial} {opened} {agent} {provider}
#          A brace itself is written twice: {{ or }}.
";

/// All replies of a file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RepliesFile {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) reply: Vec<ReplyEntry>,
}

/// A reply of a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplyEntry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<i64>,
    /// The version that was read; when it is given, a later one is not written over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<i64>,
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "is_offered")]
    state: ReplyState,
    #[serde(default)]
    text: Texts,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_offered(state: &ReplyState) -> bool {
    *state == ReplyState::Offered
}

/// The text of each language, as typed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    es: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    en: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pt: Option<String>,
}

impl Texts {
    const fn get(&self, language: Language) -> Option<&String> {
        match language {
            Language::Es => self.es.as_ref(),
            Language::En => self.en.as_ref(),
            Language::Pt => self.pt.as_ref(),
        }
    }
}

impl ReplyEntry {
    pub(super) fn of((id, version): (Option<i64>, Option<i64>), name: &str, reply: &CannedReply) -> Self {
        let text = |language| reply.text.get(language).cloned().map(Into::into);
        Self {
            id,
            version,
            name: name.to_owned(),
            state: reply.state,
            text: Texts { es: text(Language::Es), en: text(Language::En), pt: text(Language::Pt) },
        }
    }

    /// The reply that is written; else everything that is wrong with its texts, by key.
    fn checked(&self) -> Result<CannedReply, Vec<(String, Reason)>> {
        let typed = |language| self.text.get(language).cloned().unwrap_or_default();
        CannedReply::parse(self.state, typed).map_err(|problems| {
            let told = problems.into_iter();
            told.map(|(language, problem)| (format!("text.{}", language.code()), Reason::Wording(problem)))
                .collect()
        })
    }
}

impl Rules for ReplyEntry {
    const SUBJECT: Subject = Subject::Replies;
    const HEAD: &'static str = HEAD;
    type Content = CannedReply;

    fn versions(all: &Versions) -> &[EntryVersion<CannedReply>] {
        &all.replies
    }

    fn from_version(version: &EntryVersion<CannedReply>, _: &Versions) -> Self {
        Self::of((Some(version.id), Some(version.version)), &version.name, &version.content)
    }

    fn version_mut(&mut self) -> &mut Option<i64> {
        &mut self.version
    }

    fn read(plan: &mut ChangePlan, document: &Document<'_>, all: &Versions) -> Result<(), StoreError> {
        plan.read_replies(document, all)
    }
}

/// A new or changed reply.
#[derive(Debug, Clone)]
pub(super) struct ReplyDraft {
    /// `None` for a new one.
    pub(super) id: Option<i64>,
    pub(super) name: String,
    pub(super) reply: CannedReply,
}

impl Draft for ReplyDraft {
    fn write<'a>(
        &'a self,
        tx: &'a mut Tx,
        recording: &'a Recording,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            let (id, recording) = numbered(tx, self.id, "canned_replies", recording).await?;
            put_reply(tx, id, (&self.name, &self.reply), &recording).await
        }
        .boxed()
    }
}

impl ChangePlan {
    /// Compares the canned replies of a file.
    pub(super) fn read_replies(&mut self, document: &Document<'_>, all: &Versions) -> Result<(), StoreError> {
        let Some(RepliesFile { reply: read }) = self.read_document(document) else { return Ok(()) };
        let entries: Vec<ReplyEntry> = entries(&self.base);
        let known = Names::known(&self.base.replies, &all.replies, self.effective_from);
        let given = Names::given(read.iter().map(|entry| (entry.id, entry.name.as_str())));
        let places = self.places(document, &known, &given);
        for (index, (entry, place)) in read.into_iter().zip(places).enumerate() {
            let reply = match entry.checked() {
                Ok(reply) => reply,
                Err(problems) => {
                    self.tell(document, index, problems);
                    continue;
                }
            };
            let before = match place {
                Place::Is(at) => Some(&entries[at]),
                Place::New => None,
                Place::Unknown => continue,
            };
            let id = before.and_then(|before| before.id);
            let name = legible_name(&entry.name);
            let written = ReplyEntry::of((id, None), &name, &reply);
            if self.compare(Subject::Replies, &name, id, before, &written, all)? {
                let newest = id.and_then(|id| all.newest(Subject::Replies, id));
                self.refuse_outdated(document, index, entry.version, newest);
                self.drafts.push(Box::new(ReplyDraft { id, name, reply }));
            }
        }
        Ok(())
    }
}
