//! The context of a request: actor, source and language, determined once per request.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use app::pages::portal::BY_PAGE;
use app::request::{RateLimit, RequestContext};
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use desk::access::browsers::browser_of;
use desk::access::displays;
use desk::access::limits::Source;
use desk::access::own_account::SessionName;
use desk::access::pairing::CODE_S;
use desk::access::passkeys::CHALLENGE_S;
use desk::access::sign_in::{self, Use};
use desk::customers::entry::LASTS_S;
use desk::customers::session as customer_session;
use desk::oidc::REQUEST_S;
use domain::actor::{Actor, BrowserOf};
use domain::i18n::Language;

use super::{AppState, forwarded};

/// Lifetime of a chosen language and a display's link in the browser: a year, in seconds.
const YEAR_S: i64 = 365 * 24 * 3600;

/// The desk's cookies. Over https their names begin with `__Host-`: browsers then accept them for this host alone.
#[derive(Debug, Clone, Copy)]
pub struct Cookies {
    https: bool,
}

/// A cookie of the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookie {
    /// The secret of a member of the staff's session.
    Session,
    /// The secret by which a browser is a display.
    Display,
    /// The secret of a screen that waits to become a display.
    Screen,
    /// The secret of a customer's session.
    Customer,
    /// The secret of a browser whose customer waits for a code.
    Entry,
    /// The token of a browser in which a member of the staff has signed in.
    Browser,
    /// The secret of a browser that was asked for a passkey.
    Passkey,
    /// The secret of a browser that was sent to an identity provider.
    Provider,
    /// The reader's language.
    Language,
}

impl Cookies {
    /// The cookies of a site that is reached by https, or not.
    #[must_use]
    pub const fn new(https: bool) -> Self {
        Self { https }
    }

    const fn name(self, cookie: Cookie) -> &'static str {
        match (self.https, cookie) {
            (true, Cookie::Session) => "__Host-vigia-session",
            (true, Cookie::Display) => "__Host-vigia-display",
            (true, Cookie::Screen) => "__Host-vigia-screen",
            (true, Cookie::Customer) => "__Host-vigia-customer",
            (true, Cookie::Entry) => "__Host-vigia-entry",
            (true, Cookie::Browser) => "__Host-vigia-browser",
            (true, Cookie::Passkey) => "__Host-vigia-passkey",
            (true, Cookie::Provider) => "__Host-vigia-provider",
            (true, Cookie::Language) => "__Host-vigia-language",
            (false, Cookie::Session) => "vigia-session",
            (false, Cookie::Display) => "vigia-display",
            (false, Cookie::Screen) => "vigia-screen",
            (false, Cookie::Customer) => "vigia-customer",
            (false, Cookie::Entry) => "vigia-entry",
            (false, Cookie::Browser) => "vigia-browser",
            (false, Cookie::Passkey) => "vigia-passkey",
            (false, Cookie::Provider) => "vigia-provider",
            (false, Cookie::Language) => "vigia-language",
        }
    }

    /// The value of a cookie that the browser sent.
    pub(super) fn read(self, headers: &HeaderMap, cookie: Cookie) -> Option<&str> {
        let name = self.name(cookie);
        let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut sent = all.flat_map(cookie::Cookie::split_parse).filter_map(Result::ok);
        sent.find(|sent| sent.name() == name)?.value_raw()
    }

    /// A `Set-Cookie` with `value`; `None` for a value that no header can hold.
    #[must_use]
    pub fn set(self, cookie: Cookie, value: &str) -> Option<HeaderValue> {
        let age_s = match cookie {
            Cookie::Session => sign_in::LONGEST_S,
            Cookie::Customer => customer_session::LONGEST_S,
            Cookie::Entry => LASTS_S,
            Cookie::Browser => sign_in::KNOWN_S,
            Cookie::Passkey => CHALLENGE_S,
            Cookie::Provider => REQUEST_S,
            // Somebody may type the code at the last moment.
            Cookie::Screen => 2 * CODE_S,
            Cookie::Display | Cookie::Language => YEAR_S,
        };
        self.write(cookie, value, age_s)
    }

    /// A `Set-Cookie` that removes the cookie.
    #[must_use]
    pub fn forget(self, cookie: Cookie) -> Option<HeaderValue> {
        self.write(cookie, "", 0)
    }

    fn write(self, cookie: Cookie, value: &str, age_s: i64) -> Option<HeaderValue> {
        let written = cookie::Cookie::build((self.name(cookie), value))
            .path("/")
            .max_age(cookie::time::Duration::seconds(age_s))
            .http_only(true)
            .same_site(cookie::SameSite::Lax)
            .secure(self.https);
        HeaderValue::try_from(written.to_string()).ok()
    }

    /// The display's secret in a request.
    #[must_use]
    pub fn display(self, headers: &HeaderMap) -> Option<&str> {
        self.read(headers, Cookie::Display)
    }

    /// The secret of a waiting screen in a request.
    #[must_use]
    pub fn screen(self, headers: &HeaderMap) -> Option<&str> {
        self.read(headers, Cookie::Screen)
    }

    /// The session's secret in a request.
    #[must_use]
    pub fn session(self, headers: &HeaderMap) -> Option<&str> {
        self.read(headers, Cookie::Session)
    }
}

/// Attaches the context to the request. A page with `?lang=` is answered by the cookie and the address without it.
pub async fn attach_context(State(site): State<AppState>, mut request: Request, next: Next) -> Response {
    if request.method() == Method::GET
        && let Some(response) = switch_language(&site, &request)
    {
        return response;
    }
    // Requests that a page makes by itself do not prolong a session.
    let follows = |path: &str| path.starts_with("/events/") || path == "/api/urgent";
    let usage = if follows(request.uri().path()) { Use::Watches } else { Use::Asks };
    let who = if is_customers(request.uri().path()) {
        let usage = if is_by_page(&request) { Use::Watches } else { Use::Asks };
        customer(&site, request.headers(), usage).await
    } else {
        actor(&site, request.headers(), usage).await
    };
    let actor = match who {
        Ok(actor) => actor,
        Err(error) => {
            tracing::error!(%error, "who asks could not be settled");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let language = language(site.cookies, request.headers());
    // The staff has no rate limit of strangers: a whole contact centre stands behind one address.
    let is_stranger = !matches!(actor, Actor::Staff(_));
    let source = source(&site, &request);
    let is_paced = is_stranger && is_look_up(&request);
    let rate_limit = if is_paced && site.desk.limits().requests.take(source, site.desk.now()).is_err() {
        RateLimit::Exceeded
    } else {
        RateLimit::Within
    };
    let browser = if is_stranger && request.method() == Method::POST {
        match browser(&site, request.headers()).await {
            Ok(browser) => browser,
            Err(error) => {
                tracing::error!(%error, "whose browser it is could not be settled");
                return StatusCode::SERVICE_UNAVAILABLE.into_response();
            }
        }
    } else {
        None
    };
    let session = site.cookies.session(request.headers()).filter(|_| !is_stranger).map(SessionName::of);
    let (who, asked) = (actor.clone(), pattern(&request));
    request.extensions_mut().insert(RequestContext {
        desk: site.desk.clone(),
        actor,
        language,
        source,
        rate_limit,
        session,
        browser,
        operations: Arc::clone(&site.operations),
    });
    let response = next.run(request).await;
    if response.status() == StatusCode::FORBIDDEN {
        site.desk.note_refused(&who, asked);
    }
    response
}

/// Method and pattern of a request's address. The address itself may hold a secret.
pub(super) fn pattern(request: &Request) -> String {
    let matched = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
    format!("{} {matched}", request.method())
}

/// Only look-ups of contracts and cases, and openings, have a rate limit.
fn is_look_up(request: &Request) -> bool {
    request.method() == Method::POST
        || ["/track/", "/survey/", "/visit/", "/my/enter/", "/desk/password/", "/desk/start/", "/verify/"]
            .iter()
            .any(|start| request.uri().path().starts_with(start))
}

fn language(cookies: Cookies, headers: &HeaderMap) -> Language {
    let chosen = cookies.read(headers, Cookie::Language).and_then(Language::from_tag);
    let accepted = || headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    chosen.unwrap_or_else(|| accepted().map_or_else(Language::default, Language::from_accept_language))
}

/// The staff by session, a display by its link, all others as anonymous.
pub(super) async fn actor(
    site: &AppState,
    headers: &HeaderMap,
    usage: Use,
) -> Result<Actor, desk::store::StoreError> {
    if let Some(secret) = site.cookies.read(headers, Cookie::Session)
        && let Some(actor) = sign_in::session(&site.desk, secret, usage).await?
    {
        return Ok(actor);
    }
    if let Some(secret) = site.cookies.read(headers, Cookie::Display)
        && let Some(actor) = displays::display(&site.desk, secret).await?
    {
        return Ok(actor);
    }
    Ok(Actor::Anonymous)
}

/// Pages of customers who sign in. The sessions of the staff do not count there, nor theirs elsewhere.
fn is_customers(path: &str) -> bool {
    path == "/my" || path.starts_with("/my/")
}

/// Whether a page of a customer asks by itself: its stream, and the list that it draws anew.
fn is_by_page(request: &Request) -> bool {
    request.uri().path() == "/my/events" || request.headers().contains_key(BY_PAGE)
}

/// A customer by their session, all others as anonymous.
pub(super) async fn customer(
    site: &AppState,
    headers: &HeaderMap,
    usage: Use,
) -> Result<Actor, desk::store::StoreError> {
    let Some(secret) = site.cookies.read(headers, Cookie::Customer) else { return Ok(Actor::Anonymous) };
    let found = customer_session::session_for(&site.desk, secret, usage).await?;
    Ok(found.unwrap_or(Actor::Anonymous))
}

/// The owner of the browser, if a member of the staff has signed in there before.
async fn browser(site: &AppState, headers: &HeaderMap) -> Result<Option<BrowserOf>, desk::store::StoreError> {
    match site.cookies.read(headers, Cookie::Browser) {
        Some(secret) => browser_of(&site.desk, secret).await,
        None => Ok(None),
    }
}

fn switch_language(site: &AppState, request: &Request) -> Option<Response> {
    let query = request.uri().query()?;
    let is_choice = |pair: &&str| pair.starts_with("lang=");
    let chosen = query.split('&').find(is_choice)?;
    let language = Language::from_tag(chosen.strip_prefix("lang=")?)?;
    let rest: Vec<&str> = query.split('&').filter(|pair| !is_choice(pair)).collect();
    let path = own_path(request.uri().path())?;
    let target = if rest.is_empty() { path.to_owned() } else { format!("{path}?{}", rest.join("&")) };
    let cookie = site.cookies.set(Cookie::Language, language.code())?;
    let target = HeaderValue::try_from(target).ok()?;
    Some((StatusCode::SEE_OTHER, [(SET_COOKIE, cookie), (LOCATION, target)]).into_response())
}

/// A path of this site. A path that browsers could read as another host is `None`.
pub(super) fn own_path(path: &str) -> Option<&str> {
    let plain = path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    (path.starts_with('/') && !path.starts_with("//") && plain).then_some(path)
}

/// The source of a request, as rate limits count it.
pub(super) fn source(site: &AppState, request: &Request) -> Source {
    address(site, request).map_or(Source::UNKNOWN, Source::of)
}

/// The caller's address; `None` where no connection gives it.
fn address(site: &AppState, request: &Request) -> Option<IpAddr> {
    let ConnectInfo(peer) = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
    Some(forwarded::caller(peer.ip(), request.headers(), &site.trusted_proxies))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::hash::{BuildHasher as _, RandomState};
    use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

    use app::operations::{Examination, Operations};
    use app::request::{Assets, Bundle};
    use axum::body::{Body, to_bytes};
    use axum::middleware::from_fn_with_state;
    use axum::{Extension, Router};
    use desk::Desk;
    use desk::Ports;
    use desk::access::device::Device;
    use desk::access::sign_in::{Attempt, IDLE_S};
    use desk::access::staff::{NewPerson, add_person};
    use desk::outbox::{ReplyAddresses, Sender, Transport};
    use domain::actor::Role;
    use domain::mail_address::MailAddress;
    use domain::text::PersonName;
    use domain::time::Instant;
    use leptos::config::LeptosOptions;
    use tower::ServiceExt as _;

    use super::super::connections::{Door, Most, QUIET};
    use super::super::streams::{Shares, Streams};
    use super::*;

    const PASSWORD: &str = "caballo azul grande";

    /// A process that is asked nothing.
    #[derive(Debug)]
    struct NothingAsked(Transport);

    impl Operations for NothingAsked {
        fn transport(&self) -> &Transport {
            &self.0
        }

        fn examine(&self, _: Language) -> Examination<'_> {
            Box::pin(std::future::ready(Vec::new()))
        }
    }

    /// A site over an empty database; the test moves its clock.
    async fn site(folder: &std::path::Path, clock: &Arc<AtomicI64>) -> AppState {
        let (now, seed, drawn) = (Arc::clone(clock), RandomState::new(), AtomicU64::new(0));
        let chance = move |bytes: &mut [u8]| {
            for part in bytes.chunks_mut(8) {
                let word = seed.hash_one(drawn.fetch_add(1, Ordering::SeqCst)).to_le_bytes();
                part.copy_from_slice(&word[..part.len()]);
            }
        };
        let ports = Ports::new(move || Instant(now.load(Ordering::SeqCst)), chance);
        let address = format!("sqlite:{}", folder.join("vigia.db").display());
        let bundle =
            || Bundle { js: String::new(), wasm: String::new(), words: BTreeMap::new(), parts: None };
        let assets = Assets {
            css: String::new(),
            admin_css: String::new(),
            wall_css: String::new(),
            form: bundle(),
            track: bundle(),
            workspace: bundle(),
            admin: bundle(),
            wall: bundle(),
            verify_css: String::new(),
            verify: bundle(),
            kept_page: String::new(),
        };
        let most = Most::of_files(1_024);
        AppState(Arc::new(super::super::Parts {
            desk: Desk::open(&address, "http://desk.example", ports).await.unwrap(),
            assets: Arc::new(assets),
            cookies: Cookies::new(false),
            operations: Arc::new(NothingAsked(Transport::Folder {
                path: folder.join("mail"),
                sender: Sender {
                    name: "Vigía".to_owned(),
                    address: MailAddress::parse("desk@vigia.example").unwrap(),
                    replies: ReplyAddresses::Shared,
                },
            })),
            trusted_proxies: Arc::new([]),
            streams: Arc::new(Streams::new(Shares::of(most.all))),
            door: Arc::new(Door::new(most, QUIET, Arc::new([]))),
            readiness: Arc::default(),
            ending: super::super::Ending::default(),
            leptos: LeptosOptions::builder().output_name("vigia").build(),
        }))
    }

    async fn add_marta(desk: &Desk, role: Role) {
        let marta = NewPerson {
            name: PersonName::parse("Marta Salas").unwrap(),
            mail: MailAddress::parse("marta@vigia.example").unwrap(),
            role,
            language: Language::Es,
            password: PASSWORD.to_owned(),
        };
        add_person(desk, &Actor::System, marta).await.unwrap();
    }

    async fn sign_in_as_marta(desk: &Desk) -> String {
        let attempt = Attempt {
            mail: "marta@vigia.example",
            password: PASSWORD,
            source: Source::UNKNOWN,
            browser: None,
            device: Device::parse(""),
        };
        sign_in::sign_in(desk, attempt).await.unwrap().session
    }

    /// Whether a request to this path is one of the staff.
    async fn is_staff(router: &Router, path: &str, session: &str) -> bool {
        let request = Request::post(path).header(COOKIE, format!("vigia-session={session}"));
        let answer = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        to_bytes(answer.into_body(), 16).await.unwrap() == "true"
    }

    #[tokio::test]
    async fn polling_for_urgent_cases_extends_no_session() {
        let (folder, clock) = (tempfile::tempdir().unwrap(), Arc::new(AtomicI64::new(1_800_000_000)));
        let site = site(folder.path(), &clock).await;
        add_marta(&site.desk, Role::Agent).await;
        let (left, used) = (sign_in_as_marta(&site.desk).await, sign_in_as_marta(&site.desk).await);
        let router = Router::new()
            .fallback(async |Extension(asked): Extension<RequestContext>| asked.is_staff().to_string())
            .layer(from_fn_with_state(site, attach_context));
        for _ in 1..IDLE_S / 600 {
            clock.fetch_add(600, Ordering::SeqCst);
            assert!(is_staff(&router, "/api/urgent", &left).await);
            assert!(is_staff(&router, "/api/queue_page", &used).await);
        }
        clock.fetch_add(600, Ordering::SeqCst);
        assert!(!is_staff(&router, "/api/urgent", &left).await, "it ended as an idle one");
        assert!(is_staff(&router, "/api/urgent", &used).await, "somebody used it");
    }

    /// Where a request leads; empty when it is served.
    async fn leads_to(router: &Router, method: Method, path: &str, session: &str) -> String {
        let request =
            Request::builder().method(method).uri(path).header(COOKIE, format!("vigia-session={session}"));
        let answer = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let location = answer.headers().get(LOCATION).map(|to| to.to_str().unwrap().to_owned());
        location.unwrap_or_default()
    }

    /// A site whose every page is served, and the session of Marta with this role.
    async fn administered(folder: &std::path::Path, clock: &Arc<AtomicI64>, role: Role) -> (Router, String) {
        let site = site(folder, clock).await;
        add_marta(&site.desk, role).await;
        let session = sign_in_as_marta(&site.desk).await;
        let router = Router::new()
            .fallback(async || "served")
            .layer(from_fn_with_state(site.clone(), super::super::fresh::ask_again))
            .layer(from_fn_with_state(site, attach_context));
        (router, session)
    }

    #[tokio::test]
    async fn administrator_signs_in_again_before_the_administration() {
        let (folder, clock) = (tempfile::tempdir().unwrap(), Arc::new(AtomicI64::new(1_800_000_000)));
        let (router, session) = administered(folder.path(), &clock, Role::Administrator).await;
        clock.fetch_add(sign_in::FRESH_S, Ordering::SeqCst);
        assert_eq!(leads_to(&router, Method::GET, "/desk/admin/people?page=2", &session).await, "");
        clock.fetch_add(1, Ordering::SeqCst);
        let again = "/desk/sign-in?next=/desk/admin/people%3Fpage%3D2&again=yes";
        assert_eq!(leads_to(&router, Method::GET, "/desk/admin/people?page=2", &session).await, again);
        for path in ["/desk", "/desk/account", "/desk/administrators"] {
            assert_eq!(leads_to(&router, Method::GET, path, &session).await, "", "{path}");
        }
        assert_eq!(
            leads_to(&router, Method::POST, "/desk/admin/people", &session).await,
            "",
            "it is typed on"
        );
        clock.fetch_add(1800, Ordering::SeqCst);
        let again = "/desk/sign-in?next=/desk/admin/people&again=yes";
        assert_eq!(leads_to(&router, Method::POST, "/desk/admin/people", &session).await, again);
    }

    #[tokio::test]
    async fn form_that_came_too_late_is_filled_in_after_the_new_sign_in() {
        let (folder, clock) = (tempfile::tempdir().unwrap(), Arc::new(AtomicI64::new(1_800_000_000)));
        let site = site(folder.path(), &clock).await;
        add_marta(&site.desk, Role::Administrator).await;
        let router = super::super::pages::add(Router::new(), &site)
            .layer(from_fn_with_state(site.clone(), super::super::fresh::ask_again))
            .layer(from_fn_with_state(site.clone(), attach_context))
            .with_state(site.clone());
        let boundary = "multipart/form-data; boundary=parts";
        let parts = "--parts\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nSala «1»\r\n\
                     --parts\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"a.png\"\r\n\r\nabc\r\n--parts--\r\n";
        let pairs = "name=Sala+%C2%AB1%C2%BB&scope=all&code=482913&action=pair";
        // The sign-in is no longer fresh; the session has ended.
        let late = [
            ("application/x-www-form-urlencoded", pairs, sign_in::FRESH_S + 1801),
            (boundary, parts, sign_in::FRESH_S + 1801),
            ("application/x-www-form-urlencoded", pairs, IDLE_S + 1),
        ];
        for (kind, body, after_s) in late {
            let old = sign_in_as_marta(&site.desk).await;
            clock.fetch_add(after_s, Ordering::SeqCst);
            let late = Request::post("/desk/admin/displays")
                .header(COOKIE, format!("vigia-session={old}"))
                .header(axum::http::header::CONTENT_TYPE, kind);
            let answer = router.clone().oneshot(late.body(Body::from(body)).unwrap()).await.unwrap();
            let location = answer.headers().get(LOCATION).unwrap().to_str().unwrap().to_owned();
            let (next, again) = location.split_once("&again=").unwrap();
            assert_eq!(again, "kept");
            let next = next.strip_prefix("/desk/sign-in?next=").unwrap();
            let next = percent_encoding::percent_decode_str(next).decode_utf8().unwrap().into_owned();
            assert!(next.starts_with("/desk/admin/displays?kept="), "{next}");

            let fresh = sign_in_as_marta(&site.desk).await;
            let back = Request::get(&next).header(COOKIE, format!("vigia-session={fresh}"));
            let page = router.clone().oneshot(back.body(Body::empty()).unwrap()).await.unwrap();
            assert_eq!(page.status(), StatusCode::OK);
            let page = to_bytes(page.into_body(), 1 << 20).await.unwrap();
            let page = String::from_utf8_lossy(&page);
            assert!(page.contains("value=\"Sala «1»\"") && page.contains("Todavía no se guardó"), "{page}");
            assert!(!page.contains("482913"), "a code is not kept");
            assert_eq!(leads_to(&router, Method::GET, "/desk/admin/displays?kept=0000", &fresh).await, "");
        }
    }

    #[tokio::test]
    async fn script_is_told_to_sign_in_again_and_gets_no_page() {
        let (folder, clock) = (tempfile::tempdir().unwrap(), Arc::new(AtomicI64::new(1_800_000_000)));
        let (router, session) = administered(folder.path(), &clock, Role::Administrator).await;
        clock.fetch_add(sign_in::FRESH_S + 1, Ordering::SeqCst);
        let request = Request::builder()
            .uri("/desk/admin/people")
            .header(COOKIE, format!("vigia-session={session}"))
            .header(axum::http::header::ACCEPT, "*/*");
        let answer = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!((answer.status(), answer.headers().get(LOCATION)), (StatusCode::UNAUTHORIZED, None));
    }

    #[tokio::test]
    async fn supervisor_reads_settings_without_a_fresh_sign_in() {
        let (folder, clock) = (tempfile::tempdir().unwrap(), Arc::new(AtomicI64::new(1_800_000_000)));
        let (router, session) = administered(folder.path(), &clock, Role::Supervisor).await;
        clock.fetch_add(sign_in::FRESH_S + 1, Ordering::SeqCst);
        assert_eq!(leads_to(&router, Method::GET, "/desk/admin/people", &session).await, "");
    }

    #[test]
    fn return_path_is_limited_to_this_site() {
        for path in ["/", "/desk", "/desk/cases/VE2600421392", "/desk?status=new&page=2"] {
            assert_eq!(own_path(path), Some(path));
        }
        for path in
            ["", "desk", "//evil.example", "/\\evil.example", "https:evil", "/a\tb", "/a\r\nSet-Cookie: x"]
        {
            assert_eq!(own_path(path), None, "{path:?}");
        }
    }

    #[test]
    fn a_cookie_is_found_among_others_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("theme=dark; my-vigia-session=no; vigia-session"));
        headers.append(COOKIE, HeaderValue::from_static(";; =x;vigia-session=a=b ; vigia-session=later"));
        let cookies = Cookies::new(false);
        assert_eq!(cookies.session(&headers), Some("a=b"));
        assert_eq!((cookies.display(&headers), Cookies::new(true).session(&headers)), (None, None));
    }

    #[test]
    fn cookies_are_sealed_to_this_host_over_https() {
        let line = Cookies::new(true).set(Cookie::Session, "abc").unwrap();
        let line = line.to_str().unwrap();
        assert!(line.starts_with("__Host-vigia-session=abc; "), "{line}");
        for part in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure", "; Max-Age="] {
            assert!(line.contains(part), "{line}");
        }
        assert!(!line.contains("Domain"));
    }
}
