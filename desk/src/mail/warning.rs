//! Warnings to the people in charge, about one case or several.

use domain::calendar::{DurationStyle, MomentStyle, ZoneView, duration};
use domain::case::{Assignee, ClockState, SlaStatus};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::priority::Priority;
use domain::sla_plan::SlaMetric;
use domain::t;
use domain::text::PersonName;
use domain::time::Instant;
use domain::workforce::Presence;

use super::{Composed, Fact, MailBody, MailSection, Value};
use crate::provider::Brand;

/// The most cases that a mail lists; the queue has the rest.
const LISTED: usize = 20;

/// Recipient of a warning.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recipient<'a> {
    pub(crate) name: &'a PersonName,
    pub(crate) language: Language,
    /// Whether they are the assignee.
    pub(crate) on_it: RecipientRole,
    /// The provider of the desk.
    pub(crate) brand: &'a Brand,
}

/// Relation of the recipient to the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecipientRole {
    /// They are the assignee.
    Assignee,
    /// They are not.
    Others,
}

/// A case with targets at risk.
#[derive(Debug, Clone)]
pub(crate) struct AtRiskCase<'a> {
    pub(crate) number: CaseNumber,
    /// The organisation; empty when unknown.
    pub(crate) customer: &'a str,
    pub(crate) equipment: &'a str,
    /// Its place; empty when unknown.
    pub(crate) place: &'a str,
    pub(crate) priority: Priority,
    pub(crate) assignee: Option<&'a Assignee>,
    /// Until when the assignee is away; `None` while they are at work, or there is none.
    pub(crate) away: Option<Presence>,
    /// The time at the site.
    pub(crate) zone: &'a ZoneView,
    /// The targets, most urgent first.
    pub(crate) targets: Vec<AtRiskTarget>,
    /// The customer's latest message, if the warning is about it.
    pub(crate) word: Option<LatestAnswer>,
}

/// The customer's latest message without a reaction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LatestAnswer {
    /// Key of the event's name.
    pub(crate) name_key: &'static str,
    pub(crate) at: Instant,
}

/// A target at risk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AtRiskTarget {
    pub(crate) clock: SlaMetric,
    pub(crate) cycle: u32,
    /// The warning level in per cent.
    pub(crate) level: u8,
    pub(crate) reading: SlaStatus,
}

/// Composes the mail about one case; `link` leads to it.
pub(crate) fn warning(reader: &Recipient<'_>, case: &AtRiskCase<'_>, link: String) -> Composed {
    let language = reader.language;
    let text = |key: &str| t!(language, key).into_owned();
    let greeting = match (reader.on_it, case.assignee) {
        (RecipientRole::Assignee, _) => t!(language, "letter.warning.greeting.mine", name = reader.name),
        (RecipientRole::Others, Some(assignee)) => {
            t!(language, "letter.warning.greeting.others", name = reader.name, holder = assignee.name)
        }
        (RecipientRole::Others, None) => t!(language, "letter.warning.greeting.nobodys", name = reader.name),
    };
    MailBody {
        language,
        subject: subject(language, case),
        greeting,
        number: case.number.grouped(),
        closing: None,
        about_number: Vec::new(),
        notice: None,
        promise: MailSection { title: text("letter.warning.title"), body: at_risk_targets(language, case) },
        foot: super::foot_of_staff(&link),
        link,
        button: text("letter.warning.button"),
        next: MailSection { title: String::new(), body: Vec::new() },
        facts: vec![MailSection { title: text("letter.warning.about"), body: about(language, case) }],
        lines: super::no_lines(),
    }
    .compose(reader.brand)
}

/// Composes the mail about several cases, most urgent first; `link` leads to the queue. `None` without a case.
pub(crate) fn warnings(reader: &Recipient<'_>, cases: &[AtRiskCase<'_>], link: String) -> Option<Composed> {
    let language = reader.language;
    let first = cases.first()?;
    let others = cases.len() - 1;
    let listing = |case: &AtRiskCase<'_>| {
        let label = format!("{} · {}", case.number, case.priority.code());
        let of = if case.customer.is_empty() { case.equipment } else { case.customer };
        Fact { label, value: Value::Text(format!("{}\n{of}", at_risk_targets(language, case))) }
    };
    let mut listed: Vec<Fact> = cases.iter().take(LISTED).map(listing).collect();
    if cases.len() > LISTED {
        let count = cases.len() - LISTED;
        let rest = t!(language, "letter.warning.more", count = count);
        listed.push(Fact::new(language, "letter.warning.and_more", rest));
    }
    let content = MailBody {
        language,
        subject: match first.targets.first() {
            Some(_) => t!(language, "letter.warning.subject.many", number = first.number, others = others),
            None => t!(language, "letter.warning.subject.words", number = first.number, others = others),
        },
        greeting: t!(language, "letter.warning.greeting.many", name = reader.name),
        number: first.number.grouped(),
        closing: None,
        about_number: Vec::new(),
        notice: None,
        promise: MailSection {
            title: t!(language, "letter.warning.title").into_owned(),
            body: at_risk_targets(language, first),
        },
        foot: super::foot_of_staff(&link),
        link,
        button: t!(language, "letter.warning.button_many").into_owned(),
        next: MailSection { title: String::new(), body: Vec::new() },
        facts: vec![MailSection { title: t!(language, "letter.warning.cases").into_owned(), body: listed }],
        lines: super::no_lines(),
    };
    Some(content.compose(reader.brand))
}

/// The subject, about the most urgent target.
fn subject(language: Language, case: &AtRiskCase<'_>) -> String {
    let number = case.number;
    let subject = match case.targets.first() {
        Some(AtRiskTarget { clock, level, .. }) => {
            let clock = t!(language, clock.name_key());
            if *level < 100 {
                t!(language, "letter.warning.subject.nearing", number = number, clock = clock, level = level)
            } else {
                t!(language, "letter.warning.subject.broken", number = number, clock = clock)
            }
        }
        None => t!(language, "letter.warning.subject.word", number = number),
    };
    super::about(&subject, case.equipment, case.place)
}

/// All targets at risk and the customer's message, one per line.
fn at_risk_targets(language: Language, case: &AtRiskCase<'_>) -> String {
    let targets = case.targets.iter().map(|target| told(language, target, case.zone));
    let word = case.word.map(|word| {
        let moment = case.zone.moment(word.at, language);
        t!(language, "letter.warning.word", what = t!(language, word.name_key), moment = moment)
    });
    targets.chain(word).collect::<Vec<_>>().join("\n")
}

fn told(language: Language, target: &AtRiskTarget, zone: &ZoneView) -> String {
    let SlaStatus { remaining_s, due, state, .. } = target.reading;
    let clock = t!(language, target.clock.name_key());
    let length = |seconds| duration(language, seconds, DurationStyle::Words);
    if remaining_s < 0 {
        return t!(language, "letter.warning.broken", clock = clock, over = length(-remaining_s));
    }
    if state == ClockState::Breached {
        return t!(language, "letter.warning.broken_before", clock = clock);
    }
    let (percent, left) = (target.reading.used_percent(), length(remaining_s));
    match due {
        Some(due) => {
            let place = zone.city(language);
            let moment = format!("{} ({place})", zone.format(due, language, MomentStyle::Short));
            if remaining_s == 0 {
                return t!(language, "letter.warning.used_up", clock = clock, moment = moment);
            }
            t!(
                language,
                "letter.warning.nearing",
                clock = clock,
                percent = percent,
                left = left,
                moment = moment
            )
        }
        None => {
            t!(language, "letter.warning.nearing_paused", clock = clock, percent = percent, left = left)
        }
    }
}

fn about(language: Language, case: &AtRiskCase<'_>) -> Vec<Fact> {
    let fact = |label: &str, value: &str| Fact::new(language, label, value);
    let holder = match (case.assignee, &case.away) {
        (None, _) => t!(language, "letter.warning.nobody").into_owned(),
        (Some(assignee), None) => assignee.name.clone(),
        (Some(assignee), Some(presence)) => format!("{}: {}", assignee.name, presence.message(language)),
    };
    let customer = (!case.customer.is_empty()).then(|| fact("letter.warning.customer", case.customer));
    let rest = [
        fact("letter.warning.equipment", case.equipment),
        fact("letter.report.location", case.place),
        fact("letter.warning.priority", case.priority.code()),
        fact("letter.warning.holder", &holder),
    ];
    customer.into_iter().chain(rest).filter(|fact| !fact.value.is_empty()).collect()
}
