//! The second step of the sign-in: `/desk/sign-in/code`. The server answers with it when the password was right and a code is wanted.

use desk::access::second_step::{SecondStep, Wanted};
use domain::t;
use leptos::prelude::*;

use super::leave::{Leave, LeaveReply};
use crate::language::use_language;
use crate::ui::{FieldKind, Icon, Notice, PasskeyButton, PasskeyOf, PortalFrame, TextField, Tone};

/// What the form sends to be asked for no second factor in this browser for a while.
pub const TRUST_ON: &str = "yes";

/// A second step. The server puts it into the context of the page that it answers with.
#[derive(Debug, Clone)]
pub struct CodeReply {
    /// What waits for a code.
    pub step: SecondStep,
    /// Where to go once signed in.
    pub next: String,
    /// What is wrong with the code that was typed, in the reader's language.
    pub problem: Option<String>,
}

/// Somebody who has just set a second factor up and is signed in: their recovery codes, shown this once.
#[derive(Debug, Clone)]
pub struct CodesReply {
    /// The codes.
    pub codes: Vec<String>,
    /// Where to go on.
    pub next: String,
}

/// The form for a code; recovery codes after the first one; the way to an identity provider.
#[component]
pub fn CodePage() -> impl IntoView {
    let language = use_language();
    if let Some(reply) = use_context::<LeaveReply>() {
        return view! { <Leave reply/> }.into_any();
    }
    let content = match (use_context::<CodesReply>(), use_context::<CodeReply>()) {
        (Some(reply), _) => view! { <Codes reply/> }.into_any(),
        (None, Some(reply)) => view! { <CodeForm reply/> }.into_any(),
        // Nothing waits for a code.
        (None, None) => view! { <leptos_router::components::Redirect path="/desk/sign-in"/> }.into_any(),
    };
    view! { <PortalFrame title=t!(language, "entry.code.title").into_owned()>{content}</PortalFrame> }
        .into_any()
}

#[component]
fn CodeForm(reply: CodeReply) -> impl IntoView {
    let language = use_language();
    let CodeReply { step: SecondStep { token, wanted }, next, problem } = reply;
    let (title, lead, label, hint) = match wanted {
        Wanted::Code => ("entry.code.title", "entry.code.lead", "entry.code.code", "entry.code.hint"),
        Wanted::Passkey => (
            "entry.code.passkey",
            "entry.code.passkey_lead",
            "entry.code.recovery",
            "entry.code.recovery_hint",
        ),
        Wanted::RecoveryCode => (
            "entry.code.recovery",
            "entry.code.elsewhere_lead",
            "entry.code.recovery",
            "entry.code.elsewhere_hint",
        ),
        Wanted::CodeOrPasskey => {
            ("entry.code.title", "entry.code.either_lead", "entry.code.code", "entry.code.hint")
        }
        Wanted::SetUp(_) => {
            ("entry.factor.title", "entry.factor.lead", "entry.code.code", "entry.factor.hint")
        }
    };
    let takes_passkey = matches!(wanted, Wanted::Passkey | Wanted::CodeOrPasskey);
    let passkey = takes_passkey.then(|| {
        view! {
            <PasskeyButton
                of=PasskeyOf::SignIn
                action="/desk/sign-in/passkey"
                class="button button--main button--big button--wide"
                label=t!(language, "entry.passkey.second")
            />
        }
    });
    // Where a passkey is asked for, its button is the one that stands out.
    let enter = if takes_passkey {
        "button button--big button--wide"
    } else {
        "button button--main button--big button--wide"
    };
    let shown = match wanted {
        Wanted::Code | Wanted::Passkey | Wanted::RecoveryCode | Wanted::CodeOrPasskey => None,
        Wanted::SetUp(shown) => Some(view! { <SecretShown secret=shown.secret picture=shown.picture/> }),
    };
    view! {
        <form class="signin stack stack--wide" method="post" action="/desk/sign-in/code" novalidate>
            <div class="stack stack--tight">
                <h1>{t!(language, title)}</h1>
                <p class="quiet">{t!(language, lead)}</p>
            </div>
            <div class="card stack stack--wide">
                {shown}
                {passkey}
                <input type="hidden" name="step" value=token/>
                <input type="hidden" name="next" value=next/>
                <TextField
                    name="code"
                    kind=FieldKind::OneTimeCode
                    label=t!(language, label)
                    hint=t!(language, hint).into_owned()
                    problem=problem
                />
                <label class="check">
                    <input type="checkbox" name="trust" value=TRUST_ON/>
                    <span>{t!(language, "entry.code.trust")}</span>
                </label>
                <button class=enter type="submit">{t!(language, "staff.sign_in.enter")}</button>
            </div>
            <p class="note"><a href="/desk/sign-in">{t!(language, "entry.to_sign_in")}</a></p>
        </form>
    }
    .into_any()
}

/// A secret, as a picture for a telephone and as text.
#[component]
fn SecretShown(secret: String, picture: String) -> impl IntoView {
    let language = use_language();
    view! {
        <div class="factor">
            <div class="factor__picture" role="img" aria-label=t!(language, "entry.factor.picture") inner_html=picture></div>
            <p>{t!(language, "entry.factor.by_hand")} <br/> <code class="factor__secret">{secret}</code></p>
        </div>
    }
    .into_any()
}

/// Recovery codes, and the way on.
#[component]
fn Codes(reply: CodesReply) -> impl IntoView {
    let language = use_language();
    let codes = reply.codes.into_iter().map(|code| view! { <li><code>{code}</code></li> }).collect_view();
    view! {
        <div class="signin stack stack--wide">
            <h1>{t!(language, "entry.codes.title")}</h1>
            <div class="card stack">
                <Notice tone=Tone::Care icon="alert"><p>{t!(language, "entry.codes.keep")}</p></Notice>
                <ul class="factor__codes">{codes}</ul>
                <p class="row"><Icon name="check"/> {t!(language, "entry.codes.done")}</p>
                <a class="button button--main button--big button--wide" href=reply.next>{t!(language, "entry.codes.go_on")}</a>
            </div>
        </div>
    }
    .into_any()
}
