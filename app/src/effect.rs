//! Effects of parts of a page that may be disposed of before they run.

use leptos::prelude::*;
use leptos::reactive::effect::EffectFunction;

/// As [`Effect::new`], but skipped once its owner is disposed of. `reactive_graph` 0.2.16 runs the first time all the same,
/// when the signals that it reads are gone.
#[expect(clippy::disallowed_methods, reason = "this is what stands for it everywhere else")]
pub(crate) fn effect<T: 'static, M>(mut run: impl EffectFunction<T, M> + 'static) {
    let there = StoredValue::new(());
    Effect::new(move |before: Option<Option<T>>| there.try_get_value().map(|()| run.run(before.flatten())));
}
