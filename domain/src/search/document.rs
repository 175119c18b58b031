//! The document of a case: every word that it is found by.

use std::collections::BTreeSet;

use super::terms::{code_terms, report_terms, word_terms};
use crate::case::visit::{Conformity, CustomerStatement, VisitEvent};
use crate::case::{
    AssignmentEvent, Case, Event, MessageEvent, ParticipantEvent, Recorded, RevisionEvent, Termination,
};
use crate::case_number::CaseNumber;
use crate::causes::Classification;
use crate::i18n::Language;
use crate::text::{Note, PersonName, Reason};

/// The mark of an open case among the words of its document. No word begins so.
pub const OPEN: &str = "=open";
/// The most words of a document. What was written first and last is kept: the report, and the newest entries.
const MOST_WORDS: usize = 4_000;

/// What the register says of a case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegisteredNames {
    /// Customer, equipment, site and address.
    pub names: Vec<String>,
    /// Serials that the equipment has and had.
    pub serials: Vec<String>,
}

/// The words of a case: its report, as corrected since, the texts of its history, and what the register says of it.
///
/// What an erasure takes from the history is not among the words of an erased history.
#[must_use]
pub fn document(case: &Case, history: &[Recorded], registered: &RegisteredNames) -> BTreeSet<String> {
    let number = case.opening.number;
    let mut words = report_terms(&case.opening.report);
    words.extend(registered.names.iter().flat_map(|name| word_terms(name)));
    words.extend(registered.serials.iter().flat_map(|serial| code_terms(serial)));
    words.insert(number_word(number));
    words.extend(Some(number.prefix().to_string().to_lowercase()).filter(|prefix| !prefix.is_empty()));
    if case.status().is_open() {
        words.insert(OPEN.to_owned());
    }
    for entry in history.iter().rev() {
        let more = texts(&entry.event).into_iter().flat_map(word_terms);
        let left = MOST_WORDS.saturating_sub(words.len());
        words.extend(more.take(left));
    }
    words
}

/// The word by which a document is found by the number of its case.
#[must_use]
pub fn number_word(number: CaseNumber) -> String {
    format!("#{}", number.as_compact().to_lowercase())
}

/// Whether a word of a document is one that people write: parts of it are looked for, and slips lead to it.
#[must_use]
pub fn is_spelt(word: &str) -> bool {
    word.chars().all(char::is_alphanumeric) && word.chars().count() >= super::BEGINNING
}

/// What people wrote in an entry. The report is read as it is by now, so that its former words are left out. Surveys are no
/// part of a case's file.
fn texts(event: &Event) -> Vec<&str> {
    match event {
        Event::ContactAttempted { note, .. } | Event::Contacted { note, .. } => of_note(note.as_ref()),
        Event::Noted { text, .. } => vec![text.as_str()],
        Event::Paused { detail, allowed_by, .. } => of_reason(detail.as_ref())
            .into_iter()
            .chain(allowed_by.as_ref().map(PersonName::as_str))
            .collect(),
        Event::Resolved { cause, solution, classification, .. } => {
            let named = classification.as_deref().map(of_classification).unwrap_or_default();
            [cause.as_str(), solution.as_str()].into_iter().chain(named).collect()
        }
        Event::Verified { who, said, .. } => {
            of_note(said.as_ref()).into_iter().chain(who.as_ref().map(PersonName::as_str)).collect()
        }
        Event::Closed { note, .. } => of_reason(note.as_ref()),
        Event::Participant(ParticipantEvent::Invited(participant)) => {
            vec![participant.name.as_str(), participant.mail.as_str()]
        }
        Event::Reopened { said, .. } => of_note(said.as_ref()),
        Event::Visit { what, .. } => of_visit(what),
        Event::PriorityChanged { reason, .. }
        | Event::Assignment(AssignmentEvent::Transferred { reason, .. }) => {
            vec![reason.as_str()]
        }
        Event::Message(MessageEvent::UpdateSent { text } | MessageEvent::CustomerWrote { text }) => {
            vec![text.as_str()]
        }
        Event::Revision(revision) => of_revision(revision),
        Event::TrackingRenewed { reason } | Event::Terminated(Termination::Cancelled { reason, .. }) => {
            of_reason(reason.as_ref())
        }
        Event::Opened(_)
        | Event::Resumed { .. }
        | Event::VerificationReminded { .. }
        | Event::VerificationUnanswered
        | Event::Warned { .. }
        | Event::Assignment(_)
        | Event::Message(_)
        | Event::Survey(_)
        | Event::Terminated(_)
        | Event::Link(_)
        | Event::Participant(_)
        | Event::Erased { .. } => Vec::new(),
    }
}

fn of_note(note: Option<&Note>) -> Vec<&str> {
    note.map(Note::as_str).into_iter().collect()
}

fn of_reason(reason: Option<&Reason>) -> Vec<&str> {
    reason.map(Reason::as_str).into_iter().collect()
}

/// The names of category and cause in every language: an agent searches in their own.
fn of_classification(named: &Classification) -> Vec<&str> {
    let labels = [&named.category, &named.cause];
    labels.into_iter().flat_map(|label| Language::ALL.map(|language| label.names.of(language))).collect()
}

fn of_revision(revision: &RevisionEvent) -> Vec<&str> {
    match revision {
        RevisionEvent::Reprioritized { reason, .. } => vec![reason.as_str()],
        RevisionEvent::Corrected(correction) => vec![correction.reason.as_str()],
        RevisionEvent::Amended { what, .. } => vec![what.reason.as_str()],
        RevisionEvent::ContactUndone { .. } => Vec::new(),
    }
}

fn of_visit(what: &VisitEvent) -> Vec<&str> {
    match what {
        VisitEvent::Offered { note, .. }
        | VisitEvent::Moved { note, .. }
        | VisitEvent::CalledOff { note, .. }
        | VisitEvent::Missed { note, .. }
        | VisitEvent::Reassigned { note, .. } => of_note(note.as_ref()),
        VisitEvent::Proposed { note, word, .. } | VisitEvent::Declined { note, word } => {
            of_note(note.as_ref()).into_iter().chain(said_by(word.as_ref())).collect()
        }
        VisitEvent::Agreed { word, .. } => said_by(word.as_ref()).into_iter().collect(),
        VisitEvent::Ended { report, conformity } => {
            let parts = report.parts().iter().map(|part| part.name.as_str());
            let word = match conformity {
                Conformity::Signed { name, .. } => name.as_str(),
                Conformity::Unsigned { reason } => reason.as_str(),
            };
            [report.text.as_str(), word].into_iter().chain(parts).collect()
        }
        VisitEvent::Overruled { reason, .. } => vec![reason.as_str()],
        VisitEvent::MissUndone
        | VisitEvent::Arrived
        | VisitEvent::ArrivalUndone
        | VisitEvent::Started
        | VisitEvent::Attached(_)
        | VisitEvent::Detached { .. } => Vec::new(),
    }
}

/// The person whose statement the staff recorded.
fn said_by(word: Option<&CustomerStatement>) -> Option<&str> {
    word.map(|word| word.who.as_str())
}
