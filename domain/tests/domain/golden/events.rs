//! Entries of `case_events`, and types that occur only in them.

use domain::actor::{IntegrationId, ParticipantId, PersonId};
use domain::case::visit::{Conformity, NoShowReason, Side, VisitEvent, VisitId};
use domain::case::{
    Amendment, AskedBy, AssignmentEvent, AttemptOutcome, Audience, Author, Category, Change, Channel,
    CloseReason, Contact, Correction, ErasureReason, Event, LinkEvent, MessageEvent, Opening, Origin,
    Participant, ParticipantEvent, PauseReason, Recorded, ReopenCause, Report, ResumeCause, RevisionEvent,
    ServiceHoursRef, Termination, Verdict,
};
use domain::entitlement::{Entitlement, ValidationReason};
use domain::i18n::Language;
use domain::priority::Priority;
use domain::sla_plan::SlaMetric;
use domain::survey::{FollowUpOutcome, SurveyEvent, Way};
use domain::text::{FaultDescription, Location};

use super::samples::*;
use super::{Golden, golden};

pub(super) fn goldens() -> Vec<Golden> {
    let mut goldens = vec![
        golden!("entry", Recorded, entries()),
        golden!(
            "author",
            Author { Customer, CustomerBeside, Participant, Staff, Integration, System },
            authors()
        ),
        golden!(
            "origin",
            Origin { Portal, Telephone, Workspace, Scheduler, CommandLine, Mail, Api, WhatsApp }
        ),
        golden!("opening", Opening, [opening(), opening_to_validate()]),
        golden!("report", Report, [report(), report_without_contract()]),
        golden!("contact", Contact, [contact(), contact_with_second_phone()]),
        golden!("hours_kept", ServiceHoursRef, [hours_kept()]),
        golden!("correction", Correction, [correction()]),
        golden!("amendment", Amendment, [amendment(), amendment_of_fault()]),
        golden!("change", Change<Location>, [change_of_place()]),
    ];
    goldens.push(golden!(
        "event",
        Event {
            Opened,
            ContactAttempted,
            Contacted,
            Noted,
            Paused,
            Resumed,
            PriorityChanged,
            Resolved,
            Verified,
            VerificationReminded,
            VerificationUnanswered,
            Closed,
            Reopened,
            Visit,
            Warned,
            Assignment,
            Message,
            Revision,
            Survey,
            Terminated,
            Link,
            Participant,
            TrackingRenewed,
            Erased,
        },
        [work(), ending(), nested()].concat()
    ));
    goldens.extend(of_parts());
    goldens
}

fn of_parts() -> [Golden; 9] {
    [
        golden!("holding_event", AssignmentEvent { Claimed, Released, Assigned, Transferred }, holding()),
        golden!("talk_event", MessageEvent { UpdateSent, UpdateCommitted, CustomerWrote }, talk()),
        golden!(
            "revision_event",
            RevisionEvent { Reprioritized, Corrected, ContactUndone, Amended },
            revision()
        ),
        golden!("withdrawal", Termination { Cancelled, Duplicate }, withdrawals()),
        golden!("participant", Participant, [participant()]),
        golden!("participant_event", ParticipantEvent { Invited, Left, Removed }, participation()),
        golden!("link_event", LinkEvent { Related, Unrelated, FollowedBy, HasDuplicate }, links()),
        golden!(
            "survey_event",
            SurveyEvent {
                FellDue,
                Attempted,
                CallBackAgreed,
                Refused,
                Answered,
                Lapsed,
                FollowUpOpened,
                FollowedUp,
            },
            survey()
        ),
        golden!(
            "visit_event",
            VisitEvent {
                Offered,
                Proposed,
                Declined,
                Agreed,
                Moved,
                CalledOff,
                Missed,
                MissUndone,
                Arrived,
                ArrivalUndone,
                Started,
                Ended,
                Reassigned,
                Overruled,
                Attached,
                Detached,
            },
            [visit_arranged(), visit_on_site()].concat()
        ),
    ]
}

fn entries() -> [Recorded; 2] {
    let by = Author::Staff { id: PersonId(7), name: "Luis".into() };
    [
        Recorded {
            version: 1,
            at: at(0),
            by: Author::Customer,
            origin: Origin::Portal,
            event: Event::Opened(opening().into()),
        },
        Recorded { version: 2, at: at(5), by, origin: Origin::Workspace, event: contacted() },
    ]
}

fn authors() -> [Author; 6] {
    let beside = domain::actor::BrowserOf { id: PersonId(7), name: "Luis".into() };
    [
        Author::Customer,
        Author::CustomerBeside(beside),
        Author::Participant { id: ParticipantId(2), name: person() },
        Author::Staff { id: PersonId(7), name: "Luis".into() },
        Author::Integration { id: IntegrationId(3), name: "Zabbix".into() },
        Author::System,
    ]
}

fn opening_to_validate() -> Opening {
    Opening {
        report: report_without_contract(),
        coverage: Entitlement::NeedsValidation(ValidationReason::NoContract),
        terms: terms_with_everything(),
        language: Language::Pt,
        previous_case: None,
        ..opening()
    }
}

fn contacted() -> Event {
    Event::Contacted { channel: Channel::Phone, note: Some(note("Habló con Ana.")), length_s: Some(252) }
}

fn work() -> Vec<Event> {
    let (channel, outcome) = (Channel::Phone, AttemptOutcome::NoAnswer);
    let (detail, allowed_by) = (Some(reason("Llega el jueves.")), Some(person()));
    vec![
        Event::Opened(opening().into()),
        Event::Opened(opening_to_validate().into()),
        Event::ContactAttempted { channel, outcome, note: Some(note("Suena, nadie contesta.")) },
        Event::ContactAttempted { channel, outcome, note: None },
        contacted(),
        Event::Contacted { channel, note: None, length_s: None },
        Event::Noted { audience: Audience::Internal, text: note("Revisar el rack.") },
        Event::Paused { reason: PauseReason::SparePart, detail, until: at(300), allowed_by },
        Event::Paused { reason: PauseReason::Customer, detail: None, until: at(300), allowed_by: None },
        Event::Resumed { cause: ResumeCause::EndCame },
        Event::PriorityChanged { from: Priority::P3, to: Priority::P1, reason: reason("Hospital.") },
        Event::Warned { clock: SlaMetric::Resolution, cycle: 2, level: 75 },
    ]
}

fn ending() -> Vec<Event> {
    vec![
        Event::Resolved {
            category: Category::Hardware,
            cause: note("Cable dañado"),
            solution: note("Cable reemplazado"),
            classification: None,
        },
        Event::Resolved {
            category: Category::Hardware,
            cause: note("Cable dañado"),
            solution: note("Cable reemplazado"),
            classification: Some(classification().into()),
        },
        Event::Verified {
            verdict: Verdict::StillFails,
            channel: Some(Channel::Mail),
            who: Some(person()),
            said: Some(note("Sigue igual.")),
        },
        Event::Verified { verdict: Verdict::Works, channel: None, who: None, said: None },
        Event::VerificationReminded { nth: 1 },
        Event::VerificationUnanswered,
        Event::Closed { reason: CloseReason::Confirmed, note: None, reopen_until: at(9000) },
        Event::Closed {
            reason: CloseReason::Unconfirmed,
            note: Some(reason("No responde.")),
            reopen_until: at(9000),
        },
        Event::Reopened {
            cause: ReopenCause::CameBack,
            said: Some(note("Volvió a fallar.")),
            target_s: 28_800,
        },
        Event::Reopened { cause: ReopenCause::StillFails, said: None, target_s: 28_800 },
    ]
}

fn nested() -> Vec<Event> {
    vec![
        Event::Visit { visit: VisitId(1), what: VisitEvent::Arrived },
        Event::Assignment(AssignmentEvent::Claimed { by: assignee() }),
        Event::Message(MessageEvent::UpdateCommitted { by: at(60) }),
        Event::Revision(RevisionEvent::ContactUndone { contact: 2 }),
        Event::Survey(SurveyEvent::Lapsed),
        Event::Terminated(Termination::Duplicate { of: other_number() }),
        Event::Link(LinkEvent::Related { other: other_number() }),
        Event::TrackingRenewed { reason: Some(reason("Lo reenvió a un tercero.")) },
        Event::TrackingRenewed { reason: None },
        Event::Participant(ParticipantEvent::Invited(participant())),
        Event::Erased { reason: ErasureReason::Retention },
    ]
}

fn holding() -> [AssignmentEvent; 5] {
    let (from, to) = (assignee(), other_holder());
    [
        AssignmentEvent::Claimed { by: assignee() },
        AssignmentEvent::Released { from: assignee() },
        AssignmentEvent::Assigned { from: None, to: to.clone() },
        AssignmentEvent::Assigned { from: Some(from.clone()), to: to.clone() },
        AssignmentEvent::Transferred { from, to, reason: reason("Cambio de turno.") },
    ]
}

fn talk() -> [MessageEvent; 3] {
    [
        MessageEvent::UpdateSent { text: note("Vamos en camino.") },
        MessageEvent::UpdateCommitted { by: at(60) },
        MessageEvent::CustomerWrote { text: note("¿Cuándo vienen?") },
    ]
}

fn correction() -> Correction {
    Correction {
        from: cover_without_contract(),
        to: cover(),
        resolved: resolved(),
        priority: Priority::P3,
        broken: vec![
            (SlaMetric::FirstResponse, 1, breach()),
            (SlaMetric::CommittedUpdate, 2, breach_of_date()),
        ],
        reason: reason("El contrato era otro."),
    }
}

fn change_of_place() -> Change<Location> {
    Change { from: location(), to: Location::parse("Torre Sur, piso 2").unwrap() }
}

fn amendment() -> Amendment {
    Amendment {
        contact: Some(Change { from: contact(), to: contact_with_second_phone() }),
        location: Some(change_of_place()),
        fault: Some(Change {
            from: fault(),
            to: FaultDescription::parse("No hay red en dos pisos desde las 13:05.").unwrap(),
        }),
        reason: reason("La dirección era otra."),
    }
}

fn amendment_of_fault() -> Amendment {
    Amendment { contact: None, location: None, ..amendment() }
}

fn revision() -> [RevisionEvent; 4] {
    let to = domain::case::PriorityInputs { urgency: domain::priority::Urgency::High, ..priority_inputs() };
    [
        RevisionEvent::Reprioritized {
            from: priority_inputs(),
            to,
            priority: Priority::P1,
            reason: reason("Es urgente."),
        },
        RevisionEvent::Corrected(correction().into()),
        RevisionEvent::ContactUndone { contact: 2 },
        RevisionEvent::Amended { what: amendment().into(), resent: 1 },
    ]
}

fn withdrawals() -> [Termination; 3] {
    [
        Termination::Cancelled { asked_by: AskedBy::Desk, reason: Some(reason("Se abrió por error.")) },
        Termination::Cancelled { asked_by: AskedBy::Customer, reason: None },
        Termination::Duplicate { of: other_number() },
    ]
}

fn links() -> [LinkEvent; 4] {
    let other = other_number();
    [
        LinkEvent::Related { other },
        LinkEvent::Unrelated { other },
        LinkEvent::FollowedBy { other },
        LinkEvent::HasDuplicate { other },
    ]
}

fn participation() -> [ParticipantEvent; 3] {
    let (participant, name) = (ParticipantId(2), person());
    [
        ParticipantEvent::Invited(self::participant()),
        ParticipantEvent::Left { participant, name: name.clone() },
        ParticipantEvent::Removed { participant, name },
    ]
}

fn survey() -> Vec<SurveyEvent> {
    vec![
        SurveyEvent::FellDue { cycle: 1, questionnaire: questionnaire().into(), until: at(9000) },
        SurveyEvent::Attempted { outcome: AttemptOutcome::Voicemail, again: at(300) },
        SurveyEvent::CallBackAgreed { at: at(300), note: Some(reason("Por la tarde.")) },
        SurveyEvent::CallBackAgreed { at: at(300), note: None },
        SurveyEvent::Refused { note: Some(reason("No tiene tiempo.")) },
        SurveyEvent::Refused { note: None },
        SurveyEvent::Answered { answers: answers(), way: Way::Telephone { who: person() } },
        SurveyEvent::Answered { answers: answers(), way: Way::Link },
        SurveyEvent::Lapsed,
        SurveyEvent::FollowUpOpened,
        SurveyEvent::FollowedUp { outcome: FollowUpOutcome::Settled, note: note("Quedó conforme.") },
    ]
}

fn visit_arranged() -> Vec<VisitEvent> {
    let (note, no_note) = (Some(note("Por la mañana.")), None);
    let (windows, technician, from) = (windows(), technician(), meeting());
    vec![
        VisitEvent::Offered { windows: windows.clone(), technician: technician.clone(), note: note.clone() },
        VisitEvent::Offered {
            windows: windows.clone(),
            technician: technician.clone(),
            note: no_note.clone(),
        },
        VisitEvent::Proposed { windows: windows.clone(), note: note.clone(), word: Some(word()) },
        VisitEvent::Proposed { windows, note: no_note.clone(), word: None },
        VisitEvent::Declined { note: note.clone(), word: Some(word()) },
        VisitEvent::Declined { note: no_note.clone(), word: None },
        VisitEvent::Agreed { meeting: meeting(), word: Some(word()) },
        VisitEvent::Agreed { meeting: meeting(), word: None },
        VisitEvent::Moved { by: Side::Us, from: from.clone(), note: note.clone() },
        VisitEvent::Moved { by: Side::Customer, from: from.clone(), note: no_note.clone() },
        VisitEvent::CalledOff { by: Side::Us, from: Some(from), note: note.clone() },
        VisitEvent::CalledOff { by: Side::Customer, from: None, note: no_note.clone() },
        VisitEvent::Reassigned { from: technician.clone(), to: other_technician(), note },
        VisitEvent::Reassigned { from: technician, to: other_technician(), note: no_note },
        VisitEvent::Overruled {
            clashes: vec![clash()],
            absences: Vec::new(),
            reason: super::samples::note("Queda de camino."),
        },
        VisitEvent::Overruled {
            clashes: Vec::new(),
            absences: vec![span(1440, 2880)],
            reason: super::samples::note("Viene igual."),
        },
    ]
}

fn visit_on_site() -> Vec<VisitEvent> {
    vec![
        VisitEvent::Missed {
            by: Side::Customer,
            note: Some(note("Nadie abrió.")),
            reason: Some(NoShowReason::NobodyOpens),
        },
        VisitEvent::Missed { by: Side::Us, note: None, reason: None },
        VisitEvent::MissUndone,
        VisitEvent::Arrived,
        VisitEvent::ArrivalUndone,
        VisitEvent::Started,
        VisitEvent::Ended { report: work_report(), conformity: signed() },
        VisitEvent::Ended {
            report: work_report(),
            conformity: Conformity::Unsigned { reason: note("No quedó nadie.") },
        },
        VisitEvent::Attached(attachment()),
        VisitEvent::Detached { file: attachment() },
    ]
}
