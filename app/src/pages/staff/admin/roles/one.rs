//! The page of one role: its form, what a change of it means, who has it, and its versions.

use std::collections::BTreeSet;

use desk::people::composed::{RoleVersion, RoleView};
use domain::actor::{Composition, Permit, PersonId};
use domain::calendar::zone::Zone;
use domain::i18n::Language;
use domain::t;
use domain::time::{Instant, Span};
use leptos::prelude::*;

use super::form::{FormOf, RoleForm};
use super::{ADDRESS, Deed, Draft, Organisations, PERSON, permit_words, scope_words};
use crate::language::use_language;
use crate::pages::PostReply;
use crate::pages::staff::admin::choices::SelectField;
use crate::ui::{Notice, Tone, relative_time};

/// What the page shows.
pub(super) struct Shown {
    /// The role; `None` while it is being composed.
    pub(super) role: Option<RoleView>,
    /// Its versions, the newest first.
    pub(super) versions: Vec<RoleVersion>,
    pub(super) draft: Draft,
    pub(super) offered: Organisations,
    /// The people to whom it can be given.
    pub(super) staff: Vec<(PersonId, String)>,
    /// Whether the change is shown before it is made.
    pub(super) is_preview: bool,
    pub(super) zone: Zone,
    pub(super) now: Instant,
    pub(super) reply: PostReply,
}

#[component]
pub(super) fn Detail(shown: Shown) -> impl IntoView {
    let language = use_language();
    let Shown { role, versions, draft, offered, staff, is_preview, zone, now, reply } = shown;
    let preview = is_preview.then(|| preview(language, role.as_ref(), &draft));
    let is_retired = role.as_ref().is_some_and(|role| role.retired_at.is_some());
    let stored = role.as_ref().map(|role| (role.id.0, role.version));
    let failure = reply.failure.clone().filter(|_| is_retired);
    let body = if is_retired {
        view! { <p class="note">{t!(language, "composed.is_retired")}</p> }.into_any()
    } else {
        let form = FormOf { stored, draft, offered, reply };
        view! { <RoleForm form/> }.into_any()
    };
    view! {
        <p><a href=ADDRESS rel="external">{t!(language, "composed.back")}</a></p>
        {preview}
        {failure.map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
        {body}
        {role.map(|role| view! { <Holders role staff/> })}
        {(!versions.is_empty()).then(|| history(language, &versions, zone, now))}
    }
    .into_any()
}

/// What the draft changes, and for how many people.
fn preview(language: Language, role: Option<&RoleView>, draft: &Draft) -> AnyView {
    let none = BTreeSet::new();
    let before = role.map_or(&none, |role| &role.composition.permits);
    let mut after = draft.permits.clone();
    after.insert(Permit::ReadCases);
    let (gained, lost) = (added(before, &after), added(&after, before));
    let people = role.map_or(0, |role| role.holders.len());
    let scope = role.is_none_or(|role| {
        role.composition.scope != draft.scope || role.composition.organisations != draft.organisations
    });
    view! {
        <Notice tone=Tone::Calm icon="info">
            <p>{t!(language, "composed.preview", count = people)}</p>
            {(!gained.is_empty()).then(|| view! { <p>"+ " {permit_words(language, &gained)}</p> })}
            {(!lost.is_empty()).then(|| view! { <p>"− " {permit_words(language, &lost)}</p> })}
            {scope.then(|| view! { <p>{t!(language, "composed.preview_scope")}</p> })}
        </Notice>
    }
    .into_any()
}

/// Permits of one set that another lacks.
fn added(before: &BTreeSet<Permit>, after: &BTreeSet<Permit>) -> Vec<Permit> {
    after.difference(before).copied().collect()
}

/// Who has the role, and to whom it can be given.
#[component]
fn Holders(role: RoleView, staff: Vec<(PersonId, String)>) -> impl IntoView {
    let language = use_language();
    let address = format!("{ADDRESS}/{}", role.id.0);
    let like = t!(language, role.composition.like.name_key()).into_owned();
    let can_retire = role.holders.is_empty() && role.retired_at.is_none();
    let holders = role.holders.iter().map(|(id, name)| {
        let words = format!("{} · {name}", t!(language, "composed.take"));
        view! {
            <li class="row row--apart">
                <a href=format!("/desk/admin/people/{}", id.0) rel="external">{name.clone()}</a>
                <form method="post" action=address.clone()>
                    <input type="hidden" name=PERSON value=id.0.to_string()/>
                    <button class="button button--quiet" type="submit" name=Deed::FIELD value=Deed::Take.code()
                        aria-label=words>{t!(language, "composed.take")}</button>
                </form>
            </li>
        }
    });
    let holders = holders.collect_view();
    let options: Vec<(String, String)> =
        staff.into_iter().map(|(id, name)| (id.0.to_string(), name)).collect();
    view! {
        <section class="card stack" aria-labelledby="h-holders">
            <h2 id="h-holders">{t!(language, "composed.holders")}</h2>
            {if role.holders.is_empty() {
                view! { <p class="note">{t!(language, "composed.no_holders")}</p> }.into_any()
            } else {
                view! {
                    <p class="note">{t!(language, "composed.take_hint", role = like)}</p>
                    <ul class="lines">{holders}</ul>
                }
                .into_any()
            }}
            {(!options.is_empty()).then(|| view! {
                <form class="stack" method="post" action=address.clone()>
                    <SelectField name=PERSON label=t!(language, "composed.give") options chosen=String::new() problem=None
                        hint=t!(language, "composed.give_hint")/>
                    <div class="row">
                        <button class="button" type="submit" name=Deed::FIELD value=Deed::Give.code()>
                            {t!(language, "composed.give_act")}
                        </button>
                    </div>
                </form>
            })}
            {can_retire.then(|| view! {
                <details class="revoke">
                    <summary class="button button--quiet">{t!(language, "composed.retire")}</summary>
                    <form class="stack stack--tight" method="post" action=address.clone()>
                        <p class="note">{t!(language, "composed.retire_sure")}</p>
                        <button class="button" type="submit" name=Deed::FIELD value=Deed::Retire.code()>
                            {t!(language, "composed.retire_yes")}
                        </button>
                    </form>
                </details>
            })}
        </section>
    }
    .into_any()
}

/// The versions of a role, each with what it gained and lost.
fn history(language: Language, versions: &[RoleVersion], zone: Zone, now: Instant) -> AnyView {
    let local = |at: Instant| relative_time(language, &zone.view(Span::new(at, at.plus(1))), at, now);
    let lines = versions.iter().enumerate().map(|(place, version)| {
        let before = versions.get(place + 1).map(|older| &older.composition);
        let by = version.by.as_ref().map(|name| format!(" · {name}")).unwrap_or_default();
        view! {
            <li>
                <p>{local(version.at)} {by}</p>
                <p class="quiet">{changed(language, before, &version.composition)}</p>
            </li>
        }
    });
    let lines = lines.collect_view();
    view! {
        <section class="card stack" aria-labelledby="h-versions">
            <h2 id="h-versions">{t!(language, "composed.history")}</h2>
            <ul class="lines">{lines}</ul>
        </section>
    }
    .into_any()
}

/// What a version changed of the one before it.
fn changed(language: Language, before: Option<&Composition>, after: &Composition) -> String {
    let none = BTreeSet::new();
    let permits = before.map_or(&none, |before| &before.permits);
    let (gained, lost) = (added(permits, &after.permits), added(&after.permits, permits));
    let mut words = Vec::new();
    if before.is_none_or(|before| before.name != after.name) {
        words.push(after.name.as_str().to_owned());
    }
    if !gained.is_empty() {
        words.push(format!("+ {}", permit_words(language, &gained)));
    }
    if !lost.is_empty() {
        words.push(format!("− {}", permit_words(language, &lost)));
    }
    if before.is_none_or(|before| before.scope != after.scope || before.organisations != after.organisations)
    {
        let count = t!(language, "composed.organisation_count", count = after.organisations.len());
        words.push(scope_words(language, &after.scope, std::iter::once(&count)));
    }
    words.join(" · ")
}
