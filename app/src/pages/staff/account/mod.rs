//! Everybody's own account: `/desk/account`. Plain forms: the page that comes back says what was done.

mod api;
mod factor;
#[cfg(feature = "ssr")]
mod identities;
#[cfg(feature = "ssr")]
mod passkeys;
#[cfg(feature = "ssr")]
mod proof;
mod sessions;

#[cfg(feature = "ssr")]
pub use api::post_account;
#[cfg(feature = "ssr")]
pub use identities::{IdentitiesPage, post_identities};
#[cfg(feature = "ssr")]
pub use passkeys::{PasskeysPage, post_passkeys};
#[cfg(feature = "ssr")]
pub use proof::{ProofPage, post_proof, proof_address};

use domain::i18n::Language;
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use self::api::{Act, Done, OwnAccount, read_account};
use self::factor::FactorForm;
use self::sessions::Sessions;
use super::extension::ExtensionField;
use super::frame::{Failed, Here, StaffFrame};
use crate::language::use_language;
use crate::pages::PostReply;
use crate::ui::{FieldKind, Notice, TextField, Tone};

/// The page of one's own account.
#[component]
pub fn AccountPage() -> impl IntoView {
    let language = use_language();
    let account = Resource::new(|| (), |()| read_account());
    let query = use_query_map();
    let done = query.with_untracked(|query| query.get("done").and_then(|code| Done::from_code(&code)));
    view! {
        <StaffFrame title=t!(language, "admin.account.title").into_owned() class="stack stack--wide" here=Here::Account>
            <h1>{t!(language, "admin.account.title")}</h1>
            {done.map(|done| view! {
                <Notice tone=Tone::Good icon="check"><p>{t!(language, done.name_key())}</p></Notice>
            })}
            <Suspense>
                {move || Suspend::new(async move {
                    match account.await {
                        Ok((account, reply)) => view! { <Account account reply/> }.into_any(),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Suspense>
        </StaffFrame>
    }
    .into_any()
}

#[component]
fn Account(account: OwnAccount, reply: PostReply) -> impl IntoView {
    let language = use_language();
    let chosen = account.language;
    let OwnAccount { name, mail, role, composed, extension, sessions, factor, proof, now, .. } = account;
    let role = composed.unwrap_or_else(|| t!(language, role.name_key()).into_owned());
    view! {
        {reply.failure.clone().map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
        <div class="cards">
            <section class="card stack" aria-labelledby="h-who">
                <h2 id="h-who">{t!(language, "admin.account.who")}</h2>
                <dl class="facts">
                    <div><dt>{t!(language, "admin.people.name")}</dt><dd>{name}</dd></div>
                    <div><dt>{t!(language, "admin.people.role")}</dt><dd>{role}</dd></div>
                    <div class="facts__wide"><dt>{t!(language, "admin.people.mail")}</dt><dd>{mail}</dd></div>
                </dl>
                <p class="note">{t!(language, "admin.account.who_hint")}</p>
            </section>
            <section class="card stack" aria-labelledby="h-absences">
                <h2 id="h-absences">{t!(language, "admin.account.absences")}</h2>
                <p class="note">{t!(language, "admin.account.absences_hint")}</p>
                <p>
                    <a class="button" href="/desk/account/absences" rel="external">
                        {t!(language, "admin.account.absences_open")}
                    </a>
                </p>
            </section>
            <section class="card stack" aria-labelledby="h-passkeys">
                <h2 id="h-passkeys">{t!(language, "admin.account.passkeys")}</h2>
                <p class="note">{t!(language, "admin.account.passkeys_hint")}</p>
                <p>
                    <a class="button" href="/desk/account/passkeys" rel="external">
                        {t!(language, "admin.account.passkeys_open")}
                    </a>
                </p>
            </section>
            <section class="card stack" aria-labelledby="h-identities">
                <h2 id="h-identities">{t!(language, "admin.account.identities")}</h2>
                <p class="note">{t!(language, "admin.account.identities_hint")}</p>
                <p>
                    <a class="button" href="/desk/account/identities" rel="external">
                        {t!(language, "admin.account.identities_open")}
                    </a>
                </p>
            </section>
            <LanguageForm chosen/>
            <ExtensionForm extension reply=reply.clone()/>
            <PasswordForm reply=reply.clone()/>
            <FactorForm factor proof reply/>
        </div>
        <Sessions sessions now/>
    }
    .into_any()
}

/// Current and new password.
#[component]
fn PasswordForm(reply: PostReply) -> impl IntoView {
    let language = use_language();
    view! {
        <form class="card stack" method="post" action="/desk/account" aria-labelledby="h-password">
            <h2 id="h-password">{t!(language, "admin.account.password")}</h2>
            <p class="note">{t!(language, "admin.account.password_hint")}</p>
            <TextField
                name="current"
                kind=FieldKind::CurrentPassword
                label=t!(language, "admin.account.current")
                problem=reply.problem("current")
            />
            <TextField
                name="new"
                kind=FieldKind::NewPassword
                label=t!(language, "admin.account.new")
                hint=t!(language, "admin.account.new_hint").into_owned()
                problem=reply.problem("new")
            />
            <div class="row">
                <button class="button button--main" type="submit" name="act" value=Act::Password.code()>
                    {t!(language, "admin.account.change_password")}
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// The telephone extension at which the desk pops callers up.
#[component]
fn ExtensionForm(extension: String, reply: PostReply) -> impl IntoView {
    let language = use_language();
    view! {
        <form class="card stack" method="post" action="/desk/account" aria-labelledby="h-extension" novalidate>
            <h2 id="h-extension">{t!(language, "admin.extension.title")}</h2>
            <ExtensionField extension reply/>
            <div class="row">
                <button class="button" type="submit" name="act" value=Act::Extension.code()>
                    {t!(language, "admin.account.save")}
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// The language of pages and mails.
#[component]
fn LanguageForm(chosen: Language) -> impl IntoView {
    let language = use_language();
    let choices = Language::ALL.map(|other| {
        view! {
            <label class="choice" lang=other.code()>
                <input type="radio" name="language" value=other.code() checked=other == chosen/>
                <span class="choice__card">{other.own_name()}</span>
            </label>
        }
    });
    view! {
        <form class="card stack" method="post" action="/desk/account" aria-labelledby="h-language">
            <h2 id="h-language">{t!(language, "admin.account.language")}</h2>
            <p class="note">{t!(language, "admin.account.language_hint")}</p>
            <fieldset>
                <legend class="sr">{t!(language, "admin.account.language")}</legend>
                <div class="choices choices--chips">{choices.collect_view()}</div>
            </fieldset>
            <div class="row">
                <button class="button" type="submit" name="act" value=Act::Language.code()>
                    {t!(language, "admin.account.save")}
                </button>
            </div>
        </form>
    }
    .into_any()
}
