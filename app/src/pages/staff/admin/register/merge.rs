//! Merging two entries that are one: which other, what would move, and the confirmation.

use desk::DeskError;
use desk::register::{
    EntryKey, ListQuery, Listed, MergeError, MergePreview, Resolved, alike, entry, list, preview_merge,
};
use domain::country::Country;
use domain::i18n::Language;
use domain::register::RegisterKind;
use domain::search::LONGEST_QUERY;
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::{RegisterFrame, entry_address, kind_of, writes};
use crate::AppError;
use crate::address::query_value;
use crate::language::use_language;
use crate::pages::PostReply;
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;
use crate::ui::{Icon, NotFound, Notice, Tone};

/// What a page of a merge shows.
struct Shown {
    key: EntryKey,
    title: String,
    text: String,
    /// Entries that may be the same, by key and name.
    candidates: Vec<(EntryKey, String)>,
    /// The chosen one, or why it cannot be.
    preview: Option<Result<MergePreview, String>>,
    failure: Option<String>,
}

/// The page: `/desk/admin/register/KIND/KEY/merge`.
#[component]
pub fn RegisterMergePage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let get = |name: &str| query.with_untracked(|query| query.get(name));
    let kind = params.with_untracked(|params| kind_of(&params.get("kind").unwrap_or_default()));
    let id = params.with_untracked(|params| params.get("id").unwrap_or_default());
    let (text, into) = (get("q"), get("into"));
    let Some(kind) = kind else { return view! { <NotFound/> }.into_any() };
    // The frame reads by itself, so it stands around what waits.
    let title = t!(use_language(), "register.merge").into_owned();
    view! {
        <RegisterFrame title=title kind=kind>
            {Suspend::new(async move {
                match read(kind, &id, text, into).await {
                    Ok(shown) => view! { <Merge shown/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </RegisterFrame>
    }
    .into_any()
}

async fn read(
    kind: RegisterKind,
    id: &str,
    text: Option<String>,
    into: Option<String>,
) -> Result<Shown, AppError> {
    let asked = staff_context()?;
    if !writes(&asked) {
        return Err(AppError::NotPermitted);
    }
    let key = EntryKey::parse(kind, id).ok_or(DeskError::NotFound)?;
    let Resolved::Entry(found) = entry(&asked.desk, &asked.actor, &key).await? else {
        return Err(AppError::NotFound);
    };
    let text: String = match text {
        Some(text) => text.chars().take(LONGEST_QUERY).collect(),
        None => found.title.split_whitespace().next().unwrap_or_default().to_owned(),
    };
    let candidates = if kind == RegisterKind::Equipment {
        let alike = alike(&asked.desk, &asked.actor, &found).await?;
        alike.into_iter().map(|serial| (EntryKey::Equipment(serial.clone()), serial)).collect()
    } else {
        let country = found.fields.get("country").and_then(|code| Country::from_code(code));
        let query = ListQuery { text: text.clone(), country, ..ListQuery::all(RegisterKind::Organisation) };
        match list(&asked.desk, &asked.actor, &query).await? {
            Listed::Organisations(page) => page
                .rows
                .into_iter()
                .map(|row| (EntryKey::Organisation(row.id), row.name))
                .filter(|(other, _)| *other != key)
                .collect(),
            _ => Vec::new(),
        }
    };
    let preview = match into.and_then(|into| EntryKey::parse(kind, &into)) {
        Some(into) => match preview_merge(&asked.desk, &asked.actor, &key, &into).await {
            Ok(preview) => Some(Ok(preview)),
            Err(MergeError::Desk(error)) => return Err(error.into()),
            Err(error) => Some(Err(words(asked.language, &error))),
        },
        None => None,
    };
    Ok(Shown { key, title: found.title, text, candidates, preview, failure: PostReply::of_page().failure })
}

/// Why two entries are not merged, in the reader's language.
pub(super) fn words(language: Language, error: &MergeError) -> String {
    let key = match error {
        MergeError::NotTwo => "register.merge.not_two",
        MergeError::OtherCountry => "register.merge.other_country",
        MergeError::OtherSerial => "register.merge.other_serial",
        MergeError::OtherOrganisation => "register.merge.other_organisation",
        MergeError::ChangedMeanwhile => "register.changed_meanwhile",
        MergeError::Desk(error) => return AppError::from(error.clone()).message(language),
    };
    t!(language, key).into_owned()
}

#[component]
fn Merge(shown: Shown) -> impl IntoView {
    let language = use_language();
    let Shown { key, title, text, candidates, preview, failure } = shown;
    let kind = key.kind();
    let address = format!("{}/merge", entry_address(&key));
    let is_chosen = matches!(preview, Some(Ok(_)));
    let is_none = candidates.is_empty();
    let choices = candidates.into_iter().map(|(other, name)| {
        let to = format!("{address}?q={}&into={}", query_value(&text), query_value(&other.text()));
        view! {
            <li class="line line--wide">
                <span>{name.clone()}</span>
                <a class="button" href=to>{t!(language, "register.merge.into")} <span class="sr">" " {name}</span></a>
            </li>
        }
    });
    let choices = choices.collect_view();
    view! {
        <h1 class="title--long">{t!(language, "register.merge.title", name = title)}</h1>
        <p><a href=entry_address(&key)>{t!(language, "register.merge.back")}</a></p>
        {failure.map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
        {preview.map(|preview| match preview {
            Ok(preview) => view! { <Preview preview address=address.clone()/> }.into_any(),
            Err(words) => view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> }.into_any(),
        })}
        {(!is_chosen).then(|| view! {
            <section class="card stack" aria-labelledby="h-choose">
                <h2 id="h-choose">{t!(language, "register.merge.which")}</h2>
                {(kind == RegisterKind::Organisation).then(|| view! {
                    <form class="finder" method="get" action=address.clone() role="search">
                        <div class="field finder__text">
                            <label class="field__label" for="q">{t!(language, "register.search")}</label>
                            <div class="field__box">
                                <input class="field__input" id="q" name="q" type="search" value=text.clone() maxlength="100" autocomplete="off"/>
                            </div>
                        </div>
                        <button class="button" type="submit"><Icon name="search"/> " " {t!(language, "register.find")}</button>
                    </form>
                })}
                {is_none.then(|| view! { <p class="note">{t!(language, "register.merge.nobody")}</p> })}
                <ul class="lines">{choices}</ul>
            </section>
        })}
    }
    .into_any()
}

/// What would move, and the button that does it.
#[component]
fn Preview(preview: MergePreview, address: String) -> impl IntoView {
    let language = use_language();
    let MergePreview { from, into, contracts, sites, cases } = preview;
    let is_organisation = from.key.kind() == RegisterKind::Organisation;
    let figures = [
        ("staff.find.contracts", contracts, is_organisation),
        ("staff.find.sites", sites, is_organisation),
        ("register.merge.cases", cases, true),
    ];
    let figures = figures.into_iter().filter(|(_, _, is_shown)| *is_shown).map(|(key, count, _)| {
        view! { <div class="figure"><dt>{t!(language, key)}</dt><dd><b>{count}</b></dd></div> }
    });
    view! {
        <form class="card stack preview" method="post" action=address.clone() aria-labelledby="h-preview">
            <h2 id="h-preview">{t!(language, "register.merge.preview", from = from.title, into = into.title)}</h2>
            <dl class="figures">{figures.collect_view()}</dl>
            <p>{t!(language, "register.merge.effect")}</p>
            <input type="hidden" name="into" value=into.key.text()/>
            <input type="hidden" name="from_version" value=from.version/>
            <input type="hidden" name="into_version" value=into.version/>
            <div class="row">
                <button class="button button--main" type="submit">{t!(language, "register.merge.do")}</button>
                <a class="button button--quiet" href=address.clone()>{t!(language, "register.merge.other")}</a>
            </div>
        </form>
    }
    .into_any()
}
