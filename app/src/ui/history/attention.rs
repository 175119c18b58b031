//! What attention leaves in a history: hands, news, messages, and what was put right.

use domain::calendar::{MomentStyle, ZoneView};
use domain::case::{
    Audience, Author, Correction, Cover, Event, HoldingEvent, Recorded, RevisionEvent, TalkEvent, Weight,
};
use domain::t;
use domain::weight::Priority;
use domain::words::Language;

use super::amendment::amended;
use super::{Told, author};

/// Puts an entry of attention into words; any other by its name alone.
pub(super) fn tell(language: Language, audience: Audience, entry: &Recorded, zone: &ZoneView) -> Told {
    let name = author(language, &entry.by);
    match &entry.event {
        Event::Holding(event) => hands(language, &entry.by, &name, event),
        Event::Talk(TalkEvent::NewsGiven { text }) => {
            let what = match audience {
                Audience::Public => t!(language, "history.public.noted", name = name),
                Audience::Internal => t!(language, "history.internal.news", name = name),
            };
            Told::new("mail", what).state("met").text(Some(text))
        }
        Event::Talk(TalkEvent::NewsPromised { by }) => {
            let at = zone.format(*by, language, MomentStyle::Short);
            Told::new("flag", t!(language, "history.next_news", at = at))
        }
        Event::Talk(TalkEvent::CustomerWrote { text }) => {
            let what = match audience {
                Audience::Public => t!(language, "history.public.wrote"),
                Audience::Internal => t!(language, "history.internal.wrote"),
            };
            Told::new("note", what.into_owned()).text(Some(text))
        }
        Event::Revision(RevisionEvent::Weighed { from, to, priority, reason }) => {
            let told = Told::new("flag", weighed(language, *from, *to, *priority)).text(Some(reason));
            signed(language, audience, &entry.by, told)
        }
        Event::Revision(RevisionEvent::Corrected(right)) => {
            let told = Told::new("contract", corrected(language, right)).text(Some(&right.reason));
            signed(language, audience, &entry.by, told)
        }
        Event::Revision(RevisionEvent::ContactTakenBack { .. }) => {
            let told = Told::new("undo", t!(language, "history.contact_taken_back").into_owned());
            signed(language, audience, &entry.by, told)
        }
        Event::Revision(RevisionEvent::Amended { what, resent }) => {
            let told = amended(language, what, *resent);
            signed(language, audience, &entry.by, told)
        }
        other => Told::new("note", t!(language, other.name_key()).into_owned()),
    }
}

/// The staff reads who it was.
fn signed(language: Language, audience: Audience, by: &Author, told: Told) -> Told {
    match audience {
        Audience::Internal => told.beside(super::by(language, by)),
        Audience::Public => told,
    }
}

fn hands(language: Language, by: &Author, name: &str, event: &HoldingEvent) -> Told {
    match event {
        HoldingEvent::Claimed { by: holder } => {
            Told::new("person", t!(language, "history.claimed", name = holder.name))
        }
        HoldingEvent::Released { from } => {
            Told::new("person", t!(language, "history.released", name = from.name))
        }
        HoldingEvent::Assigned { to, .. } => {
            Told::new("person", t!(language, "history.assigned", name = name, to = to.name))
        }
        HoldingEvent::Transferred { from, to, reason } => {
            let what = t!(language, "history.transferred", from = from.name, to = to.name);
            Told::new("person", what).beside(super::by(language, by)).text(Some(reason))
        }
    }
}

fn weighed(language: Language, from: Weight, to: Weight, priority: Priority) -> String {
    let words = |weight: Weight| {
        let urgency = t!(language, weight.urgency.name_key());
        t!(language, "weight.both", severity = t!(language, weight.severity.name_key()), urgency = urgency)
    };
    t!(language, "history.weighed", from = words(from), to = words(to), priority = priority.code())
}

fn corrected(language: Language, right: &Correction) -> String {
    let (from, to) = (&right.from, &right.to);
    let contract = |cover: &Cover| cover.contract_words(language);
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
