//! The server's time in the browser, with a tick on each full second.

use domain::time::Instant;
use leptos::prelude::*;

/// The server's time, as known to the browser. A wrong clock of the browser has no effect: the offset is measured with the
/// round trip, and time never goes back.
#[derive(Debug, Clone, Copy)]
pub struct Time {
    now: RwSignal<Instant>,
}

impl Time {
    /// The time now; its reader runs again every second.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.now.get()
    }

    /// The time now, without a subscription.
    #[must_use]
    pub fn now_untracked(&self) -> Instant {
        self.now.get_untracked()
    }

    /// Lets the time tick in the browser, as long as the owner of this call is there.
    pub fn tick(self) {
        #[cfg(feature = "hydrate")]
        crate::effect::effect(move || browser::tick(self));
        #[cfg(not(feature = "hydrate"))]
        let _ = self;
    }

    /// Advances the time to `instant`, an answer of the server. Does nothing when the time is ahead already, or when the page
    /// is gone.
    pub fn at_least(&self, instant: Instant) {
        if self.now.try_get_untracked().is_some_and(|now| instant > now) {
            self.now.try_set(instant);
        }
    }
}

/// Starts the time of a page at `start`, the server's time when it rendered the page; the browser lets it tick.
pub fn provide_time(start: Instant) -> Time {
    let time = provide_still_time(start);
    time.tick();
    time
}

/// As [`provide_time`], but the time stands still until [`Time::tick`].
pub fn provide_still_time(start: Instant) -> Time {
    let time = Time { now: RwSignal::new(start) };
    provide_context(time);
    time
}

/// The time of the page.
#[must_use]
pub fn use_time() -> Time {
    use_context().unwrap_or_else(|| Time { now: RwSignal::new(Instant(0)) })
}

/// One answer of `/time`: its round trip, and the offset from the browser's monotonic clock to the server's time. Both in
/// milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    not(feature = "hydrate"),
    allow(dead_code, reason = "only browsers measure; tests run on the host")
)]
struct Sample {
    round_trip_ms: f64,
    offset_ms: f64,
}

/// The sample with the shortest round trip: its error is at most half of it.
#[cfg_attr(
    not(feature = "hydrate"),
    allow(dead_code, reason = "only browsers measure; tests run on the host")
)]
fn most_exact(samples: &[Sample]) -> Option<Sample> {
    samples.iter().copied().min_by(|a, b| a.round_trip_ms.total_cmp(&b.round_trip_ms))
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

    use super::{Sample, Time, most_exact};
    use crate::press;

    /// Interval of measurements: a display runs for months.
    const MEASURE_EVERY_MS: u32 = 600_000;
    /// Interval after a failure.
    const RETRY_EVERY_MS: u32 = 15_000;
    /// Samples of one measurement. The first is often slow: the page is still loading.
    const SAMPLES: usize = 4;
    /// Interval of samples.
    const SAMPLE_EVERY_MS: u32 = 1_500;
    /// Longer answers are dropped: their error is large (the machine may have slept), and time could not go back.
    const ROUND_TRIP_MAX_MS: f64 = 5_000.0;

    /// Ticks on every full second of the server's time until the page is gone.
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
                // A row that moves on the second would lose a click.
                press::released().await;
                let (now, rest_ms) = server_now(offset.get());
                time.at_least(now);
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1001")]
                TimeoutFuture::new(rest_ms as u32 + 1).await;
            }
        });
    }

    /// The server's time by a measured offset, and the milliseconds to its next full second.
    fn server_now(offset_ms: f64) -> (Instant, f64) {
        let server_ms = monotonic_ms() + offset_ms;
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 fit")]
        let now = Instant((server_ms / 1000.0).floor() as i64);
        (now, 1000.0 - server_ms.rem_euclid(1000.0))
    }

    async fn measure(time: Time, offset: Rc<Cell<f64>>, alive: Rc<Cell<bool>>) {
        while alive.get() {
            let mut samples = Vec::with_capacity(SAMPLES);
            while alive.get() && samples.len() < SAMPLES {
                let Some(sample) = ask().await else { break };
                samples.push(sample);
                if let Some(best) = most_exact(&samples) {
                    offset.set(best.offset_ms);
                    time.at_least(server_now(best.offset_ms).0);
                }
                TimeoutFuture::new(SAMPLE_EVERY_MS).await;
            }
            TimeoutFuture::new(if samples.is_empty() { RETRY_EVERY_MS } else { MEASURE_EVERY_MS }).await;
        }
    }

    /// Asks the server for its time; the answer was written about half a round trip ago.
    async fn ask() -> Option<Sample> {
        let sent = monotonic_ms();
        let response = JsFuture::from(window().fetch_with_str("/time")).await.ok()?;
        let received = monotonic_ms();
        let response: web_sys::Response = response.dyn_into().ok()?;
        let text = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
        let server_ms: i64 = text.trim().parse().ok()?;
        let round_trip_ms = received - sent;
        (round_trip_ms <= ROUND_TRIP_MAX_MS)
            .then_some(Sample { round_trip_ms, offset_ms: ms(server_ms) - f64::midpoint(sent, received) })
    }

    /// Milliseconds of the browser's monotonic clock.
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

#[cfg(test)]
mod tests {
    use super::{Sample, most_exact};

    #[test]
    fn quick_answer_replaces_a_slow_first_one() {
        let slow = Sample { round_trip_ms: 3200.0, offset_ms: -1600.0 };
        let quick = Sample { round_trip_ms: 8.0, offset_ms: 3.0 };
        let later = Sample { round_trip_ms: 40.0, offset_ms: -12.0 };
        assert_eq!(most_exact(&[slow]), Some(slow));
        assert_eq!(most_exact(&[slow, quick, later]), Some(quick));
        assert_eq!(most_exact(&[]), None);
    }
}
