//! The sign-in: a plain form that works without a script. The server answers a failed sign-in with this page.

use desk::access::passkeys::{self, PasskeyError};
use desk::oidc::{self, Offered};
use desk::setup::is_staffed;
use domain::i18n::Language;
use domain::identity_provider::IdentityProblem;
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::address::query_value;
use crate::language::use_language;
use crate::request::request_context;
use crate::ui::{Icon, Notice, PasskeyButton, PasskeyOf, PortalFrame, Tone};

/// The reason why a sign-in failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInProblem {
    /// The mail address or the password is wrong.
    Wrong,
    /// There were too many tries.
    TooMany,
    /// No passkey of this desk, or of its present address.
    PasskeyUnknown,
    /// The challenge was answered, is too old, or is another browser's.
    PasskeyOver,
    /// The passkey may have been copied.
    PasskeyCopied,
    /// The answer does not prove the passkey.
    PasskeyWrong,
    /// The public address can have no passkeys.
    PasskeyNotHere,
    /// The person's identity provider alone lets them in.
    ProviderOnly,
    /// A sign-in by an identity provider failed.
    Provider(IdentityProblem),
    /// The server failed.
    Failed,
}

/// What the address of the sign-in says when a form of the administration waits for it.
pub const KEPT: &str = "kept";

/// A failed sign-in. The server puts it into the context of its answer.
#[derive(Debug, Clone)]
pub struct SignInReply {
    /// The reason.
    pub problem: SignInProblem,
    /// The mail address as it was typed.
    pub mail: String,
    /// The page after the sign-in.
    pub next: String,
}

impl SignInProblem {
    /// The status of the page that tells it.
    #[must_use]
    pub const fn status(self) -> http::StatusCode {
        use crate::AppError;
        match self {
            Self::Wrong
            | Self::PasskeyUnknown
            | Self::PasskeyOver
            | Self::PasskeyCopied
            | Self::PasskeyWrong
            | Self::PasskeyNotHere
            | Self::ProviderOnly
            | Self::Provider(_) => AppError::SignInFirst.status(),
            Self::TooMany => AppError::TooOften.status(),
            Self::Failed => AppError::Unavailable.status(),
        }
    }

    const fn keys(self) -> (&'static str, &'static str) {
        match self {
            Self::Wrong => ("staff.sign_in.wrong", "staff.sign_in.wrong_hint"),
            Self::TooMany => ("staff.sign_in.too_many", "staff.sign_in.too_many_hint"),
            Self::PasskeyUnknown => ("staff.sign_in.failed", "entry.passkey.unknown"),
            Self::PasskeyOver => ("staff.sign_in.failed", "entry.passkey.over"),
            Self::PasskeyCopied => ("staff.sign_in.failed", "entry.passkey.copied"),
            Self::PasskeyWrong => ("staff.sign_in.failed", "entry.passkey.failed"),
            Self::PasskeyNotHere => ("staff.sign_in.failed", "entry.passkey.not_here"),
            Self::ProviderOnly => ("staff.sign_in.failed", "identity.only"),
            Self::Provider(problem) => ("staff.sign_in.failed", problem.name_key()),
            Self::Failed => ("staff.sign_in.failed", "error.internal"),
        }
    }

    /// Why a passkey signed nobody in.
    #[must_use]
    pub const fn of_passkey(error: &PasskeyError) -> Self {
        match error {
            PasskeyError::Unknown => Self::PasskeyUnknown,
            PasskeyError::Over => Self::PasskeyOver,
            PasskeyError::Copied => Self::PasskeyCopied,
            PasskeyError::NotHere(_) => Self::PasskeyNotHere,
            PasskeyError::ProviderOnly => Self::ProviderOnly,
            PasskeyError::Desk(_) => Self::Failed,
            PasskeyError::Wrong
            | PasskeyError::Registered
            | PasskeyError::TooMany
            | PasskeyError::Required
            | PasskeyError::Name(_)
            | PasskeyError::Account(_) => Self::PasskeyWrong,
        }
    }

    /// What to do, in the reader's language.
    #[must_use]
    pub fn words(self, language: Language) -> String {
        t!(language, self.keys().1).into_owned()
    }
}

/// The path of `next` when it lies on this site: a sign-in redirects to no other site. The server checks again.
fn own_path(next: &str) -> Option<&str> {
    let plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (next.starts_with('/') && !next.starts_with("//") && plain).then_some(next)
}

/// The sign-in of the staff.
#[component]
pub fn SignInPage() -> impl IntoView {
    let language = use_language();
    let query = use_query_map();
    let asked = move |name: &str| query.with_untracked(|query| query.get(name)).unwrap_or_default();
    let (problem, mail, next) = if let Some(reply) = use_context::<SignInReply>() {
        (Some(reply.problem), reply.mail, reply.next)
    } else {
        let problem = IdentityProblem::from_code(&asked("problem")).map(SignInProblem::Provider);
        (problem, asked("mail"), asked("next"))
    };
    let next = own_path(&next).unwrap_or("/desk").to_owned();
    let chosen = problem.is_none() && asked("done") == "password";
    let again = asked("again");
    let again_key = if again == KEPT { "entry.again_kept" } else { "entry.again" };
    let is_fresh_wanted = !again.is_empty();
    let again = problem.is_none() && is_fresh_wanted;
    let forgotten = format!("/desk/password?mail={}", query_value(&mail));
    let has_passkeys = request_context().is_ok_and(|asked| passkeys::are_possible(&asked.desk));
    view! {
        <PortalFrame title=t!(language, "staff.sign_in.title").into_owned()>
            <form class="signin stack stack--wide" method="post" action="/desk/sign-in">
                <div class="stack stack--tight">
                    <h1>{t!(language, "staff.sign_in.title")}</h1>
                    <p class="quiet">{t!(language, "staff.sign_in.who")}</p>
                </div>
                <NobodyYet/>
                <div class="card stack stack--wide">
                    {problem.map(|problem| view! { <ProblemNotice problem/> })}
                    {chosen.then(|| view! {
                        <Notice tone=Tone::Good icon="check"><p>{t!(language, "staff.sign_in.chosen")}</p></Notice>
                    })}
                    {again.then(|| view! {
                        <Notice tone=Tone::Care icon="info"><p>{t!(language, again_key)}</p></Notice>
                    })}
                    <input type="hidden" name="next" value=next/>
                    <Field id="mail" kind="email" autocomplete="username" label="staff.sign_in.mail" value=mail/>
                    <Field
                        id="password"
                        kind="password"
                        autocomplete="current-password"
                        label="staff.sign_in.password"
                        value=String::new()
                    />
                    <button class="button button--main button--big button--wide" type="submit">
                        {t!(language, "staff.sign_in.enter")}
                    </button>
                    {has_passkeys.then(|| view! {
                        <PasskeyButton
                            of=PasskeyOf::SignIn
                            action="/desk/sign-in/passkey"
                            class="button button--big button--wide"
                            label=t!(language, "entry.passkey.sign_in")
                        />
                    })}
                    <Providers again=is_fresh_wanted/>
                    <p class="note"><a href=forgotten>{t!(language, "staff.sign_in.forgot")}</a></p>
                </div>
                <p class="note">
                    {t!(language, "staff.sign_in.customer")} " "
                    <a href="/" rel="external">{t!(language, "staff.sign_in.portal")}</a>
                </p>
            </form>
        </PortalFrame>
    }
    .into_any()
}

/// A button for each identity provider. It sends the same form elsewhere, so that it works without a script.
#[component]
fn Providers(
    /// Whether the sign-in is asked for once more, before the administration.
    again: bool,
) -> impl IntoView {
    let language = use_language();
    Suspend::new(async move {
        let asked = request_context().ok()?;
        let offered = oidc::offered(&asked.desk).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the identity providers could not be read");
            Vec::new()
        });
        let button = move |offered: Offered| {
            view! {
                <button
                    class="button button--big button--wide"
                    type="submit"
                    formaction="/desk/sign-in/provider"
                    formnovalidate=true
                    name="provider"
                    value=offered.id.0.to_string()
                >
                    {t!(language, "identity.enter", name = offered.name)}
                </button>
            }
        };
        Some(view! {
            {(again && !offered.is_empty()).then(|| view! { <input type="hidden" name="again" value="yes"/> })}
            {offered.into_iter().map(button).collect_view()}
        })
    })
}

/// That nobody can sign in yet, and where the first administrator's link is.
#[component]
fn NobodyYet() -> impl IntoView {
    let language = use_language();
    Suspend::new(async move {
        let asked = request_context().ok()?;
        let is_staffed = is_staffed(&asked.desk).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "whether anybody works here could not be read");
            true
        });
        (!is_staffed).then(|| {
            view! { <Notice tone=Tone::Care icon="info"><p>{t!(language, "setup.sign_in")}</p></Notice> }
        })
    })
}

#[component]
fn ProblemNotice(problem: SignInProblem) -> impl IntoView {
    let language = use_language();
    let (title, hint) = problem.keys();
    view! {
        <div class="notice" data-tone="bad" role="alert">
            <Icon name="alert"/>
            <div><p class="notice__title">{t!(language, title)}</p><p>{t!(language, hint)}</p></div>
        </div>
    }
    .into_any()
}

#[component]
fn Field(
    id: &'static str,
    kind: &'static str,
    autocomplete: &'static str,
    label: &'static str,
    value: String,
) -> impl IntoView {
    let language = use_language();
    view! {
        <div class="field">
            <label class="field__label" for=id>{t!(language, label)}</label>
            <div class="field__box">
                <input
                    class="field__input"
                    id=id
                    name=id
                    type=kind
                    autocomplete=autocomplete
                    value=value
                    required=true
                />
            </div>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn return_path_after_sign_in_is_limited_to_this_site() {
        for own in ["/desk", "/board", "/desk/cases/VE2600421392", "/desk?status=new&page=2"] {
            assert_eq!(own_path(own), Some(own));
        }
        for foreign in ["", "//evil.example", "https://evil.example", "/\\evil", "/desk\r\nX: y"] {
            assert_eq!(own_path(foreign), None, "{foreign:?}");
        }
    }
}
