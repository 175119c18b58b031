//! Samples of all kinds of mails, composed from a made-up case and never sent.

use std::sync::Arc;

use domain::actor::{Action, Actor, PersonId, Subject, may};
use domain::calendar::ServiceHours;
use domain::calendar::week::CalendarId;
use domain::case::visit::{
    Appointment, Meeting, NoShowReason, Side, Stage, Technician, Visit, VisitId, Windows,
};
use domain::case::{
    AmendForm, Amendment, AskedBy, Author, Case, Category, Channel, CloseReason, ClosingReport, ContractRef,
    Correction, Event, Opening, Origin, Recorded, ReopenCause, ResolvedContract, ServiceHoursRef, SlaClock,
    Termination, TimerState, Verdict,
};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::entitlement::{Entitlement, ValidationReason};
use domain::i18n::Language;
use domain::intake::IntakeForm;
use domain::person_change::PersonChange;
use domain::priority::Priority;
use domain::serial::Serial;
use domain::site::{Site, SiteId};
use domain::sla_plan::SlaPlan;
use domain::text::{Note, PersonName, Reason};
use domain::time::{Instant, Span};

use super::MailKind;
use crate::Desk;
use crate::DeskError;
use crate::contracts::labels::Labels;
use crate::mail::{
    self, AccountMail, AtRiskCase, AtRiskTarget, CaseMailContext, ChangedBy, CompanyLetter, Composed,
    Corrected, EntryLetter, PriorityChange, Recipient, RecipientRole, VisitMailContext,
};
use crate::store::StoreError;

const HOUR_S: i64 = 3600;
const DAY_S: i64 = 24 * HOUR_S;

/// A sample of a kind of mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The kind's code.
    pub kind: &'static str,
    /// The key of the kind's name.
    pub name_key: &'static str,
    /// Subject line of the sample.
    pub subject: String,
    /// The plain form.
    pub text: String,
    /// The HTML form. Show it in a sandbox.
    pub html: String,
}

/// Every kind of mail in one language, in the order of a case's life.
///
/// # Errors
/// See [`DeskError`].
pub async fn samples(desk: &Desk, actor: &Actor, language: Language) -> Result<Vec<Sample>, DeskError> {
    may(actor, Action::ReadMail, Subject::Desk)?;
    let now = desk.now();
    let kept = ServiceHoursRef {
        calendar: CalendarId(Country::Ve.default_plan()),
        version: 1,
        zone: "America/Caracas".to_owned(),
    };
    let hours = desk.hours(&kept).await?;
    let made = |kind: MailKind| {
        let case = case_before(kind, language, kept.clone(), now)?;
        let mail_context = CaseMailContext {
            case: &case,
            hours: &hours,
            link: format!("{}/track/…", desk.public_url()),
            labels: labels(),
            brand: desk.brand(),
            texts: desk.mail_texts(),
            proof_key: desk.proof_key().fingerprint(),
            leave: None,
        };
        let composed = compose(desk, kind, &mail_context)?;
        let Composed { subject, text, html } = composed;
        Ok(Sample { kind: kind.code(), name_key: kind.name_key(), subject, text, html })
    };
    MailKind::ALL.into_iter().map(made).collect()
}

/// The mail of a kind. The compiler asks for an arm for a new kind here, and nowhere else.
pub(super) fn compose(
    desk: &Desk,
    kind: MailKind,
    mail_context: &CaseMailContext<'_>,
) -> Result<Composed, StoreError> {
    let (case, hours) = (mail_context.case, mail_context.hours);
    Ok(match kind {
        MailKind::Opening | MailKind::UnverifiedOpening => mail::opening(mail_context),
        MailKind::Resolution => mail::resolution(mail_context, &note("Se reemplazó la fuente de poder.")?),
        MailKind::Reminder => mail::reminder(mail_context),
        MailKind::Reopened => {
            let said = note("Se apagó otra vez esta mañana.")?;
            mail::reopened(mail_context, ReopenCause::CameBack, Some(&said), desk.now())
        }
        MailKind::CustomerUpdate => {
            mail::news(mail_context, &note("El repuesto salió del almacén esta mañana.")?, &[], desk.now())
        }
        MailKind::PriorityChanged => {
            let reason = reason("Solo afecta a un piso.")?;
            let changed =
                PriorityChange { inputs: None, priority: Priority::P2, reason: &reason, at: desk.now() };
            mail::priority_changed(mail_context, &changed)
        }
        MailKind::Closing => {
            let closed = case.closed().ok_or_else(|| wrong("the sample case is not closed"))?;
            mail::closing(mail_context, &account(case, hours)?, closed)
        }
        MailKind::Corrected => {
            let right = correction(case)?;
            let changed = Corrected { right: &right, before: case, hours_before: hours, at: desk.now() };
            mail::corrected(mail_context, &changed)
        }
        MailKind::Amended => {
            let by = Author::Staff { id: PersonId(0), name: "Marta Salas".to_owned() };
            mail::amended(mail_context, &amendment(case)?, &by)
        }
        MailKind::Cancelled => {
            let reason = reason("Ya no hace falta.")?;
            mail::cancelled(mail_context, &account(case, hours)?, AskedBy::Customer, Some(&reason))
        }
        MailKind::Duplicate => mail::duplicate(mail_context, &account(case, hours)?, earlier(case)?, None),
        MailKind::Visit => offered_visit(desk, mail_context)?,
        MailKind::VisitStaff => {
            let link = format!("{}/desk/cases/…", desk.public_url());
            mail::to_technician(mail_context, case.opening.language, &meeting(desk.now()), None, link)
        }
        MailKind::VisitMissed => {
            let link = format!("{}/desk/cases/…", desk.public_url());
            mail::to_desk(
                mail_context,
                (case.opening.language, "Marta Salas"),
                (&missed(desk.now()), None),
                None,
                link,
            )
        }
        MailKind::ParticipantInvited | MailKind::ParticipantCopy => to_participant(desk, kind, mail_context)?,
        MailKind::Links => {
            let other = (earlier(case)?, format!("{}/track/…", desk.public_url()));
            mail::links(mail_context, &[other], None)
        }
        MailKind::Warning | MailKind::Warnings => warning(desk, kind, case, hours)?,
        MailKind::Invitation | MailKind::PasswordReset | MailKind::AccountChanged => {
            to_account(desk, kind, mail_context)?
        }
        MailKind::SignInCode => EntryLetter {
            language: case.opening.language,
            code: "123456".to_owned(),
            link: format!("{}/my/enter/…", desk.public_url()),
            minutes: 15,
            desk: desk.public_url(),
            brand: &mail_context.brand,
        }
        .compose(),
        MailKind::CompanyInvitation => CompanyLetter {
            language: case.opening.language,
            company: "Banco Cumbre",
            by: "jefa@cumbre.example",
            link: format!("{}/my/…", desk.public_url()),
            desk: desk.public_url(),
            brand: &mail_context.brand,
        }
        .compose(),
        MailKind::Survey => {
            let until = hours.business_days_after(desk.now(), case.opening.terms.survey().open_days);
            mail::survey(mail_context, format!("{}/survey/…", desk.public_url()), until)
        }
    })
}

/// A mail to another person on the case.
fn to_participant(
    desk: &Desk,
    kind: MailKind,
    mail_context: &CaseMailContext<'_>,
) -> Result<Composed, StoreError> {
    let theirs = CaseMailContext {
        case: mail_context.case,
        hours: mail_context.hours,
        link: mail_context.link.clone(),
        labels: mail_context.labels.clone(),
        brand: Arc::clone(&mail_context.brand),
        texts: mail_context.texts.clone(),
        proof_key: mail_context.proof_key.clone(),
        leave: Some(format!("{}/track/…/leave", desk.public_url())),
    };
    Ok(match kind {
        MailKind::ParticipantInvited => mail::invited(&theirs),
        _ => mail::news(&theirs, &note("El repuesto salió del almacén esta mañana.")?, &[], desk.now()),
    })
}

/// A mail about an account of the staff.
fn to_account(
    desk: &Desk,
    kind: MailKind,
    mail_context: &CaseMailContext<'_>,
) -> Result<Composed, StoreError> {
    let name = PersonName::parse("Marta Salas").map_err(|problem| wrong(format!("{problem:?}")))?;
    let page = if kind == MailKind::AccountChanged { "" } else { "password/" };
    let letter = AccountMail {
        name: &name,
        language: mail_context.case.opening.language,
        link: format!("{}/desk/{page}…", desk.public_url()),
        desk: desk.public_url(),
        brand: &mail_context.brand,
    };
    Ok(match kind {
        MailKind::Invitation => letter.invitation("Lucía Ferrer", 48),
        MailKind::AccountChanged => {
            let change = PersonChange::PasskeyAdded { name: "Teléfono del trabajo".to_owned() };
            letter.changed(&change, ChangedBy::Themself, desk.now())
        }
        _ => letter.password_reset(30),
    })
}

/// An offer of a visit with two windows.
pub(super) fn offered_visit(desk: &Desk, mail_context: &CaseMailContext<'_>) -> Result<Composed, StoreError> {
    let Meeting { window, technician } = meeting(desk.now());
    let day = |days: i64| Span::new(window.from.plus(days * DAY_S), window.to.plus(days * DAY_S));
    let windows = Windows::new(vec![day(0), day(1)]).map_err(wrong)?;
    Ok(VisitMailContext::offered(mail_context, &windows, &technician, None).compose(
        mail_context,
        None,
        format!("{}/visit/…", desk.public_url()),
    ))
}

/// A warning about one case, or about several.
fn warning(desk: &Desk, kind: MailKind, case: &Case, hours: &ServiceHours) -> Result<Composed, StoreError> {
    let name = PersonName::parse("Marta Salas").map_err(|problem| wrong(format!("{problem:?}")))?;
    let brand = desk.brand();
    let (language, on_it) = (case.opening.language, RecipientRole::Assignee);
    let reader = Recipient { name: &name, language, on_it, brand: &brand };
    let cases = pressing(case, hours, desk.now());
    Ok(match (kind, cases.first()) {
        (MailKind::Warning, Some(first)) => {
            mail::warning(&reader, first, format!("{}/desk/cases/…", desk.public_url()))
        }
        _ => mail::warnings(&reader, &cases, format!("{}/desk/…", desk.public_url()))
            .ok_or_else(|| wrong("no case presses"))?,
    })
}

fn amendment(case: &Case) -> Result<Amendment, StoreError> {
    let report = &case.opening.report;
    // With the code of its country elsewhere: the case may be a real one, of any country.
    let phone =
        if report.country == Country::Ve { "0212-5550143 ext. 12" } else { "+58 212 5550143 ext. 12" };
    let form = AmendForm {
        phone: phone.to_owned(),
        reason: "El contacto dio otro teléfono.".to_owned(),
        ..AmendForm::of(report)
    };
    form.read(report).map_err(|problems| wrong(format!("{problems:?}")))
}

/// Labels of the sample case.
fn labels() -> Labels {
    let (name, address) = ("Torre Ávila".to_owned(), "Av. Francisco de Miranda, Caracas".to_owned());
    let site = Some(Site { id: SiteId(0), name, address });
    Labels { customer: "Grupo Cumbre".to_owned(), equipment: "Cisco C9300-48P".to_owned(), site }
}

fn account(case: &Case, hours: &ServiceHours) -> Result<ClosingReport, StoreError> {
    case.closing_report(&hours.spans).ok_or_else(|| wrong("the sample case has not ended"))
}

/// The number of another case.
fn earlier(case: &Case) -> Result<CaseNumber, StoreError> {
    CaseNumber::new(Country::Ve, case.opening.number.year(), 2).map_err(wrong)
}

/// Another serial under the same contract and plan.
fn correction(case: &Case) -> Result<Correction, StoreError> {
    let serial = Serial::parse("FOC2614A1B3").map_err(|problem| wrong(format!("{problem:?}")))?;
    let opening = &case.opening;
    Ok(Correction {
        from: case.cover(),
        to: ContractRef { serial, ..case.cover() },
        resolved: ResolvedContract {
            coverage: opening.coverage,
            terms: opening.terms.clone(),
            hours: opening.hours.clone(),
            customer: String::new(),
            equipment: String::new(),
        },
        priority: case.priority(),
        broken: Vec::new(),
        reason: reason("El serial leído en sitio es otro.")?,
    })
}

/// The sample case and others like it, with their targets at risk.
fn pressing<'a>(case: &'a Case, hours: &'a ServiceHours, now: Instant) -> Vec<AtRiskCase<'a>> {
    let targets = case
        .clocks(&hours.spans, now)
        .into_iter()
        .filter(|clock| matches!(clock.run, TimerState::Running | TimerState::Paused { .. }))
        .map(|clock| {
            let late = SlaClock { used_s: clock.target_s * 9 / 10, as_of: now, ..clock };
            AtRiskTarget {
                clock: clock.kind,
                cycle: clock.cycle,
                level: 90,
                reading: late.reading(&hours.spans, now),
            }
        })
        .collect::<Vec<_>>();
    let of = |number| AtRiskCase {
        number,
        customer: "Grupo Cumbre",
        equipment: case.opening.report.serial.as_str(),
        place: case.opening.report.location.as_str(),
        priority: case.priority(),
        assignee: None,
        away: None,
        zone: &hours.zone,
        targets: targets.clone(),
        word: None,
    };
    let year = case.opening.number.year();
    let numbers = (1..=6).filter_map(|sequence| CaseNumber::new(Country::Ve, year, sequence).ok());
    numbers.map(of).collect()
}

/// A visit tomorrow.
pub(super) fn meeting(now: Instant) -> Meeting {
    let from = now.plus(DAY_S);
    let technician = Technician { id: PersonId(0), name: "Pedro Salas".to_owned() };
    Meeting { window: Span::new(from, from.plus(2 * HOUR_S)), technician }
}

/// A visit at which the technician was not received.
pub(super) fn missed(now: Instant) -> Visit {
    let Meeting { window, technician } = meeting(now.plus(-DAY_S));
    let appointment = Appointment { window, agreed_at: now.plus(-DAY_S), word: None };
    let stage = Stage::Missed {
        by: Side::Customer,
        appointment,
        arrived_at: Some(now),
        missed_at: now,
        reason: Some(NoShowReason::NobodyOpens),
    };
    let (id, files) = (VisitId(1), Vec::new());
    Visit { id, revision: 1, technician, moved_by_us: 0, moved_by_customer: 0, stage, files }
}

/// A case in the state in which the mail of `kind` is sent.
fn case_before(
    kind: MailKind,
    language: Language,
    hours: ServiceHoursRef,
    now: Instant,
) -> Result<Case, StoreError> {
    let coverage = match kind {
        MailKind::UnverifiedOpening => Entitlement::NeedsValidation(ValidationReason::UnknownContract),
        _ => Entitlement::Covered,
    };
    let opened = now.plus(-6 * HOUR_S);
    let closed = now.plus(-HOUR_S);
    let mut events = vec![
        (opened, Event::Opened(Box::new(opening(language, coverage, hours, opened)?))),
        (now.plus(-5 * HOUR_S), Event::Contacted { channel: Channel::Phone, note: None, length_s: None }),
        (
            now.plus(-2 * HOUR_S),
            Event::Resolved {
                category: Category::Hardware,
                cause: note("Fuente de poder dañada.")?,
                solution: note("Se reemplazó la fuente de poder.")?,
                classification: None,
            },
        ),
        (closed, Event::Verified { verdict: Verdict::Works, channel: None, who: None, said: None }),
        (
            closed,
            Event::Closed {
                reason: CloseReason::Confirmed,
                note: None,
                reopen_until: now.plus(5 * 24 * HOUR_S),
            },
        ),
    ];
    match kind {
        MailKind::Opening | MailKind::UnverifiedOpening => events.truncate(1),
        MailKind::CustomerUpdate
        | MailKind::PriorityChanged
        | MailKind::Corrected
        | MailKind::Amended
        | MailKind::Visit
        | MailKind::VisitStaff
        | MailKind::VisitMissed
        | MailKind::Links
        | MailKind::ParticipantInvited
        | MailKind::ParticipantCopy
        | MailKind::Warning
        | MailKind::Warnings => events.truncate(2),
        MailKind::Cancelled | MailKind::Duplicate => {
            events.truncate(2);
            let why = Termination::Cancelled { asked_by: AskedBy::Customer, reason: None };
            events.push((closed, Event::Terminated(why)));
        }
        MailKind::Resolution | MailKind::Reminder => events.truncate(3),
        MailKind::Reopened => {
            let cause = ReopenCause::CameBack;
            events.push((now, Event::Reopened { cause, said: None, target_s: 4 * HOUR_S }));
        }
        MailKind::Closing
        | MailKind::Survey
        | MailKind::Invitation
        | MailKind::PasswordReset
        | MailKind::AccountChanged
        | MailKind::SignInCode
        | MailKind::CompanyInvitation => {}
    }
    let record = |(version, (at, event))| Recorded {
        version,
        at,
        by: Author::System,
        origin: Origin::Workspace,
        event,
    };
    let history: Vec<Recorded> = (1..).zip(events).map(record).collect();
    Case::from_history(&history).map_err(wrong)
}

fn opening(
    language: Language,
    coverage: Entitlement,
    hours: ServiceHoursRef,
    opened: Instant,
) -> Result<Opening, StoreError> {
    let text = str::to_owned;
    let form = IntakeForm {
        reporter: text("Ana Teresa Rivas"),
        contract: text("CPS-VE-004213-58"),
        serial: text("FOC2614A1B2"),
        platform: text("network"),
        country: text("VE"),
        location: text("Torre Ávila, piso 12, sala de redes"),
        contact_same: text("yes"),
        contact_phone: text("0212 555 0142"),
        contact_mail: text("ana.rivas@cumbre.example"),
        fault: text("El conmutador del piso 12 se apaga y se enciende solo desde las siete."),
        severity: text("critical"),
        urgency: text("critical"),
        ..IntakeForm::default()
    };
    let report = form.report().map_err(|problems| wrong(format!("{problems:?}")))?;
    let terms = SlaPlan::default();
    let year = opened.to_chrono().map_or(2026, |at| chrono::Datelike::year(&at));
    Ok(Opening {
        number: CaseNumber::new(Country::Ve, year, 1).map_err(wrong)?,
        priority: terms.matrix().priority(report.severity, report.urgency),
        coverage,
        terms,
        hours,
        language,
        report,
        previous_case: None,
    })
}

fn note(text: &str) -> Result<Note, StoreError> {
    Note::parse(text).map_err(|problem| wrong(format!("{problem:?}")))
}

fn reason(text: &str) -> Result<Reason, StoreError> {
    Reason::parse(text).map_err(|problem| wrong(format!("{problem:?}")))
}

fn wrong(what: impl std::fmt::Display) -> StoreError {
    StoreError::inconsistent("outbox", format!("the sample case: {what}"))
}
