//! The closing mail (letter, step 7): times of first response and resolution with their targets, and every pause. The
//! closing report is attached as a document.

use domain::calendar::{DurationStyle, beside, duration};
use domain::case::{CloseReason, Closed, ClosingReport, End, Measured};
use domain::t;
use domain::time::Instant;
use domain::wording::MailTextKind;

use super::{CaseMailContext, Composed, Fact, MailBody, MailSection, no_lines};
use crate::pdf::{Body, Document, Section};
use crate::provider::Logo;

/// Composes the closing mail from the closing report.
pub(crate) fn closing(
    mail_context: &CaseMailContext<'_>,
    account: &ClosingReport,
    closed: &Closed,
) -> Composed {
    let language = mail_context.language();
    let report = &mail_context.case.opening.report;
    let closing = match closed.reason {
        CloseReason::Confirmed => "letter.closing.confirmed",
        CloseReason::Unconfirmed => "letter.closing.unconfirmed",
    };
    let closing = mail_context.said(closing, "letter.invited.ended_title");
    let greeting = mail_context.said("letter.closing.greeting", "letter.invited.closed_greeting");
    let reopen = mail_context.said("letter.closing.reopen", "letter.invited.closed");
    // The contact alone is asked.
    let next = if mail_context.leave.is_some() {
        no_lines()
    } else {
        MailSection {
            title: t!(language, "letter.next.title").into_owned(),
            body: vec![t!(language, "letter.next.survey").into_owned()],
        }
    };
    MailBody {
        next,
        facts: facts(mail_context, account),
        ..mail_context.content(
            MailTextKind::Closing,
            (
                mail_context.subject("letter.closing.subject"),
                t!(language, greeting, name = report.contact.name),
            ),
            MailSection {
                title: t!(language, closing).into_owned(),
                body: t!(language, reopen, moment = mail_context.moment(closed.reopen_until.plus(-1))),
            },
        )
    }
    .compose(&mail_context.brand)
}

/// The closing report as facts: events, times of each target, pauses.
fn facts(mail_context: &CaseMailContext<'_>, account: &ClosingReport) -> Vec<MailSection<Vec<Fact>>> {
    let mut facts = vec![course(mail_context, account)];
    facts.extend(account.measured.iter().map(|measured| times(mail_context, measured)));
    if !account.pauses.is_empty() {
        facts.push(pauses(mail_context, account));
    }
    facts
}

/// The closing report as a document: the content of the mail, and the case.
pub(crate) fn account(mail_context: &CaseMailContext<'_>, account: &ClosingReport) -> Document {
    let language = mail_context.language();
    let (number, report) = (mail_context.case.opening.number, &mail_context.case.opening.report);
    let fact = |label: &str, value: String| Fact::new(language, label, value);
    let about = MailSection {
        title: t!(language, "letter.account.case").into_owned(),
        body: vec![
            fact("letter.account.number", number.grouped()),
            fact("letter.report.contact", report.contact.name.to_string()),
            fact(
                "letter.report.location",
                format!("{}, {}", report.location, t!(language, report.country.name_key())),
            ),
            fact("letter.report.serial", report.serial.as_str().to_owned()),
            fact("letter.account.ended", t!(language, account.end.name_key()).into_owned()),
            // It is kept beside the mails of the case, apart from the page that verifies proofs.
            fact("letter.account.proof_key", mail_context.proof_key.clone()),
        ],
    };
    let section = |titled: MailSection<Vec<Fact>>| Section {
        title: titled.title,
        body: Body::Rows(titled.body.into_iter().map(|fact| (fact.label, fact.value.into_text())).collect()),
    };
    let no_pauses = account.pauses.is_empty().then(|| Section {
        title: t!(language, "letter.closing.pauses").into_owned(),
        body: Body::Text(t!(language, "account.no_pauses").into_owned()),
    });
    Document {
        title: t!(language, "letter.account.title", number = number.grouped()),
        language,
        author: super::text_of_desk(language, &mail_context.brand),
        logo: mail_context.brand.logo.as_ref().and_then(Logo::pixels),
        lead: vec![t!(language, "letter.account.lead").into_owned()],
        sections: std::iter::once(about)
            .chain(facts(mail_context, account))
            .map(section)
            .chain(no_pauses)
            .collect(),
        foot: number.grouped(),
        made: mail_context.hours.zone.local(account.end.at()),
    }
}

/// The events in order.
fn course(mail_context: &CaseMailContext<'_>, account: &ClosingReport) -> MailSection<Vec<Fact>> {
    let language = mail_context.language();
    let ended = match account.end {
        End::Closed(_) => "letter.closing.closed",
        End::Terminated(_) => "letter.closing.withdrawn",
    };
    let mut steps = vec![
        ("letter.closing.opened", Some(account.opened_at)),
        ("letter.closing.first_contact", account.first_contact),
        ("letter.closing.resolved", account.resolved_at),
        ("letter.closing.verified", account.verified_at),
        (ended, Some(account.end.at())),
    ];
    for visit in &account.visits {
        steps.push(("letter.closing.arrived", Some(visit.arrived_at)));
        steps.push(("letter.closing.visit_ended", Some(visit.ended_at)));
    }
    // In order of time, visits included.
    steps.sort_by_key(|(_, at)| *at);
    let fact =
        |(label, at): (&str, Option<Instant>)| Some(Fact::new(language, label, mail_context.moment(at?)));
    MailSection {
        title: t!(language, "letter.closing.course").into_owned(),
        body: steps.into_iter().filter_map(fact).collect(),
    }
}

/// One target: business and calendar time, the target, and whether it was met.
fn times(mail_context: &CaseMailContext<'_>, measured: &Measured) -> MailSection<Vec<Fact>> {
    let language = mail_context.language();
    let length = |seconds| duration(language, seconds, DurationStyle::Words);
    let (used, promised) = beside(language, measured.business_s, measured.target_s);
    let name = t!(language, measured.kind.name_key());
    let title = match measured.cycle {
        1 => name.into_owned(),
        cycle => t!(language, "letter.closing.cycle", name = name, cycle = cycle),
    };
    let mut body = vec![
        Fact::new(language, "letter.closing.business", used),
        Fact::new(language, "letter.closing.calendar", length(measured.span.seconds())),
        Fact::new(language, "letter.closing.target", promised),
        Fact::new(language, "letter.closing.kept", t!(language, measured.result.name_key())),
    ];
    let under = broke_under(mail_context, measured);
    body.extend(under.map(|under| Fact::new(language, "letter.closing.broke_under", under)));
    MailSection { title, body }
}

/// Contract and hours in force at a breach, where today's figures no longer show it.
pub(super) fn broke_under(mail_context: &CaseMailContext<'_>, measured: &Measured) -> Option<String> {
    let (breach, under) = (measured.breach?, measured.under.as_ref()?);
    Some(under.message(mail_context.language(), &mail_context.moment(breach.due())))
}

fn pauses(mail_context: &CaseMailContext<'_>, account: &ClosingReport) -> MailSection<Vec<Fact>> {
    let language = mail_context.language();
    let fact = |pause: &domain::case::Pause| {
        let end = pause.to().min(account.end.at());
        let (from, to) = (mail_context.moment(pause.from), mail_context.moment(end));
        let length = duration(language, end.since(pause.from), DurationStyle::Words);
        let stretch = t!(language, "letter.closing.from_to", from = from, to = to);
        Fact::new(language, pause.reason.name_key(), format!("{stretch} ({length})"))
    };
    MailSection {
        title: t!(language, "letter.closing.pauses").into_owned(),
        body: account.pauses.iter().map(fact).collect(),
    }
}
