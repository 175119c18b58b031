//! Refreshing of pages: a change of the desk is a hint to read again, and carries no data itself.

use std::future::Future;

use domain::sla_plan::SlaMetric;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;

use crate::live::{Link, Message, follow_from};

/// Hints within this time cause one request.
const TOGETHER_MS: u32 = 150;

/// A number of the desk's sequence with its case: the part of a change that a hint needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hint {
    /// One case changed.
    Case {
        /// The number of the change.
        seq: i64,
        /// The case, in compact form.
        number: String,
        /// Its version now.
        version: u32,
        /// Whether a visit of it is, or was, agreed.
        visits: bool,
    },
    /// A snapshot came, up to a number.
    All {
        /// The number of the last change.
        seq: i64,
    },
}

/// Follows the desk's changes after number `seq`; `heard` gets each hint.
pub(super) fn follow_hints(seq: i64, heard: impl Fn(Hint) + Clone + 'static) -> ReadSignal<Link> {
    follow_from("/events/board".to_owned(), seq, move |message| {
        if let Some(hint) = read(&message) {
            heard(hint);
        }
    })
}

fn read(message: &Message) -> Option<Hint> {
    #[derive(Deserialize)]
    struct Row {
        number: String,
        version: u32,
        #[serde(default)]
        clocks: Vec<Clock>,
    }
    #[derive(Deserialize)]
    struct Clock {
        kind: SlaMetric,
    }
    #[derive(Deserialize)]
    struct Change {
        seq: i64,
        row: Option<Row>,
    }
    let Change { seq, row } = serde_json::from_str(&message.data).ok()?;
    Some(match row {
        Some(Row { number, version, clocks }) => {
            let visits = clocks.iter().any(|clock| clock.kind == SlaMetric::OnSite);
            Hint::Case { seq, number, version, visits }
        }
        None => Hint::All { seq },
    })
}

/// Reads again soon, once for all hints that come meanwhile. Does nothing once the page is gone.
pub(super) fn ask_soon<F: Future<Output = ()>>(asking: RwSignal<bool>, ask: impl FnOnce() -> F + 'static) {
    if asking.try_get_untracked() != Some(false) {
        return;
    }
    asking.set(true);
    spawn_local(async move {
        TimeoutFuture::new(TOGETHER_MS).await;
        if asking.try_set(false).is_none() {
            ask().await;
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(data: &str) -> Message {
        Message { kind: "change", data: data.to_owned() }
    }

    #[test]
    fn changes_and_snapshots_are_distinguished() {
        let change =
            message(r#"{"seq":7,"row":{"number":"VE2600421392","version":3,"country":"VE"},"hours":{}}"#);
        let number = "VE2600421392".to_owned();
        assert_eq!(
            read(&change),
            Some(Hint::Case { seq: 7, number: number.clone(), version: 3, visits: false })
        );
        let agreed = message(
            r#"{"seq":8,"row":{"number":"VE2600421392","version":4,"clocks":[{"kind":"on_site","cycle":1}]}}"#,
        );
        assert_eq!(read(&agreed), Some(Hint::Case { seq: 8, number, version: 4, visits: true }));
        let snapshot = message(r#"{"seq":9,"now":1,"hours":[],"rows":[]}"#);
        assert_eq!(read(&snapshot), Some(Hint::All { seq: 9 }));
        assert_eq!(read(&message("?")), None);
    }
}
