//! Parts of forms: the frame around an input, what was found out about it, notices above.

use leptos::prelude::*;

use super::{DeferredView, Icon};

/// How a field shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Look {
    /// Not touched, or not yet right while it is being typed.
    #[default]
    Plain,
    /// The value was read and is right.
    Valid,
    /// The server is being asked about it.
    Busy,
    /// Wrong; the words beside it say what to do.
    Error,
}

impl Look {
    /// The value of `data-look` in the style sheet; none for a plain field.
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

/// What a finding or a notice means for the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Something went well.
    Good,
    /// Something is worth knowing, without hurry.
    Calm,
    /// Needs some care.
    Care,
    /// Something is wrong and must be put right.
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
    /// How the field shows.
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

/// What is wrong with a field and what to do, announced when it appears. Its id is `{id}-error`.
#[component]
pub fn FieldError(
    /// The field's id.
    id: &'static str,
    /// The words; none while nothing is wrong.
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

/// Something that was found out while the reader types. Stands inside an `<output>`.
#[component]
pub fn Finding(
    /// What it means; `None` while something is being asked.
    #[prop(optional, into)]
    tone: Option<Tone>,
    /// The picture; a spinner when none is named.
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
    /// What it means.
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
