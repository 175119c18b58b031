//! Event streams: a snapshot first, then numbered changes, resumed from the last number after a lost connection.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use app::AppError;
use app::pages::portal::CASES;
use app::request::RequestContext;
use axum::Extension;
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use desk::DeskError;
use desk::access::integrations::integration;
use desk::access::limits::Source;
use desk::access::sign_in::Use;
use desk::cases::tracking::{LinkError, held};
use desk::cases::wall;
use desk::customers::companies::{OwnCompany, own_companies};
use desk::live::feed::Item;
use desk::live::presence::{self, Here};
use desk::reach;
use domain::actor::{Action, Actor, PersonId, Scope, Subject, may, scope_of};
use domain::case_number::CaseNumber;
use domain::view::{Change, Company, Present};
use futures::Stream;
use futures::stream;
use serde::Deserialize;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::streams::{Full, Holder, Seat};
use super::{AppState, context, forwarded};

/// Interval of the beat by which the browser knows that the connection stands.
const BEAT: Duration = Duration::from_secs(10);
/// Interval of the check that the subscriber may still read. A revoked display stops within five seconds.
const CHECK: Duration = Duration::from_secs(4);

/// The same for customers' pages of a case, which are many. What ends a link before its time is an entry of the case, after which
/// it is looked at as well.
const CHECK_OF_LINKS: Duration = Duration::from_mins(1);
/// Where a customer goes on whose link has ended.
const LOST: &str = "/links";

/// The number to resume from, and the page that asks.
#[derive(Debug, Deserialize)]
pub struct Resume {
    after: Option<i64>,
    page: Option<Page>,
}

/// A page that has to know when it may not read any longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Page {
    /// The wall, which nobody watches over.
    Wall,
}

/// The subject of a stream.
#[derive(Debug)]
enum Follows {
    /// All cases in a scope, with their rows.
    Board(Scope),
    /// One case by a link to it: that it changed, not what.
    Case { number: String, tracking: String },
    /// The same for the staff, with the colleagues who have it open.
    File(Box<Open>),
    /// No case: whether a customer's session stands, and for which companies they act.
    Account(Vec<OwnCompany>),
    /// All cases in the scope of another system.
    Program(Program),
    /// The calls of a member of the staff.
    Calls(Box<Calls>),
}

/// The stream of another system.
#[derive(Debug, Clone)]
pub struct Program {
    /// Its token: it may be revoked while the stream is open.
    pub token: String,
    /// The number of the last change that it has.
    pub after: Option<i64>,
    /// What it is told of a change.
    pub told: fn(&Change) -> String,
}

/// A case file that a member of the staff has open.
#[derive(Debug)]
struct Open {
    number: CaseNumber,
    compact: String,
    me: PersonId,
    here: Here,
    changes: watch::Receiver<u64>,
    /// The colleagues at the last message; `None` before the first one.
    told: Option<Vec<Present>>,
}

impl Open {
    /// The colleagues who have the case open, if that has changed since the last message. Expired ones are noticed here,
    /// whatever wakes the stream.
    fn news(&mut self, site: &AppState) -> Option<Event> {
        let others = site.desk.presence().others(self.number, self.me, site.desk.now());
        if self.told.as_ref() == Some(&others) {
            return None;
        }
        self.told = Some(others.clone());
        let company = Company { tab: self.here.tab().to_owned(), others };
        let json = serde_json::to_string(&company).ok()?;
        Some(Event::default().event("presence").data(json))
    }
}

/// The calls of a member of the staff.
#[derive(Debug)]
struct Calls {
    me: PersonId,
    heard: Receiver<PersonId>,
    /// Whether the call has to be read.
    is_stale: bool,
    /// When the call changes without a report.
    changes_at: Option<domain::time::Instant>,
    /// The call of the last message, as JSON; `None` before the first one.
    told: Option<String>,
}

impl Calls {
    /// The call that is shown, if that has changed since the last message. `null` is none.
    async fn news(&mut self, site: &AppState, reader: &Actor) -> Option<Event> {
        let has_changed = self.changes_at.is_some_and(|at| site.desk.now() >= at);
        if !self.is_stale && !has_changed {
            return None;
        }
        // After a failure it is read again with the next beat.
        let current = desk::calls::current(&site.desk, reader).await.ok()?;
        self.is_stale = false;
        self.changes_at = current.as_ref().and_then(|current| current.changes_at);
        let json = serde_json::to_string(&current.map(|current| current.notice)).ok()?;
        if self.told.as_ref() == Some(&json) {
            return None;
        }
        self.told = Some(json.clone());
        Some(Event::default().event("call").data(json))
    }

    /// Ends when the call of this reader has changed, or may have.
    async fn changed(&mut self) {
        loop {
            match self.heard.recv().await {
                Ok(agent) if agent != self.me => {}
                Ok(_) | Err(RecvError::Lagged(_)) => break,
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
        self.is_stale = true;
    }
}

impl Follows {
    /// How often it is checked that the subscriber may still read.
    const fn check(&self) -> Duration {
        match self {
            Self::Case { .. } => CHECK_OF_LINKS,
            _ => CHECK,
        }
    }

    fn holds(&self, reader: &Actor, item: &Item) -> bool {
        match self {
            Self::Board(scope) => scope.holds(item.country),
            Self::Case { number, .. } => *number == *item.number,
            Self::File(open) => *open.compact == *item.number,
            Self::Program(_) => scope_of(reader).holds(item.country),
            Self::Account(_) | Self::Calls(_) => false,
        }
    }

    fn event(&self, item: &Item) -> Event {
        let event = Event::default().event("change").id(item.seq.to_string());
        match self {
            Self::Board(_) => event.data(&*item.json),
            Self::Case { .. } | Self::File(_) | Self::Account(_) | Self::Calls(_) => event.data("{}"),
            Self::Program(program) => program.event(&item.change),
        }
    }

    /// The message of who is present or who calls, if that has changed.
    async fn news(&mut self, site: &AppState, reader: &Actor) -> Option<Event> {
        match self {
            Self::Board(_) | Self::Case { .. } | Self::Account(_) | Self::Program(_) => None,
            Self::File(open) => open.news(site),
            Self::Calls(calls) => calls.news(site, reader).await,
        }
    }

    /// Ends when a colleague came or went, or a call changed; never for subscribers who are not told.
    async fn company_changed(&mut self) {
        match self {
            Self::Board(_) | Self::Case { .. } | Self::Account(_) | Self::Program(_) => {
                std::future::pending::<()>().await;
            }
            Self::Calls(calls) => calls.changed().await,
            Self::File(open) => {
                if open.changes.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        }
    }
}

struct Subscriber {
    site: AppState,
    headers: HeaderMap,
    actor: Actor,
    follows: Follows,
    items: Receiver<Item>,
    /// Number of the last change that was sent.
    sent: i64,
    /// Events to send first, in reverse order.
    ready: Vec<Event>,
    next_beat: Instant,
    next_check: Instant,
    /// Whether the last event was sent.
    is_over: bool,
    _counted: Seat,
}

/// The wall's and the queue's stream.
pub async fn board(
    State(site): State<AppState>,
    Extension(asked): Extension<RequestContext>,
    Query(resume): Query<Resume>,
    headers: HeaderMap,
) -> Response {
    let Some(holder) = Holder::of(&asked.actor) else { return refused(&site, &headers, resume.page) };
    let counted = match site.streams.enter(holder) {
        Ok(seat) => seat,
        Err(full) => return full.into_response(),
    };
    let follows = Follows::Board(scope_of(&asked.actor));
    let after = resume.after.or_else(|| last_event_id(&headers));
    // Subscribed before the snapshot is read: a change in between is in both, and sent once.
    let items = site.desk.feed().follow();
    let first = match first(&site, &asked.actor, after).await {
        Ok(first) => first,
        Err(status) => return status.into_response(),
    };
    open(site, headers, asked.actor, counted, follows, items, first)
}

/// The answer to somebody without rights. To a browser's event source a status looks like a dead network. So the wall gets a
/// stream of one event, which takes its cases off the screen.
fn refused(site: &AppState, headers: &HeaderMap, page: Option<Page>) -> Response {
    if page != Some(Page::Wall) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let was_display = site.cookies.display(headers).is_some();
    only(ended(if was_display { "/pair" } else { "/board" }))
}

/// A stream of one event.
fn only(last: Event) -> Response {
    let mut response = Sse::new(stream::iter([Ok::<_, Infallible>(last)])).into_response();
    response.headers_mut().insert("cache-control", axum::http::HeaderValue::from_static("no-store"));
    response
}

/// The stream of one case's page, by its customer's link.
pub async fn case(
    State(site): State<AppState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(tracking): Path<String>,
    headers: HeaderMap,
) -> Response {
    let held = match held(&site.desk, &tracking).await {
        Ok(held) => held,
        Err(error) => return AppError::from(error).status().into_response(),
    };
    let address = forwarded::caller(peer.ip(), &headers, &site.trusted_proxies);
    let counted = match site.streams.enter(Holder::Link(held.number, Source::of(address))) {
        Ok(seat) => seat,
        Err(full) => return full.into_response(),
    };
    let items = site.desk.feed().follow();
    let first = (site.desk.feed().head(), Vec::new());
    let follows = Follows::Case { number: held.number.as_compact(), tracking };
    open(site, headers, held.actor(None), counted, follows, items, first)
}

/// The stream of a customer's page: it tells when the session ends, or when they act for other companies than before.
pub async fn account(
    State(site): State<AppState>,
    Extension(asked): Extension<RequestContext>,
    headers: HeaderMap,
) -> Response {
    let Actor::Contact(_) = &asked.actor else { return only(ended(CASES)) };
    let companies = match own_companies(&site.desk, &asked.actor).await {
        Ok(companies) => companies,
        Err(error) => return AppError::from(error).status().into_response(),
    };
    let counted = match site.streams.enter(Holder::Account(asked.source)) {
        Ok(seat) => seat,
        Err(full) => return full.into_response(),
    };
    let items = site.desk.feed().follow();
    let first = (site.desk.feed().head(), Vec::new());
    open(site, headers, asked.actor, counted, Follows::Account(companies), items, first)
}

/// The stream of one case's file, for the staff.
pub async fn file(
    State(site): State<AppState>,
    Extension(asked): Extension<RequestContext>,
    Path(number): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Ok(number) = CaseNumber::parse(&number) else { return StatusCode::NOT_FOUND.into_response() };
    let subject = Subject::Case { number, country: number.country() };
    let Actor::Staff(who) = &asked.actor else { return StatusCode::FORBIDDEN.into_response() };
    if may(&asked.actor, Action::ReadCaseFile, subject).is_err() {
        return StatusCode::FORBIDDEN.into_response();
    }
    match reach::exists_for(&site.desk, &asked.actor, number).await {
        Ok(true) => {}
        Ok(false) => return StatusCode::NOT_FOUND.into_response(),
        Err(_) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
    let counted = match site.streams.enter(Holder::Person(who.id)) {
        Ok(seat) => seat,
        Err(full) => return full.into_response(),
    };
    let items = site.desk.feed().follow();
    let open_file = Open {
        number,
        compact: number.as_compact(),
        me: who.id,
        changes: site.desk.presence().changes(),
        here: presence::enter(&site.desk, number, who),
        told: None,
    };
    let first = (site.desk.feed().head(), Vec::new());
    open(site, headers, asked.actor, counted, Follows::File(Box::new(open_file)), items, first)
}

/// The stream of a member of the staff's own calls.
pub async fn calls(
    State(site): State<AppState>,
    Extension(asked): Extension<RequestContext>,
    headers: HeaderMap,
) -> Response {
    let Actor::Staff(who) = &asked.actor else { return StatusCode::FORBIDDEN.into_response() };
    if may(&asked.actor, Action::TakeCalls, Subject::Desk).is_err() {
        return StatusCode::FORBIDDEN.into_response();
    }
    let counted = match site.streams.enter(Holder::Person(who.id)) {
        Ok(seat) => seat,
        Err(full) => return full.into_response(),
    };
    let items = site.desk.feed().follow();
    // Subscribed before the call is read: a change in between is read twice.
    let heard = site.desk.calls().follow();
    let calls = Calls { me: who.id, heard, is_stale: true, changes_at: None, told: None };
    let first = (site.desk.feed().head(), Vec::new());
    open(site, headers, asked.actor, counted, Follows::Calls(Box::new(calls)), items, first)
}

/// The stream of another system: the changes since the last one that it has, and each further one.
///
/// # Errors
/// [`Refused::Full`] above the limits of streams, and errors of the desk.
pub async fn program(
    site: AppState,
    headers: HeaderMap,
    actor: Actor,
    program: Program,
) -> Result<Response, Refused> {
    let holder = Holder::of(&actor).ok_or(DeskError::NotFound)?;
    let counted = site.streams.enter(holder).map_err(Refused::Full)?;
    let items = site.desk.feed().follow();
    let first = program.first(&site, &actor).await?;
    Ok(open(site, headers, actor, counted, Follows::Program(program), items, first))
}

/// Why a stream of another system is not opened.
#[derive(Debug)]
pub enum Refused {
    /// Too many streams are open.
    Full(Full),
    /// The desk did not answer, or refused.
    Desk(DeskError),
}

impl From<DeskError> for Refused {
    fn from(error: DeskError) -> Self {
        Self::Desk(error)
    }
}

impl Program {
    /// The first events: what was missed, or where the stream begins when that is unknown or too much.
    async fn first(&self, site: &AppState, actor: &Actor) -> Result<(i64, Vec<Event>), DeskError> {
        let Some(after) = self.after else { return Ok(Self::begin(site, "start")) };
        let Some(missed) = wall::missed(&site.desk, actor, after).await? else {
            return Ok(Self::begin(site, "reset"));
        };
        let last = missed.last().map_or(after, |change| change.seq);
        Ok((last, missed.iter().rev().map(|change| self.event(change)).collect()))
    }

    /// A stream that begins now, and what its reader is told: to read the cases once.
    fn begin(site: &AppState, name: &str) -> (i64, Vec<Event>) {
        let head = site.desk.feed().head();
        (head, vec![Event::default().event(name).id(head.to_string()).data("{}")])
    }

    fn event(&self, change: &Change) -> Event {
        Event::default().event("case").id(change.seq.to_string()).data((self.told)(change))
    }
}

/// The number of the last event that a reader has.
pub fn last_event_id(headers: &HeaderMap) -> Option<i64> {
    headers.get("last-event-id")?.to_str().ok()?.parse().ok()
}

/// The first events of a stream: the missed changes, or a snapshot.
async fn first(site: &AppState, actor: &Actor, after: Option<i64>) -> Result<(i64, Vec<Event>), StatusCode> {
    let refused = |error: DeskError| AppError::from(error).status();
    if let Some(after) = after
        && let Some(missed) = wall::missed(&site.desk, actor, after).await.map_err(refused)?
    {
        let last = missed.last().map_or(after, |change| change.seq);
        let events = missed.iter().rev().filter_map(|change| {
            let json = serde_json::to_string(change).ok()?;
            Some(Event::default().event("change").id(change.seq.to_string()).data(json))
        });
        return Ok((last, events.collect()));
    }
    let snapshot = wall::snapshot(&site.desk, actor).await.map_err(refused)?;
    let json = serde_json::to_string(&snapshot).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let event = Event::default().event("snapshot").id(snapshot.seq.to_string()).data(json);
    Ok((snapshot.seq, vec![event]))
}

fn open(
    site: AppState,
    headers: HeaderMap,
    actor: Actor,
    counted: Seat,
    follows: Follows,
    items: Receiver<Item>,
    (sent, mut ready): (i64, Vec<Event>),
) -> Response {
    // The first beat comes last of what is ready: the page knows at once that the connection stands.
    ready.insert(0, beat());
    let (now, check) = (Instant::now(), follows.check());
    let reader = Subscriber {
        site,
        headers,
        actor,
        follows,
        items,
        sent,
        ready,
        next_beat: now + BEAT,
        next_check: now + check,
        is_over: false,
        _counted: counted,
    };
    let mut response = Sse::new(events(reader)).into_response();
    let headers = response.headers_mut();
    headers.insert("cache-control", axum::http::HeaderValue::from_static("no-store"));
    headers.insert("x-accel-buffering", axum::http::HeaderValue::from_static("no"));
    response
}

fn beat() -> Event {
    // With data: browsers do not deliver events without.
    Event::default().event("beat").data("{}")
}

/// The last event of a wall: where its screen goes on.
fn ended(next: &str) -> Event {
    Event::default().event("ended").data(next)
}

fn events(reader: Subscriber) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(reader, |mut reader| async move {
        let stop = reader.site.ending.begun.clone();
        let event = stop.run_until_cancelled(next(&mut reader)).await??;
        Some((Ok(event), reader))
    })
}

/// The next event of a stream; `None` when its subscriber may read no longer.
async fn next(reader: &mut Subscriber) -> Option<Event> {
    loop {
        if let Some(event) = reader.ready.pop() {
            return Some(event);
        }
        if reader.is_over {
            return None;
        }
        let now = Instant::now();
        if now >= reader.next_check {
            reader.next_check = now + reader.follows.check();
            match access(reader).await {
                Access::Stands => {}
                Access::IsOver => return reader.farewell(),
                Access::Unknown => return None,
            }
        }
        if now >= reader.next_beat {
            reader.next_beat = now + BEAT;
            return Some(beat());
        }
        if let Some(event) = reader.follows.news(&reader.site, &reader.actor).await {
            return Some(event);
        }
        let heard = tokio::select! {
            item = reader.items.recv() => item,
            () = reader.follows.company_changed() => continue,
            () = sleep_until(reader.next_beat.min(reader.next_check)) => continue,
        };
        match heard {
            Ok(item) if item.seq > reader.sent => {
                reader.sent = item.seq;
                if reader.follows.holds(&reader.actor, &item)
                    && let Some(event) = event_for(reader, &item).await
                {
                    reader.ready.push(event);
                    reader.look_again();
                }
            }
            Err(RecvError::Lagged(_)) => {
                let again = match &reader.follows {
                    Follows::Program(_) => Program::begin(&reader.site, "reset"),
                    // Its reader is told of no change: none was missed.
                    Follows::Calls(_) | Follows::Account(_) => (reader.site.desk.feed().head(), Vec::new()),
                    _ => first(&reader.site, &reader.actor, None).await.ok()?,
                };
                (reader.sent, reader.ready) = again;
            }
            Err(RecvError::Closed) => return None,
            // It was sent already.
            Ok(_) => {}
        }
    }
}

/// The event of a change; `None` for a case that a composed role's scope leaves out. Only its readers cost a query.
async fn event_for(reader: &Subscriber, item: &Item) -> Option<Event> {
    if !matches!(reader.follows, Follows::Board(_)) || !reach::is_narrowed(&reader.actor) {
        return Some(reader.follows.event(item));
    }
    // A change that cannot be read now is seen when the page is read again.
    let change = wall::change_for(&reader.site.desk, &reader.actor, &item.change).await.ok()??;
    let json = serde_json::to_string(&change).ok()?;
    Some(Event::default().event("change").id(item.seq.to_string()).data(json))
}

/// What became of the subscriber's access.
enum Access {
    /// They may read on.
    Stands,
    /// The session has ended, or the display was revoked.
    IsOver,
    /// The database does not answer: the subscriber asks again.
    Unknown,
}

/// Whether the subscriber may still read: sessions end and displays are revoked while streams are open.
async fn access(reader: &Subscriber) -> Access {
    match &reader.follows {
        Follows::Case { tracking, .. } => match held(&reader.site.desk, tracking).await {
            Ok(_) => Access::Stands,
            Err(LinkError::Desk(DeskError::Store(_))) => Access::Unknown,
            Err(_) => Access::IsOver,
        },
        Follows::Program(program) => match integration(&reader.site.desk, &program.token).await {
            Ok(Some(now)) if Actor::Integration(now.integration.clone()) == reader.actor => Access::Stands,
            Ok(_) => Access::IsOver,
            Err(_) => Access::Unknown,
        },
        Follows::Account(companies) => {
            match context::customer(&reader.site, &reader.headers, Use::Watches).await {
                Ok(now) if now == reader.actor => match own_companies(&reader.site.desk, &now).await {
                    Ok(own) if own == *companies => Access::Stands,
                    Ok(_) => Access::IsOver,
                    Err(_) => Access::Unknown,
                },
                Ok(_) => Access::IsOver,
                Err(_) => Access::Unknown,
            }
        }
        Follows::Board(_) | Follows::File(_) | Follows::Calls(_) => {
            match context::actor(&reader.site, &reader.headers, Use::Watches).await {
                Ok(now) if now == reader.actor => within_scope(reader).await,
                Ok(_) => Access::IsOver,
                Err(_) => Access::Unknown,
            }
        }
    }
}

/// Whether the case of a page is still within the scope of its reader's role: it may have been assigned to another.
async fn within_scope(reader: &Subscriber) -> Access {
    let Follows::File(open) = &reader.follows else { return Access::Stands };
    match reach::exists_for(&reader.site.desk, &reader.actor, open.number).await {
        Ok(true) => Access::Stands,
        Ok(false) => Access::IsOver,
        Err(_) => Access::Unknown,
    }
}

impl Subscriber {
    /// Has a customer's link checked next: the entry that was heard of may have ended it.
    fn look_again(&mut self) {
        if matches!(self.follows, Follows::Case { .. }) {
            self.next_check = Instant::now();
        }
    }

    /// The last event: where a page goes that may no longer be read. Other pages than walls, accounts and customers' cases find out by
    /// themselves.
    fn farewell(&mut self) -> Option<Event> {
        self.is_over = true;
        let next = match (&self.follows, &self.actor) {
            (Follows::Board(_), Actor::Display { .. }) => "/pair",
            (Follows::Board(_), _) => "/board",
            (Follows::Account(_), _) => CASES,
            (Follows::Case { .. }, _) => LOST,
            (Follows::File(_) | Follows::Program(_) | Follows::Calls(_), _) => {
                return None;
            }
        };
        Some(ended(next))
    }
}
