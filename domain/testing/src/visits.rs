//! Commands about visits, and their files.

use std::num::NonZeroU16;

use domain::actor::Actor;
use domain::attachment::{Attachment, ContentHash, FileId};
use domain::case::Command;
use domain::case::visit::{
    AnswerSource, Conflicts, Conformity, Meeting, MoveTo, NoShowReason, Part, Side, Signature, Stage,
    Technician, VisitAnswer, VisitCommand, Windows, WorkReport,
};
use domain::text::{PersonName, Reason};
use domain::time::Span;

use super::commands::{HOUR, Requester, note, statement};
use super::{Cast, Kind};

/// A file as it is uploaded.
#[derive(Debug, Clone)]
pub struct Photograph {
    /// The sender's name of the file.
    pub name: &'static str,
    /// Its bytes.
    pub content: Vec<u8>,
}

impl Photograph {
    /// Its entry in the history. Id and hash are made up; equal bytes have equal hashes.
    #[must_use]
    pub fn filed(&self, place: usize) -> Attachment {
        let seed = self.content.last().copied().unwrap_or_default();
        let id = FileId::parse(&format!("{place:032x}")).unwrap();
        let hash = ContentHash::parse(&format!("{seed:064x}")).unwrap();
        Attachment::of(id, self.name, &self.content, hash).unwrap()
    }
}

impl Requester<'_> {
    fn windows(&self) -> Windows {
        let hour = |after: i64, hours: i64| {
            let from = self.now.plus(after * HOUR + 60);
            Span::new(from, from.plus(hours * HOUR))
        };
        let first = i64::from(self.roll(1, 40));
        Windows::new(vec![hour(first, 2), hour(first + 3, 1 + i64::from(self.roll(2, 8)))]).unwrap()
    }

    /// One of 40 photographs, so that duplicates occur.
    pub(super) fn photograph(&self) -> Photograph {
        let seed = u8::try_from(self.roll(6, 40)).unwrap();
        let mut content = b"\xFF\xD8\xFF\xE0\x00\x10JFIF\0".to_vec();
        content.resize(200 + usize::from(seed), seed);
        Photograph { name: "foto del rack.jpg", content }
    }

    pub(super) fn visit(&self, kind: Kind) -> (Actor, Command) {
        let latest = self.case.visits().latest();
        let Cast { technician, other_technician, .. } = self.people;
        let goes = self.one(6, &[technician, technician, other_technician]);
        let technician = Technician { id: goes.id, name: goes.name.clone() };
        let named = match latest.map(|visit| &visit.stage) {
            Some(Stage::Offered(windows) | Stage::Proposed(windows)) => windows.clone(),
            _ => self.windows(),
        };
        let window = self.one(1, named.as_slice());
        let mut actor = self.agent();
        let by = self.one(2, &Side::ALL);
        let command = match kind {
            Kind::Answer => {
                let revision = latest.map_or(0, |visit| visit.revision);
                let given = self.one(3, &[true, false]).then_some(AnswerSource::ByLink { revision });
                let answer = match self.roll(4, 5) {
                    0 => VisitAnswer::Propose { windows: self.windows(), note: None },
                    1 => VisitAnswer::Decline { note: None },
                    _ => VisitAnswer::Accept { window },
                };
                if given.is_some() {
                    actor = self.customer();
                }
                VisitCommand::Answer {
                    answer,
                    given: given.unwrap_or_else(|| AnswerSource::ByStaff(statement())),
                }
            }
            Kind::Confirm => VisitCommand::Confirm { window },
            Kind::Agree => VisitCommand::Agree { meeting: Meeting { window, technician }, word: statement() },
            Kind::Reassign => VisitCommand::Reassign { technician, note: None },
            Kind::Move => {
                let to = match self.roll(4, 2) {
                    0 => MoveTo::Offer(self.windows()),
                    _ => MoveTo::Agreed { window: self.windows().as_slice()[0], word: statement() },
                };
                VisitCommand::Move { by, reason: note("Cambio de turno."), technician, to }
            }
            Kind::CallOff => VisitCommand::CallOff { by, reason: note("Ya no hace falta.") },
            Kind::Miss if by == Side::Us => {
                VisitCommand::DidNotCome { reason: note("Se averió el vehículo.") }
            }
            Kind::Miss => VisitCommand::NoShow { reason: self.one(3, &NoShowReason::ALL), note: None },
            Kind::Undo if self.one(3, &[true, false]) => VisitCommand::UndoMiss,
            Kind::Undo => VisitCommand::UndoArrival,
            Kind::Detach => VisitCommand::Detach { id: self.some_file() },
            Kind::OnSite => match latest.map(|visit| &visit.stage) {
                Some(Stage::OnSite { .. }) => VisitCommand::Start,
                Some(Stage::Working { .. }) => self.end(),
                _ => VisitCommand::Arrive,
            },
            _ => VisitCommand::Offer { windows: self.windows(), technician, note: None },
        };
        if matches!(kind, Kind::OnSite | Kind::Detach | Kind::Undo) {
            actor = self.technician();
        }
        // Most visits overrule clashes, because many histories share two technicians.
        let command = match self.roll(5, 4) {
            0 => Command::Visit(command),
            _ => Command::VisitDespite {
                command,
                reason: note("Queda de camino."),
                conflicts: Conflicts::default(),
            },
        };
        (actor, command)
    }

    /// One of the latest visit's files, or an unknown id.
    fn some_file(&self) -> FileId {
        let files = self.case.visits().latest().map_or(&[][..], |visit| visit.files.as_slice());
        let place = self.roll(6, u32::try_from(files.len()).unwrap() + 1);
        let unknown = || FileId::parse(&"f".repeat(32)).unwrap();
        files.get(usize::try_from(place).unwrap()).map_or_else(unknown, |file| file.id.clone())
    }

    fn end(&self) -> VisitCommand {
        let part = Part { quantity: NonZeroU16::MIN, name: Reason::parse("Fuente de poder").unwrap() };
        let signature = Signature::new(vec![vec![(10, 20), (30, 40), (50, 60), (70, 80)]]).unwrap();
        let name = PersonName::parse("Ana Rivas").unwrap();
        let conformity = match self.roll(0, 2) {
            0 => Conformity::Signed { name, signature },
            _ => Conformity::Unsigned { reason: note("No quedó nadie.") },
        };
        VisitCommand::End {
            report: WorkReport::new(note("Se cambió la fuente."), vec![part]).unwrap(),
            conformity,
        }
    }
}
