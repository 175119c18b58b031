//! Entries of a history about visits.

use domain::calendar::{MomentStyle, ZoneView};
use domain::case::visit::{
    Conformity, CustomerStatement, Part, Side, VisitEvent, WorkReport, absence_message,
};
use domain::case::{Audience, Recorded};
use domain::i18n::Language;
use domain::t;
use domain::time::Span;

use super::HistoryLine;

/// Such an entry in words.
pub(super) fn line(
    language: Language,
    audience: Audience,
    entry: &Recorded,
    event: &VisitEvent,
    zone: &ZoneView,
) -> HistoryLine {
    let line = |icon| HistoryLine::new(icon, t!(language, event.name_key()).into_owned());
    let shown = |window: &Span| window_in(language, zone, *window);
    let list = |windows: &[Span]| windows.iter().map(shown).collect::<Vec<_>>().join("\n");
    let with = |note: Option<String>, windows: String| match note {
        Some(note) => format!("{windows}\n{note}"),
        None => windows,
    };
    let note_of = |note: &Option<domain::text::Note>| note.as_ref().map(ToString::to_string);
    let by = |line: HistoryLine| match audience {
        Audience::Internal => line.beside(super::by(language, &entry.by)),
        Audience::Public => line,
    };
    match event {
        VisitEvent::Offered { windows, technician, note } => by(line("mail"))
            .beside(t!(language, "visit.history.goes", name = technician.name))
            .text(Some(with(note_of(note), list(windows.as_slice())))),
        VisitEvent::Proposed { windows, note, word } => spoken(language, line("undo"), word.as_ref())
            .text(Some(with(note_of(note), list(windows.as_slice())))),
        VisitEvent::Declined { note, word } => {
            spoken(language, line("close"), word.as_ref()).text(note.as_ref())
        }
        VisitEvent::Agreed { meeting, word } => spoken(language, line("check"), word.as_ref())
            .state("running")
            .beside(t!(language, "visit.history.goes", name = meeting.technician.name))
            .text(Some(shown(&meeting.window))),
        VisitEvent::Moved { by: side, from, note } => line("undo")
            .beside(t!(language, side.name_key()))
            .text(Some(with(note_of(note), shown(&from.window)))),
        VisitEvent::CalledOff { by: side, note, .. } => {
            line("close").beside(t!(language, side.name_key())).text(note.as_ref())
        }
        VisitEvent::Missed { by: side, note, reason } => {
            let why = reason.map(|reason| t!(language, reason.name_key()).into_owned());
            let text = why.into_iter().chain(note_of(note)).collect::<Vec<_>>().join("\n");
            missed(language, line("alert"), *side).text(Some(text).filter(|text| !text.is_empty()))
        }
        VisitEvent::Reassigned { from, to, note } => by(line("person"))
            .beside(t!(language, "visit.history.instead", from = from.name, to = to.name))
            .text(note.as_ref()),
        VisitEvent::Overruled { clashes, absences, reason } => {
            let absent = absences.iter().map(|span| absence_message(language, &shown(span)));
            let clashes = clashes.iter().map(|clash| clash.message(language, &shown(&clash.window)));
            let text = absent.chain(clashes).chain([reason.to_string()]).collect::<Vec<_>>().join("\n");
            by(line("alert")).text(Some(text))
        }
        VisitEvent::Attached(file) => by(line("contract")).text(Some(file.name.as_str())),
        VisitEvent::Detached { file } => by(line("close")).text(Some(file.name.as_str())),
        VisitEvent::Arrived => by(line("place")).state("met"),
        VisitEvent::ArrivalUndone | VisitEvent::MissUndone => by(line("undo")),
        VisitEvent::Started => by(line("play")),
        VisitEvent::Ended { report, conformity } => by(line("check"))
            .state("met")
            .beside(signed(language, conformity))
            .text(Some(work_done(language, report))),
    }
}

/// Says by which side a visit was missed. Only our own miss is shown as a breach.
fn missed(language: Language, line: HistoryLine, by: Side) -> HistoryLine {
    match by {
        Side::Us => line.beside(t!(language, "visit.missed.us")).state("breached"),
        Side::Customer => line.beside(t!(language, "visit.missed.customer")),
    }
}

/// The technician's report: the text, then a line for each part that was used.
fn work_done(language: Language, report: &WorkReport) -> String {
    let part = |part: &Part| t!(language, "visit.part", quantity = part.quantity, name = part.name);
    std::iter::once(report.text.to_string())
        .chain(report.parts().iter().map(part))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The customer's conformity, in one line.
#[must_use]
pub fn signed(language: Language, conformity: &Conformity) -> String {
    match conformity {
        Conformity::Signed { name, .. } => t!(language, "visit.history.signed", name = name),
        Conformity::Unsigned { reason } => t!(language, "visit.history.unsigned", reason = reason),
    }
}

/// A window in words: its date, and from when to when.
#[must_use]
pub fn window_in(language: Language, zone: &ZoneView, window: Span) -> String {
    let from = zone.format(window.from, language, MomentStyle::Long);
    let same_day = zone.local(window.from).day == zone.local(window.to).day;
    let style = if same_day { MomentStyle::Time } else { MomentStyle::Long };
    t!(language, "visit.history.window", from = from, until = zone.format(window.to, language, style))
}

fn spoken(language: Language, line: HistoryLine, word: Option<&CustomerStatement>) -> HistoryLine {
    match word {
        Some(word) => line.beside(t!(language, word.channel.name_key())).beside(t!(
            language,
            "history.said_by",
            who = word.who
        )),
        None => line,
    }
}
