//! The erasure of personal data from a history: names, telephones, mail addresses, free texts, signatures and files. The entries
//! keep their shape, so that the same code folds them to the same figures.
//!
//! Equal values are replaced by equal ones within a case, and different values by different ones. So an amendment still
//! changes what it changed, and the same mails follow from it. What stands in their place is the same in every language.

use super::amendment::{Amendment, Change};
use super::event::{Author, Event, Opening, Recorded};
use super::message::MessageEvent;
use super::participant::{Participant, ParticipantEvent};
use super::revision::{Correction, RevisionEvent};
use super::termination::Termination;
use super::visit::{Conformity, CustomerStatement, VisitEvent, WorkReport};
use crate::case::assignment::AssignmentEvent;
use crate::mail_address::MailAddress;
use crate::phone::Phone;
use crate::report::{Contact, Report};
use crate::survey::{SurveyEvent, Way};
use crate::text::{Company, FaultDescription, Location, Note, PersonName, Reason};

/// The history of a case without personal data of the customer. The staff's names stay: reports count by them.
///
/// What was erased before is the same afterwards.
///
/// ```
/// # use domain::case::erased;
/// assert!(erased(Vec::new()).is_empty());
/// ```
#[must_use]
pub fn erased(history: Vec<Recorded>) -> Vec<Recorded> {
    let mut values = Values::default();
    let entry =
        |entry: Recorded| Recorded { by: values.author(entry.by), event: values.event(entry.event), ..entry };
    history.into_iter().map(entry).collect()
}

/// Distinct values of a case, in the order of their first entry.
#[derive(Default)]
struct Values {
    names: Vec<PersonName>,
    companies: Vec<Company>,
    phones: Vec<String>,
    mails: Vec<MailAddress>,
    locations: Vec<Location>,
    faults: Vec<FaultDescription>,
}

/// The place of a value among the distinct ones, from 1.
fn nth<T: PartialEq>(known: &mut Vec<T>, value: T) -> usize {
    let place = known.iter().position(|other| *other == value).unwrap_or_else(|| {
        known.push(value);
        known.len() - 1
    });
    place + 1
}

fn note(note: Option<Note>) -> Option<Note> {
    note.map(|_| Note::erased(1))
}

fn reason(reason: Option<Reason>) -> Option<Reason> {
    reason.map(|_| Reason::erased(1))
}

impl Values {
    fn name(&mut self, name: PersonName) -> PersonName {
        PersonName::erased(nth(&mut self.names, name))
    }

    fn phone(&mut self, phone: &Phone) -> Phone {
        Phone::erased(nth(&mut self.phones, phone.international()))
    }

    fn mail(&mut self, mail: MailAddress) -> MailAddress {
        MailAddress::erased(nth(&mut self.mails, mail))
    }

    fn location(&mut self, location: Location) -> Location {
        Location::erased(nth(&mut self.locations, location))
    }

    fn fault(&mut self, fault: FaultDescription) -> FaultDescription {
        FaultDescription::erased(nth(&mut self.faults, fault))
    }

    fn contact(&mut self, contact: Contact) -> Contact {
        let Contact { name, phone, second, mail } = contact;
        Contact {
            name: self.name(name),
            phone: self.phone(&phone),
            second: second.map(|second| self.phone(&second)),
            mail: self.mail(mail),
        }
    }

    fn report(&mut self, report: Report) -> Report {
        Report {
            reporter: self.name(report.reporter),
            company: report.company.map(|company| Company::erased(nth(&mut self.companies, company))),
            location: self.location(report.location),
            contact: self.contact(report.contact),
            fault: self.fault(report.fault),
            ..report
        }
    }

    fn statement(&mut self, word: Option<CustomerStatement>) -> Option<CustomerStatement> {
        word.map(|word| CustomerStatement { who: self.name(word.who), ..word })
    }

    /// The author without a name, if it is a participant. The staff's names stay.
    fn author(&mut self, by: Author) -> Author {
        match by {
            Author::Participant { id, name } => Author::Participant { id, name: self.name(name) },
            by => by,
        }
    }

    fn participant(&mut self, event: ParticipantEvent) -> ParticipantEvent {
        match event {
            ParticipantEvent::Invited(Participant { id, name, mail, language }) => {
                let (name, mail) = (self.name(name), self.mail(mail));
                ParticipantEvent::Invited(Participant { id, name, mail, language })
            }
            ParticipantEvent::Left { participant, name } => {
                ParticipantEvent::Left { participant, name: self.name(name) }
            }
            ParticipantEvent::Removed { participant, name } => {
                ParticipantEvent::Removed { participant, name: self.name(name) }
            }
        }
    }

    fn event(&mut self, event: Event) -> Event {
        match event {
            Event::Opened(opening) => {
                let opening = *opening;
                Event::Opened(Box::new(Opening { report: self.report(opening.report), ..opening }))
            }
            Event::ContactAttempted { channel, outcome, note: said } => {
                Event::ContactAttempted { channel, outcome, note: note(said) }
            }
            Event::Contacted { channel, note: said, length_s } => {
                Event::Contacted { channel, note: note(said), length_s }
            }
            Event::Noted { audience, .. } => Event::Noted { audience, text: Note::erased(1) },
            Event::Paused { reason: waits_for, detail, until, allowed_by } => Event::Paused {
                reason: waits_for,
                detail: reason(detail),
                until,
                allowed_by: allowed_by.map(|name| self.name(name)),
            },
            Event::PriorityChanged { from, to, .. } => {
                Event::PriorityChanged { from, to, reason: Reason::erased(1) }
            }
            Event::Resolved { category, classification, .. } => {
                let (cause, solution) = (Note::erased(1), Note::erased(1));
                Event::Resolved { category, cause, solution, classification }
            }
            Event::Verified { verdict, channel, who, said } => {
                Event::Verified { verdict, channel, who: who.map(|who| self.name(who)), said: note(said) }
            }
            Event::Closed { reason: why, note: said, reopen_until } => {
                Event::Closed { reason: why, note: reason(said), reopen_until }
            }
            Event::Reopened { cause, said, target_s } => {
                Event::Reopened { cause, said: note(said), target_s }
            }
            Event::Visit { visit, what } => Event::Visit { visit, what: self.visit(what) },
            Event::Assignment(event) => Event::Assignment(assignment(event)),
            Event::Message(event) => Event::Message(message(event)),
            Event::Revision(event) => Event::Revision(self.revision(event)),
            Event::Survey(event) => Event::Survey(self.survey(event)),
            Event::Terminated(Termination::Cancelled { asked_by, reason: why }) => {
                Event::Terminated(Termination::Cancelled { asked_by, reason: reason(why) })
            }
            Event::Participant(event) => Event::Participant(self.participant(event)),
            Event::TrackingRenewed { reason: why } => Event::TrackingRenewed { reason: reason(why) },
            Event::Terminated(Termination::Duplicate { .. })
            | Event::Resumed { .. }
            | Event::VerificationReminded { .. }
            | Event::VerificationUnanswered
            | Event::Warned { .. }
            | Event::Link(_)
            | Event::Erased { .. } => event,
        }
    }

    fn visit(&mut self, what: VisitEvent) -> VisitEvent {
        match what {
            VisitEvent::Offered { windows, technician, note: said } => {
                VisitEvent::Offered { windows, technician, note: note(said) }
            }
            VisitEvent::Proposed { windows, note: said, word } => {
                VisitEvent::Proposed { windows, note: note(said), word: self.statement(word) }
            }
            VisitEvent::Declined { note: said, word } => {
                VisitEvent::Declined { note: note(said), word: self.statement(word) }
            }
            VisitEvent::Agreed { meeting, word } => {
                VisitEvent::Agreed { meeting, word: self.statement(word) }
            }
            VisitEvent::Moved { by, from, note: said } => VisitEvent::Moved { by, from, note: note(said) },
            VisitEvent::CalledOff { by, from, note: said } => {
                VisitEvent::CalledOff { by, from, note: note(said) }
            }
            VisitEvent::Missed { by, note: said, reason } => {
                VisitEvent::Missed { by, note: note(said), reason }
            }
            VisitEvent::Ended { report, conformity } => VisitEvent::Ended {
                report: WorkReport::erased(report),
                conformity: self.conformity(conformity),
            },
            VisitEvent::Reassigned { from, to, note: said } => {
                VisitEvent::Reassigned { from, to, note: note(said) }
            }
            VisitEvent::Overruled { clashes, absences, .. } => {
                VisitEvent::Overruled { clashes, absences, reason: Note::erased(1) }
            }
            VisitEvent::Attached(file) => VisitEvent::Attached(file.erased()),
            VisitEvent::Detached { file } => VisitEvent::Detached { file: file.erased() },
            VisitEvent::MissUndone
            | VisitEvent::Arrived
            | VisitEvent::ArrivalUndone
            | VisitEvent::Started => what,
        }
    }

    fn conformity(&mut self, conformity: Conformity) -> Conformity {
        match conformity {
            Conformity::Signed { name, .. } => {
                Conformity::Signed { name: self.name(name), signature: super::visit::Signature::erased() }
            }
            Conformity::Unsigned { .. } => Conformity::Unsigned { reason: Note::erased(1) },
        }
    }

    fn revision(&mut self, event: RevisionEvent) -> RevisionEvent {
        match event {
            RevisionEvent::Reprioritized { from, to, priority, .. } => {
                RevisionEvent::Reprioritized { from, to, priority, reason: Reason::erased(1) }
            }
            RevisionEvent::Corrected(correction) => {
                RevisionEvent::Corrected(Box::new(Correction { reason: Reason::erased(1), ..*correction }))
            }
            RevisionEvent::Amended { what, resent } => {
                RevisionEvent::Amended { what: Box::new(self.amendment(*what)), resent }
            }
            RevisionEvent::ContactUndone { .. } => event,
        }
    }

    fn amendment(&mut self, what: Amendment) -> Amendment {
        let Amendment { contact, location, fault, reason: _ } = what;
        Amendment {
            contact: contact
                .map(|Change { from, to }| Change { from: self.contact(from), to: self.contact(to) }),
            location: location
                .map(|Change { from, to }| Change { from: self.location(from), to: self.location(to) }),
            fault: fault.map(|Change { from, to }| Change { from: self.fault(from), to: self.fault(to) }),
            reason: Reason::erased(1),
        }
    }

    fn survey(&mut self, event: SurveyEvent) -> SurveyEvent {
        match event {
            SurveyEvent::CallBackAgreed { at, note: said } => {
                SurveyEvent::CallBackAgreed { at, note: reason(said) }
            }
            SurveyEvent::Refused { note: said } => SurveyEvent::Refused { note: reason(said) },
            SurveyEvent::Answered { answers, way } => {
                let way = match way {
                    Way::Telephone { who } => Way::Telephone { who: self.name(who) },
                    Way::Link => Way::Link,
                };
                SurveyEvent::Answered { answers: answers.erased(), way }
            }
            SurveyEvent::FollowedUp { outcome, .. } => {
                SurveyEvent::FollowedUp { outcome, note: Note::erased(1) }
            }
            SurveyEvent::FellDue { .. }
            | SurveyEvent::Attempted { .. }
            | SurveyEvent::Lapsed
            | SurveyEvent::FollowUpOpened => event,
        }
    }
}

fn assignment(event: AssignmentEvent) -> AssignmentEvent {
    match event {
        AssignmentEvent::Transferred { from, to, .. } => {
            AssignmentEvent::Transferred { from, to, reason: Reason::erased(1) }
        }
        AssignmentEvent::Claimed { .. }
        | AssignmentEvent::Released { .. }
        | AssignmentEvent::Assigned { .. } => event,
    }
}

fn message(event: MessageEvent) -> MessageEvent {
    match event {
        MessageEvent::UpdateSent { .. } => MessageEvent::UpdateSent { text: Note::erased(1) },
        MessageEvent::CustomerWrote { .. } => MessageEvent::CustomerWrote { text: Note::erased(1) },
        MessageEvent::UpdateCommitted { .. } => event,
    }
}
