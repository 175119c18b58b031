//! The closing report of a case (letter, step 7), the same for customers and the staff.

use domain::calendar::{DurationStyle, MomentStyle, ServiceHours, beside, duration};
use domain::case::{Audience, ClosingReport, End, Measured, Pause};
use domain::i18n::Language;
use domain::t;
use leptos::prelude::*;

use super::Icon;
use crate::language::use_language;

/// The closing report: what happened when, and how long each target took.
#[component]
pub fn Account(
    /// The closing report.
    report: ClosingReport,
    /// The hours of the case, for the local time of its site.
    hours: StoredValue<ServiceHours>,
    /// Who reads it.
    audience: Audience,
    /// The address of its PDF.
    document: String,
) -> impl IntoView {
    let language = use_language();
    let ended = match report.end {
        End::Closed(_) => "letter.closing.closed",
        End::Terminated(_) => "letter.closing.withdrawn",
    };
    let title = match audience {
        Audience::Public => "track.account.title",
        Audience::Internal => "account.title_of",
    };
    let pauses = pauses(language, &report, hours);
    let mut steps = vec![
        ("letter.closing.opened", Some(report.opened_at)),
        ("letter.closing.first_contact", report.first_contact),
        ("letter.closing.resolved", report.resolved_at),
        ("letter.closing.verified", report.verified_at),
        (ended, Some(report.end.at())),
    ];
    for visit in &report.visits {
        steps.push(("letter.closing.arrived", Some(visit.arrived_at)));
        steps.push(("letter.closing.visit_ended", Some(visit.ended_at)));
    }
    steps.sort_by_key(|(_, at)| *at);
    let course = steps.into_iter().filter_map(|(name, at)| {
        let at = at?;
        let at = hours.with_value(|hours| hours.zone.format(at, language, MomentStyle::Long));
        Some(view! { <div><dt>{t!(language, name)}</dt><dd>{at}</dd></div> })
    });
    view! {
        <section class="card stack" aria-labelledby="h-account">
            <div class="row row--apart">
                <h2 id="h-account">{t!(language, title)}</h2>
                <a class="button" href=document rel="external" download>{t!(language, "account.download")}</a>
            </div>
            <p>{t!(language, report.end.name_key())}</p>
            <dl class="facts">{course.collect_view()}</dl>
            <div class="tablewrap tablewrap--stacks">
                <table class="table">
                    <caption class="sr">{t!(language, "track.account.times")}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{t!(language, "track.account.promise")}</th>
                            <th scope="col">{t!(language, "letter.closing.business")}</th>
                            <th scope="col">{t!(language, "letter.closing.calendar")}</th>
                            <th scope="col">{t!(language, "letter.closing.target")}</th>
                            <th scope="col">{t!(language, "letter.closing.kept")}</th>
                        </tr>
                    </thead>
                    <tbody>{report.measured.iter().map(|measured| line(language, measured, hours)).collect_view()}</tbody>
                </table>
            </div>
            <h3 id="h-pauses">{t!(language, "account.pauses")}</h3>
            {pauses}
        </section>
    }
    .into_any()
}

/// Every pause in order: its reason, from when to when.
fn pauses(language: Language, report: &ClosingReport, hours: StoredValue<ServiceHours>) -> AnyView {
    if report.pauses.is_empty() {
        return view! { <p class="note">{t!(language, "account.no_pauses")}</p> }.into_any();
    }
    let line = |pause: &Pause| {
        let shown = |at| hours.with_value(|hours| hours.zone.format(at, language, MomentStyle::Long));
        let end = pause.to().min(report.end.at());
        let (from, to) = (shown(pause.from), shown(end));
        let length = duration(language, end.since(pause.from), DurationStyle::Words);
        let stretch = t!(language, "letter.closing.from_to", from = from, to = to);
        view! { <div><dt>{t!(language, pause.reason.name_key())}</dt><dd>{stretch} " (" {length} ")"</dd></div> }
    };
    let lines = report.pauses.iter().map(line).collect_view();
    view! { <dl class="facts" aria-labelledby="h-pauses">{lines}</dl> }.into_any()
}

fn line(language: Language, measured: &Measured, hours: StoredValue<ServiceHours>) -> impl IntoView + use<> {
    let (used, promised) = beside(language, measured.business_s, measured.target_s);
    let under = measured.under.as_ref().zip(measured.breach).map(|(under, breach)| {
        let at = hours.with_value(|hours| hours.zone.format(breach.due(), language, MomentStyle::Long));
        view! { <p class="note">{under.message(language, &at)}</p> }
    });
    let length = |seconds| duration(language, seconds, DurationStyle::Words);
    let name = t!(language, measured.kind.name_key());
    let name = match measured.cycle {
        1 => name.into_owned(),
        cycle => t!(language, "letter.closing.cycle", name = name, cycle = cycle),
    };
    let (state, result) = (measured.result.state(), measured.result.name_key());
    view! {
        <tr>
            <th scope="row">{name}</th>
            <td data-label=t!(language, "letter.closing.business")>{used}</td>
            <td data-label=t!(language, "letter.closing.calendar")>{length(measured.span.seconds())}</td>
            <td data-label=t!(language, "letter.closing.target")>{promised}</td>
            <td data-label=t!(language, "letter.closing.kept")><span class="state" data-state=state><Icon name=state/> " " {t!(language, result)}</span>{under}</td>
        </tr>
    }
}
