//! Participants: other people on a case, each with a link and the right to leave (`docs/decisions/0066`).

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::decide::Refusal;
use super::event::{Author, Event, Recorded};
use super::evolve::Case;
use super::revision::RevisionEvent;
use crate::actor::{Action, Actor, ParticipantId};
use crate::i18n::Language;
use crate::mail_address::MailAddress;
use crate::t;
use crate::text::PersonName;
use crate::time::Instant;

/// The most participants of a case at a time.
pub const PARTICIPANTS_MOST: usize = 10;
/// Invitations that the holder of a case's link can send within any hour.
pub const INVITATIONS_PER_HOUR: usize = 5;
/// The seconds of that hour.
const HOUR_S: i64 = 3600;

/// Another person on a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// Identifies the participant within the case, and is never given again.
    pub id: ParticipantId,
    /// Their name, as typed by who invited them.
    pub name: PersonName,
    /// Where they get mails.
    pub mail: MailAddress,
    /// The language of their mails.
    pub language: Language,
}

impl Participant {
    /// Takes the address away, for readers who may know the name alone.
    pub fn hide_address(&mut self) {
        self.mail = MailAddress::erased(1);
    }
}

impl Recorded {
    /// Takes the contact's telephones and address away. A participant reads the contact's name alone.
    pub fn hide_contact(&mut self) {
        match &mut self.event {
            Event::Opened(opening) => opening.report.contact.hide_addresses(),
            Event::Revision(RevisionEvent::Amended { what, .. }) => {
                if let Some(change) = &mut what.contact {
                    change.from.hide_addresses();
                    change.to.hide_addresses();
                }
            }
            _ => {}
        }
    }
}

/// An event about a participant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParticipantEvent {
    /// A person was invited, and a link of their own was mailed to them.
    Invited(Participant),
    /// A participant left. Their link leads nowhere any more.
    Left {
        /// Who left.
        participant: ParticipantId,
        /// Their name.
        name: PersonName,
    },
    /// A participant was removed. Their link leads nowhere any more.
    Removed {
        /// Who was removed.
        participant: ParticipantId,
        /// Their name.
        name: PersonName,
    },
}

impl ParticipantEvent {
    /// The event's kind: the tags of its stored form.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Invited(_) => "participant:invited",
            Self::Left { .. } => "participant:left",
            Self::Removed { .. } => "participant:removed",
        }
    }

    /// The key of the event's name in the language files.
    #[must_use]
    pub const fn name_key(&self) -> &'static str {
        match self {
            Self::Invited(_) => "event.participant_invited",
            Self::Left { .. } => "event.participant_left",
            Self::Removed { .. } => "event.participant_removed",
        }
    }
}

/// The participants of a case, and when its customer invited.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Participants {
    here: Vec<Participant>,
    /// The highest id that was given.
    last: u32,
    invited_by_customer: Vec<Instant>,
    /// Who left by their own word, and was not invited again since.
    left: Vec<MailAddress>,
}

impl Participants {
    pub(super) fn evolve(&mut self, at: Instant, by: &Author, event: &ParticipantEvent) {
        match event {
            ParticipantEvent::Invited(participant) => {
                self.last = self.last.max(participant.id.0);
                self.left.retain(|mail| mail.mailbox() != participant.mail.mailbox());
                self.here.push(participant.clone());
                if by.is_customer() {
                    self.invited_by_customer.push(at);
                }
            }
            ParticipantEvent::Left { participant, .. } => {
                let gone = self.here.iter().filter(|other| other.id == *participant);
                self.left.extend(gone.map(|gone| gone.mail.clone()));
                self.here.retain(|other| other.id != *participant);
            }
            ParticipantEvent::Removed { participant, .. } => {
                self.here.retain(|other| other.id != *participant);
            }
        }
    }

    /// Ends the part of everyone: their data were erased.
    pub(super) fn end(&mut self) {
        self.here.clear();
        self.left.clear();
    }
}

impl Case {
    /// The participants, in the order of their invitations.
    #[must_use]
    pub fn participants(&self) -> &[Participant] {
        &self.participants.here
    }

    /// A participant who has neither left nor been removed.
    #[must_use]
    pub fn participant(&self, id: ParticipantId) -> Option<&Participant> {
        self.participants().iter().find(|participant| participant.id == id)
    }

    /// The participant of an address, in any case of letters.
    #[must_use]
    pub fn participant_of(&self, address: &str) -> Option<&Participant> {
        self.participants().iter().find(|participant| is_same(&participant.mail, address))
    }
}

fn is_same(mail: &MailAddress, address: &str) -> bool {
    mail.as_str().eq_ignore_ascii_case(address)
}

/// Commands about participants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParticipantCommand {
    /// Invite a person, as the contact or as a member of the staff.
    Invite {
        /// Their name.
        name: PersonName,
        /// Where they get mails.
        mail: MailAddress,
        /// The language of their mails.
        language: Language,
    },
    /// Remove a participant.
    Remove {
        /// Who is removed.
        participant: ParticipantId,
    },
    /// Leave, as a participant.
    Leave,
}

impl ParticipantCommand {
    /// The action that the policy must permit.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::Invite { .. } | Self::Remove { .. } => Action::KeepParticipants,
            Self::Leave => Action::LeaveCase,
        }
    }
}

/// Why a participant is not invited or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParticipantRefusal {
    /// The case has ended.
    #[error("the case has ended")]
    Ended,
    /// Only the sender vouches for the case: the contact centre has to see it first.
    #[error("the case is not verified")]
    Unverified,
    /// The case has [`PARTICIPANTS_MOST`] participants: remove one first.
    #[error("more than {PARTICIPANTS_MOST} participants")]
    TooMany,
    /// The customer has sent [`INVITATIONS_PER_HOUR`] invitations within the hour.
    #[error("more than {INVITATIONS_PER_HOUR} invitations within an hour")]
    TooOften,
    /// The address is the contact's, or a participant's.
    #[error("the address is on the case")]
    AlreadyHere,
    /// They have left by their own word: the contact does not invite them again.
    #[error("the person has left")]
    HasLeft,
    /// They have left, or were removed.
    #[error("no such participant")]
    NotHere,
}

impl ParticipantRefusal {
    /// The rule in the reader's language, with what to do instead.
    #[must_use]
    pub fn message(self, language: Language) -> String {
        match self {
            Self::Ended => t!(language, "participant.refusal.ended").into_owned(),
            Self::Unverified => t!(language, "participant.refusal.unverified").into_owned(),
            Self::TooMany => t!(language, "participant.refusal.too_many", most = PARTICIPANTS_MOST),
            Self::TooOften => t!(language, "participant.refusal.too_often").into_owned(),
            Self::AlreadyHere => t!(language, "participant.refusal.already_here").into_owned(),
            Self::HasLeft => t!(language, "participant.refusal.has_left").into_owned(),
            Self::NotHere => t!(language, "participant.refusal.not_here").into_owned(),
        }
    }
}

pub(super) fn decide(
    case: &Case,
    command: ParticipantCommand,
    actor: &Actor,
    now: Instant,
) -> Result<Event, Refusal> {
    let event = match command {
        ParticipantCommand::Invite { name, mail, language } => {
            check_invitation(case, &mail, actor, now)?;
            let id = ParticipantId(case.participants.last + 1);
            ParticipantEvent::Invited(Participant { id, name, mail, language })
        }
        ParticipantCommand::Remove { participant } => {
            let name = case.participant(participant).ok_or(ParticipantRefusal::NotHere)?.name.clone();
            ParticipantEvent::Removed { participant, name }
        }
        ParticipantCommand::Leave => {
            let Actor::Participant(own) = actor else { return Err(ParticipantRefusal::NotHere.into()) };
            let name = case.participant(own.id).ok_or(ParticipantRefusal::NotHere)?.name.clone();
            ParticipantEvent::Left { participant: own.id, name }
        }
    };
    Ok(Event::Participant(event))
}

/// What a customer invites to is mailed to an address of their choice. So it waits until the case is verified, is few at a
/// time, and never goes to those who left.
fn check_invitation(
    case: &Case,
    mail: &MailAddress,
    actor: &Actor,
    now: Instant,
) -> Result<(), ParticipantRefusal> {
    if case.status().is_end() {
        return Err(ParticipantRefusal::Ended);
    }
    if matches!(actor, Actor::Customer(_) | Actor::CustomerBeside { .. }) {
        if case.is_unverified() {
            return Err(ParticipantRefusal::Unverified);
        }
        let lately = |at: &&Instant| now.since(**at) < HOUR_S;
        if case.participants.invited_by_customer.iter().filter(lately).count() >= INVITATIONS_PER_HOUR {
            return Err(ParticipantRefusal::TooOften);
        }
        // In every spelling of the mailbox.
        if case.participants.left.iter().any(|left| left.mailbox() == mail.mailbox()) {
            return Err(ParticipantRefusal::HasLeft);
        }
    }
    if case.participants().len() >= PARTICIPANTS_MOST {
        return Err(ParticipantRefusal::TooMany);
    }
    let contact = &case.opening.report.contact.mail;
    if is_same(contact, mail.as_str()) || case.participant_of(mail.as_str()).is_some() {
        return Err(ParticipantRefusal::AlreadyHere);
    }
    Ok(())
}
