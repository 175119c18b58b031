//! Parts of forms: the mark and the error of a field, findings, notices.

use leptos::prelude::*;

use super::{DeferredView, Icon};

/// The look of a field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Look {
    /// Not touched, or still being typed.
    #[default]
    Plain,
    /// Parsed and valid.
    Valid,
    /// The server is being asked about it.
    Busy,
    /// Wrong; its error says what to do.
    Error,
}

impl Look {
    /// The value of `data-look` in the style sheet; `None` for a plain field.
    #[must_use]
    pub const fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Valid => Some("valid"),
            Self::Busy => Some("busy"),
            Self::Error => Some("error"),
        }
    }
}

/// The meaning of a finding or a notice for the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Success.
    Good,
    /// Information.
    Calm,
    /// Something needs care.
    Care,
    /// Something is wrong and must be corrected.
    Bad,
}

impl Tone {
    /// The value of `data-tone` in the style sheet.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Calm => "calm",
            Self::Care => "care",
            Self::Bad => "bad",
        }
    }
}

/// The mark inside a field's box.
#[component]
pub fn FieldMark(
    /// The look of the field.
    look: Signal<Look>,
) -> impl IntoView {
    move || match look.get() {
        Look::Plain => None,
        Look::Busy => Some(view! { <span class="spinner field__mark" aria-hidden="true"></span> }.into_any()),
        Look::Valid => Some(mark("check").into_any()),
        Look::Error => Some(mark("alert").into_any()),
    }
}

fn mark(name: &'static str) -> impl IntoView {
    view! {
        <svg class="icon field__mark" aria-hidden="true">
            <use_ href=format!("/icons.svg#{name}")></use_>
        </svg>
    }
    .into_any()
}

/// The error of a field and what to do, announced when it appears. Its id is `{id}-error`.
#[component]
pub fn FieldError(
    /// The field's id.
    id: &'static str,
    /// The error; `None` while nothing is wrong.
    error: Signal<Option<String>>,
) -> impl IntoView {
    move || {
        error.get().map(|words| {
            DeferredView::new(move || {
                view! { <p class="field__error" role="alert" id=format!("{id}-error")>{words}</p> }.into_any()
            })
        })
    }
}

/// A finding about a field while the reader types. Stands inside an `<output>`.
#[component]
pub fn Finding(
    /// Its meaning; `None` while the server is asked.
    #[prop(optional, into)]
    tone: Option<Tone>,
    /// The picture; a spinner when there is none.
    #[prop(optional, into)]
    icon: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    view! {
        <span class="finding" data-tone=tone.map(Tone::code)>
            {match icon {
                Some(name) => view! { <Icon name/> }.into_any(),
                None => view! { <span class="spinner" aria-hidden="true"></span> }.into_any(),
            }} <span>{children()}</span>
        </span>
    }
    .into_any()
}

/// A notice at the head of a page or form.
#[component]
pub fn Notice(
    /// Its meaning.
    tone: Tone,
    /// Name of the icon, as in `public/icons.svg`.
    icon: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="notice" data-tone=tone.code() role="status">
            <Icon name=icon/>
            <div>{children()}</div>
        </div>
    }
    .into_any()
}
