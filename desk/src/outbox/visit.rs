//! The mails that tell of visits, with their invitations: to the customer's contact, and to the technician.

use domain::actor::PersonId;
use domain::calendar::ServiceHours;
use domain::case::Case;
use domain::case::visit::{Meeting, Side, Stage, Visit, VisitEvent, VisitId};
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::site::Site;
use domain::t;
use domain::text::{Note, PersonName};
use domain::time::Instant;
use sqlx::Row;

use super::MailKind;
use super::queue::{Cause, NewMail, host, queue as enqueue, to_contact};
use crate::Desk;
use crate::access::tokens::{VisitLink, sealed};
use crate::events;
use crate::mail::{
    CaseMailContext, Invitation, Method, VisitMailContext, mail_context, to_desk, to_technician,
    whereabouts_in_line,
};
use crate::store::{StoreError, Tx};

/// An agreed visit can be moved by its link until then after its window: longer than any delay.
const AFTER_S: i64 = 24 * 3600;

/// Queues what an event of a visit is told by. `case` is the case after it, and after what else was decided with it.
pub(super) async fn queue(
    desk: &Desk,
    tx: &mut Tx,
    case: &Case,
    hours: &ServiceHours,
    (id, event): (VisitId, &VisitEvent),
) -> Result<(), StoreError> {
    let labels = events::labels(tx.connection(), case.opening.number).await?;
    let mail_context = mail_context(desk, case, hours, labels);
    let telling = Telling { desk, case, mail_context: &mail_context, id };
    match event {
        VisitEvent::Offered { windows, technician, note } => {
            let told = VisitMailContext::offered(&mail_context, windows, technician, note.as_ref());
            let link = telling.link(windows.end());
            let mut mail =
                to_contact(case, MailKind::Visit, told.compose(&mail_context, telling.site(), link));
            mail.calendar = None;
            enqueue(desk, tx, mail).await
        }
        VisitEvent::Agreed { meeting, .. } => {
            let link = telling.link(meeting.window.to.plus(AFTER_S));
            let composed = VisitMailContext::agreed(&mail_context, meeting).compose(
                &mail_context,
                telling.site(),
                link.clone(),
            );
            let mut mail = to_contact(case, MailKind::Visit, composed);
            mail.calendar = Some(telling.invitation(tx, Method::Request, meeting, link).await?);
            enqueue(desk, tx, mail).await?;
            telling.tell_technician(tx, meeting, None).await
        }
        VisitEvent::Moved { by, from, note } => {
            let latest = case.visits().latest();
            let again = latest.is_some_and(|visit| matches!(visit.stage, Stage::Agreed(_)));
            let stays = again && latest.is_some_and(|visit| visit.technician == from.technician);
            // What was agreed anew in the same breath is told by that: one invitation moves the other.
            if !again {
                let told = VisitMailContext::moved(&mail_context, *by, from, note.as_ref());
                telling.cancel(tx, told, from).await?;
            }
            if stays { Ok(()) } else { telling.tell_technician(tx, from, Some(*by)).await }
        }
        VisitEvent::CalledOff { by, from, note } => {
            let told = VisitMailContext::called_off(&mail_context, from.as_ref(), note.as_ref());
            if let Some(from) = from {
                telling.cancel(tx, told, from).await?;
                return telling.tell_technician(tx, from, Some(*by)).await;
            }
            let composed = told.compose(&mail_context, telling.site(), mail_context.link.clone());
            enqueue(desk, tx, to_contact(case, MailKind::Visit, composed)).await
        }
        VisitEvent::Reassigned { from, note, .. } => {
            let Some(meeting) = case.visits().latest().and_then(Visit::meeting) else { return Ok(()) };
            let link = telling.link(meeting.window.to.plus(AFTER_S));
            let composed = VisitMailContext::reassigned(&mail_context, &meeting, note.as_ref()).compose(
                &mail_context,
                telling.site(),
                link.clone(),
            );
            let mut mail = to_contact(case, MailKind::Visit, composed);
            mail.calendar = Some(telling.invitation(tx, Method::Request, &meeting, link).await?);
            enqueue(desk, tx, mail).await?;
            let before = Meeting { window: meeting.window, technician: from.clone() };
            telling.tell_technician(tx, &before, Some(Side::Us)).await?;
            telling.tell_technician(tx, &meeting, None).await
        }
        VisitEvent::Missed { note, .. } => {
            let Some(visit) = case.visits().latest() else { return Ok(()) };
            let Some(told) = VisitMailContext::missed(&mail_context, visit) else { return Ok(()) };
            let composed = told.compose(&mail_context, telling.site(), mail_context.link.clone());
            enqueue(desk, tx, to_contact(case, MailKind::Visit, composed)).await?;
            telling.tell_desk(tx, visit, note.as_ref()).await
        }
        VisitEvent::MissUndone => {
            let Some(visit) = case.visits().latest() else { return Ok(()) };
            let composed = VisitMailContext::goes_on(&mail_context, visit).compose(
                &mail_context,
                telling.site(),
                mail_context.link.clone(),
            );
            enqueue(desk, tx, to_contact(case, MailKind::Visit, composed)).await?;
            telling.tell_desk(tx, visit, None).await
        }
        VisitEvent::Overruled { .. }
        | VisitEvent::Attached(_)
        | VisitEvent::Detached { .. }
        | VisitEvent::Proposed { .. }
        | VisitEvent::Declined { .. }
        | VisitEvent::Arrived
        | VisitEvent::ArrivalUndone
        | VisitEvent::Started
        | VisitEvent::Ended { .. } => Ok(()),
    }
}

/// Somebody of the staff, as mails reach them.
struct Reached {
    name: PersonName,
    mail: MailAddress,
    language: Language,
}

/// What all mails of one event have in common.
struct Telling<'a> {
    desk: &'a Desk,
    case: &'a Case,
    mail_context: &'a CaseMailContext<'a>,
    id: VisitId,
}

impl Telling<'_> {
    const fn site(&self) -> Option<&Site> {
        self.mail_context.labels.site.as_ref()
    }

    fn revision(&self) -> u32 {
        self.case.visits().latest().map_or(0, |visit| visit.revision)
    }

    /// The link to the page where the customer answers.
    fn link(&self, expires: Instant) -> String {
        let number = self.case.opening.number;
        let link = VisitLink { number, visit: self.id, revision: self.revision(), expires };
        format!("{}/visit/{}", self.desk.public_url(), sealed(&self.desk.tokens().for_visit(&link)))
    }

    /// Tells the contact that a meeting is off, and takes it out of their calendar.
    async fn cancel(
        &self,
        tx: &mut Tx,
        told: VisitMailContext<'_>,
        from: &Meeting,
    ) -> Result<(), StoreError> {
        let composed = told.compose(self.mail_context, self.site(), self.mail_context.link.clone());
        let mut mail = to_contact(self.case, MailKind::Visit, composed);
        mail.calendar =
            Some(self.invitation(tx, Method::Cancel, from, self.mail_context.link.clone()).await?);
        enqueue(self.desk, tx, mail).await
    }

    async fn tell_technician(
        &self,
        tx: &mut Tx,
        meeting: &Meeting,
        cancelled: Option<Side>,
    ) -> Result<(), StoreError> {
        let Some(reached) = reach(tx, meeting.technician.id).await? else { return Ok(()) };
        let number = self.case.opening.number;
        let link = format!("{}/desk/cases/{}", self.desk.public_url(), number.as_compact());
        let method = if cancelled.is_some() { Method::Cancel } else { Method::Request };
        let calendar = self.invitation(tx, method, meeting, link.clone()).await?;
        let composed = to_technician(self.mail_context, reached.language, meeting, cancelled, link);
        let mail = NewMail {
            kind: MailKind::VisitStaff,
            case: Some(number),
            language: reached.language,
            name: &reached.name,
            address: &reached.mail,
            composed,
            calendar: Some(calendar),
            document: None,
            cause: Cause::Desk,
        };
        enqueue(self.desk, tx, mail).await
    }

    /// Tells whoever is in charge of the case, but for the technician who goes: they said so.
    async fn tell_desk(&self, tx: &mut Tx, visit: &Visit, note: Option<&Note>) -> Result<(), StoreError> {
        let number = self.case.opening.number;
        let assignee =
            self.case.assignee().map(|assignee| assignee.id).filter(|id| *id != visit.technician.id);
        for person in super::warning::in_charge(tx, assignee).await? {
            let link = format!("{}/desk/cases/{}", self.desk.public_url(), number.as_compact());
            let reader = (person.language, person.name.as_str());
            let composed = to_desk(self.mail_context, reader, (visit, self.site()), note, link);
            enqueue(self.desk, tx, person.mail(MailKind::VisitMissed, number, composed)).await?;
        }
        Ok(())
    }

    async fn invitation(
        &self,
        tx: &mut Tx,
        method: Method,
        meeting: &Meeting,
        url: String,
    ) -> Result<String, StoreError> {
        let (number, report) = (self.case.opening.number, &self.case.opening.report);
        let language = self.case.opening.language;
        let contact = &report.contact;
        let mut attendees = vec![(contact.name.to_string(), contact.mail.as_str().to_owned())];
        if let Some(reached) = reach(tx, meeting.technician.id).await? {
            attendees.push((reached.name.to_string(), reached.mail.as_str().to_owned()));
        }
        let invitation = Invitation {
            method,
            uid: format!("{}-{}@{}", number.as_compact(), self.id.0, host(self.desk.public_url())),
            sequence: self.revision(),
            stamp: self.desk.now(),
            window: meeting.window,
            zone: &self.mail_context.hours.zone,
            summary: t!(language, "letter.visit.summary", number = number),
            description: t!(language, "letter.visit.description", name = meeting.technician.name),
            location: whereabouts_in_line(self.mail_context, self.site(), language),
            url,
            attendees,
        };
        Ok(invitation.write())
    }
}

async fn reach(tx: &mut Tx, id: PersonId) -> Result<Option<Reached>, StoreError> {
    let row = sqlx::query("SELECT name, mail, language FROM people WHERE id = $1")
        .bind(id.0)
        .fetch_optional(tx.connection())
        .await?;
    let Some(row) = row else { return Ok(None) };
    let text = |column: usize| row.try_get::<String, _>(column);
    let wrong = |what: &str| StoreError::inconsistent("people", format!("{}: {what}", id.0));
    Ok(Some(Reached {
        name: PersonName::parse(&text(0)?).map_err(|_| wrong("name"))?,
        mail: MailAddress::parse(&text(1)?).map_err(|_| wrong("mail"))?,
        language: Language::from_code(&text(2)?).unwrap_or_default(),
    }))
}
