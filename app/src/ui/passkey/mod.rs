//! A button that asks the browser for a passkey, and sends the form around it with the answer. Pages without a bundle have it: its
//! script is a few lines.

use domain::t;
use leptos::nonce::use_nonce;
use leptos::prelude::*;

use super::Icon;
use crate::language::use_language;

const SCRIPT: &str = include_str!("passkey.js");

/// The name of the field that holds the answer.
pub const ANSWER: &str = "answer";

/// What a button asks the browser for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasskeyOf {
    /// A passkey that signs in. The form's field `step` says of whom, if there is one.
    SignIn,
    /// A new passkey by these options, as JSON.
    New(String),
}

/// The button, which is hidden without a script. `action` is where the form is sent with the answer.
#[component]
pub fn PasskeyButton(
    /// What the browser is asked for.
    of: PasskeyOf,
    /// Where the form is sent.
    action: &'static str,
    /// Classes of the button.
    class: &'static str,
    /// The words on the button, in the reader's language.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let language = use_language();
    let options = match of {
        PasskeyOf::SignIn => None,
        PasskeyOf::New(options) => Some(options),
    };
    view! {
        <div
            class="stack stack--tight"
            hidden=true
            data-passkey=action
            data-options=options
            data-cancelled=t!(language, "entry.passkey.cancelled")
            data-held=t!(language, "entry.passkey.held")
            data-elsewhere=t!(language, "entry.passkey.elsewhere")
            data-failed=t!(language, "entry.passkey.failed")
            data-unsupported=t!(language, "entry.passkey.unsupported")
        >
            <input type="hidden" name=ANSWER/>
            <button class=class type="button"><Icon name="device"/> " " {label}</button>
            <p class="note" role="status"></p>
        </div>
        <script nonce=use_nonce()>{SCRIPT}</script>
    }
    .into_any()
}
