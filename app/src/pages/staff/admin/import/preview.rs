//! What a file would change: figures, then each list paged, then the confirmation.

use desk::import::{Added, BadRow, Changed, Doubtful, Ended, FieldChange, ImportRecord, ImportReport, Seen};
use domain::i18n::Language;
use domain::page::Paging;
use domain::register::ImportKind;
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{ENDS_ON, IMPORT, column_label, writes};
use crate::language::use_language;
use crate::pages::PostReply;
use crate::ui::{Icon, Notice, Pager, Tone};

/// The preview, and its confirmation when every row is right.
#[component]
pub(super) fn Preview(record: ImportRecord, report: ImportReport, digest: String) -> impl IntoView {
    let language = use_language();
    let id = record.id;
    let figures = [
        ("import.page.added", report.added.len()),
        ("import.page.changed", report.changed.len()),
        ("import.page.unchanged", report.unchanged),
        ("import.page.bad", report.bad.len()),
    ];
    let figures = figures.map(|(key, count)| {
        view! { <div class="figure"><dt>{t!(language, key)}</dt><dd><b>{count}</b></dd></div> }
    });
    let is_right = report.bad.is_empty();
    let has_doubts = !report.doubtful.is_empty();
    let is_same = report.added.is_empty() && report.changed.is_empty() && report.ended.is_empty();
    let gone = report.gone.len();
    let ends_on = report.ended.first().map(|ended| ended.field.to.clone());
    let can_end =
        record.kind == ImportKind::Contracts && is_right && writes() && (gone > 0 || ends_on.is_some());
    let ImportReport { added, changed, created, ended, doubtful, bad, .. } = report;
    let added = Shown::of("added", added, |row| added_line(language, row));
    let changed = Shown::of("changed", changed, |row| changed_line(language, row));
    let created =
        Shown::of("created", created, |name| view! { <li class="line line--wide">{name}</li> }.into_any());
    let ended = Shown::of("ended", ended, |row| ended_line(language, row));
    let doubtful = Shown::of("doubtful", doubtful, |row| doubtful_line(language, &row));
    let bad = Shown::of("bad", bad, |row| bad_line(language, &row));
    view! {
        <section class="card stack" aria-labelledby="h-figures">
            <h3 id="h-figures">{t!(language, "import.page.preview")}</h3>
            <dl class="figures">{figures.collect_view()}</dl>
            {(gone > 0).then(|| view! { <p class="note">{t!(language, "import.page.left", count = gone)}</p> })}
        </section>
        <Lines id title="import.page.bad" shown=bad>
            <p><a class="button" href=format!("{IMPORT}/{id}/bad.csv") download="">{t!(language, "import.page.download")}</a></p>
        </Lines>
        <Lines id title="import.page.doubtful" shown=doubtful/>
        <Lines id title="import.page.created" shown=created/>
        {can_end.then(|| view! { <Missing id ends_on/> })}
        <Lines id title="import.page.ended" shown=ended/>
        <Lines id title="import.page.changed" shown=changed/>
        <Lines id title="import.page.added" shown=added/>
        {if !is_right {
            view! { <Notice tone=Tone::Bad icon="alert"><p>{t!(language, "import.page.correct")}</p></Notice> }.into_any()
        } else if is_same {
            view! { <Notice tone=Tone::Good icon="check"><p>{t!(language, "import.page.same")}</p></Notice> }.into_any()
        } else if writes() {
            view! { <Confirm id digest has_doubts/> }.into_any()
        } else {
            ().into_any()
        }}
        {writes().then(|| view! {
            <form class="row" method="post" action=format!("{IMPORT}/{id}")>
                <a class="button button--quiet" href=format!("{IMPORT}/{id}?columns=again")>{t!(language, "import.match.again")}</a>
                <button class="button button--quiet" type="submit" name="act" value="give_up">
                    {t!(language, "import.page.give_up")}
                </button>
            </form>
        })}
    }
    .into_any()
}

/// The day on which contracts end that the file lacks. Nothing is written before the whole is confirmed.
#[component]
fn Missing(
    id: i64,
    /// The day that was chosen.
    ends_on: Option<String>,
) -> impl IntoView {
    let language = use_language();
    let reply = PostReply::of_page();
    let problem = reply.problem(ENDS_ON);
    let is_wrong = problem.is_some();
    let value = reply.typed.get(ENDS_ON).cloned().or(ends_on).unwrap_or_default();
    let described = if is_wrong { "ends_on-hint ends_on-error" } else { "ends_on-hint" };
    view! {
        <form class="card stack settings" method="post" action=format!("{IMPORT}/{id}") aria-labelledby="h-missing" novalidate>
            <h3 id="h-missing">{t!(language, "import.page.missing")}</h3>
            <div class="field" data-look=is_wrong.then_some("error")>
                <label class="field__label" for=ENDS_ON>{t!(language, "import.page.ends_on")}</label>
                <div class="field__box">
                    <input class="field__input" id=ENDS_ON name=ENDS_ON type="date" value=value
                        aria-invalid=is_wrong.then_some("true") aria-describedby=described/>
                </div>
                <p class="field__hint" id="ends_on-hint">{t!(language, "import.page.ends_on_hint")}</p>
                {problem.map(|words| view! { <p class="field__error" role="alert" id="ends_on-error">{words}</p> })}
            </div>
            <div class="row">
                <button class="button" type="submit" name="act" value="end">{t!(language, "import.page.look")}</button>
            </div>
        </form>
    }
    .into_any()
}

#[component]
fn Confirm(id: i64, digest: String, has_doubts: bool) -> impl IntoView {
    let language = use_language();
    view! {
        <form class="card stack preview" method="post" action=format!("{IMPORT}/{id}") aria-labelledby="h-confirm">
            <h3 id="h-confirm">{t!(language, "import.page.confirm")}</h3>
            <p>{t!(language, "import.page.confirm_hint")}</p>
            <input type="hidden" name="digest" value=digest/>
            {has_doubts.then(|| view! {
                <label class="check">
                    <input type="checkbox" name="confirmed" value="yes"/>
                    {t!(language, "import.page.doubts_checked")}
                </label>
            })}
            <div class="row">
                <button class="button button--main" type="submit" name="act" value="confirm">
                    <Icon name="check"/> " " {t!(language, "import.page.apply")}
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// The page of a list that the address names.
struct Shown {
    /// The name of the page's number in the address.
    name: &'static str,
    paging: Paging,
    lines: Vec<AnyView>,
}

impl Shown {
    /// Draws one page of the rows. A file may have two hundred thousand.
    fn of<T>(name: &'static str, rows: Vec<T>, draw: impl Fn(T) -> AnyView) -> Self {
        let page = use_query_map().with_untracked(|query| query.get(name).and_then(|page| page.parse().ok()));
        let paging = Paging::of(i64::try_from(rows.len()).unwrap_or(i64::MAX), page.unwrap_or(1));
        let first = usize::try_from(paging.offset()).unwrap_or(usize::MAX);
        let most = usize::try_from(Paging::ROWS).unwrap_or(usize::MAX);
        Self { name, paging, lines: rows.into_iter().skip(first).take(most).map(draw).collect() }
    }
}

/// A list of the report, of which one page is shown.
#[component]
fn Lines(
    id: i64,
    /// The key of the heading.
    title: &'static str,
    shown: Shown,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let language = use_language();
    let Shown { name, paging, lines } = shown;
    if paging.total == 0 {
        return ().into_any();
    }
    let (heading, anchor) = (format!("h-{name}"), format!("h-{name}"));
    view! {
        <section class="card stack" aria-labelledby=heading.clone()>
            <h3 id=heading.clone()>{t!(language, title)} " " <span class="quiet">{paging.total}</span></h3>
            {children.map(|children| children())}
            <ul class="lines">{lines}</ul>
            {(paging.pages > 1).then(|| view! {
                <Pager paging to=move |page| format!("{IMPORT}/{id}?{name}={page}#{anchor}")/>
            })}
        </section>
    }
    .into_any()
}

fn added_line(language: Language, added: Added) -> AnyView {
    let Added { row: Seen { line, key }, values } = added;
    let line = t!(language, "import.page.at_line", line = line);
    let values = values.into_iter().filter(|(_, value)| !value.is_empty()).map(|(column, value)| {
        view! { <li>{column_label(language, column)} ": " <b>{value}</b></li> }
    });
    view! {
        <li class="line line--wide">
            <div>
                <p class="number number--any">{key}</p>
                <ul class="quiet">{values.collect_view()}</ul>
            </div>
            <span class="note">{line}</span>
        </li>
    }
    .into_any()
}

fn changed_line(language: Language, changed: Changed) -> AnyView {
    let Changed { row, fields } = changed;
    let line = t!(language, "import.page.at_line", line = row.line);
    let fields = fields.into_iter().map(|FieldChange { column, from, to }| {
        view! { <li>{column_label(language, column)} ": " {from} " → " <b>{to}</b></li> }
    });
    view! {
        <li class="line line--wide">
            <div>
                <p class="number number--any">{row.key}</p>
                <ul class="quiet">{fields.collect_view()}</ul>
            </div>
            <span class="note">{line}</span>
        </li>
    }
    .into_any()
}

fn ended_line(language: Language, ended: Ended) -> AnyView {
    let Ended { key, field: FieldChange { column, from, to } } = ended;
    view! {
        <li class="line line--wide">
            <div>
                <p class="number number--any">{key}</p>
                <p class="quiet">{column_label(language, column)} ": " {from} " → " <b>{to}</b></p>
            </div>
        </li>
    }
    .into_any()
}

fn doubtful_line(language: Language, row: &Doubtful) -> AnyView {
    view! { <li class="line"><Icon name="warning"/> <span>{row.message(language)}</span></li> }.into_any()
}

fn bad_line(language: Language, row: &BadRow) -> AnyView {
    view! { <li class="line"><Icon name="alert"/> <span>{row.message(language)}</span></li> }.into_any()
}
