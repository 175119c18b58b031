//! The routes: pages, server functions, event streams, plain forms, files, health.
//!
//! Layers, outermost first: panics become answers; security headers; request ids. Then refusal of cross-site writes, which
//! leptos' server functions do not refuse; limits of size and time; the request context.

mod answer;
mod api;
mod assets;
mod brand;
pub mod connections;
mod context;
mod customers;
mod displays;
mod events;
mod files;
mod forms;
mod forwarded;
mod fresh;
mod headers;
mod health;
mod import;
mod integrations;
mod lost;
mod mails;
mod messages;
pub mod metrics;
mod multipart;
mod oidc;
mod pages;
mod passkeys;
mod people;
mod posted;
mod privacy;
mod register;
mod reports;
mod settings;
mod setup;
mod sign_in;
mod signed_in;
mod streams;
mod survey;
mod table;
mod triage;
mod verify;
mod webhooks;
mod whatsapp;
mod workforce;

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use app::operations::Operations;
use app::pages::portal::TrackForm;
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state, map_request};
use desk::Desk;
use desk::settings::Subject;
use leptos::config::LeptosOptions;
use tokio_util::sync::CancellationToken;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use crate::config::Config;

pub use api::ApiPayloads;
pub use assets::AssetsError;
use connections::{Door, Most};
pub use table::Route;
use table::{Table, get, post};

/// The largest request body: the case form is a few kilobytes.
const BODY_BYTES: usize = 256 * 1024;

/// Time limits of requests.
#[derive(Debug, Clone, Copy)]
struct Timeouts {
    /// Until an answer begins.
    answer: Duration,
    /// Until an upload is answered.
    upload: Duration,
}

const PATIENCE: Timeouts = Timeouts { answer: Duration::from_secs(30), upload: Duration::from_mins(5) };

/// The state of all handlers. It is shared, because axum clones it several times for each request.
#[derive(Clone, Debug)]
pub struct AppState(Arc<Parts>);

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// The parts of the handlers' state.
#[derive(Debug)]
pub struct Parts {
    /// The desk.
    pub desk: Desk,
    /// The bundles of this build.
    pub assets: Arc<app::request::Assets>,
    /// Names and attributes of cookies.
    pub cookies: context::Cookies,
    /// What pages of the administration ask of this process.
    pub operations: Arc<dyn Operations>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Arc<[std::net::IpAddr]>,
    /// Open event streams.
    pub streams: Arc<streams::Streams>,
    /// Open connections.
    pub door: Arc<Door>,
    /// The last result of the readiness check.
    pub readiness: Arc<health::Readiness>,
    /// How far the shutdown has come.
    pub ending: Ending,
    leptos: LeptosOptions,
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(site: &AppState) -> Self {
        site.leptos.clone()
    }
}

/// The two steps of a shutdown.
#[derive(Debug, Clone, Default)]
pub struct Ending {
    /// The process reports that it is not ready, and goes on serving: proxies send new requests elsewhere.
    pub announced: CancellationToken,
    /// No connection is accepted any more, and requests under way end.
    pub begun: CancellationToken,
}

/// The routes with their state.
#[derive(Debug)]
pub struct Routes {
    /// The whole site.
    pub public: Router,
    /// The state of its handlers.
    pub state: AppState,
    /// Connections of the public address.
    pub door: Arc<Door>,
}

/// The whole site over a desk, for at most `most` connections.
///
/// # Errors
/// When the bundles are not where the configuration says.
pub fn routes(
    config: &Config,
    desk: Desk,
    operations: Arc<dyn Operations>,
    most: Most,
    ending: Ending,
) -> Result<Routes, AssetsError> {
    let trusted_proxies: Arc<[std::net::IpAddr]> = config.trusted_proxies.clone().into();
    let door = Arc::new(Door::new(most, connections::QUIET, Arc::clone(&trusted_proxies)));
    let site = AppState(Arc::new(Parts {
        desk,
        assets: Arc::new(assets::read(&config.site)?),
        cookies: context::Cookies::new(config.is_https()),
        operations,
        trusted_proxies,
        streams: Arc::new(streams::Streams::new(streams::Shares::of(most.all))),
        door: Arc::clone(&door),
        readiness: Arc::default(),
        ending,
        leptos: LeptosOptions::builder()
            .output_name("vigia")
            .site_root(config.site.to_string_lossy().into_owned())
            .build(),
    }));
    Ok(Routes { public: public(config, site.clone()), state: site, door })
}

/// The public site.
fn public(config: &Config, site: AppState) -> Router {
    let asked = asked().into_router().fallback(pages::not_found);
    let asked = pages::add(asked, &site)
        .layer(from_fn_with_state(site.clone(), fresh::ask_again))
        .layer(from_fn_with_state(site.clone(), context::attach_context))
        // Beside the context: no cookie counts there.
        .nest(api::BASE, api::routes(&site));
    let uploads = uploads()
        .into_router()
        .layer(from_fn_with_state(site.clone(), fresh::ask_again))
        .layer(from_fn_with_state(site.clone(), context::attach_context))
        // No cookie counts there.
        .merge(api::uploads(&site).layer(DefaultBodyLimit::max(files::UPLOAD_BYTES)))
        .merge(whatsapp::hooks().into_router());
    // Pages and server functions are compressed: a queue shrinks to a tenth. Streams are not; files are compressed by the
    // build.
    let asked = asked
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(worth_compressing()))
        .merge(unasked().into_router())
        .merge(assets::files(&config.site));
    let answered = limited(asked, uploads, PATIENCE)
        .layer(CsrfLayer::new())
        .layer(TraceLayer::new_for_http().make_span_with(headers::span).on_response(headers::on_response))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(map_request(headers::bound_request_id))
        .layer(from_fn_with_state(config.is_https(), headers::secure))
        .layer(CatchPanicLayer::new());
    let answered = api::with_problems(&site, answered).layer(from_fn(headers::bare_minimum));
    let answered = if config.metrics_listen.is_some() { metrics::measured(answered) } else { answered };
    answered.with_state(site)
}

/// The routes of forms, files and streams.
fn asked() -> Table {
    Table::new()
        .route("/links", post(lost::ask))
        .route("/my", get(customers::start))
        .route("/my/sign-in", post(customers::address))
        .route("/my/code", post(customers::code))
        .route("/my/enter/{link}", post(customers::link))
        .route("/my/sign-out", post(customers::leave))
        .route("/my/colleagues", post(customers::colleagues))
        .route("/my/profile", post(customers::profile))
        .route("/my/case", get(customers::new_case))
        .route("/my/cases.csv", get(customers::cases))
        .route("/my/label.pdf", get(customers::label))
        .route("/my/events", get(events::account))
        .route("/track/{tracking}", forms::on_case(TrackForm::Answer))
        .route("/track/{tracking}/amend", forms::on_case(TrackForm::Amend))
        .route("/track/{tracking}/cancel", forms::on_case(TrackForm::Cancel))
        .route("/track/{tracking}/visit", forms::on_case(TrackForm::Visit))
        .route("/visit/{link}", post(forms::answer_visit))
        .route("/track/{tracking}/renew", post(lost::renew))
        .route("/track/{tracking}/participants", forms::on_case(TrackForm::Invite))
        .route("/track/{tracking}/participants/{id}/remove", post(lost::remove))
        .route("/track/{tracking}/leave", get(lost::leaving))
        .route("/track/{tracking}/leave", post(lost::leave))
        .route("/track/{tracking}/files/{id}", get(files::of_tracking))
        .route("/track/{tracking}/message-files/{id}", get(messages::file_of_tracking))
        .route("/track/{tracking}/message-files/{id}/thumbnail", get(messages::thumbnail_of_tracking))
        .route("/track/{tracking}/account.pdf", get(files::account_of_tracking))
        .route("/desk/cases/{number}/files/{id}", get(files::of_case))
        .route("/desk/cases/{number}/message-files/{id}", get(messages::file_of_case))
        .route("/desk/cases/{number}/message-files/{id}/thumbnail", get(messages::thumbnail_of_case))
        .route("/desk/cases/{number}/files/{id}/remove", post(files::remove))
        .route("/desk/cases/{number}/account.pdf", get(files::account_of_case))
        .route("/desk/cases/{number}/resolve", post(forms::resolve))
        .route("/desk/sign-in", post(sign_in::sign_in))
        .route("/desk/sign-in/code", post(sign_in::code))
        .route("/desk/sign-in/passkey", post(passkeys::enter))
        .route("/desk/sign-in/passkey/ask", post(passkeys::ask))
        .route("/desk/sign-in/provider", post(oidc::leave))
        .route("/desk/sign-in/callback/{id}", get(oidc::callback))
        .route("/desk/sign-out", post(oidc::sign_out))
        .route("/survey/{token}", post(survey::answer))
        .route("/desk/survey/calls/{number}", post(survey::call))
        .route("/desk/survey/follow-ups", post(survey::follow_up))
        .route("/desk/triage/{id}", post(triage::decide))
        .route("/desk/mails/again", post(mails::retry_all))
        .route("/desk/mails/{id}", post(mails::retry))
        .route("/desk/mails/{id}/body", get(mails::body))
        .route("/desk/mails/kinds/{kind}/{language}/body", get(mails::kind))
        .route("/desk/reports/pauses.csv", get(reports::pauses))
        .route("/desk/reports/causes.csv", get(reports::causes))
        .route("/desk/reports/promises.csv", get(reports::sla_report))
        .route("/desk/reports/promises/missed.csv", get(reports::breaches))
        .route("/verify", get(verify::page))
        .route("/verify/offline.html", get(verify::kept_page))
        .route("/track/{tracking}/proof.json", get(verify::proof_of_tracking))
        .route("/desk/cases/{number}/proof.json", get(verify::proof_of_case))
        .route("/wall", get(displays::wall))
        .route("/pair", get(displays::pair))
        .route("/pair/state", get(displays::state))
        .route("/api", get(api::page))
        .route("/board", get(pages::board))
        .route("/board/{secret}", get(forms::pair_display))
        .route("/events/board", get(events::board))
        .route("/events/case/{tracking}", get(events::case))
        .route("/events/file/{number}", get(events::file))
        .route("/events/calls", get(events::calls))
        .merge(administration())
}

/// The routes for large requests: more room, and as much time as a telephone on site needs.
fn uploads() -> Table {
    let imports = Table::new()
        .route("/desk/admin/import", post(import::file))
        .within(|routes| routes.layer(DefaultBodyLimit::max(import::IMPORT_BYTES)));
    // What is confirmed or undone may be a hundred thousand rows: small requests that take long.
    let steps = Table::new()
        .route("/desk/admin/import/{id}", post(import::step))
        .within(|routes| routes.layer(RequestBodyLimitLayer::new(BODY_BYTES)));
    Table::new()
        .route("/", post(forms::open_case))
        .route("/track/{tracking}/follow", post(forms::follow_case))
        .route("/desk/intake", post(forms::take_call))
        .route("/desk/cases/{number}/follow", post(forms::follow_call))
        .route("/desk/cases/{number}/files", post(files::add))
        .route("/desk/cases/{number}/messages", post(messages::of_staff))
        .route("/track/{tracking}/message", post(messages::of_customer))
        .route("/desk/admin/provider", post(settings::provider))
        .route("/desk/admin/calendars/{id}", post(settings::calendar))
        .within(|routes| routes.layer(DefaultBodyLimit::max(files::UPLOAD_BYTES)))
        .merge(imports)
        .merge(steps)
}

/// The routes without a request's context: files of the provider, what identity providers tell, the time, health.
fn unasked() -> Table {
    Table::new()
        .route("/brand/{name}", get(brand::file))
        .route("/hooks/sign-out/{id}", post(oidc::end_sessions))
        .route("/time", get(health::time))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
}

/// Every route of the site, in order: forms, files and streams, pages, server functions, operations of the API. Files that the
/// build made are none.
pub fn listed() -> Vec<Route> {
    let tables = asked().merge(uploads()).merge(whatsapp::hooks()).merge(unasked()).into_routes();
    let mut routes = [tables, pages::listed(), api::listed()].concat();
    routes.sort();
    routes
}

/// Accounts and administration.
fn administration() -> Table {
    let settings = Subject::ALL.into_iter().filter_map(settings::form);
    let forms = settings.fold(Table::new(), |routes, (address, form)| routes.route(&address, form));
    forms
        .route("/desk/account", post(people::account))
        .route("/desk/account/absences", post(workforce::own_absences))
        .route("/desk/account/passkeys", post(passkeys::own))
        .route("/desk/account/proof", post(passkeys::prove))
        .route("/desk/account/identities", post(oidc::own))
        .route("/desk/admin/sign-in", post(oidc::add))
        .route("/desk/admin/sign-in/{id}", post(oidc::one))
        .route("/desk/admin/schedules/{id}", post(workforce::schedule))
        .route("/desk/admin/people", post(people::factor_roles))
        .route("/desk/admin/people/invite", post(people::invite))
        .route("/desk/admin/people/{id}", post(people::person))
        .route("/desk/password", post(people::forgotten_password))
        .route("/desk/password/{link}", post(people::choose_password))
        .route("/desk/start/{code}", post(setup::start))
        .route("/desk/admin/setup", post(setup::step))
        .route("/desk/admin/server", post(setup::server))
        .route("/desk/admin/privacy", post(privacy::privacy))
        .route("/desk/admin/audit.csv", get(reports::audit))
        .route("/desk/admin/sessions", post(people::session_limits))
        .route("/desk/admin/roles/{id}", post(people::composed_role))
        .route("/desk/admin/calendars/{id}/closures.ics", get(settings::closures))
        .route("/desk/admin/import/{id}/bad.csv", get(import::bad_rows))
        .route("/desk/admin/register/labels.pdf", get(register::labels))
        .route("/desk/admin/register/{kind}/{id}", post(register::entry))
        .route("/desk/admin/register/{kind}/{id}/merge", post(register::merge))
        .route("/desk/admin/register/{kind}/{id}/people", post(register::people))
        .route("/desk/admin/displays", post(displays::add))
        .route("/desk/admin/displays/{id}/revoke", post(displays::revoke))
        .route("/desk/admin/integrations", post(integrations::add))
        .route("/desk/admin/integrations/{id}", post(integrations::alerts))
        .route("/desk/admin/integrations/{id}/revoke", post(integrations::revoke))
        .route("/desk/admin/webhooks", post(webhooks::add))
        .route("/desk/admin/webhooks/{id}", post(webhooks::one))
        .route("/desk/admin/whatsapp", post(whatsapp::add))
        .route("/desk/admin/whatsapp/{id}", post(whatsapp::one))
}

/// Answers worth compressing: no event stream, no picture, and no PDF, which is compressed already.
fn worth_compressing() -> impl Predicate {
    DefaultPredicate::new().and(NotForContentType::const_new("application/pdf"))
}

/// All routes within limits of size and time. Uploads have limits of their own, and their size is limited by their route.
fn limited<S>(asked: Router<S>, uploads: Router<S>, patience: Timeouts) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let uploads = uploads.layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, patience.upload));
    asked
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, patience.answer))
        .layer(RequestBodyLimitLayer::new(BODY_BYTES))
        .merge(uploads)
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use axum::body::{Body, Bytes};
    use axum::http::Request;
    use axum::routing::{get, post};
    use tokio::sync::Notify;
    use tower::ServiceExt;

    use super::*;

    const SHORT: Duration = Duration::from_millis(1);
    /// Longer than any test takes.
    const LONG: Duration = Duration::from_hours(1);

    fn empty(request: axum::http::request::Builder) -> Request<Body> {
        request.body(Body::empty()).unwrap()
    }

    /// A request whose body never comes.
    fn stalled(path: &str) -> Request<Body> {
        let never = futures::stream::pending::<Result<Bytes, std::io::Error>>();
        Request::post(path).body(Body::from_stream(never)).unwrap()
    }

    async fn status(site: &Router, request: Request<Body>) -> StatusCode {
        site.clone().oneshot(request).await.unwrap().status()
    }

    #[tokio::test]
    async fn stalled_request_times_out() {
        let read = || post(|_: Bytes| async {});
        let asked = Router::new().route("/", read()).route("/never", get(pending::<()>));
        let uploads = Router::new().route("/files", read());
        let site: Router = limited(asked, uploads, Timeouts { answer: SHORT, upload: SHORT });
        assert_eq!(status(&site, empty(Request::get("/never"))).await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(status(&site, stalled("/")).await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(status(&site, stalled("/files")).await, StatusCode::REQUEST_TIMEOUT);
    }

    #[tokio::test]
    async fn upload_has_a_longer_timeout() {
        let gate = Arc::new(Notify::new());
        let wait = {
            let gate = Arc::clone(&gate);
            move || {
                let gate = Arc::clone(&gate);
                async move { gate.notified().await }
            }
        };
        let asked = Router::new().route("/never", get(pending::<()>));
        let uploads = Router::new().route("/files", post(wait));
        let site: Router = limited(asked, uploads, Timeouts { answer: SHORT, upload: LONG });
        let upload = tokio::spawn(site.clone().oneshot(empty(Request::post("/files"))));
        for _ in 0..10 {
            assert_eq!(status(&site, empty(Request::get("/never"))).await, StatusCode::SERVICE_UNAVAILABLE);
        }
        gate.notify_one();
        assert_eq!(upload.await.unwrap().unwrap().status(), StatusCode::OK);
    }
}
