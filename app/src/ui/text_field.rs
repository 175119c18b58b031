//! A field of a plain form: its label, what stands in it, a hint, and what is wrong.

use leptos::prelude::*;

/// What a field is for: its type, and what browsers may fill it with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Any text, which browsers do not complete.
    Text,
    /// A mail address.
    Mail,
    /// An address of the web.
    Url,
    /// The password that the account has.
    CurrentPassword,
    /// A password that is chosen now.
    NewPassword,
    /// A code that counts once.
    OneTimeCode,
    /// A telephone extension. It may be left empty.
    Extension,
    /// Any text. It may be left empty.
    Optional,
    /// A secret of another system, which browsers neither show nor complete. It may be left empty. Its name is one that
    /// `desk::access::kept_forms` stores no value of.
    Secret,
    /// The writer's name. It may be left empty.
    Name,
    /// The writer's telephone. It may be left empty.
    Phone,
}

impl FieldKind {
    const fn input(self) -> (&'static str, &'static str) {
        match self {
            Self::Text | Self::Extension | Self::Optional => ("text", "off"),
            Self::Secret => ("password", "off"),
            Self::Name => ("text", "name"),
            Self::Phone => ("tel", "tel"),
            Self::Mail => ("email", "email"),
            Self::Url => ("url", "off"),
            Self::CurrentPassword => ("password", "current-password"),
            Self::NewPassword => ("password", "new-password"),
            Self::OneTimeCode => ("text", "one-time-code"),
        }
    }
}

impl FieldKind {
    /// The most characters that one can type.
    const fn max_length(self) -> &'static str {
        match self {
            Self::Url | Self::Optional => "500",
            Self::Secret => "1000",
            Self::Extension => "8",
            Self::Text
            | Self::Mail
            | Self::CurrentPassword
            | Self::NewPassword
            | Self::OneTimeCode
            | Self::Name
            | Self::Phone => "254",
        }
    }
}

impl FieldKind {
    /// Whether the field has to be filled in.
    const fn is_required(self) -> bool {
        !matches!(self, Self::Extension | Self::Optional | Self::Secret)
    }
}

/// A field of a plain form. Its name is its id.
#[component]
pub fn TextField(
    /// Name and id.
    #[prop(into)]
    name: String,
    /// What it is for.
    kind: FieldKind,
    /// The label, in the reader's language.
    #[prop(into)]
    label: String,
    /// What stands in it.
    #[prop(optional, into)]
    value: String,
    /// What is wrong with that, and what to do.
    #[prop(optional_no_strip)]
    problem: Option<String>,
    /// What to know before one writes.
    #[prop(optional, into)]
    hint: Option<String>,
) -> impl IntoView {
    let (input, autocomplete) = kind.input();
    let is_wrong = problem.is_some();
    let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
    let described: Vec<String> =
        [hint.is_some().then(|| hint_id.clone()), is_wrong.then(|| error_id.clone())]
            .into_iter()
            .flatten()
            .collect();
    view! {
        <div class="field" data-look=is_wrong.then_some("error")>
            <label class="field__label" for=name.clone()>{label}</label>
            <div class="field__box">
                <input
                    class="field__input"
                    id=name.clone()
                    name=name
                    type=input
                    autocomplete=autocomplete
                    maxlength=kind.max_length()
                    value=value
                    required=kind.is_required()
                    aria-invalid=is_wrong.then_some("true")
                    aria-describedby=(!described.is_empty()).then(|| described.join(" "))
                />
            </div>
            {hint.map(|hint| view! { <p class="field__hint" id=hint_id>{hint}</p> })}
            {problem.map(|words| view! { <p class="field__error" role="alert" id=error_id>{words}</p> })}
        </div>
    }
    .into_any()
}
