//! What the verification of a file came to, for people.

use domain::calendar::{DurationStyle, MomentStyle, ZoneView, duration};
use domain::case::Recorded;
use domain::i18n::Language;
use domain::proof::{Checked, Entry, EntryText, Figure, Finding, Flaw, ProofCalendar, Verdict};
use domain::t;
use domain::time::Instant;
use leptos::prelude::*;

use super::mark::{Mark, MarkPicture};
use super::{Outcome, Tried};

/// The result of a file in one sentence.
pub(super) fn headline(language: Language, tried: &Tried) -> AnyView {
    let (mark, (title, text)) = match &tried.outcome {
        Outcome::Verified(verdict) if verdict.is_good() => {
            (Mark::Good, said(language, "verify.good", "verify.good_hint"))
        }
        Outcome::Verified(_) => (Mark::Bad, said(language, "verify.bad", "verify.bad_hint")),
        Outcome::Flawed(flaw) => (Mark::Bad, told(language, flaw)),
        Outcome::Unreadable => {
            (Mark::Bad, said(language, "verify.flaw.unreadable", "verify.flaw.unreadable_hint"))
        }
    };
    view! {
        <div class="notice" data-tone=mark.tone()>
            <MarkPicture mark/>
            <div>
                <h2 class="notice__title">{title}</h2>
                <p>{text}</p>
                <p class="note verify__name">{tried.name.clone()}</p>
            </div>
        </div>
    }
    .into_any()
}

/// A title and its text.
fn said(language: Language, title: &'static str, text: &'static str) -> (String, String) {
    (t!(language, title).into_owned(), t!(language, text).into_owned())
}

/// A flaw in words: what it is, and what it means.
fn told(language: Language, flaw: &Flaw) -> (String, String) {
    match flaw {
        Flaw::NoProof => said(language, "verify.flaw.no_proof", "verify.flaw.no_proof_hint"),
        Flaw::TooLarge => said(language, "verify.flaw.too_large", "verify.flaw.no_proof_hint"),
        Flaw::Changed => said(language, "verify.flaw.changed", "verify.flaw.changed_hint"),
        Flaw::Newer => said(language, "verify.flaw.newer", "verify.flaw.newer_hint"),
        Flaw::OtherKey { key } => {
            let text = t!(language, "verify.flaw.other_key_hint", key = key.fingerprint());
            (t!(language, "verify.flaw.other_key").into_owned(), text)
        }
    }
}

/// All that was verified of a file that the desk signed; `None` for any other.
pub(super) fn details(language: Language, tried: &Tried) -> Option<AnyView> {
    let Outcome::Verified(verdict) = &tried.outcome else { return None };
    let zone = zone_of(&verdict.proof.calendars);
    let findings = (!verdict.findings.is_empty()).then(|| {
        let lines = verdict.findings.iter().map(|finding| view! { <li>{found(language, finding)}</li> });
        let lines = lines.collect_view();
        view! {
            <section class="card stack" aria-labelledby="h-findings">
                <h2 id="h-findings">{t!(language, "verify.findings")}</h2>
                <ul>{lines}</ul>
            </section>
        }
    });
    let view = view! {
        {facts(language, verdict, &zone)}
        {findings}
        {clocks(language, &verdict.clocks, &zone)}
        {history(language, verdict, &zone)}
        {calendars(language, &verdict.proof.calendars, &zone)}
    };
    Some(view.into_any())
}

/// The local time of the case's site; UTC for a file without a calendar.
fn zone_of(calendars: &[ProofCalendar]) -> ZoneView {
    let utc = || ZoneView { name: "UTC".to_owned(), offset_s: 0, changes: Vec::new() };
    calendars.last().map_or_else(utc, |calendar| calendar.zone.clone())
}

fn moment(language: Language, zone: &ZoneView, at: Instant) -> String {
    zone.format(at, language, MomentStyle::Long)
}

/// What the file is about, and by what it was checked.
fn facts(language: Language, verdict: &Verdict, zone: &ZoneView) -> AnyView {
    let proof = &verdict.proof;
    let log = proof.log.as_ref().map_or_else(String::new, |log| format!("{} · {}", log.id, log.digest));
    let end = proof.history.last().map_or_else(String::new, |entry| entry.digest.clone());
    let lines = [
        ("verify.fact.case", proof.case.grouped()),
        ("verify.fact.provider", proof.provider.clone()),
        ("verify.fact.desk", proof.desk.clone()),
        ("verify.fact.made", format!("{} ({})", moment(language, zone, proof.made_at), zone.name)),
        ("verify.fact.reader", t!(language, proof.reader.name_key()).into_owned()),
        ("verify.fact.key", verdict.key.fingerprint()),
        ("verify.fact.end", end),
        ("verify.fact.log", log),
    ];
    let lines = lines.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| {
        view! { <div><dt>{t!(language, name)}</dt><dd class="verify__value">{value}</dd></div> }
    });
    view! {
        <section class="card stack" aria-labelledby="h-facts">
            <h2 id="h-facts">{t!(language, "verify.facts")}</h2>
            <dl class="facts">{lines.collect_view()}</dl>
        </section>
    }
    .into_any()
}

/// A finding in words.
fn found(language: Language, finding: &Finding) -> String {
    match finding {
        Finding::Chain { version } => t!(language, "verify.finding.chain", version = version),
        Finding::Text { version } => t!(language, "verify.finding.text", version = version),
        Finding::Withheld { version } => t!(language, "verify.finding.withheld", version = version),
        Finding::History => t!(language, "verify.finding.history").into_owned(),
        Finding::Calendar { hours } => {
            t!(language, "verify.finding.calendar", id = hours.calendar.0, version = hours.version)
        }
        Finding::Breaches { version } => t!(language, "verify.finding.breaches", version = version),
        Finding::Counted { kind, cycle } => {
            let name = named(language, t!(language, kind.name_key()).into_owned(), *cycle);
            t!(language, "verify.finding.counted", name = name)
        }
    }
}

/// The name of a target, with its cycle from the second on.
fn named(language: Language, name: String, cycle: u32) -> String {
    if cycle == 1 { name } else { t!(language, "verify.cycle", name = name, cycle = cycle) }
}

/// Every target: what was told, what was computed, and whether both agree.
fn clocks(language: Language, checked: &[Checked], zone: &ZoneView) -> AnyView {
    let lines = checked.iter().filter_map(|checked| {
        let of = checked.told.or(checked.computed)?;
        let name = named(language, t!(language, of.kind.name_key()).into_owned(), of.cycle);
        let mark = Mark::of(checked.agrees());
        let agrees = if checked.agrees() { "verify.agrees" } else { "verify.differs" };
        let (told, computed) = (checked.told, checked.computed);
        Some(view! {
            <tr>
                <th scope="row">{name}</th>
                <td data-label=t!(language, "verify.column.target")>
                    {duration(language, of.target_s, DurationStyle::Exact)}
                </td>
                <td data-label=t!(language, "verify.column.told")>{figure(language, told, zone)}</td>
                <td data-label=t!(language, "verify.column.computed")>{figure(language, computed, zone)}</td>
                <td data-label=t!(language, "verify.column.agrees")>
                    <span class="state" data-state=mark.state()><MarkPicture mark/> " " {t!(language, agrees)}</span>
                </td>
            </tr>
        })
    });
    let lines = lines.collect_view();
    view! {
        <section class="card stack" aria-labelledby="h-clocks">
            <h2 id="h-clocks">{t!(language, "verify.clocks")}</h2>
            <div class="tablewrap tablewrap--stacks">
                <table class="table">
                    <caption class="sr">{t!(language, "verify.clocks")}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{t!(language, "verify.column.clock")}</th>
                            <th scope="col">{t!(language, "verify.column.target")}</th>
                            <th scope="col">{t!(language, "verify.column.told")}</th>
                            <th scope="col">{t!(language, "verify.column.computed")}</th>
                            <th scope="col">{t!(language, "verify.column.agrees")}</th>
                        </tr>
                    </thead>
                    <tbody>{lines}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

/// Figures in one line; words for a target that has none.
fn figure(language: Language, figure: Option<Figure>, zone: &ZoneView) -> String {
    let Some(Figure { kind, used_s, target_s, state, due, breached_at, .. }) = figure else {
        return t!(language, "verify.no_figure").into_owned();
    };
    let used = duration(language, used_s, DurationStyle::Exact);
    let target = duration(language, target_s, DurationStyle::Exact);
    let line = t!(
        language,
        "verify.figure",
        used = used,
        target = target,
        state = t!(language, state.name_key_of(kind))
    );
    match breached_at.or(due) {
        Some(at) => format!("{line} · {}", moment(language, zone, at)),
        None => line,
    }
}

/// Every entry of the history, and what the file has of it.
fn history(language: Language, verdict: &Verdict, zone: &ZoneView) -> AnyView {
    let lines = verdict.proof.history.iter().zip(&verdict.entries).map(|(entry, (version, recorded))| {
        let is_whole = !verdict.findings.iter().any(|finding| is_about(finding, *version));
        let mark = Mark::of(is_whole);
        let chain = if is_whole { "verify.in_chain" } else { "verify.not_in_chain" };
        view! {
            <tr>
                <td data-label=t!(language, "verify.column.number")>{*version}</td>
                <td data-label=t!(language, "verify.column.at")>{moment(language, zone, entry.at)}</td>
                <th scope="row">{name_of(language, recorded.as_ref())}</th>
                <td data-label=t!(language, "verify.column.text")>{t!(language, text_key(entry))}</td>
                <td data-label=t!(language, "verify.column.chain")>
                    <span class="state" data-state=mark.state()><MarkPicture mark/> " " {t!(language, chain)}</span>
                </td>
            </tr>
        }
    });
    let lines = lines.collect_view();
    view! {
        <section class="card stack" aria-labelledby="h-history">
            <h2 id="h-history">{t!(language, "verify.history")}</h2>
            <p class="note">{t!(language, "verify.history_hint")}</p>
            <div class="tablewrap tablewrap--stacks">
                <table class="table">
                    <caption class="sr">{t!(language, "verify.history")}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{t!(language, "verify.column.number")}</th>
                            <th scope="col">{t!(language, "verify.column.at")}</th>
                            <th scope="col">{t!(language, "verify.column.entry")}</th>
                            <th scope="col">{t!(language, "verify.column.text")}</th>
                            <th scope="col">{t!(language, "verify.column.chain")}</th>
                        </tr>
                    </thead>
                    <tbody>{lines}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn is_about(finding: &Finding, entry: u32) -> bool {
    match finding {
        Finding::Chain { version }
        | Finding::Text { version }
        | Finding::Withheld { version }
        | Finding::Breaches { version } => *version == entry,
        Finding::History | Finding::Calendar { .. } | Finding::Counted { .. } => false,
    }
}

fn name_of(language: Language, recorded: Option<&Recorded>) -> String {
    let key = recorded.map_or("verify.entry_withheld", |recorded| recorded.event.name_key());
    t!(language, key).into_owned()
}

const fn text_key(entry: &Entry) -> &'static str {
    match entry.text {
        EntryText::Whole { .. } => "verify.text.whole",
        EntryText::Reduced { .. } => "verify.text.reduced",
        EntryText::Withheld { .. } => "verify.text.withheld",
        EntryText::Erased { .. } => "verify.text.erased",
    }
}

/// The calendars that count, with their holidays and closures.
fn calendars(language: Language, all: &[ProofCalendar], zone: &ZoneView) -> AnyView {
    let each = all.iter().map(|ProofCalendar { hours, calendar, spans, .. }| {
        let closures = (!spans.named().is_empty()).then(|| {
            let lines = spans.named().iter().map(|closure| {
                view! { <li>{moment(language, zone, closure.span.from)} ": " {closure.name.clone()}</li> }
            });
            view! { <ul>{lines.collect_view()}</ul> }
        });
        let (name, at) = (calendar.name().to_owned(), hours.zone.clone());
        let title = t!(language, "verify.calendar_of", name = name, version = hours.version, zone = at);
        view! { <h3>{title}</h3> {closures} }
    });
    let each = each.collect_view();
    view! {
        <section class="card stack" aria-labelledby="h-calendars">
            <h2 id="h-calendars">{t!(language, "verify.calendars")}</h2>
            <p class="note">{t!(language, "verify.calendars_hint")}</p>
            {each}
        </section>
    }
    .into_any()
}
