//! Entries of a history about assignment, messages and revisions.

use domain::calendar::{MomentStyle, ZoneView};
use domain::case::{
    AssignmentEvent, Audience, Author, Channel, ContractRef, Correction, Event, MessageEvent, Origin,
    PriorityInputs, Recorded, RevisionEvent,
};
use domain::i18n::Language;
use domain::priority::Priority;
use domain::t;

use super::amendment::amended;
use super::{HistoryLine, author};

/// Such an entry in words; any other by its name alone.
pub(super) fn line(language: Language, audience: Audience, entry: &Recorded, zone: &ZoneView) -> HistoryLine {
    let name = author(language, &entry.by);
    match &entry.event {
        Event::Assignment(event) => hands(language, &entry.by, &name, event),
        Event::Message(MessageEvent::UpdateSent { text }) => {
            let what = match audience {
                Audience::Public => t!(language, "history.public.noted", name = name),
                Audience::Internal => t!(language, "history.internal.news", name = name),
            };
            HistoryLine::new("mail", what).state("met").text(Some(text))
        }
        Event::Message(MessageEvent::UpdateCommitted { by }) => {
            let at = zone.format(*by, language, MomentStyle::Short);
            HistoryLine::new("flag", t!(language, "history.next_news", at = at))
        }
        Event::Message(MessageEvent::CustomerWrote { text }) => {
            let what = match (&entry.by, audience) {
                (Author::Participant { name, .. }, _) => {
                    t!(language, "history.participant_wrote", name = name)
                }
                (_, Audience::Public) => t!(language, "history.public.wrote").into_owned(),
                (_, Audience::Internal) => t!(language, "history.internal.wrote").into_owned(),
            };
            let (icon, channel) = match entry.origin {
                Origin::WhatsApp => ("chat", Some(t!(language, Channel::WhatsApp.name_key()).into_owned())),
                _ => ("note", None),
            };
            HistoryLine::new(icon, what).beside_if(channel).text(Some(text))
        }
        Event::Revision(RevisionEvent::Reprioritized { from, to, priority, reason }) => {
            let line =
                HistoryLine::new("flag", reprioritized(language, *from, *to, *priority)).text(Some(reason));
            signed(language, audience, &entry.by, line)
        }
        Event::Revision(RevisionEvent::Corrected(right)) => {
            let line = HistoryLine::new("contract", corrected(language, right)).text(Some(&right.reason));
            signed(language, audience, &entry.by, line)
        }
        Event::Revision(RevisionEvent::ContactUndone { .. }) => {
            let line = HistoryLine::new("undo", t!(language, "history.contact_taken_back").into_owned());
            signed(language, audience, &entry.by, line)
        }
        Event::Revision(RevisionEvent::Amended { what, resent }) => {
            let line = amended(language, what, *resent);
            signed(language, audience, &entry.by, line)
        }
        other => HistoryLine::new("note", t!(language, other.name_key()).into_owned()),
    }
}

/// Adds the author for the staff.
fn signed(language: Language, audience: Audience, by: &Author, line: HistoryLine) -> HistoryLine {
    match audience {
        Audience::Internal => line.beside(super::by(language, by)),
        Audience::Public => line,
    }
}

fn hands(language: Language, by: &Author, name: &str, event: &AssignmentEvent) -> HistoryLine {
    match event {
        AssignmentEvent::Claimed { by: assignee } => {
            HistoryLine::new("person", t!(language, "history.claimed", name = assignee.name))
        }
        AssignmentEvent::Released { from } => {
            HistoryLine::new("person", t!(language, "history.released", name = from.name))
        }
        AssignmentEvent::Assigned { to, .. } => {
            HistoryLine::new("person", t!(language, "history.assigned", name = name, to = to.name))
        }
        AssignmentEvent::Transferred { from, to, reason } => {
            let what = t!(language, "history.transferred", from = from.name, to = to.name);
            HistoryLine::new("person", what).beside(super::by(language, by)).text(Some(reason))
        }
    }
}

fn reprioritized(language: Language, from: PriorityInputs, to: PriorityInputs, priority: Priority) -> String {
    let words = |inputs: PriorityInputs| {
        let urgency = t!(language, inputs.urgency.name_key());
        t!(language, "weight.both", severity = t!(language, inputs.severity.name_key()), urgency = urgency)
    };
    t!(language, "history.weighed", from = words(from), to = words(to), priority = priority.code())
}

fn corrected(language: Language, right: &Correction) -> String {
    let (from, to) = (&right.from, &right.to);
    let contract = |cover: &ContractRef| cover.contract_words(language);
    match (from.contract == to.contract, from.serial == to.serial) {
        (true, _) => t!(language, "history.corrected_serial", from = from.serial, to = to.serial),
        (_, true) => {
            let (from, to) = (contract(from), contract(to));
            t!(language, "history.corrected_contract", from = from, to = to)
        }
        (false, false) => {
            t!(language, "history.corrected_both", contract = contract(to), serial = to.serial)
        }
    }
}
