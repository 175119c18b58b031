//! The forms of identity providers, and their list.

use desk::oidc::IdentityProviderView;
use domain::actor::Role;
use domain::i18n::Language;
use domain::identity_provider::{DeskSignIn, Strangers};
use domain::t;
use leptos::prelude::*;

use super::super::choices::SelectField;
use super::{
    CLAIM, CLIENT, DESK_SIGN_IN, Deed, FACTORS, GROUPS, ISSUER, NAME, NO_SECRET, PAGE, REVISION, SCOPES,
    SECRET, STRANGERS, Shown,
};
use crate::language::use_language;
use crate::pages::{PostReply, Typed};
use crate::ui::inputs::area_text;
use crate::ui::{FieldKind, Icon, Notice, TextField, Tone};

/// What a new provider is asked for, as most have it.
const USUAL_SCOPES: &str = "profile email";
const USUAL_CLAIM: &str = "groups";
const USUAL_FACTORS: &str = "mfa";

/// The list of the providers.
pub(super) fn table(language: Language, rows: &[IdentityProviderView]) -> AnyView {
    if rows.is_empty() {
        return view! { <p class="note">{t!(language, "identity.none")}</p> }.into_any();
    }
    let heads = ["identity.name", "identity.issuer", "identity.state", "identity.people"]
        .map(|key| view! { <th scope="col">{t!(language, key)}</th> });
    let row = |provider: &IdentityProviderView| {
        let set = &provider.set;
        let (look, icon, key) = state(provider);
        view! {
            <tr>
                <th scope="row">
                    <a href=format!("{PAGE}/{}", provider.id.0) rel="external">{set.name.as_str().to_owned()}</a>
                </th>
                <td data-label=t!(language, "identity.issuer")>{set.issuer.as_str().to_owned()}</td>
                <td data-label=t!(language, "identity.state")>
                    <span class="state" data-state=look><Icon name=icon/> " " {t!(language, key)}</span>
                </td>
                <td data-label=t!(language, "identity.people")>{provider.people.to_string()}</td>
            </tr>
        }
    };
    view! {
        <div class="card tablewrap tablewrap--stacks" tabindex="0" role="region" aria-label=t!(language, "identity.list")>
            <table class="table">
                <caption class="sr">{t!(language, "identity.list")}</caption>
                <thead><tr>{heads.collect_view()}</tr></thead>
                <tbody>{rows.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// How a provider stands: look, icon and key of its word.
fn state(provider: &IdentityProviderView) -> (&'static str, &'static str, &'static str) {
    if provider.is_paused {
        ("void", "void", "identity.paused")
    } else if provider.set.client_id.is_empty() {
        ("warning", "warning", "identity.unfinished")
    } else {
        ("met", "check", "identity.active")
    }
}

/// The form by which a provider is added.
#[component]
pub(super) fn NewForm(reply: PostReply) -> impl IntoView {
    let language = use_language();
    let reply = if reply.typed.contains_key(NAME) {
        reply
    } else {
        let usual = [(SCOPES, USUAL_SCOPES), (CLAIM, USUAL_CLAIM), (FACTORS, USUAL_FACTORS)];
        let typed = usual.map(|(name, value)| (name.to_owned(), value.to_owned()));
        PostReply { typed: Typed::from(typed), ..reply }
    };
    let failure = reply.failure.clone();
    view! {
        <form class="card stack" method="post" action=PAGE aria-labelledby="h-new" novalidate>
            <h2 id="h-new">{t!(language, "identity.new")}</h2>
            {failure.map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
            <Fields reply has_secret=false/>
            <div class="row">
                <button class="button button--main" type="submit">{t!(language, "identity.add")}</button>
            </div>
        </form>
    }
    .into_any()
}

/// One provider: its addresses, the test, its settings, and the way to pause or remove it.
#[component]
pub(super) fn Detail(shown: Shown, reply: PostReply) -> impl IntoView {
    let language = use_language();
    let Shown { provider, redirect, signed_out, back_channel } = shown;
    let action = format!("{PAGE}/{}", provider.id.0);
    let (look, icon, key) = state(&provider);
    let failure = reply.failure.clone();
    // A form that is wrong or comes late still knows what it knew. One that was told of a change knows of it.
    let known = reply.typed.get(REVISION).cloned();
    let revision = known.unwrap_or_else(|| provider.revision.to_string());
    let reply =
        if reply.typed.contains_key(NAME) { reply } else { PostReply { typed: typed(&provider), ..reply } };
    let pause = if provider.is_paused { Deed::Resume } else { Deed::Pause };
    let pause_words = if provider.is_paused { "identity.resume" } else { "identity.pause" };
    let name = provider.set.name.as_str().to_owned();
    view! {
        {failure.map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
        <section class="card stack" aria-labelledby="h-provider">
            <div class="row row--apart">
                <h2 id="h-provider">{name}</h2>
                <span class="state" data-state=look><Icon name=icon/> " " {t!(language, key)}</span>
            </div>
            <p class="note">{t!(language, "identity.addresses")}</p>
            <dl class="facts">
                <div class="facts__wide">
                    <dt>{t!(language, "identity.redirect")}</dt><dd><code>{redirect}</code></dd>
                </div>
                <div class="facts__wide">
                    <dt>{t!(language, "identity.signed_out")}</dt><dd><code>{signed_out}</code></dd>
                </div>
                <div class="facts__wide">
                    <dt>{t!(language, "identity.back_channel")}</dt><dd><code>{back_channel}</code></dd>
                </div>
            </dl>
            <form class="row" method="post" action=action.clone()>
                <button class="button" type="submit" name=Deed::FIELD value=Deed::Test.code()>
                    {t!(language, "identity.test_now")}
                </button>
                <button class="button" type="submit" name=Deed::FIELD value=pause.code()>
                    {t!(language, pause_words)}
                </button>
            </form>
        </section>
        <form class="card stack" method="post" action=action.clone() aria-labelledby="h-settings" novalidate>
            <h2 id="h-settings">{t!(language, "identity.settings")}</h2>
            <input type="hidden" name=REVISION value=revision/>
            <Fields reply has_secret=provider.has_secret/>
            <div class="row">
                <button class="button button--main" type="submit" name=Deed::FIELD value=Deed::Edit.code()>
                    {t!(language, "identity.save")}
                </button>
            </div>
        </form>
        <details class="card revoke">
            <summary class="button button--quiet">{t!(language, "identity.remove")}</summary>
            <form class="stack stack--tight" method="post" action=action>
                <p class="note">{t!(language, "identity.remove_sure")}</p>
                <button class="button" type="submit" name=Deed::FIELD value=Deed::Remove.code()>
                    {t!(language, "identity.remove_yes")}
                </button>
            </form>
        </details>
    }
    .into_any()
}

/// The settings of a provider as a form has them.
fn typed(provider: &IdentityProviderView) -> Typed {
    let set = &provider.set;
    let (roles, factors) = (set.group_roles.written(), set.factor_values.join(" "));
    let fields = [
        (NAME, set.name.as_str()),
        (ISSUER, set.issuer.as_str()),
        (CLIENT, set.client_id.as_str()),
        (SCOPES, set.scopes.as_str()),
        (CLAIM, set.groups_claim.as_str()),
        (GROUPS, roles.as_str()),
        (STRANGERS, set.strangers.code()),
        (DESK_SIGN_IN, set.desk_sign_in.code()),
        (FACTORS, factors.as_str()),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The settings of a provider.
#[component]
fn Fields(
    reply: PostReply,
    /// Whether a secret is there, which is not shown.
    has_secret: bool,
) -> impl IntoView {
    let language = use_language();
    let strangers =
        Strangers::ALL.map(|choice| (choice.code().to_owned(), t!(language, choice.name_key()).into_owned()));
    let own = DeskSignIn::ALL
        .map(|choice| (choice.code().to_owned(), t!(language, choice.name_key()).into_owned()));
    let secret_hint = if has_secret { "identity.secret_there" } else { "identity.secret_hint" };
    let no_secret = reply.text(NO_SECRET) == "yes";
    view! {
        <div class="pairs">
            <TextField name=NAME kind=FieldKind::Text label=t!(language, "identity.name")
                value=reply.text(NAME) problem=reply.problem(NAME) hint=t!(language, "identity.name_hint")/>
            <TextField name=ISSUER kind=FieldKind::Url label=t!(language, "identity.issuer")
                value=reply.text(ISSUER) problem=reply.problem(ISSUER) hint=t!(language, "identity.issuer_hint")/>
            <TextField name=CLIENT kind=FieldKind::Optional label=t!(language, "identity.client")
                value=reply.text(CLIENT) problem=reply.problem(CLIENT) hint=t!(language, "identity.client_hint")/>
            <TextField name=SECRET kind=FieldKind::Secret label=t!(language, "identity.secret")
                problem=reply.problem(SECRET) hint=t!(language, secret_hint)/>
        </div>
        {has_secret.then(|| view! {
            <label class="check">
                <input type="checkbox" name=NO_SECRET value="yes" checked=no_secret/>
                <span>{t!(language, "identity.no_secret")}</span>
            </label>
        })}
        <div class="pairs">
            <TextField name=SCOPES kind=FieldKind::Optional label=t!(language, "identity.scopes")
                value=reply.text(SCOPES) problem=reply.problem(SCOPES) hint=t!(language, "identity.scopes_hint")/>
            <TextField name=CLAIM kind=FieldKind::Optional label=t!(language, "identity.claim")
                value=reply.text(CLAIM) problem=reply.problem(CLAIM) hint=t!(language, "identity.claim_hint")/>
        </div>
        <Groups value=reply.text(GROUPS) problem=reply.problem(GROUPS)/>
        <div class="pairs">
            <SelectField name=STRANGERS label=t!(language, "identity.strangers_label") options=strangers.into()
                chosen=reply.text(STRANGERS)/>
            <SelectField name=DESK_SIGN_IN label=t!(language, "identity.desk_sign_in_label") options=own.into()
                chosen=reply.text(DESK_SIGN_IN)/>
            <TextField name=FACTORS kind=FieldKind::Optional label=t!(language, "identity.factors")
                value=reply.text(FACTORS) problem=reply.problem(FACTORS) hint=t!(language, "identity.factors_hint")/>
        </div>
    }
    .into_any()
}

/// Groups with their roles, one on each line.
#[component]
fn Groups(value: String, problem: Option<String>) -> impl IntoView {
    let language = use_language();
    let is_wrong = problem.is_some();
    let described = if is_wrong { "groups-hint groups-error" } else { "groups-hint" };
    let roles = Role::ALL.map(|role| format!("{} ({})", role.code(), t!(language, role.name_key())));
    let hint = t!(language, "identity.groups_hint", roles = roles.join(", "));
    view! {
        <div class="field" data-look=is_wrong.then_some("error")>
            <label class="field__label" for=GROUPS>{t!(language, "identity.groups")}</label>
            <div class="field__box">
                <textarea class="field__input" id=GROUPS name=GROUPS rows="5" spellcheck="false"
                    aria-invalid=is_wrong.then_some("true") aria-describedby=described inner_html=area_text(&value)></textarea>
            </div>
            <p class="field__hint" id="groups-hint">{hint}</p>
            {problem.map(|words| view! { <p class="field__error" role="alert" id="groups-error">{words}</p> })}
        </div>
    }
    .into_any()
}
