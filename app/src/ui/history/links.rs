//! Entries of a history about terminations, linked cases, the customer's link and participants.

use domain::case::{Audience, Event, LinkEvent, ParticipantEvent, Recorded, Termination};
use domain::i18n::Language;
use domain::t;

use super::{HistoryLine, by};

/// Such an entry in words; any other by its name alone.
pub(super) fn line(language: Language, audience: Audience, entry: &Recorded) -> HistoryLine {
    let (icon, what) = match &entry.event {
        Event::Terminated(Termination::Cancelled { .. }) => {
            ("close", t!(language, "history.cancelled").into_owned())
        }
        Event::Terminated(Termination::Duplicate { of }) => {
            ("close", t!(language, "history.duplicate", number = of))
        }
        Event::Link(LinkEvent::Related { other }) => {
            ("link", t!(language, "history.related", number = other))
        }
        Event::Link(LinkEvent::Unrelated { other }) => {
            ("link", t!(language, "history.unrelated", number = other))
        }
        Event::Link(LinkEvent::FollowedBy { other }) => {
            ("link", t!(language, "history.followed_by", number = other))
        }
        Event::Link(LinkEvent::HasDuplicate { other }) => {
            ("link", t!(language, "history.has_duplicate", number = other))
        }
        Event::Participant(ParticipantEvent::Invited(participant)) => {
            ("person", t!(language, "history.participant_invited", name = participant.name))
        }
        Event::Participant(ParticipantEvent::Left { name, .. }) => {
            ("person", t!(language, "history.participant_left", name = name))
        }
        Event::Participant(ParticipantEvent::Removed { name, .. }) => {
            ("person", t!(language, "history.participant_removed", name = name))
        }
        Event::TrackingRenewed { .. } => ("link", t!(language, "history.tracking_renewed").into_owned()),
        other => ("note", t!(language, other.name_key()).into_owned()),
    };
    let line = HistoryLine::new(icon, what);
    let line = match &entry.event {
        Event::Terminated(Termination::Cancelled { asked_by, reason }) => line
            .beside(t!(language, "history.asked_by", who = t!(language, asked_by.name_key())))
            .text(reason.as_ref()),
        Event::TrackingRenewed { reason } => line.text(reason.as_ref()),
        _ => line,
    };
    match audience {
        Audience::Internal => line.beside(by(language, &entry.by)),
        Audience::Public => line,
    }
}
