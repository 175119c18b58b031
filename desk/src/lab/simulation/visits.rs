//! Behaviour of customers, agents and technicians in visits.

use std::num::NonZeroU16;

use domain::actor::{Actor, Staff};
use domain::case::visit::{
    AnswerSource, Appointment, Conflicts, Conformity, CustomerStatement, MoveTo, NoShowReason, Part,
    Signature, Stage, VisitAnswer, VisitCommand, Windows, WorkReport,
};
use domain::case::{Channel, Command};
use domain::time::Span;

use super::SimulationError;
use super::chance::Dice;
use super::people::{DAY, HOUR, MINUTE, Move, Scene, Turn, name, note, reason};

/// An offer of some windows in the coming days.
pub(super) fn offer(scene: &Scene<'_>, dice: &mut Dice) -> Result<Command, SimulationError> {
    let (windows, technician) = (windows(scene, dice)?, scene.technician(dice));
    booking(dice, VisitCommand::Offer { windows, technician, note: None })
}

/// Some agents obey a clash and look for another time; most overrule it.
fn booking(dice: &mut Dice, command: VisitCommand) -> Result<Command, SimulationError> {
    Ok(if dice.percent(70) {
        let reason = note("El otro caso está en el mismo edificio.")?;
        Command::VisitDespite { command, reason, conflicts: Conflicts::default() }
    } else {
        Command::Visit(command)
    })
}

fn windows(scene: &Scene<'_>, dice: &mut Dice) -> Result<Windows, SimulationError> {
    let mut from = scene.now.plus(dice.between(HOUR, DAY));
    let mut windows = Vec::new();
    for _ in 0..=dice.below(3) {
        let to = from.plus(dice.between(1, 4) * HOUR);
        windows.push(Span::new(from, to));
        from = to.plus(dice.between(0, 5) * HOUR);
    }
    Windows::new(windows).map_err(SimulationError::data)
}

fn word() -> Result<CustomerStatement, SimulationError> {
    Ok(CustomerStatement { who: name("Luis Peña")?, channel: Channel::Phone })
}

/// The next action on a visit under way, and its actor.
pub(super) fn turn(scene: &Scene<'_>, stage: &Stage, dice: &mut Dice) -> Result<Turn, SimulationError> {
    match stage {
        Stage::Offered(windows) => offered(scene, windows, dice),
        Stage::Proposed(windows) => {
            let command = match dice.one_of(windows.as_slice()) {
                Some(window) if dice.percent(70) => VisitCommand::Confirm { window: *window },
                _ => return Ok((ask(scene, dice, offer), dice.between(HOUR, 8 * HOUR))),
            };
            let command = booking(dice, command)?;
            Ok((Move::Ask(scene.agent(dice), command), dice.between(HOUR, 8 * HOUR)))
        }
        Stage::Agreed(appointment) => agreed(scene, appointment, dice),
        Stage::OnSite { .. } | Stage::Working { .. } if dice.percent(30) => {
            Ok((photographs(scene, dice), dice.between(MINUTE, 10 * MINUTE)))
        }
        Stage::OnSite { .. } => {
            let command = if dice.percent(92) {
                VisitCommand::Start
            } else {
                VisitCommand::NoShow { reason: NoShowReason::ContactAbsent, note: None }
            };
            Ok((on_site(scene, command), dice.between(MINUTE, 30 * MINUTE)))
        }
        Stage::Working { .. } => Ok((on_site(scene, end(dice)?), dice.between(10 * MINUTE, 2 * HOUR))),
        // Some no-shows are logged by mistake, or the technician is let in after all.
        Stage::Missed { missed_at, .. } if scene.now < missed_at.plus(10 * MINUTE) && dice.percent(40) => {
            Ok((on_site(scene, VisitCommand::UndoMiss), dice.between(MINUTE, 10 * MINUTE)))
        }
        Stage::Declined | Stage::Ended(_) | Stage::Missed { .. } | Stage::CalledOff { .. } => {
            Ok((Move::Wait, HOUR))
        }
    }
}

fn ask(
    scene: &Scene<'_>,
    dice: &mut Dice,
    command: impl FnOnce(&Scene<'_>, &mut Dice) -> Result<Command, SimulationError>,
) -> Move {
    let actor = scene.agent(dice);
    command(scene, dice).map_or(Move::Wait, |command| Move::Ask(actor, command))
}

fn visit(scene: &Scene<'_>, dice: &mut Dice, command: VisitCommand) -> Move {
    Move::Ask(scene.agent(dice), Command::Visit(command))
}

fn offered(scene: &Scene<'_>, windows: &Windows, dice: &mut Dice) -> Result<Turn, SimulationError> {
    let revision = scene.case.visits().latest().map_or(0, |visit| visit.revision);
    let Some(window) = dice.one_of(windows.as_slice()).copied() else { return Ok((Move::Wait, HOUR)) };
    let later = dice.between(30 * MINUTE, 6 * HOUR);
    let accept = VisitAnswer::Accept { window };
    let done = match dice.below(100) {
        0..50 => Move::AnswerVisit(accept, revision),
        50..60 => {
            let given = AnswerSource::ByStaff(word()?);
            visit(scene, dice, VisitCommand::Answer { answer: accept, given })
        }
        60..75 => {
            let windows = self::windows(scene, dice)?;
            Move::AnswerVisit(VisitAnswer::Propose { windows, note: None }, revision)
        }
        75..82 => Move::AnswerVisit(VisitAnswer::Decline { note: None }, revision),
        // The link of a replaced mail.
        82..85 => Move::AnswerVisit(accept, revision.saturating_sub(1)),
        85..90 => ask(scene, dice, offer),
        90..94 => {
            let (by, reason) = (Scene::by(dice), note("Se resolvió a distancia.")?);
            visit(scene, dice, VisitCommand::CallOff { by, reason })
        }
        _ => Move::Wait,
    };
    Ok((done, later))
}

fn agreed(scene: &Scene<'_>, appointment: &Appointment, dice: &mut Dice) -> Result<Turn, SimulationError> {
    let Span { from, to } = appointment.window;
    if scene.now < from {
        let until_then = from.since(scene.now);
        if dice.percent(80) {
            // A little early, in time, or late.
            return Ok((Move::Wait, (until_then + dice.between(-10 * MINUTE, 5 * HOUR)).max(MINUTE)));
        }
        let by = Scene::by(dice);
        let done = match dice.below(10) {
            0..3 => visit(scene, dice, VisitCommand::CallOff { by, reason: note("Ya no hace falta.")? }),
            3..6 => {
                let revision = scene.case.visits().latest().map_or(0, |visit| visit.revision);
                let windows = windows(scene, dice)?;
                Move::AnswerVisit(VisitAnswer::Propose { windows, note: None }, revision)
            }
            way => {
                let (windows, technician) = (windows(scene, dice)?, scene.technician(dice));
                let to = match windows.as_slice() {
                    [window, ..] if way < 8 => MoveTo::Agreed { window: *window, word: word()? },
                    _ => MoveTo::Offer(windows),
                };
                let reason = note("Cambio de turno.")?;
                let command = booking(dice, VisitCommand::Move { by, reason, technician, to })?;
                Move::Ask(scene.agent(dice), command)
            }
        };
        return Ok((done, dice.between(30 * MINUTE, 3 * HOUR)));
    }
    if scene.now > to && dice.percent(30) {
        let missed = VisitCommand::DidNotCome { reason: note("Se averió el vehículo.")? };
        return Ok((on_site(scene, missed), HOUR));
    }
    Ok((on_site(scene, VisitCommand::Arrive), dice.between(MINUTE, 20 * MINUTE)))
}

/// A command by the visit's technician.
fn on_site(scene: &Scene<'_>, command: VisitCommand) -> Move {
    Move::Ask(technician(scene), Command::Visit(command))
}

fn technician(scene: &Scene<'_>) -> Actor {
    let id = scene.case.visits().latest().map(|visit| visit.technician.id);
    let theirs = |staff: &&Staff| Some(staff.id) == id;
    Actor::Staff(scene.cast.technicians.iter().find(theirs).unwrap_or(&scene.cast.supervisor).clone())
}

/// A file from a telephone.
#[derive(Debug, Clone)]
pub(super) struct Photograph {
    pub(super) name: &'static str,
    pub(super) content: Vec<u8>,
}

/// Adds or removes a photograph. Some are duplicates, and some are no photographs.
fn photographs(scene: &Scene<'_>, dice: &mut Dice) -> Move {
    let files = scene.case.visits().latest().map_or(&[][..], |visit| visit.files.as_slice());
    if let Some(file) = dice.one_of(files)
        && dice.percent(25)
    {
        return on_site(scene, VisitCommand::Detach { id: file.id.clone() });
    }
    let mut content =
        if dice.percent(95) { b"\xFF\xD8\xFF\xE0\x00\x10JFIF\0".to_vec() } else { b"<svg>".to_vec() };
    // Few distinct pictures, so that duplicates occur.
    let mut picture = Dice::new(dice.below(200));
    content.resize(content.len() + 600, 0);
    picture.fill(&mut content[12..]);
    Move::Attach(technician(scene), Photograph { name: "IMG_0142.jpeg", content })
}

fn end(dice: &mut Dice) -> Result<VisitCommand, SimulationError> {
    let part = Part { quantity: NonZeroU16::MIN, name: reason("Fuente de poder")? };
    let report = WorkReport::new(note("Se cambió la fuente y se probó.")?, vec![part]);
    let stroke = vec![(10, 20), (40, 60), (80, 30), (120, 70), (200, 90)];
    let conformity = if dice.percent(85) {
        let signature = Signature::new(vec![stroke]).map_err(SimulationError::data)?;
        Conformity::Signed { name: name("Luis Peña")?, signature }
    } else {
        Conformity::Unsigned { reason: note("No quedó nadie en el sitio.")? }
    };
    Ok(VisitCommand::End { report: report.map_err(SimulationError::data)?, conformity })
}
