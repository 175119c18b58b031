//! Forms on their way: their fields take nothing until the answer is there, which would take with it what is typed meanwhile.

use leptos::prelude::*;

#[derive(Clone, Copy)]
struct Pending(Signal<bool>);

/// Tells the fields below when their form is on its way.
pub(crate) fn provide_pending(pending: impl Fn() -> bool + Send + Sync + 'static) {
    provide_context(Pending(Signal::derive(pending)));
}

/// Whether the form of a field is on its way, for its `readonly`: a field that is disabled would lose the focus.
pub(crate) fn use_pending() -> Signal<bool> {
    use_context().map_or_else(|| Signal::stored(false), |Pending(pending)| pending)
}
