//! The opening mail, with the number of the case (letter, step 4).

use domain::calendar::ServiceHours;
use domain::case::{Case, Report};
use domain::entitlement::Entitlement;
use domain::i18n::Language;
use domain::priority::Priority;
use domain::sla_plan::SlaMetric;
use domain::t;
use domain::time::Instant;
use domain::wording::MailTextKind;

use super::{CaseMailContext, Composed, Fact, MailBody, MailSection};

/// Composes the opening mail in the customer's language. For an unverified case it has the number, the link and fixed
/// words alone.
pub(crate) fn opening(mail_context: &CaseMailContext<'_>) -> Composed {
    let case = mail_context.case;
    let is_bare = case.is_unverified();
    let opening = &case.opening;
    let (report, number, language) = (&opening.report, opening.number, opening.language);
    let moment = |at| mail_context.moment(at);
    let kind = if is_bare { MailTextKind::UnverifiedOpening } else { MailTextKind::Opening };
    MailBody {
        about_number: [
            Some(t!(language, "letter.opening.spelled", spoken = number.spoken(language))),
            Some(t!(language, "letter.opening.opened", moment = moment(case.opened_at))),
            opening.previous_case.map(|earlier| t!(language, "letter.opening.follows", number = earlier)),
        ]
        .into_iter()
        .flatten()
        .collect(),
        notice: match opening.coverage {
            Entitlement::Covered => None,
            // The reason is omitted: it would tell a stranger what the register has.
            Entitlement::NeedsValidation(_) => Some(t!(language, "letter.opening.doubt").into_owned()),
        },
        next: if is_bare { nothing() } else { next(language) },
        facts: if is_bare { Vec::new() } else { vec![facts(report, opening.priority, language)] },
        ..mail_context.content(
            kind,
            (
                mail_context.subject("letter.opening.subject"),
                mail_context.greeting("letter.opening.greeting", "letter.opening.greeting_unverified"),
            ),
            MailSection {
                title: t!(language, "letter.contact.title", priority = opening.priority.code()),
                body: promise(mail_context),
            },
        )
    }
    .compose(&mail_context.brand)
}

/// When the customer is contacted, and on which telephone.
fn promise(mail_context: &CaseMailContext<'_>) -> String {
    let CaseMailContext { case, hours, .. } = mail_context;
    let language = mail_context.language();
    let phone = case.opening.report.contact.phone.international();
    match (due(case, hours).map(|due| mail_context.moment(due)), case.is_unverified()) {
        (Some(moment), false) => t!(language, "letter.contact.by", moment = moment, phone = phone),
        (None, false) => t!(language, "letter.contact.within_an_hour", phone = phone),
        (Some(moment), true) => t!(language, "letter.contact.by_unverified", moment = moment),
        (None, true) => t!(language, "letter.contact.within_an_hour_unverified").into_owned(),
    }
}

/// A list without steps, which is not shown.
const fn nothing() -> MailSection<Vec<String>> {
    MailSection { title: String::new(), body: Vec::new() }
}

/// Due time of the first contact.
fn due(case: &Case, hours: &ServiceHours) -> Option<Instant> {
    let clocks = case.clocks(&hours.spans, case.opened_at);
    let attention = clocks.iter().find(|clock| clock.kind == SlaMetric::FirstResponse)?;
    attention.reading(&hours.spans, case.opened_at).due
}

fn next(language: Language) -> MailSection<Vec<String>> {
    MailSection {
        title: t!(language, "letter.next.title").into_owned(),
        body: vec![
            t!(language, "letter.next.contact").into_owned(),
            t!(language, "letter.next.visit").into_owned(),
            t!(language, "letter.next.verify").into_owned(),
            t!(language, "letter.next.survey").into_owned(),
        ],
    }
}

/// Fields A to F, severity, urgency and the priority that follows.
fn facts(report: &Report, priority: Priority, language: Language) -> MailSection<Vec<Fact>> {
    let fact = |label: &str, value: String| Fact::new(language, label, value);
    let contact = &report.contact;
    MailSection {
        title: t!(language, "letter.report.title").into_owned(),
        body: vec![
            fact("letter.report.fault", report.fault.to_string()),
            fact("letter.report.severity", t!(language, report.severity.name_key()).into_owned()),
            fact("letter.report.urgency", t!(language, report.urgency.name_key()).into_owned()),
            fact("letter.report.priority", priority.code().to_owned()),
            fact("letter.report.contract", report.contract_words(language)),
            fact("letter.report.serial", report.serial.as_str().to_owned()),
            fact("letter.report.platform", t!(language, report.platform.name_key()).into_owned()),
            fact(
                "letter.report.location",
                format!("{}, {}", report.location, t!(language, report.country.name_key())),
            ),
            fact("letter.report.reporter", report.reporter.to_string()),
            fact("letter.report.contact", super::amendment::reached(contact)),
        ],
    }
}
