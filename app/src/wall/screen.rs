//! The display: screen lock, full screen by a key, and the number of its rows.

use domain::calendar::ZoneView;
use domain::time::Instant;
use js_sys::{Function, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::room::{FEWEST_ROWS, MOST_ROWS, Room};

/// Keeps the display awake while the wall shows, where the browser can; failures are ignored.
pub(super) fn keep_awake() {
    request_wake_lock();
    // The browser releases the lock when the page is hidden.
    let listening = window_event_listener_untyped("visibilitychange", |_| {
        if !document().hidden() {
            request_wake_lock();
        }
    });
    on_cleanup(move || listening.remove());
}

fn request_wake_lock() {
    let Ok(lock) = Reflect::get(&window().navigator(), &JsValue::from_str("wakeLock")) else { return };
    let Ok(request) = Reflect::get(&lock, &JsValue::from_str("request")) else { return };
    let Ok(request) = request.dyn_into::<Function>() else { return };
    let Ok(promise) = request.call1(&lock, &JsValue::from_str("screen")) else { return };
    if let Ok(promise) = promise.dyn_into::<Promise>() {
        // Awaited so that a refusal is not reported as an unhandled error.
        leptos::task::spawn_local(async move {
            let _ = JsFuture::from(promise).await;
        });
    }
}

/// The key `f` enters full screen, or leaves it.
pub(super) fn fill_screen_by_key() {
    let listening = window_event_listener(leptos::ev::keydown, |event| {
        let is_plain = !event.ctrl_key() && !event.alt_key() && !event.meta_key();
        if is_plain && event.key().eq_ignore_ascii_case("f") {
            let document = document();
            match (document.fullscreen_element(), document.document_element()) {
                (Some(_), _) => document.exit_fullscreen(),
                // A browser that refuses stays as it is.
                (None, Some(root)) => drop(root.request_fullscreen()),
                (None, None) => {}
            }
        }
    });
    on_cleanup(move || listening.remove());
}

/// The display's own zone with its offset at `now`.
pub(super) fn own_zone(now: Instant) -> ZoneView {
    let options = js_sys::Intl::DateTimeFormat::default().resolved_options();
    let name = Reflect::get(&options, &JsValue::from_str("timeZone")).ok().and_then(|name| name.as_string());
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^53")]
    let date = js_sys::Date::new(&JsValue::from_f64(now.0 as f64 * 1000.0));
    #[expect(clippy::cast_possible_truncation, reason = "minutes of an offset")]
    let offset_s = -(date.get_timezone_offset() as i32) * 60;
    ZoneView { name: name.unwrap_or_default(), offset_s, changes: Vec::new() }
}

/// The storage key of the chosen number of rows.
const ROWS_KEY: &str = "vigia.wall.rows";

/// The room of the display: as many rows as fit, or as were chosen in the address (`?rows=12`) or by the keys `+` and `-`.
/// The browser stores the choice; `0` removes it.
pub(super) fn room() -> ReadSignal<Room> {
    let query = window().location().search().ok();
    if let Some(rows) = query.as_deref().and_then(rows_of_query) {
        choose_rows(Some(rows));
    }
    let (room, set_room) = signal(measure());
    let resized = window_event_listener_untyped("resize", move |_| set_room.set(measure()));
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let rows = room.get_untracked().rows;
        match event.key().as_str() {
            "+" => choose_rows(Some(rows + 1)),
            "-" => choose_rows(Some(rows.saturating_sub(1))),
            "0" => choose_rows(None),
            _ => return,
        }
        set_room.set(measure());
    });
    on_cleanup(move || {
        resized.remove();
        keys.remove();
    });
    room
}

fn rows_of_query(query: &str) -> Option<usize> {
    let pairs = query.trim_start_matches('?').split('&');
    pairs.filter_map(|pair| pair.strip_prefix("rows=")).find_map(|rows| rows.parse().ok())
}

fn store() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// A browser without storage shows as many rows as fit.
fn choose_rows(rows: Option<usize>) {
    let Some(store) = store() else { return };
    let _ = match rows {
        Some(rows) => store.set_item(ROWS_KEY, &rows.clamp(FEWEST_ROWS, MOST_ROWS).to_string()),
        None => store.remove_item(ROWS_KEY),
    };
}

fn measure() -> Room {
    let window = window();
    let size =
        |value: Result<JsValue, JsValue>| value.ok().and_then(|value| value.as_f64()).unwrap_or_default();
    let chosen = store().and_then(|store| store.get_item(ROWS_KEY).ok().flatten());
    Room::of(
        size(window.inner_width()),
        size(window.inner_height()),
        window.device_pixel_ratio(),
        chosen.and_then(|rows| rows.parse().ok()),
    )
}
