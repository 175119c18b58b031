//! The mail that tells the customer the number of their case (letter, step 4).

use domain::case::{Case, Report};
use domain::entitlement::{Coverage, Hours};
use domain::t;
use domain::terms::ClockKind;
use domain::time::Instant;
use domain::weight::Priority;
use domain::words::Language;

use super::{Composed, Content, Fact, Letter, Titled};

/// Composes the opening mail in the customer's language.
pub(crate) fn opening(letter: &Letter<'_>) -> Composed {
    let Letter { case, hours, link } = letter;
    let opening = &case.opening;
    let (report, number, language) = (&opening.report, opening.number, opening.language);
    let moment = |at| letter.moment(at);
    Content {
        language,
        subject: t!(language, "letter.opening.subject", number = number),
        greeting: t!(language, "letter.opening.greeting", name = report.contact.name),
        number: number.grouped(),
        about_number: [
            Some(t!(language, "letter.opening.spelled", spoken = number.spoken(language))),
            Some(t!(language, "letter.opening.opened", moment = moment(case.opened_at))),
            opening.follows.map(|earlier| t!(language, "letter.opening.follows", number = earlier)),
        ]
        .into_iter()
        .flatten()
        .collect(),
        notice: match opening.coverage {
            Coverage::Covered => None,
            // The reason stays inside: it would tell a stranger what the register holds.
            Coverage::ToValidate(_) => Some(t!(language, "letter.opening.doubt").into_owned()),
        },
        promise: Titled {
            title: t!(language, "letter.contact.title", priority = opening.priority.code()),
            body: match due(case, hours) {
                Some(due) => t!(
                    language,
                    "letter.contact.by",
                    moment = moment(due),
                    phone = report.contact.phone.international()
                ),
                None => {
                    t!(
                        language,
                        "letter.contact.within_an_hour",
                        phone = report.contact.phone.international()
                    )
                }
            },
        },
        link: link.clone(),
        next: next(language),
        button: t!(language, "letter.track.button").into_owned(),
        facts: vec![facts(report, opening.priority, language)],
        lines: super::lines(language, report.country),
        foot: super::foot(language),
    }
    .compose()
}

/// When the first contact is due.
fn due(case: &Case, hours: &Hours) -> Option<Instant> {
    let clocks = case.clocks(&hours.spans, case.opened_at);
    let attention = clocks.iter().find(|clock| clock.kind == ClockKind::Attention)?;
    attention.reading(&hours.spans, case.opened_at).due
}

fn next(language: Language) -> Titled<Vec<String>> {
    Titled {
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
fn facts(report: &Report, priority: Priority, language: Language) -> Titled<Vec<Fact>> {
    let fact = |label: &str, value: String| Fact::new(language, label, value);
    let contact = &report.contact;
    Titled {
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
