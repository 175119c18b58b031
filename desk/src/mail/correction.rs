//! The mail to the customer about corrected contract or serial.

use domain::calendar::ServiceHours;
use domain::case::{Case, ClockState, Correction};
use domain::sla_plan::SlaMetric;
use domain::t;
use domain::time::Instant;
use domain::wording::MailTextKind;

use super::{CaseMailContext, Composed, Fact, MailBody, MailSection};

/// A correction, and the case before it.
#[derive(Debug)]
pub(crate) struct Corrected<'a> {
    pub(crate) right: &'a Correction,
    pub(crate) before: &'a Case,
    pub(crate) hours_before: &'a ServiceHours,
    pub(crate) at: Instant,
}

/// Composes the mail.
pub(crate) fn corrected(mail_context: &CaseMailContext<'_>, changed: &Corrected<'_>) -> Composed {
    let language = mail_context.language();
    let report = &mail_context.case.opening.report;
    let Corrected { right, before, hours_before, at } = changed;
    let promises = changed_targets(mail_context, before, hours_before, *at);
    let promise = if promises.is_empty() { "letter.corrected.same" } else { "letter.corrected.changed" };
    let mut facts = vec![MailSection {
        title: t!(language, "letter.corrected.what").into_owned(),
        body: what(mail_context, right, before),
    }];
    if !promises.is_empty() {
        facts.push(MailSection {
            title: t!(language, "letter.corrected.promises").into_owned(),
            body: promises,
        });
    }
    MailBody {
        facts,
        ..mail_context.content(
            MailTextKind::Corrected,
            (
                mail_context.subject("letter.corrected.subject"),
                t!(language, "letter.corrected.greeting", name = report.contact.name),
            ),
            MailSection {
                title: t!(language, "letter.corrected.title").into_owned(),
                body: t!(language, promise).into_owned(),
            },
        )
    }
    .compose(&mail_context.brand)
}

/// The corrected values and the reason.
fn what(mail_context: &CaseMailContext<'_>, right: &Correction, before: &Case) -> Vec<Fact> {
    let language = mail_context.language();
    let change = |label: &str, from: &str, to: &str| {
        let words = t!(language, "letter.weighed.change", from = from, to = to);
        (from != to).then(|| Fact::new(language, label, words))
    };
    let (from, to) = (&right.from, &right.to);
    let changes = [
        change("letter.report.contract", &from.contract_words(language), &to.contract_words(language)),
        change("letter.report.serial", from.serial.as_str(), to.serial.as_str()),
        change("letter.report.priority", before.priority().code(), right.priority.code()),
    ];
    let reason = Fact::new(language, "letter.weighed.reason", right.reason.as_str());
    changes.into_iter().flatten().chain([reason]).collect()
}

/// Each target whose due time changed, with both times.
fn changed_targets(
    mail_context: &CaseMailContext<'_>,
    before: &Case,
    hours_before: &ServiceHours,
    at: Instant,
) -> Vec<Fact> {
    let language = mail_context.language();
    let fact = |kind: SlaMetric| {
        let now = due(mail_context.case, mail_context.hours, kind, at)?;
        let then = due(before, hours_before, kind, at)?;
        let moment = |due: Due| match due {
            Due::At(due) => mail_context.moment(due),
            Due::Broken(_) => t!(language, "letter.corrected.broken").into_owned(),
            Due::Unknown => t!(language, "letter.corrected.paused").into_owned(),
        };
        let change = t!(language, "letter.corrected.change", from = moment(then), to = moment(now));
        (now != then).then(|| Fact::new(language, kind.name_key(), change))
    };
    [SlaMetric::FirstResponse, SlaMetric::Resolution].into_iter().filter_map(fact).collect()
}

/// Due time of an open target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// The target is open and due then.
    At(Instant),
    /// The target was due then, and is breached.
    Broken(Instant),
    /// The target is paused.
    Unknown,
}

/// Due time of a target; `None` once it is met.
pub(super) fn due(case: &Case, hours: &ServiceHours, kind: SlaMetric, at: Instant) -> Option<Due> {
    let clocks = case.clocks(&hours.spans, at);
    let clock = clocks.iter().find(|clock| clock.kind == kind && !clock.run.is_over())?;
    let reading = clock.reading(&hours.spans, at);
    Some(match (reading.state, reading.due) {
        (ClockState::Breached, Some(due)) => Due::Broken(due),
        (_, Some(due)) => Due::At(due),
        (_, None) => Due::Unknown,
    })
}
