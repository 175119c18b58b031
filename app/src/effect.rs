//! Effects of parts of a page that may be gone before they run.

use leptos::prelude::*;
use leptos::reactive::effect::EffectFunction;

/// As [`Effect::new`], but not for a part of the page that is gone: `reactive_graph` 0.2.16 runs an effect for the first time
/// even when its owner was disposed of meanwhile, and whatever it reads then is gone with it.
#[expect(clippy::disallowed_methods, reason = "this is what stands for it everywhere else")]
pub(crate) fn effect<T: 'static, M>(mut run: impl EffectFunction<T, M> + 'static) {
    let there = StoredValue::new(());
    Effect::new(move |before: Option<Option<T>>| there.try_get_value().map(|()| run.run(before.flatten())));
}
