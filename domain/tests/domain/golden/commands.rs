//! Commands of browsers. Looked-up parts are never read from outside, so no sample has them.

use domain::actor::ParticipantId;
use domain::case::visit::{AnswerSource, Conflicts, MoveTo, NoShowReason, Side, VisitAnswer, VisitCommand};
use domain::case::{
    Amendment, AskedBy, AssignmentCommand, AttemptOutcome, Audience, Category, Change, Channel, Command,
    ContractRef, LinkCommand, MessageCommand, ParticipantCommand, PauseReason, RevisionCommand,
    TerminationCommand, TrackingCommand, Verdict,
};
use domain::i18n::Language;
use domain::priority::Priority;
use domain::sla_plan::SlaMetric;
use domain::survey::{FollowUpOutcome, SurveyCommand};

use super::samples::*;
use super::{Golden, golden};

pub(super) fn goldens() -> Vec<Golden> {
    let mut goldens = vec![golden!(
        "command",
        Command {
            LogAttempt,
            LogContact,
            LogCall,
            ContactAndClaim,
            AddNote,
            Pause,
            Resume,
            ChangePriority,
            Resolve,
            Verify,
            CloseUnconfirmed,
            Reopen,
            Visit,
            VisitDespite,
            Remind,
            AskForDecision,
            EndPause,
            Warn,
            Assignment,
            Message,
            Revision,
            Survey,
            Termination,
            Link,
            Tracking,
            Participant,
        } unwritten { Erase },
        [work(), ending(), nested()].concat()
    )];
    goldens.extend(of_parts());
    goldens
}

fn of_parts() -> [Golden; 12] {
    [
        golden!("holding_command", AssignmentCommand { Claim, Release, Assign, Transfer }, holding()),
        golden!("talk_command", MessageCommand { SendUpdate, Contact, Write }, talk()),
        golden!(
            "revision_command",
            RevisionCommand { Reprioritize, Correct, UndoContact, Amend },
            revision()
        ),
        golden!(
            "withdrawal_command",
            TerminationCommand { Cancel, CancelOwn, CloseAsDuplicate },
            withdrawals()
        ),
        golden!("link_command", LinkCommand { Relate, Unrelate }, links()),
        golden!("participant_command", ParticipantCommand { Invite, Remove, Leave }, participation()),
        golden!("tracking_command", TrackingCommand { Renew, RenewOwn }, renewals()),
        golden!(
            "survey_command",
            SurveyCommand {
                FallDue,
                Lapse,
                LogAttempt,
                CallBack,
                Refuse,
                AnswerByTelephone,
                AnswerByLink,
                FollowUp,
            },
            survey()
        ),
        golden!(
            "visit_command",
            VisitCommand {
                Offer,
                Agree,
                Reassign,
                Detach,
                Answer,
                Confirm,
                Move,
                CallOff,
                NoShow,
                DidNotCome,
                UndoMiss,
                Arrive,
                UndoArrival,
                Start,
                End,
            } unwritten { Attach },
            [visit_arranged(), visit_on_site()].concat()
        ),
        golden!("visit_answer", VisitAnswer { Accept, Propose, Decline }, visit_answers()),
        golden!(
            "visit_answer_given",
            AnswerSource { ByLink, ByStaff },
            [AnswerSource::ByLink { revision: 2 }, AnswerSource::ByStaff(word())]
        ),
        golden!("visit_move_to", MoveTo { Offer, Agreed }, moves()),
    ]
}

fn work() -> Vec<Command> {
    let (channel, outcome) = (Channel::Phone, AttemptOutcome::Busy);
    let (detail, allowed_by) = (Some(reason("Llega el jueves.")), Some(person()));
    vec![
        Command::LogAttempt { channel, outcome, note: Some(note("Ocupado.")) },
        Command::LogAttempt { channel, outcome, note: None },
        Command::LogContact { channel, note: Some(note("Habló con Ana.")) },
        Command::LogContact { channel, note: None },
        Command::LogCall { length_s: Some(252) },
        Command::LogCall { length_s: None },
        Command::ContactAndClaim { channel, note: Some(note("Habló con Ana.")), next: Some(at(60)) },
        Command::ContactAndClaim { channel, note: None, next: None },
        Command::AddNote { audience: Audience::Public, text: note("Revisar el rack.") },
        Command::Pause { reason: PauseReason::SparePart, detail, until: at(300), allowed_by },
        Command::Pause { reason: PauseReason::Customer, detail: None, until: at(300), allowed_by: None },
        Command::Resume,
        Command::ChangePriority { to: Priority::P1, reason: reason("Hospital.") },
        Command::EndPause,
        Command::Warn { clock: SlaMetric::Resolution, cycle: 2, level: 75 },
    ]
}

fn ending() -> Vec<Command> {
    vec![
        Command::Resolve {
            category: Category::Hardware,
            cause: note("Cable dañado"),
            solution: note("Cable reemplazado"),
            chosen: None,
            classification: None,
        },
        Command::Resolve {
            category: Category::Hardware,
            cause: note("Cable dañado"),
            solution: note("Cable reemplazado"),
            chosen: Some(classification().cause.code),
            classification: None,
        },
        Command::Verify {
            verdict: Verdict::StillFails,
            channel: Some(Channel::Mail),
            who: Some(person()),
            said: Some(note("Sigue igual.")),
        },
        Command::Verify { verdict: Verdict::Works, channel: None, who: None, said: None },
        Command::CloseUnconfirmed { reason: reason("No responde.") },
        Command::Reopen { said: note("Volvió a fallar.") },
        Command::Remind { nth: 1 },
        Command::AskForDecision,
    ]
}

fn nested() -> Vec<Command> {
    let despite = VisitCommand::Confirm { window: span(1440, 1560) };
    vec![
        Command::Visit(VisitCommand::Arrive),
        Command::VisitDespite {
            command: despite,
            reason: note("Queda de camino."),
            conflicts: Conflicts::default(),
        },
        Command::Assignment(AssignmentCommand::Claim),
        Command::Message(MessageCommand::Write { text: note("¿Cuándo vienen?") }),
        Command::Revision(RevisionCommand::UndoContact { contact: 2 }),
        Command::Survey(SurveyCommand::Lapse),
        Command::Termination(TerminationCommand::CancelOwn { reason: None }),
        Command::Link(LinkCommand::Unrelate { other: other_number() }),
        Command::Tracking(TrackingCommand::RenewOwn { undelivered: 0 }),
        Command::Participant(ParticipantCommand::Leave),
    ]
}

fn holding() -> [AssignmentCommand; 4] {
    [
        AssignmentCommand::Claim,
        AssignmentCommand::Release,
        AssignmentCommand::Assign { to: assignee() },
        AssignmentCommand::Transfer { to: other_holder(), reason: reason("Cambio de turno.") },
    ]
}

fn talk() -> [MessageCommand; 5] {
    let channel = Channel::Video;
    [
        MessageCommand::SendUpdate { text: note("Vamos en camino."), next: Some(at(60)) },
        MessageCommand::SendUpdate { text: note("Vamos en camino."), next: None },
        MessageCommand::Contact { channel, note: Some(note("Habló con Ana.")), next: at(60) },
        MessageCommand::Contact { channel, note: None, next: at(60) },
        MessageCommand::Write { text: note("¿Cuándo vienen?") },
    ]
}

fn revision() -> [RevisionCommand; 5] {
    let contact = Some(Change { from: contact(), to: contact_with_second_phone() });
    let what = Amendment { contact, location: None, fault: None, reason: reason("Faltaba un teléfono.") };
    let correct =
        |to: ContractRef| RevisionCommand::Correct { to, reason: reason("Era otro."), resolved: None };
    [
        RevisionCommand::Reprioritize { to: priority_inputs(), reason: reason("Es urgente.") },
        correct(cover()),
        correct(cover_without_contract()),
        RevisionCommand::UndoContact { contact: 2 },
        RevisionCommand::Amend { what: what.into(), undelivered: 0 },
    ]
}

fn withdrawals() -> [TerminationCommand; 4] {
    [
        TerminationCommand::Cancel { asked_by: AskedBy::Customer, reason: reason("Ya funciona.") },
        TerminationCommand::CancelOwn { reason: Some(reason("Ya funciona.")) },
        TerminationCommand::CancelOwn { reason: None },
        TerminationCommand::CloseAsDuplicate { of: other_number(), other: None },
    ]
}

fn links() -> [LinkCommand; 2] {
    let other = other_number();
    [LinkCommand::Relate { other, known: None }, LinkCommand::Unrelate { other }]
}

fn participation() -> [ParticipantCommand; 3] {
    let (name, mail, language) = (person(), mail(), Language::Pt);
    [
        ParticipantCommand::Invite { name, mail, language },
        ParticipantCommand::Remove { participant: ParticipantId(2) },
        ParticipantCommand::Leave,
    ]
}

fn renewals() -> [TrackingCommand; 2] {
    let reason = reason("Lo reenvió a un tercero.");
    [TrackingCommand::Renew { reason, undelivered: 0 }, TrackingCommand::RenewOwn { undelivered: 0 }]
}

fn survey() -> Vec<SurveyCommand> {
    vec![
        SurveyCommand::FallDue,
        SurveyCommand::Lapse,
        SurveyCommand::LogAttempt { outcome: AttemptOutcome::WrongNumber },
        SurveyCommand::CallBack { at: at(300), note: Some(reason("Por la tarde.")) },
        SurveyCommand::CallBack { at: at(300), note: None },
        SurveyCommand::Refuse { note: Some(reason("No tiene tiempo.")) },
        SurveyCommand::Refuse { note: None },
        SurveyCommand::AnswerByTelephone { who: person(), answers: answers() },
        SurveyCommand::AnswerByLink { cycle: 1, answers: answers() },
        SurveyCommand::FollowUp { outcome: FollowUpOutcome::NotReached, note: note("No contesta.") },
    ]
}

fn visit_answers() -> [VisitAnswer; 5] {
    [
        VisitAnswer::Accept { window: span(1440, 1560) },
        VisitAnswer::Propose { windows: windows(), note: Some(note("Por la mañana.")) },
        VisitAnswer::Propose { windows: windows(), note: None },
        VisitAnswer::Decline { note: Some(note("Ya funciona.")) },
        VisitAnswer::Decline { note: None },
    ]
}

fn moves() -> [MoveTo; 2] {
    [MoveTo::Offer(windows()), MoveTo::Agreed { window: span(1440, 1560), word: word() }]
}

fn visit_arranged() -> Vec<VisitCommand> {
    let (windows, technician) = (windows(), technician());
    let morning = || Some(note("Por la mañana."));
    let [to, _] = moves();
    vec![
        VisitCommand::Offer { windows: windows.clone(), technician: technician.clone(), note: morning() },
        VisitCommand::Offer { windows, technician: technician.clone(), note: None },
        VisitCommand::Agree { meeting: meeting(), word: word() },
        VisitCommand::Reassign { technician: other_technician(), note: morning() },
        VisitCommand::Reassign { technician: other_technician(), note: None },
        VisitCommand::Detach { id: attachment().id },
        VisitCommand::Answer {
            answer: VisitAnswer::Decline { note: None },
            given: AnswerSource::ByLink { revision: 2 },
        },
        VisitCommand::Confirm { window: span(1440, 1560) },
        VisitCommand::Move { by: Side::Us, reason: note("Cambio de turno."), technician, to },
        VisitCommand::CallOff { by: Side::Customer, reason: note("Ya no hace falta.") },
    ]
}

fn visit_on_site() -> Vec<VisitCommand> {
    vec![
        VisitCommand::NoShow { reason: NoShowReason::SiteClosed, note: Some(note("Nadie abrió.")) },
        VisitCommand::NoShow { reason: NoShowReason::NoAccess, note: None },
        VisitCommand::DidNotCome { reason: note("Se averió el vehículo.") },
        VisitCommand::UndoMiss,
        VisitCommand::Arrive,
        VisitCommand::UndoArrival,
        VisitCommand::Start,
        VisitCommand::End { report: work_report(), conformity: signed() },
    ]
}
