//! Ticks and crosses. They are drawn here, because the kept page has no sprite of pictures.

use leptos::prelude::*;

/// Whether something is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// It is.
    Good,
    /// It is not.
    Bad,
}

impl Mark {
    pub(super) const fn of(is_good: bool) -> Self {
        if is_good { Self::Good } else { Self::Bad }
    }

    /// The state by which the style sheet colours it.
    pub(super) const fn state(self) -> &'static str {
        match self {
            Self::Good => "met",
            Self::Bad => "breached",
        }
    }

    /// The tone of a notice.
    pub(super) const fn tone(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
        }
    }

    const fn lines(self) -> &'static str {
        match self {
            Self::Good => "M5 13l4 4L19 7",
            Self::Bad => "M6 6l12 12M18 6L6 18",
        }
    }
}

/// A mark beside words of the same meaning: hidden from screen readers.
#[component]
pub(super) fn MarkPicture(mark: Mark) -> impl IntoView {
    view! {
        <svg class="icon verify__mark" viewBox="0 0 24 24" aria-hidden="true">
            <path d=mark.lines()></path>
        </svg>
    }
    .into_any()
}
