//! Liveness, readiness, and the server's time.

use std::time::{Duration, Instant, UNIX_EPOCH};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use desk::Desk;
use tokio::sync::Mutex;

use super::AppState;

/// The server's time in milliseconds since 1970, by which displays correct their clocks.
pub async fn time(State(site): State<AppState>) -> String {
    let now = site.desk.now();
    let fraction_ms = UNIX_EPOCH.elapsed().map_or(0, |since| since.subsec_millis());
    format!("{}{fraction_ms:03}", now.0)
}

/// Liveness: the process answers.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// How long a result of the readiness check holds. The check writes to the database, which has a cost.
const TRIED_EVERY: Duration = Duration::from_secs(5);

/// The last result of the readiness check, with its time.
#[derive(Debug, Default)]
pub struct Readiness(Mutex<Option<(Instant, bool)>>);

impl Readiness {
    /// Whether the database can be written. Simultaneous requests share one check.
    async fn check(&self, desk: &Desk) -> bool {
        let mut last = self.0.lock().await;
        if let Some((since, is_ready)) = *last
            && since.elapsed() < TRIED_EVERY
        {
            return is_ready;
        }
        let outcome = desk.store().probe(desk.now()).await;
        if let Err(error) = &outcome {
            tracing::error!(%error, "not ready: the database cannot be written");
        }
        *last = Some((Instant::now(), outcome.is_ok()));
        outcome.is_ok()
    }
}

/// Readiness: the database can be written, and the process is not about to end.
pub async fn ready(State(site): State<AppState>) -> Response {
    if site.ending.announced.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n").into_response();
    }
    if site.readiness.check(&site.desk).await {
        return "ok\n".into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, "the database cannot be written\n").into_response()
}
