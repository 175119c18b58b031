//! Questionnaires in a file.

use domain::i18n::Language;
use domain::survey::{
    Kind, Need, Question, QuestionKey, Questionnaire, QuestionnaireId, QuestionnaireProblem, Texts,
};
use serde::{Deserialize, Serialize};

use super::apply::{ChangePlan, Names, Place, numbered};
use super::file::{Document, Reason, Subject};
use super::subjects::{Rules, entries};
use super::versions::{EntryVersion, Versions};
use crate::contracts::plans::{Recording, legible_name};
use crate::contracts::questionnaires::put_questionnaire;
use crate::store::{StoreError, Tx};

/// The comment above a file's questionnaires.
pub(super) const HEAD: &str = "\
# Questionnaires of surveys. A plan names the one that it asks; without one it asks the standing questions.
# id         as exported; leave it out for a new questionnaire. Without one, a questionnaire of the same name is the same one.
# version    as exported: a file that is older than the desk's own version is refused. Leave it out to write over any version.
# questions  in the order in which they are asked, 1 to 20. key: small letters, digits and underscores; it stays when the text changes.
#            kind: scale (1 to 5), nps (0 to 10), yes_no or text. need: required or optional. es, en, pt: at most 300 characters.
";

/// All questionnaires of a file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuestionnairesFile {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) questionnaire: Vec<QuestionnaireEntry>,
}

/// A questionnaire of a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuestionnaireEntry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<i64>,
    /// The version that was read; when it is given, a later one is not written over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<i64>,
    pub(super) name: String,
    questions: Vec<QuestionEntry>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionEntry {
    key: String,
    kind: Kind,
    need: Need,
    es: String,
    en: String,
    pt: String,
}

/// What is wrong with a questionnaire, by key; lines are counted from 0.
type Problem = (String, QuestionnaireProblem);

impl QuestionEntry {
    fn of(question: &Question) -> Self {
        let text = |language| question.texts.of(language).to_owned();
        Self {
            key: question.key.as_str().to_owned(),
            kind: question.kind,
            need: question.need,
            es: text(Language::Es),
            en: text(Language::En),
            pt: text(Language::Pt),
        }
    }

    fn checked(&self, at: usize) -> Result<Question, Problem> {
        let key =
            QuestionKey::parse(&self.key).map_err(|problem| (format!("questions.{at}.key"), problem))?;
        let texts = Texts::new(|language| {
            legible_name(match language {
                Language::Es => &self.es,
                Language::En => &self.en,
                Language::Pt => &self.pt,
            })
        });
        let question = Question { key, kind: self.kind, need: self.need, texts };
        match question.wrong_text() {
            None => Ok(question),
            Some(language) => {
                let problem = QuestionnaireProblem::Text(self.key.clone());
                Err((format!("questions.{at}.{}", language.code()), problem))
            }
        }
    }
}

impl QuestionnaireEntry {
    pub(super) fn of((id, version): (i64, i64), name: &str, questionnaire: &Questionnaire) -> Self {
        let questions = questionnaire.questions().iter().map(QuestionEntry::of).collect();
        Self { id: Some(id), version: Some(version), name: name.to_owned(), questions }
    }

    /// The standing questions, from which a new questionnaire is made.
    pub(super) fn standing() -> Self {
        let questions = Questionnaire::initial().questions().iter().map(QuestionEntry::of).collect();
        Self { id: None, version: None, name: String::new(), questions }
    }

    /// The questions that are written; else everything that is wrong with them.
    fn checked(&self) -> Result<Vec<Question>, Vec<Problem>> {
        let (mut questions, mut problems) = (Vec::new(), Vec::new());
        for (at, question) in self.questions.iter().enumerate() {
            match question.checked(at) {
                Ok(question) => questions.push(question),
                Err(problem) => problems.push(problem),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let whole = Questionnaire::new(1, questions.clone());
        whole.map(|_| questions).map_err(|problem| vec![(self.key(&problem), problem)])
    }

    /// The key that a problem of the whole lies with.
    fn key(&self, problem: &QuestionnaireProblem) -> String {
        match problem {
            QuestionnaireProblem::Twice(key) => {
                let last = self.questions.iter().rposition(|question| question.key == *key);
                format!("questions.{}.key", last.unwrap_or_default())
            }
            _ => "questions".to_owned(),
        }
    }
}

impl Rules for QuestionnaireEntry {
    const SUBJECT: Subject = Subject::Questionnaires;
    const HEAD: &'static str = HEAD;
    const LISTS: &'static [&'static str] = &["questions"];
    type Content = Questionnaire;

    fn versions(all: &Versions) -> &[EntryVersion<Questionnaire>] {
        &all.questionnaires
    }

    fn from_version(version: &EntryVersion<Questionnaire>, _: &Versions) -> Self {
        Self::of((version.id, version.version), &version.name, &version.content)
    }

    fn version_mut(&mut self) -> &mut Option<i64> {
        &mut self.version
    }

    fn read(plan: &mut ChangePlan, document: &Document<'_>, all: &Versions) -> Result<(), StoreError> {
        plan.read_questionnaires(document, all)
    }
}

/// A new or changed questionnaire.
#[derive(Debug, Clone)]
pub(super) struct QuestionnaireDraft {
    /// `None` for a new one.
    id: Option<i64>,
    name: String,
    questions: Vec<Question>,
}

impl QuestionnaireDraft {
    /// Writes it. Gives its id and name.
    pub(super) async fn write(
        &self,
        tx: &mut Tx,
        recording: &Recording,
    ) -> Result<(i64, String), StoreError> {
        let (id, recording) = numbered(tx, self.id, "questionnaires", recording).await?;
        put_questionnaire(tx, QuestionnaireId(id), &self.name, self.questions.clone(), &recording).await?;
        Ok((id, self.name.clone()))
    }
}

impl ChangePlan {
    /// Compares the questionnaires of a file.
    pub(super) fn read_questionnaires(
        &mut self,
        document: &Document<'_>,
        all: &Versions,
    ) -> Result<(), StoreError> {
        let entries: Vec<QuestionnaireEntry> = entries(&self.base);
        let Some(QuestionnairesFile { questionnaire: read }) = self.read_document(document) else {
            return Ok(());
        };
        let known = Names::known(&self.base.questionnaires, &all.questionnaires, self.effective_from);
        let given = Names::given(read.iter().map(|entry| (entry.id, entry.name.as_str())));
        let places = self.places(document, &known, &given);
        for (index, (entry, place)) in read.into_iter().zip(places).enumerate() {
            let at = match place {
                Place::Is(at) => Some(at),
                Place::New => None,
                Place::Unknown => continue,
            };
            let questions = match entry.checked() {
                Ok(questions) => questions,
                Err(problems) => {
                    let told = problems.into_iter().map(|(key, it)| (key, Reason::Questionnaire(it)));
                    self.tell(document, index, told);
                    continue;
                }
            };
            let before = at.map(|at| &entries[at]);
            let (id, name) = (before.and_then(|before| before.id), legible_name(&entry.name));
            let written = QuestionnaireEntry {
                questions: questions.iter().map(QuestionEntry::of).collect(),
                id,
                name,
                ..entry
            };
            if self.compare(Subject::Questionnaires, &written.name, id, before, &written, all)? {
                let newest = id.and_then(|id| all.newest(Subject::Questionnaires, id));
                self.refuse_outdated(document, index, written.version, newest);
                let name = written.name.clone();
                self.questionnaires.push(QuestionnaireDraft { id, name, questions });
            }
            match at {
                Some(at) => self.questionnaires_then[at].1.clone_from(&written.name),
                None => self.questionnaires_then.push((None, written.name)),
            }
        }
        Ok(())
    }
}
