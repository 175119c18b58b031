//! Mails about visits, with invitations: to the customer's contact, and to the technician.

use domain::actor::PersonId;
use domain::calendar::ServiceHours;
use domain::case::Case;
use domain::case::visit::{Meeting, Side, Stage, Technician, Visit, VisitEvent, VisitId, Windows};
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::site::Site;
use domain::t;
use domain::text::{Note, PersonName};
use domain::time::Instant;
use sqlx::Row;

use super::MailKind;
use super::queue::{Cause, NewMail, host, queue as enqueue, to_contact};
use super::recipients::OnDuty;
use crate::Desk;
use crate::access::tokens::{VisitLink, sealed};
use crate::events;
use crate::mail::{
    CaseMailContext, Invitation, Method, VisitMailContext, mail_context, to_desk, to_technician,
    whereabouts_in_line,
};
use crate::store::{StoreError, Tx};

/// The link of an agreed visit can move it for this long after its window, in seconds: longer than any delay.
const AFTER_S: i64 = 24 * 3600;

/// Queues the mails about an event of a visit. `case` is the case after all events of the command.
pub(super) async fn queue(
    desk: &Desk,
    tx: &mut Tx,
    case: &Case,
    hours: &ServiceHours,
    (id, event): (VisitId, &VisitEvent),
) -> Result<(), StoreError> {
    let labels = events::labels(tx.connection(), case.opening.number).await?;
    let mail_context = mail_context(desk, case, hours, labels);
    let mails = VisitMails { desk, case, mail_context: &mail_context, id };
    match event {
        VisitEvent::Offered { windows, technician, note } => {
            mails.offered(tx, windows, technician, note.as_ref()).await
        }
        VisitEvent::Agreed { meeting, .. } => mails.agreed(tx, meeting).await,
        VisitEvent::Moved { by, from, note } => mails.moved(tx, *by, from, note.as_ref()).await,
        VisitEvent::CalledOff { by, from, note } => {
            mails.called_off(tx, *by, from.as_ref(), note.as_ref()).await
        }
        VisitEvent::Reassigned { from, note, .. } => mails.reassigned(tx, from, note.as_ref()).await,
        VisitEvent::Missed { note, .. } => mails.missed(tx, note.as_ref()).await,
        VisitEvent::MissUndone => mails.miss_undone(tx).await,
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

/// A member of the staff as a recipient of mails.
struct StaffMailbox {
    name: PersonName,
    mail: MailAddress,
    language: Language,
}

/// The mails about one event of a visit.
struct VisitMails<'a> {
    desk: &'a Desk,
    case: &'a Case,
    mail_context: &'a CaseMailContext<'a>,
    id: VisitId,
}

impl VisitMails<'_> {
    async fn offered(
        &self,
        tx: &mut Tx,
        windows: &Windows,
        technician: &Technician,
        note: Option<&Note>,
    ) -> Result<(), StoreError> {
        let context = VisitMailContext::offered(self.mail_context, windows, technician, note);
        self.to_contact(tx, context, self.link(windows.end())).await
    }

    async fn agreed(&self, tx: &mut Tx, meeting: &Meeting) -> Result<(), StoreError> {
        let context = VisitMailContext::agreed(self.mail_context, meeting);
        self.invite_contact(tx, context, meeting).await?;
        self.tell_technician(tx, meeting, None).await
    }

    async fn moved(
        &self,
        tx: &mut Tx,
        by: Side,
        from: &Meeting,
        note: Option<&Note>,
    ) -> Result<(), StoreError> {
        let latest = self.case.visits().latest();
        let is_agreed = latest.is_some_and(|visit| matches!(visit.stage, Stage::Agreed(_)));
        let has_same_technician = latest.is_some_and(|visit| visit.technician == from.technician);
        // A new agreement of the same command sends its own invitation, which moves the first one.
        if !is_agreed {
            let context = VisitMailContext::moved(self.mail_context, by, from, note);
            self.cancel(tx, context, from).await?;
        }
        if is_agreed && has_same_technician { Ok(()) } else { self.tell_technician(tx, from, Some(by)).await }
    }

    async fn called_off(
        &self,
        tx: &mut Tx,
        by: Side,
        from: Option<&Meeting>,
        note: Option<&Note>,
    ) -> Result<(), StoreError> {
        let context = VisitMailContext::called_off(self.mail_context, from, note);
        let Some(from) = from else {
            return self.to_contact(tx, context, self.mail_context.link.clone()).await;
        };
        self.cancel(tx, context, from).await?;
        self.tell_technician(tx, from, Some(by)).await
    }

    async fn reassigned(
        &self,
        tx: &mut Tx,
        from: &Technician,
        note: Option<&Note>,
    ) -> Result<(), StoreError> {
        let Some(meeting) = self.case.visits().latest().and_then(Visit::meeting) else { return Ok(()) };
        let context = VisitMailContext::reassigned(self.mail_context, &meeting, note);
        self.invite_contact(tx, context, &meeting).await?;
        let before = Meeting { window: meeting.window, technician: from.clone() };
        self.tell_technician(tx, &before, Some(Side::Us)).await?;
        self.tell_technician(tx, &meeting, None).await
    }

    async fn missed(&self, tx: &mut Tx, note: Option<&Note>) -> Result<(), StoreError> {
        let Some(visit) = self.case.visits().latest() else { return Ok(()) };
        let Some(context) = VisitMailContext::missed(self.mail_context, visit) else { return Ok(()) };
        self.to_contact(tx, context, self.mail_context.link.clone()).await?;
        self.tell_desk(tx, visit, note).await
    }

    async fn miss_undone(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let Some(visit) = self.case.visits().latest() else { return Ok(()) };
        let context = VisitMailContext::goes_on(self.mail_context, visit);
        self.to_contact(tx, context, self.mail_context.link.clone()).await?;
        self.tell_desk(tx, visit, None).await
    }

    /// A mail to the customer's contact, without an invitation.
    async fn to_contact(
        &self,
        tx: &mut Tx,
        context: VisitMailContext<'_>,
        link: String,
    ) -> Result<(), StoreError> {
        let composed = context.compose(self.mail_context, self.site(), link);
        enqueue(self.desk, tx, to_contact(self.case, MailKind::Visit, composed)).await
    }

    /// A mail to the customer's contact, with the invitation to a meeting.
    async fn invite_contact(
        &self,
        tx: &mut Tx,
        context: VisitMailContext<'_>,
        meeting: &Meeting,
    ) -> Result<(), StoreError> {
        let link = self.link(meeting.window.to.plus(AFTER_S));
        let composed = context.compose(self.mail_context, self.site(), link.clone());
        let mut mail = to_contact(self.case, MailKind::Visit, composed);
        mail.calendar = Some(self.invitation(tx, Method::Request, meeting, link).await?);
        enqueue(self.desk, tx, mail).await
    }

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

    /// Tells the contact that a meeting is cancelled, and removes it from their calendar.
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
            name: Some(&reached.name),
            address: &reached.mail,
            composed,
            calendar: Some(calendar),
            document: None,
            cause: Cause::Desk,
        };
        enqueue(self.desk, tx, mail).await
    }

    /// Tells the people in charge of the case, except the visit's technician, who reported it.
    async fn tell_desk(&self, tx: &mut Tx, visit: &Visit, note: Option<&Note>) -> Result<(), StoreError> {
        let number = self.case.opening.number;
        let assignee =
            self.case.assignee().map(|assignee| assignee.id).filter(|id| *id != visit.technician.id);
        let report = &self.case.opening.report;
        let mut on_duty = OnDuty::read(self.desk, tx, self.desk.now()).await?;
        let told = on_duty.in_charge(tx, assignee, (report.country, report.platform)).await?;
        for person in told.first {
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
            uid: format!(
                "{}-{}@{}",
                self.desk.tokens().reply_tag(number),
                self.id.0,
                host(self.desk.public_url())
            ),
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

async fn reach(tx: &mut Tx, id: PersonId) -> Result<Option<StaffMailbox>, StoreError> {
    let row = sqlx::query("SELECT name, mail, language FROM people WHERE id = $1")
        .bind(id.0)
        .fetch_optional(tx.connection())
        .await?;
    let Some(row) = row else { return Ok(None) };
    let text = |column: usize| row.try_get::<String, _>(column);
    let wrong = |what: &str| StoreError::inconsistent("people", format!("{}: {what}", id.0));
    Ok(Some(StaffMailbox {
        name: PersonName::parse(&text(0)?).map_err(|_| wrong("name"))?,
        mail: MailAddress::parse(&text(1)?).map_err(|_| wrong("mail"))?,
        language: Language::from_code(&text(2)?).unwrap_or_default(),
    }))
}
