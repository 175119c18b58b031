//! Use-case: a monitoring system reports alerts.

use std::collections::BTreeSet;

use domain::actor::{Action, Actor, Grant, Integration, IntegrationId, NotPermitted, Subject, may};
use domain::case::{Audience, Command, Origin, Report};
use domain::case_number::CaseNumber;
use domain::intake::IntakeForm;
use domain::monitoring::{Alert, AlertProblem, AlertState, Alerts, HostSerials, SeverityTable, Step, step};
use domain::priority::{Severity, Urgency};
use domain::serial::Serial;
use domain::t;
use domain::text::Note;

use super::kept::{Became, Outcome, kept, write};
use super::places::{self, Place};
use super::settings::{AlertSettings, in_force};
use crate::cases::execute::{Expected, execute_command};
use crate::cases::open::{OpenCase, OpenCaseError, SubmissionKey, open_case};
use crate::contracts::register::registered;
use crate::store::StoreError;
use crate::{Desk, DeskError};

/// What became of the alerts of a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// How many opened a case.
    pub opened: u32,
    /// How many were told in their case.
    pub noted: u32,
    /// How many changed nothing.
    pub unchanged: u32,
    /// How many could not become a case, and stand on the integration's page.
    pub unplaced: u32,
    /// How many of these wait for another attempt of the sender, because too many cases were opened.
    pub held: u32,
}

impl Taken {
    const fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Opened(_) => self.opened += 1,
            Outcome::Noted => self.noted += 1,
            Outcome::Kept => self.unchanged += 1,
            Outcome::Unplaced(problem) => {
                self.unplaced += 1;
                if matches!(problem, AlertProblem::TooMany) {
                    self.held += 1;
                }
            }
        }
    }
}

/// Takes the alerts of a message, one after the other. The same message once more opens no second case.
///
/// # Errors
/// See [`DeskError`]. Alerts that had become cases or notes before stay so; the same message goes on with the others.
pub async fn report_alerts(desk: &Desk, actor: &Actor, alerts: Alerts) -> Result<Taken, DeskError> {
    may(actor, Action::ReportAlerts, Subject::Desk)?;
    let Actor::Integration(integration) = actor else { return Err(NotPermitted.into()) };
    let id = integration.id;
    let mut reader = desk.store().reader().await?;
    let settings = in_force(&mut reader, id).await?;
    // What spares a storm its look-ups. Each case takes its place by itself.
    let mut left = places::left(&mut reader, id, desk.now()).await?;
    reader.done();
    let taking = Taking::new(desk, integration, settings);
    let mut taken = Taken::default();
    let (mut all, mut failed) = (Vec::new(), None);
    for alert in alerts.all {
        let became = match taking.take(alert, left).await {
            Ok(became) => became,
            Err(error) => {
                failed = Some(error);
                break;
            }
        };
        let outcome = became.outcome;
        taken.count(outcome);
        match outcome {
            Outcome::Opened(_) => left -= 1,
            // Another message took the last place meanwhile.
            Outcome::Unplaced(AlertProblem::TooMany) => left = 0,
            _ => {}
        }
        // A sender that waits no longer ends this work anywhere. What was told is kept at once, and not told again.
        match outcome {
            Outcome::Opened(_) | Outcome::Noted => taking.keep(vec![became]).await?,
            Outcome::Kept | Outcome::Unplaced(_) => all.push(became),
        }
    }
    if let Some(fingerprint) = alerts.truncated {
        let became = left_out(fingerprint);
        taken.count(became.outcome);
        all.push(became);
    }
    taking.keep(all).await?;
    failed.map_or(Ok(taken), Err)
}

/// A line for alerts that the sender left out of its message.
fn left_out(group: String) -> Became {
    let alert = Alert {
        title: group.clone(),
        fingerprint: group,
        begun: String::new(),
        state: AlertState::Firing,
        detail: String::new(),
        host: String::new(),
        serial: String::new(),
        severity: String::new(),
    };
    Became { alert, serial: String::new(), outcome: Outcome::Unplaced(AlertProblem::Truncated) }
}

/// What the alerts of a message are read by.
struct Taking<'a> {
    desk: &'a Desk,
    id: IntegrationId,
    /// The integration with the grants that the cases of its alerts need: opening them, and notes in them.
    by: Actor,
    integration: &'a Integration,
    settings: AlertSettings,
    severities: Option<SeverityTable>,
    hosts: Option<HostSerials>,
}

impl<'a> Taking<'a> {
    fn new(desk: &'a Desk, integration: &'a Integration, settings: AlertSettings) -> Self {
        let grants = BTreeSet::from([Grant::OpenCases, Grant::WorkCases]);
        Self {
            desk,
            id: integration.id,
            by: Actor::Integration(Integration { grants, ..integration.clone() }),
            integration,
            // They were valid when they were saved.
            severities: SeverityTable::parse(&settings.severities).ok(),
            hosts: HostSerials::parse(&settings.hosts).ok(),
            settings,
        }
    }

    /// Takes one alert. `left` is how many cases may be opened.
    async fn take(&self, alert: Alert, left: i64) -> Result<Became, DeskError> {
        let mut reader = self.desk.store().reader().await?;
        let before = kept(&mut reader, self.id, &alert.fingerprint).await?;
        reader.done();
        let (before, case) = before.map_or((None, None), |(kept, case)| (Some(kept), case));
        let serial = self.serial(&alert);
        let written =
            serial.as_ref().map_or_else(|_| alert.serial.clone(), |serial| serial.as_str().to_owned());
        let outcome = match (step(before.as_ref(), alert.state, self.desk.now()), case) {
            (Step::Keep, _) | (Step::Note, None) => Outcome::Kept,
            (Step::Note, Some(case)) => self.note(&alert, case).await?,
            (Step::Open, _) if left <= 0 => Outcome::Unplaced(AlertProblem::TooMany),
            (Step::Open, former) => match serial {
                Ok(serial) => self.open(&alert, &serial, former).await?,
                Err(problem) => Outcome::Unplaced(problem),
            },
        };
        Ok(Became { alert, serial: written, outcome })
    }

    /// The serial of the equipment: the alert's label, else that of its host.
    fn serial(&self, alert: &Alert) -> Result<Serial, AlertProblem> {
        if !alert.serial.is_empty() {
            return Serial::parse(&alert.serial).map_err(|_| AlertProblem::WrongSerial);
        }
        let found = self.hosts.as_ref().and_then(|hosts| hosts.of(&alert.host));
        found.cloned().ok_or(AlertProblem::NoSerial)
    }

    /// Tells the case what the alert says. A case that ended meanwhile hears nothing: the alert opens another one when it
    /// fires again.
    async fn note(&self, alert: &Alert, case: CaseNumber) -> Result<Outcome, DeskError> {
        let language = self.settings.language;
        let words = match alert.state {
            AlertState::Firing => t!(language, "monitoring.note.firing", title = alert.title),
            AlertState::Resolved => t!(language, "monitoring.note.resolved", title = alert.title),
        };
        let Ok(text) = Note::parse(&words) else { return Ok(Outcome::Kept) };
        let note = Command::AddNote { audience: Audience::Internal, text };
        match execute_command(self.desk, &self.by, case, Expected::Any, note).await {
            Ok(_) => Ok(Outcome::Noted),
            Err(DeskError::Refused(_) | DeskError::NotFound | DeskError::NotPermitted(_)) => {
                Ok(Outcome::Kept)
            }
            Err(error) => Err(error),
        }
    }

    /// Opens a case. Its key holds the former case of the alert. So a message that comes twice opens one case, and an alert
    /// that fires after the end of its case another.
    async fn open(
        &self,
        alert: &Alert,
        serial: &Serial,
        former: Option<CaseNumber>,
    ) -> Result<Outcome, DeskError> {
        let report = match self.report(alert, serial).await? {
            Ok(report) => report,
            Err(problem) => return Ok(Outcome::Unplaced(problem)),
        };
        let former = former.map(|number| number.as_compact()).unwrap_or_default();
        let sent = format!("alert {} {} {former}", alert.fingerprint, alert.begun);
        let key = SubmissionKey::of_integration(self.id, &sent);
        let place = self.place(&key).await?;
        if place == Place::None {
            return Ok(Outcome::Unplaced(AlertProblem::TooMany));
        }
        let wish = OpenCase {
            key: key.clone(),
            report,
            language: self.settings.language,
            origin: Origin::Api,
            previous_case: None,
            source: None,
        };
        let outcome = match open_case(self.desk, &self.by, wish).await {
            Ok(opened) => Ok(Outcome::Opened(opened.number)),
            // The same alert, whose words have changed since.
            Err(OpenCaseError::SentBefore(number)) => Ok(Outcome::Opened(number)),
            Err(OpenCaseError::NotPermitted(_)) => Ok(Outcome::Unplaced(AlertProblem::OtherScope)),
            Err(OpenCaseError::TooOften(_)) => Ok(Outcome::Unplaced(AlertProblem::TooMany)),
            // An alert has no files.
            Err(OpenCaseError::NumbersExhausted(_) | OpenCaseError::Files(_)) => {
                Ok(Outcome::Unplaced(AlertProblem::NoReport))
            }
            Err(OpenCaseError::Store(error)) => Err(error.into()),
        };
        // After an error of the store the case may be there: its place stays taken for the hour.
        if place == Place::New && matches!(outcome, Ok(Outcome::Unplaced(_))) {
            self.give_back(&key).await?;
        }
        outcome
    }

    /// Takes the place of a submission among the cases of this hour.
    async fn place(&self, key: &SubmissionKey) -> Result<Place, StoreError> {
        let (id, key, now) = (self.id, key.as_str().to_owned(), self.desk.now());
        self.desk
            .store()
            .write(move |tx| Box::pin(async move { places::take(tx, id, &key, now).await }))
            .await
    }

    /// Gives the place of a submission back.
    async fn give_back(&self, key: &SubmissionKey) -> Result<(), StoreError> {
        let (id, key) = (self.id, key.as_str().to_owned());
        self.desk
            .store()
            .write(move |tx| Box::pin(async move { places::give_back(tx, id, &key).await }))
            .await
    }

    /// The report of a case, from the register and the settings.
    async fn report(
        &self,
        alert: &Alert,
        serial: &Serial,
    ) -> Result<Result<Report, AlertProblem>, DeskError> {
        let contact = &self.settings.contact;
        if !contact.problems().is_empty() {
            return Ok(Err(AlertProblem::NoContact));
        }
        let mut reader = self.desk.store().reader().await?;
        let entry = registered(&mut reader, serial).await?;
        reader.done();
        let Some(entry) = entry else { return Ok(Err(AlertProblem::Unregistered)) };
        if !self.integration.scope.holds(entry.country) {
            return Ok(Err(AlertProblem::OtherScope));
        }
        let (severity, urgency) = match &self.severities {
            Some(table) => table.of(&alert.severity),
            None => (Severity::Medium, Urgency::Medium),
        };
        let formats = self.desk.formats();
        let mut form = IntakeForm {
            reporter: contact.name.clone(),
            contact_same: "yes".to_owned(),
            contact_phone: contact.phone.clone(),
            contact_mail: contact.mail.clone(),
            fault: self.fault(alert),
            severity: severity.code().to_owned(),
            urgency: urgency.code().to_owned(),
            ..IntakeForm::default()
        };
        form.fill_with(serial, &entry, &formats);
        if form.asks_about_contract(&formats) {
            "yes".clone_into(&mut form.contract_meant);
        }
        Ok(form.report_by(&formats).map_err(|_| AlertProblem::NoReport))
    }

    /// What the case says of its fault.
    fn fault(&self, alert: &Alert) -> String {
        let host = if alert.host.is_empty() { "–" } else { alert.host.as_str() };
        let severity = if alert.severity.is_empty() { "–" } else { alert.severity.as_str() };
        let head = t!(
            self.settings.language,
            "monitoring.fault",
            title = alert.title,
            host = host,
            severity = severity,
            system = self.integration.name,
        );
        [head.as_str(), alert.detail.as_str()].join("\n")
    }

    /// Keeps what became of alerts.
    async fn keep(&self, all: Vec<Became>) -> Result<(), StoreError> {
        let (id, now) = (self.id, self.desk.now());
        self.desk.store().write(move |tx| Box::pin(async move { write(tx, id, now, &all).await })).await
    }
}
