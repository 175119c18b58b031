//! The bundle of the staff's workspace, and its parts: code that is loaded when one of their pages is opened.
//!
//! Built for browsers alone, with `app`'s feature `hydrate` named on the command line (`tools/bundle.sh`). `tools/bindgen`
//! cuts the parts off.

#![cfg(target_arch = "wasm32")]
#![allow(clippy::unnecessary_wraps, reason = "wasm_split asks it of functions whose part may not arrive")]

use app::parts::{Awaited, IntakeOf, Loader, NotLoaded, Office, Page, Part};
use leptos::prelude::AnyView;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

/// Hydrates the rendered page. `words` are those of the page's language, as `tools/words` writes them.
///
/// # Errors
/// When the words are not what the build writes, or the page's part was not loaded.
#[wasm_bindgen]
pub async fn hydrate(words: String) -> Result<(), wasm_bindgen::JsError> {
    app::browser::workspace(words, Loader { load, draw }).await
}

#[wasm_split(case_file, preload(load_case_file), fallible)]
fn case_file() -> Result<AnyView, SplitLoaderError> {
    Ok(app::parts::case_file())
}

#[wasm_split(intake, preload(load_intake), fallible)]
fn intake(page: IntakeOf) -> Result<AnyView, SplitLoaderError> {
    Ok(app::parts::intake(page))
}

#[wasm_split(office, preload(load_office), fallible)]
fn office(page: Office) -> Result<AnyView, SplitLoaderError> {
    Ok(app::parts::office(page))
}

fn load(part: Part) -> Awaited<()> {
    Box::pin(async move {
        let loaded = match part {
            Part::CaseFile => load_case_file().await,
            Part::Intake => load_intake().await,
            Part::Office => load_office().await,
        };
        loaded.map_err(|_| NotLoaded)
    })
}

fn draw(page: Page) -> Awaited<AnyView> {
    Box::pin(async move {
        let drawn = match page {
            Page::CaseFile => case_file().await,
            Page::Intake(page) => intake(page).await,
            Page::Office(page) => office(page).await,
        };
        drawn.map_err(|_| NotLoaded)
    })
}
