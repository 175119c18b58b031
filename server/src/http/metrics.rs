//! Metrics for a monitor, at an address of their own, as Prometheus reads them (`docs/metrics.md`).
//!
//! Requests are counted as they are answered. Gauges of the desk are read when the monitor asks. Labels are routes, methods
//! and classes of statuses. A requested address is never a label: it may hold a customer's link.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use desk::audit::{AUDIT_LOST, AUDIT_NOTED};
use desk::cases::wall;
use desk::outbox;
use desk::scheduler;
use desk::store::{StoreError, WRITER_WAIT};
use metrics::{
    Counter, Histogram, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;

use super::AppState;
use crate::imap;

const REQUESTS: &str = "vigia_http_requests_total";
const DURATION: &str = "vigia_http_request_duration_seconds";
const CONNECTIONS_REFUSED: &str = "vigia_connections_refused_total";

const CASES_OPEN: &str = "vigia_cases_open";
const CASES_OVERDUE: &str = "vigia_cases_overdue";
const MAILS_QUEUED: &str = "vigia_mails_queued";
const MAILS_DEAD: &str = "vigia_mails_dead";
const MAILS_OLDEST: &str = "vigia_mails_oldest_queued_seconds";
const SCHEDULER_LAG: &str = "vigia_scheduler_lag_seconds";
const FEED_HEAD: &str = "vigia_feed_head";
const STREAMS_OPEN: &str = "vigia_streams_open";
const CONNECTIONS_OPEN: &str = "vigia_connections_open";

/// Gauges that are read from the database, with their descriptions.
const OF_DATABASE: [(&str, &str); 6] = [
    (CASES_OPEN, "Cases with work left to do"),
    (CASES_OVERDUE, "Open cases past their next promise"),
    (MAILS_QUEUED, "Mails that wait for their turn"),
    (MAILS_DEAD, "Mails that were given up"),
    (MAILS_OLDEST, "Age of the oldest mail that waits; 0 when none does"),
    (SCHEDULER_LAG, "Time since the first case was due that the scheduler has not looked at; 0 when none is"),
];

/// Gauges of this process, with their descriptions.
const OF_PROCESS: [(&str, &str); 3] = [
    (FEED_HEAD, "Number of the last change that was handed out"),
    (STREAMS_OPEN, "Event streams that are open"),
    (CONNECTIONS_OPEN, "Connections that are open"),
];

/// Gauges of mailboxes, which their work sets.
const OF_MAILBOXES: [(&str, &str); 2] = [
    (imap::REACHED, "Whether a mailbox is reached"),
    (imap::WAITING, "Mails of a mailbox that could not be taken so far"),
];

const COUNTERS: [(&str, &str); 6] = [
    (REQUESTS, "Requests that were answered, by route, method and class of status"),
    (CONNECTIONS_REFUSED, "Connections for which there was no room"),
    (imap::TAKEN, "Mails that were taken from a mailbox"),
    (imap::REFUSED, "Mails of a mailbox that were refused: they are too large"),
    (AUDIT_NOTED, "Refusals and readings that were noted for the audit log, by kind"),
    (AUDIT_LOST, "Entries of the audit log that were counted alone"),
];

const HISTOGRAMS: [(&str, &str); 2] = [
    (DURATION, "Time until an answer began, by route and method"),
    (WRITER_WAIT, "Time that a write waited until its transaction began"),
];

/// Upper bounds in seconds: a page takes some milliseconds, and an answer is given up after thirty seconds.
const BUCKETS_S: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Interval at which samples are aggregated, so that memory stays bounded where no monitor asks.
const ADDED_UP_EVERY: Duration = Duration::from_secs(5);

fn exporter() -> Result<PrometheusBuilder, BuildError> {
    PrometheusBuilder::new().set_buckets(&BUCKETS_S)
}

/// Installs the recorder for the whole process.
///
/// # Errors
/// When a recorder is installed already.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    let handle = exporter()?.install_recorder()?;
    for (name, help) in OF_DATABASE.into_iter().chain(OF_PROCESS).chain(OF_MAILBOXES) {
        describe_gauge!(name, help);
    }
    for (name, help) in COUNTERS {
        describe_counter!(name, help);
    }
    for (name, help) in HISTOGRAMS {
        describe_histogram!(name, help);
    }
    Ok(handle)
}

/// Aggregates samples at intervals until `stop`.
pub async fn add_up(handle: PrometheusHandle, stop: CancellationToken) {
    stop.run_until_cancelled(async {
        loop {
            tokio::time::sleep(ADDED_UP_EVERY).await;
            handle.run_upkeep();
        }
    })
    .await;
}

/// The routes for monitors.
pub fn router(site: AppState, handle: PrometheusHandle) -> Router {
    Router::new().route("/metrics", get(show)).with_state((site, handle))
}

async fn show(State((site, handle)): State<(AppState, PrometheusHandle)>) -> Response {
    if let Err(error) = read_database(&site).await {
        tracing::error!(%error, "no metrics of the database");
        // Without a fresh value the gauge is removed: an old one would look current.
        for (name, _) in OF_DATABASE {
            gauge!(name).set(f64::NAN);
        }
    }
    read_process(&site);
    ([("content-type", "text/plain; version=0.0.4")], handle.render()).into_response()
}

async fn read_database(site: &AppState) -> Result<(), StoreError> {
    let (open, overdue) = wall::counts(&site.desk).await?;
    let mails = outbox::counts(&site.desk).await?;
    let lag_s = scheduler::lag_s(&site.desk).await?;
    let oldest_s = mails.oldest_queued.map_or(0, |since| site.desk.now().since(since).max(0));
    set(CASES_OPEN, open);
    set(CASES_OVERDUE, overdue);
    set(MAILS_QUEUED, mails.queued);
    set(MAILS_DEAD, mails.dead);
    set(MAILS_OLDEST, oldest_s);
    set(SCHEDULER_LAG, lag_s);
    Ok(())
}

fn read_process(site: &AppState) {
    let (connections, refused) = site.door.counts();
    set(FEED_HEAD, site.desk.feed().head());
    gauge!(STREAMS_OPEN).set(site.streams.count());
    gauge!(CONNECTIONS_OPEN).set(connections);
    counter!(CONNECTIONS_REFUSED).absolute(refused);
}

#[expect(clippy::cast_precision_loss, reason = "nothing that is counted here reaches 2^52")]
fn set(name: &'static str, value: i64) {
    gauge!(name).set(value as f64);
}

/// Counts every request of a router, refused ones and panics included.
pub fn measured<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    router.layer(from_fn_with_state(Arc::<Routes>::default(), measure))
}

async fn measure(State(routes): State<Arc<Routes>>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = MethodLabel::of(request.method());
    let path = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = routes.of(path.as_ref().map_or(UNMATCHED, MatchedPath::as_str));
    route.record(method, response.status(), begun.elapsed());
    response
}

/// The label of requests that match no route.
const UNMATCHED: &str = "unmatched";

/// The methods that the site answers; all others share one label.
#[derive(Debug, Clone, Copy)]
enum MethodLabel {
    Get,
    Head,
    Post,
    Other,
}

impl MethodLabel {
    const NAMES: [&str; 4] = ["GET", "HEAD", "POST", "other"];

    fn of(method: &Method) -> Self {
        match *method {
            Method::GET => Self::Get,
            Method::HEAD => Self::Head,
            Method::POST => Self::Post,
            _ => Self::Other,
        }
    }
}

/// The classes of statuses.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// The series of each route that was requested. No request builds a key of labels or looks one up in the registry.
#[derive(Default)]
struct Routes(RwLock<HashMap<Box<str>, Arc<Route>>>);

impl Routes {
    fn of(&self, path: &str) -> Arc<Route> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(path).map(Arc::clone);
        known.unwrap_or_else(|| {
            let mut routes = self.0.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(routes.entry(path.into()).or_insert_with(|| Arc::new(Route::new(path))))
        })
    }
}

/// The series of one route, made when a request first needs them.
struct Route {
    path: Box<str>,
    by_method: [OfMethod; MethodLabel::NAMES.len()],
}

#[derive(Default)]
struct OfMethod {
    duration: OnceLock<Histogram>,
    answered: [OnceLock<Counter>; CLASSES.len()],
}

impl Route {
    fn new(path: &str) -> Self {
        Self { path: path.into(), by_method: std::array::from_fn(|_| OfMethod::default()) }
    }

    fn record(&self, method: MethodLabel, status: StatusCode, took: Duration) {
        let at = method as usize;
        let (series, method) = (&self.by_method[at], MethodLabel::NAMES[at]);
        let duration = || histogram!(DURATION, "route" => self.path.to_string(), "method" => method);
        series.duration.get_or_init(duration).record(took);
        // HTTP knows statuses up to 999 and no class beyond the fifth.
        let class = usize::from(status.as_u16() / 100).clamp(1, CLASSES.len()) - 1;
        let answered = || {
            let route = self.path.to_string();
            counter!(REQUESTS, "route" => route, "method" => method, "status" => CLASSES[class])
        };
        series.answered[class].get_or_init(answered).increment(1);
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::post;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn labels_are_routes_and_never_what_was_asked_for() {
        let recorder = exporter().unwrap().build_recorder();
        let handle = recorder.handle();
        let _measures = metrics::set_default_local_recorder(&recorder);
        let site = measured(
            Router::new()
                .route("/track/{tracking}", get(async || "a page"))
                .route("/fails", post(async || StatusCode::SERVICE_UNAVAILABLE)),
        );
        let requests = [
            ("GET", "/track/VE2600421392-c0de"),
            ("GET", "/track/VE2600421392-secret"),
            ("PURGE", "/track/VE2600421392-secret"),
            ("POST", "/fails"),
            ("GET", "/wp-login.php"),
            ("GET", "/ana@cumbre.example"),
            ("BREW", "/ana@cumbre.example"),
        ];
        for (method, path) in requests {
            let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
            site.clone().oneshot(request).await.unwrap();
        }
        let text = handle.render();
        let mut counted: Vec<&str> =
            text.lines().filter_map(|line| line.strip_prefix("vigia_http_requests_total{")).collect();
        counted.sort_unstable();
        assert_eq!(
            counted,
            [
                r#"route="/fails",method="POST",status="5xx"} 1"#,
                r#"route="/track/{tracking}",method="GET",status="2xx"} 2"#,
                r#"route="/track/{tracking}",method="other",status="4xx"} 1"#,
                r#"route="unmatched",method="GET",status="4xx"} 2"#,
                r#"route="unmatched",method="other",status="4xx"} 1"#,
            ]
        );
        let measured =
            r#"vigia_http_request_duration_seconds_count{route="/track/{tracking}",method="GET"} 2"#;
        assert!(text.lines().any(|line| line == measured), "{text}");
        assert!(
            text.contains(
                r#"vigia_http_request_duration_seconds_bucket{route="/fails",method="POST",le="10"} 1"#
            ),
            "{text}"
        );
    }

    #[test]
    fn the_document_names_every_series() {
        let document = include_str!("../../../docs/metrics.md");
        let gauges = OF_DATABASE.into_iter().chain(OF_PROCESS).chain(OF_MAILBOXES);
        for (name, _) in gauges.chain(COUNTERS).chain(HISTOGRAMS) {
            assert!(document.contains(&format!("| `{name}` |")), "{name}");
        }
    }
}
