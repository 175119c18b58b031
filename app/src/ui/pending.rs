//! Forms that are being sent. Their fields are read-only until the answer comes, which would discard what is typed meanwhile.

use leptos::prelude::*;

#[derive(Clone, Copy)]
struct Pending(Signal<bool>);

/// Tells the fields below whether their form is being sent.
pub(crate) fn provide_pending(pending: impl Fn() -> bool + Send + Sync + 'static) {
    provide_context(Pending(Signal::derive(pending)));
}

/// Whether the form of a field is being sent, for its `readonly`: a disabled field would lose the focus.
pub(crate) fn use_pending() -> Signal<bool> {
    use_context().map_or_else(|| Signal::stored(false), |Pending(pending)| pending)
}
