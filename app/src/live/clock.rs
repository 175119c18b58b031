//! The server's time in the browser, a tick a second, on the second.

use domain::time::Instant;
use leptos::prelude::*;

/// The server's time, as well as the browser can know it. A wrong clock in the browser does not matter: the difference
/// is measured, with the round trip, and time never jumps backwards.
#[derive(Debug, Clone, Copy)]
pub struct Time {
    now: RwSignal<Instant>,
}

impl Time {
    /// The time now; whoever reads it is run again every second.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.now.get()
    }

    /// The time now, without being run again.
    #[must_use]
    pub fn now_untracked(&self) -> Instant {
        self.now.get_untracked()
    }

    /// Takes `instant`, which the server has just told, as the time unless time is ahead of it already. Does nothing once
    /// the page that asked is gone: whoever leaves it quickly is gone before the answer comes.
    pub fn at_least(&self, instant: Instant) {
        if self.now.try_get_untracked().is_some_and(|now| instant > now) {
            self.now.try_set(instant);
        }
    }
}

/// Starts the time of a page at `start`, the server's time when it wrote the page, and keeps it going in the browser.
pub fn provide_time(start: Instant) -> Time {
    let time = Time { now: RwSignal::new(start) };
    provide_context(time);
    #[cfg(feature = "hydrate")]
    Effect::new(move || browser::tick(time));
    time
}

/// The time of the page.
#[must_use]
pub fn use_time() -> Time {
    use_context().unwrap_or_else(|| Time { now: RwSignal::new(Instant(0)) })
}

#[cfg(feature = "hydrate")]
pub(super) use browser::monotonic_ms;

#[cfg(feature = "hydrate")]
mod browser {
    use std::cell::Cell;
    use std::rc::Rc;

    use domain::time::Instant;
    use gloo_timers::future::TimeoutFuture;
    use leptos::prelude::*;
    use wasm_bindgen::JsCast;
    use wasm_bindgen_futures::JsFuture;

    use super::Time;

    /// The difference is measured again this often: a display runs for months.
    const MEASURE_EVERY_MS: f64 = 600_000.0;
    /// Again after a failure.
    const RETRY_EVERY_MS: f64 = 15_000.0;
    /// An answer that took longer says too little (the machine may have slept), and time could not go back from it.
    const ROUND_TRIP_MAX_MS: f64 = 5_000.0;

    /// Ticks on every full second of the server's time until the page that asked is gone.
    pub(super) fn tick(time: Time) {
        let alive = Rc::new(Cell::new(true));
        let ended = Rc::clone(&alive);
        let ended = send_wrapper::SendWrapper::new(ended);
        on_cleanup(move || ended.set(false));
        // Milliseconds from the browser's monotonic clock to the server's time; a guess until it is measured.
        let offset = Rc::new(Cell::new(seconds_to_ms(time.now_untracked()) - monotonic_ms()));
        leptos::task::spawn_local(measure(time, Rc::clone(&offset), Rc::clone(&alive)));
        leptos::task::spawn_local(async move {
            while alive.get() {
                let (now, rest_ms) = server_now(offset.get());
                time.at_least(now);
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1001")]
                TimeoutFuture::new(rest_ms as u32 + 1).await;
            }
        });
    }

    /// The server's time by a measured difference, and the milliseconds to its next full second.
    fn server_now(offset_ms: f64) -> (Instant, f64) {
        let server_ms = monotonic_ms() + offset_ms;
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 fit")]
        let now = Instant((server_ms / 1000.0).floor() as i64);
        (now, 1000.0 - server_ms.rem_euclid(1000.0))
    }

    async fn measure(time: Time, offset: Rc<Cell<f64>>, alive: Rc<Cell<bool>>) {
        while alive.get() {
            let wait_ms = match ask().await {
                Some(measured) => {
                    offset.set(measured);
                    time.at_least(server_now(measured).0);
                    MEASURE_EVERY_MS
                }
                None => RETRY_EVERY_MS,
            };
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "one of two constants"
            )]
            TimeoutFuture::new(wait_ms as u32).await;
        }
    }

    /// Asks the server for its time; the answer was written about half a round trip ago.
    async fn ask() -> Option<f64> {
        let sent = monotonic_ms();
        let response = JsFuture::from(window().fetch_with_str("/time")).await.ok()?;
        let received = monotonic_ms();
        let response: web_sys::Response = response.dyn_into().ok()?;
        let text = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
        let server_ms: i64 = text.trim().parse().ok()?;
        (received - sent <= ROUND_TRIP_MAX_MS).then_some(ms(server_ms) - f64::midpoint(sent, received))
    }

    /// Milliseconds of a clock that nobody sets.
    pub(in crate::live) fn monotonic_ms() -> f64 {
        window().performance().map_or_else(js_sys::Date::now, |performance| performance.now())
    }

    fn seconds_to_ms(instant: Instant) -> f64 {
        ms(instant.0.saturating_mul(1000))
    }

    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^53")]
    const fn ms(whole: i64) -> f64 {
        whole as f64
    }
}
