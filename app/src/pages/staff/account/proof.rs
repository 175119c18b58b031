//! The second factor, given anew: `/desk/account/proof`. Pages of the own account lead here before they change how its owner signs
//! in, and get the way back, with what was typed. The server alone draws the page: it works without a script by a code.

use desk::access::factor_proof::{PROVEN_S, factor_wanted, prove_by_code};
use desk::access::passkeys::{self, PasskeyError};
use desk::access::second_step::Wanted;
use domain::i18n::Language;
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::api::{not_changed, wrong_code};
use crate::AppError;
use crate::address::query_value;
use crate::language::use_language;
use crate::pages::staff::SignInProblem;
use crate::pages::staff::frame::{Failed, Here, StaffFrame};
use crate::pages::staff::session::staff_context;
use crate::pages::{PostReply, Posted, Typed};
use crate::request::RequestContext;
use crate::ui::{ANSWER, FieldKind, Notice, PasskeyButton, PasskeyOf, TextField, Tone};

const PAGE: &str = "/desk/account/proof";
/// The page of the account, below which lies all that is led back to.
const ACCOUNT: &str = "/desk/account";
/// The names of fields.
const NEXT: &str = "next";
const CODE: &str = "code";

/// The way to this page, and from there to `next`.
#[must_use]
pub fn proof_address(next: &str) -> String {
    format!("{PAGE}?{NEXT}={}", query_value(next))
}

/// The page to go on to: one of the own account.
fn way_on(next: &str) -> &str {
    let rest = next.strip_prefix(ACCOUNT);
    let is_ours = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']));
    let is_plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_ours && is_plain { next } else { ACCOUNT }
}

/// Takes the form: a code, or the answer of a passkey. `secret` is that of the browser that was asked for the passkey.
pub async fn post_proof(asked: &RequestContext, typed: &Typed, secret: &str) -> Posted {
    let text = |name: &str| typed.get(name).map_or("", String::as_str);
    let Some(session) = &asked.session else { return Posted::Failed(AppError::SignInFirst) };
    let (desk, actor, answer) = (&asked.desk, &asked.actor, text(ANSWER));
    let outcome = if answer.is_empty() {
        let proven = prove_by_code(desk, actor, session, text(CODE), asked.source).await;
        proven.map_err(|error| wrong_code(error, asked.language))
    } else {
        let proven = passkeys::prove(desk, actor, session, secret, answer).await;
        proven.map_err(|error| not_proven(error, asked.language))
    };
    let next = way_on(text(NEXT)).to_owned();
    match outcome {
        Ok(()) => Posted::Done(next),
        Err(error) => Posted::not_taken(Typed::from([(NEXT.to_owned(), next)]), &error, asked.language),
    }
}

/// Why a passkey proved nothing.
fn not_proven(error: PasskeyError, language: Language) -> AppError {
    match error {
        PasskeyError::Account(error) => not_changed(error, CODE, language),
        PasskeyError::Desk(error) => error.into(),
        error => AppError::Text(SignInProblem::of_passkey(&error).words(language)),
    }
}

async fn wanted() -> Result<Option<Wanted>, AppError> {
    let asked = staff_context()?;
    let session = asked.session.as_ref().ok_or(AppError::SignInFirst)?;
    Ok(factor_wanted(&asked.desk, &asked.actor, session).await?)
}

/// The page on which the reader gives the second factor.
#[component]
pub fn ProofPage() -> impl IntoView {
    let language = use_language();
    let title = t!(language, "entry.proof.title").into_owned();
    let reply = PostReply::of_page();
    let asked_next = use_query_map().with_untracked(|query| query.get(NEXT)).unwrap_or_default();
    let next = if reply.typed.contains_key(NEXT) { reply.text(NEXT) } else { asked_next };
    let next = way_on(&next).to_owned();
    view! {
        <StaffFrame title=title.clone() class="stack stack--wide" here=Here::Account>
            <h1 id="h-proof">{title}</h1>
            {Suspend::new(async move {
                match wanted().await {
                    Ok(Some(wanted)) => view! { <ProofForm wanted reply next/> }.into_any(),
                    Ok(None) => view! { <Given next/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </StaffFrame>
    }
    .into_any()
}

/// Nothing is wanted, or it was given a moment ago.
#[component]
fn Given(next: String) -> impl IntoView {
    let language = use_language();
    view! {
        <Notice tone=Tone::Good icon="check"><p>{t!(language, "entry.proof.given")}</p></Notice>
        <p><a class="button button--main" href=next>{t!(language, "entry.passkeys.go_on")}</a></p>
    }
    .into_any()
}

#[component]
fn ProofForm(wanted: Wanted, reply: PostReply, next: String) -> impl IntoView {
    let language = use_language();
    let (label, hint) = match wanted {
        Wanted::Code | Wanted::CodeOrPasskey | Wanted::SetUp(_) => ("entry.code.code", "entry.code.hint"),
        Wanted::Passkey => ("entry.code.recovery", "entry.code.recovery_hint"),
        Wanted::RecoveryCode => ("entry.code.recovery", "entry.code.elsewhere_hint"),
    };
    let takes_passkey = matches!(wanted, Wanted::Passkey | Wanted::CodeOrPasskey);
    let passkey = takes_passkey.then(|| {
        view! {
            <PasskeyButton
                of=PasskeyOf::SignIn
                action=PAGE
                class="button button--main"
                label=t!(language, "entry.passkey.second")
            />
        }
    });
    // Where a passkey is asked for, its button is the one that stands out.
    let confirm = if takes_passkey { "button" } else { "button button--main" };
    let back = way_on(next.split(['?', '#']).next().unwrap_or_default()).to_owned();
    view! {
        {reply.failure.clone().map(|words| view! {
            <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice>
        })}
        <form class="card stack" method="post" action=PAGE aria-labelledby="h-proof" novalidate>
            <p>{t!(language, "entry.proof.lead", minutes = PROVEN_S / 60)}</p>
            {passkey}
            <input type="hidden" name=NEXT value=next/>
            <TextField
                name=CODE
                kind=FieldKind::OneTimeCode
                label=t!(language, label)
                hint=t!(language, hint).into_owned()
                problem=reply.problem(CODE)
            />
            <div class="row">
                <button class=confirm type="submit">{t!(language, "entry.proof.confirm")}</button>
            </div>
            <p class="note"><a href=back>{t!(language, "entry.passkeys.cancel")}</a></p>
        </form>
    }
    .into_any()
}

/// That a second factor comes first, and the way there; `next` is where the reader goes on.
#[component]
pub(super) fn ProofFirst(next: &'static str) -> impl IntoView {
    let language = use_language();
    view! {
        <p class="note">{t!(language, "entry.proof.first")}</p>
        <p><a class="button button--main" href=proof_address(next)>{t!(language, "entry.proof.title")}</a></p>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn way_on_stays_in_the_own_account() {
        for next in [ACCOUNT, "/desk/account#h-factor", "/desk/account/passkeys?name=Llave%20azul"] {
            assert_eq!(way_on(next), next);
        }
        for next in [
            "",
            "/desk",
            "/desk/accounts",
            "//evil.example",
            "https://evil.example",
            "/desk/account\\",
            "/desk/account?a b",
        ] {
            assert_eq!(way_on(next), ACCOUNT, "{next}");
        }
        assert_eq!(
            proof_address("/desk/account/passkeys?name=Llave%20azul"),
            "/desk/account/proof?next=/desk/account/passkeys%3Fname%3DLlave%2520azul"
        );
    }
}
