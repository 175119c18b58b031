//! The bundle of the page that verifies proofs. It is part of the page that readers keep, too.
//!
//! Built for browsers alone, with `app`'s feature `hydrate` named on the command line (`tools/bundle.sh`).

#![cfg(target_arch = "wasm32")]

use wasm_bindgen::prelude::wasm_bindgen;

/// Draws the page. `words` are those of the page's language, as `tools/words` writes them.
///
/// # Errors
/// When the words are not what the build writes.
#[wasm_bindgen]
pub fn hydrate(words: &str) -> Result<(), wasm_bindgen::JsError> {
    app::browser::verify(words)
}
