//! Debouncing: of several calls only the last one counts.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;

use crate::press;

/// A counter of calls, of which only the last one counts.
#[derive(Clone, Copy)]
pub(super) struct Latest(StoredValue<u32>);

/// One of the calls.
#[derive(Clone, Copy)]
pub(super) struct Turn {
    of: Latest,
    number: u32,
}

impl Latest {
    pub(super) fn new() -> Self {
        Self(StoredValue::new(0))
    }

    /// Begins a call, after which all earlier ones no longer count.
    pub(super) fn next(self) -> Turn {
        self.0.update_value(|number| *number = number.wrapping_add(1));
        Turn { of: self, number: self.0.get_value() }
    }
}

impl Turn {
    /// Whether this call is the last one, and the page still exists.
    pub(super) fn counts(self) -> bool {
        self.of.0.try_get_value() == Some(self.number)
    }

    /// Waits, and until no button is down; whether this call still counts afterwards.
    pub(super) async fn wait(self, pause_ms: u32) -> bool {
        TimeoutFuture::new(pause_ms).await;
        press::released().await;
        self.counts()
    }
}
