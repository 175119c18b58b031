//! The form in which a role is composed: boxes by subject, and the scope.

use domain::actor::{CaseReach, OrganisationReach, Permit, PermitSubject, Role};
use domain::country::Country;
use domain::i18n::Language;
use domain::t;
use leptos::prelude::*;

use super::super::choices::{Boxes, CheckBox, SelectField};
use super::{
    ADDRESS, COUNTRY, Deed, Draft, FIND, LIKE, NAME, NEW, ORGANISATION, ORGANISATIONS, Organisations, PERMIT,
    PERMITS, REACH, VERSION,
};
use crate::language::use_language;
use crate::pages::PostReply;
use crate::ui::{FieldKind, Notice, TextField, Tone};

/// What the form is about.
#[derive(Debug, Clone)]
pub(super) struct FormOf {
    /// Id and version of a role that is there; `None` for a new one.
    pub(super) stored: Option<(i64, u32)>,
    pub(super) draft: Draft,
    /// Organisations that can be listed: those that are, and those that were looked for.
    pub(super) offered: Organisations,
    pub(super) reply: PostReply,
}

/// The boxes of a subject. Every role reads cases, so that permit has none.
fn boxes(language: Language, subject: PermitSubject, draft: &Draft) -> Vec<CheckBox> {
    let offered =
        Permit::ALL.into_iter().filter(|permit| permit.subject() == subject && *permit != Permit::ReadCases);
    let one = |permit: Permit| {
        let mut words = t!(language, permit.name_key()).into_owned();
        if !permit.knows_scope() {
            words = format!("{words} ({})", t!(language, "composed.whole_desk"));
        }
        let is_checked = draft.permits.contains(&permit);
        CheckBox { name: format!("{PERMIT}{}", permit.code()), words, is_checked }
    };
    offered.map(one).collect()
}

fn countries(language: Language, draft: &Draft) -> Vec<CheckBox> {
    let one = |country: Country| {
        let words = t!(language, country.name_key()).into_owned();
        let is_checked = draft.scope.countries.contains(&country);
        CheckBox { name: format!("{COUNTRY}{}", country.code()), words, is_checked }
    };
    Country::ALL.map(one).into()
}

#[component]
pub(super) fn RoleForm(form: FormOf) -> impl IntoView {
    let language = use_language();
    let FormOf { stored, draft, offered, reply } = form;
    let address = stored.map_or_else(|| format!("{ADDRESS}/{NEW}"), |(id, _)| format!("{ADDRESS}/{id}"));
    // The version that was shown first stays, so that a change meanwhile is noticed.
    let version = stored.map(|(_, version)| {
        let shown = reply.typed.get(VERSION).cloned().unwrap_or_else(|| version.to_string());
        view! { <input type="hidden" name=VERSION value=shown/> }
    });
    let likes = Role::ALL.into_iter().filter(|role| role.is_composable());
    let likes = likes.map(|role| (role.code().to_owned(), t!(language, role.name_key()).into_owned()));
    let like = stored.is_none().then(|| {
        view! {
            <SelectField name=LIKE label=t!(language, "composed.like") hint=t!(language, "composed.like_hint")
                options=likes.collect() chosen=draft.like.code().to_owned() problem=reply.problem(LIKE)/>
        }
    });
    let subjects = PermitSubject::ALL.map(|subject| {
        let shown = boxes(language, subject, &draft);
        view! { <Boxes id=subject.code() legend=t!(language, subject.name_key()) boxes=shown problem=None/> }
    });
    let reaches = OrganisationReach::ALL
        .map(|reach| (reach.code().to_owned(), t!(language, reach.name_key()).into_owned()));
    let cases =
        CaseReach::ALL.map(|reach| (reach.code().to_owned(), t!(language, reach.name_key()).into_owned()));
    let listed: Vec<CheckBox> = offered
        .into_iter()
        .map(|(id, words)| {
            let is_checked = draft.organisations.contains(&id);
            CheckBox { name: format!("{ORGANISATION}{id}"), words, is_checked }
        })
        .collect();
    let failure = reply.failure.clone();
    let problem = reply.problem(PERMITS);
    view! {
        {failure.map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
        <form class="card stack stack--wide" method="post" action=address aria-labelledby="h-role" novalidate>
            <h2 id="h-role">{t!(language, "composed.heading")}</h2>
            {version}
            <div class="pairs">
                <TextField name=NAME kind=FieldKind::Text label=t!(language, "composed.name")
                    value=draft.name.clone() problem=reply.problem(NAME)/>
                {like}
            </div>
            <section class="stack" aria-labelledby="h-permits">
                <h3 id="h-permits">{t!(language, "composed.permits")}</h3>
                <p class="note">{t!(language, "composed.everyone_reads")}</p>
                {problem.map(|words| view! { <p class="field__error" role="alert">{words}</p> })}
                {subjects.collect_view()}
            </section>
            <section class="stack" aria-labelledby="h-scope">
                <h3 id="h-scope">{t!(language, "composed.scope")}</h3>
                <p class="note">{t!(language, "composed.scope_hint")}</p>
                <Boxes id="countries" legend=t!(language, "composed.countries") boxes=countries(language, &draft)
                    problem=None/>
                <SelectField name=REACH label=t!(language, "composed.cases") options=cases.into()
                    chosen=draft.scope.cases.code().to_owned() problem=None/>
                <SelectField name=ORGANISATIONS label=t!(language, "composed.organisations") options=reaches.into()
                    chosen=draft.scope.organisations.code().to_owned() problem=reply.problem(ORGANISATIONS)/>
                {(!listed.is_empty()).then(|| view! {
                    <Boxes id="listed" legend=t!(language, "composed.listed") boxes=listed problem=None/>
                })}
                <div class="field">
                    <label class="field__label" for=FIND>{t!(language, "composed.find")}</label>
                    <div class="field__box">
                        <input class="field__input" id=FIND name=FIND value=reply.text(FIND) autocomplete="off"/>
                    </div>
                </div>
                <div class="row">
                    <button class="button" type="submit" name=Deed::FIELD value=Deed::Find.code()>
                        {t!(language, "composed.find_act")}
                    </button>
                </div>
            </section>
            <div class="row">
                <button class="button button--main" type="submit" name=Deed::FIELD value=Deed::Save.code()>
                    {t!(language, "admin.account.save")}
                </button>
                <button class="button" type="submit" name=Deed::FIELD value=Deed::Preview.code()>
                    {t!(language, "composed.preview_act")}
                </button>
            </div>
        </form>
    }
    .into_any()
}
