//! Whether the process lives, whether it can work, what it is doing, and what time it has.

use std::fmt::Write;
use std::time::{Duration, Instant, UNIX_EPOCH};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use desk::Desk;
use desk::cases::wall;
use desk::outbox;
use tokio::sync::Mutex;

use super::AppState;

/// The server's time in milliseconds since 1970: displays measure their clocks against it.
pub async fn time(State(site): State<AppState>) -> String {
    let now = site.desk.now();
    let fraction_ms = UNIX_EPOCH.elapsed().map_or(0, |since| since.subsec_millis());
    format!("{}{fraction_ms:03}", now.0)
}

/// The process lives.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// How long it holds what the database was found to do: it is tried by writing, which is not for free.
const TRIED_EVERY: Duration = Duration::from_secs(5);

/// Whether the database could be written, and when that was tried.
#[derive(Debug, Default)]
pub struct Readiness(Mutex<Option<(Instant, bool)>>);

impl Readiness {
    /// Whether the database can be written. Those who ask at the same time share one try.
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

/// The process can work: its database takes what is written, and it is not about to end.
pub async fn ready(State(site): State<AppState>) -> Response {
    if site.ending.announced.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n").into_response();
    }
    if site.readiness.check(&site.desk).await {
        return "ok\n".into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, "the database cannot be written\n").into_response()
}

/// Figures for a monitor, at an address of their own.
pub async fn metrics(State(site): State<AppState>) -> Response {
    match written(&site).await {
        Ok(text) => ([("content-type", "text/plain; version=0.0.4")], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "no metrics");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

async fn written(site: &AppState) -> Result<String, desk::store::StoreError> {
    let (open, overdue) = wall::counts(&site.desk).await?;
    let mails = outbox::counts(&site.desk).await?;
    let streams = i64::from(site.streams.count());
    let (connections, refused) = site.door.counts();
    let refused = i64::try_from(refused).unwrap_or(i64::MAX);
    let mut text = String::new();
    for (name, kind, help, value) in [
        ("vigia_cases_open", "gauge", "Cases with work left to do", open),
        ("vigia_cases_overdue", "gauge", "Open cases past their next promise", overdue),
        ("vigia_mails_queued", "gauge", "Mails that wait for their turn", mails.queued),
        ("vigia_mails_dead", "gauge", "Mails that were given up", mails.dead),
        (
            "vigia_feed_head",
            "gauge",
            "Number of the last change that was handed out",
            site.desk.feed().head(),
        ),
        ("vigia_streams_open", "gauge", "Event streams that are open", streams),
        ("vigia_connections_open", "gauge", "Connections that are open", i64::from(connections)),
        ("vigia_connections_refused_total", "counter", "Connections for which there was no room", refused),
    ] {
        // Writing into a string cannot fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
    }
    Ok(text)
}
