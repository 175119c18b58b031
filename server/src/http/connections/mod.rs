//! Connections: how many there may be, from one network and as a whole, and how long each may keep quiet.
//!
//! `axum::serve` knows no such limits. Without them whoever opens connections and says nothing keeps them for good.

mod activity;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use desk::access::limits::{Network, Source};
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use self::activity::{Activity, Answer, Heard, UnderWay};
use super::streams::give_back;

/// Connections of one process at most, however many files it may have open.
const MOST: u32 = 16_384;
/// Files kept for all else: the database, the files of the site, mails, the log.
const FILES_KEPT: u64 = 256;
/// What is read of a head, and kept to be written, of one connection.
const BUFFER_BYTES: usize = 64 * 1024;
/// Data that nobody takes for this long is a peer that is gone: a cut line says nothing by itself.
const UNHEARD: Duration = Duration::from_mins(1);

/// How long a connection may keep quiet.
#[derive(Debug, Clone, Copy)]
pub struct Quiet {
    /// From the first byte of a request, or from the connection's beginning, to the end of the request's head.
    pub head: Duration,
    /// Between two requests. Longer than any proxy keeps one: it is not to close what a proxy is about to use.
    pub idle: Duration,
}

/// What the server allows.
pub const QUIET: Quiet = Quiet { head: Duration::from_secs(20), idle: Duration::from_secs(150) };

/// How many connections there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Most {
    /// As a whole.
    pub all: u32,
    /// From one network that is no proxy of ours.
    pub per_network: u32,
}

impl Most {
    /// What fits into the files that the process may have open.
    #[must_use]
    pub fn of_files(files: u64) -> Self {
        let room = files.saturating_sub(FILES_KEPT).max(files / 2);
        let all = u32::try_from(room).unwrap_or(u32::MAX).min(MOST);
        Self { all, per_network: all / 4 }
    }
}

/// Raises the number of files that the process may have open as far as the system lets it; the number.
#[must_use]
pub fn raise_file_limit() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let wanted = u64::from(MOST) + FILES_KEPT;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let Some(have) = current else { return u64::MAX };
    let raised = maximum.map_or(wanted, |most| most.min(wanted)).max(have);
    match setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum }) {
        Ok(()) => raised,
        Err(error) => {
            tracing::warn!(%error, files = have, "the limit of open files could not be raised");
            have
        }
    }
}

/// The connections that are open.
#[derive(Debug)]
pub struct Door {
    most: Most,
    quiet: Quiet,
    /// Proxies of ours: many callers come by each.
    proxies: Arc<[IpAddr]>,
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    all: u32,
    refused: u64,
    networks: HashMap<Network, u32>,
}

impl Door {
    /// Nobody is inside.
    #[must_use]
    pub fn new(most: Most, quiet: Quiet, proxies: Arc<[IpAddr]>) -> Self {
        Self { most, quiet, proxies, inside: Mutex::default() }
    }

    /// How many connections are open, and how many were refused since the start.
    #[must_use]
    pub fn counts(&self) -> (u32, u64) {
        let inside = self.inside();
        (inside.all, inside.refused)
    }

    fn enter(self: &Arc<Self>, peer: IpAddr) -> Option<Seat> {
        let peer = peer.to_canonical();
        let shared = peer.is_loopback() || self.proxies.contains(&peer);
        let network = (!shared).then(|| Source::of(peer).address());
        let mut inside = self.inside();
        let theirs = network.and_then(|network| inside.networks.get(&network)).copied().unwrap_or_default();
        if inside.all >= self.most.all || theirs >= self.most.per_network {
            inside.refused += 1;
            return None;
        }
        inside.all += 1;
        if let Some(network) = network {
            *inside.networks.entry(network).or_default() += 1;
        }
        drop(inside);
        Some(Seat { door: Arc::clone(self), network })
    }

    /// Whether whoever says nothing has to make room.
    fn is_crowded(&self) -> bool {
        self.inside().all > self.most.all / 4 * 3
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        // Every change of it is whole before anything can fail.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that is counted for as long as it is open.
#[derive(Debug)]
struct Seat {
    door: Arc<Door>,
    network: Option<Network>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut inside = self.door.inside();
        inside.all -= 1;
        if let Some(network) = self.network {
            give_back(&mut inside.networks, network);
        }
    }
}

/// Serves until `stop`, then lets what is under way end.
pub async fn serve(listener: TcpListener, site: Router, door: Arc<Door>, stop: CancellationToken) {
    let (all_ended, open) = watch::channel(());
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                pause_after(&error).await;
                continue;
            }
        };
        let Some(seat) = door.enter(peer.ip()) else { continue };
        set_up(&stream);
        let (site, stop, open) = (site.clone(), stop.clone(), open.clone());
        tokio::spawn(async move {
            connection(stream, peer, site, &seat.door, &stop).await;
            drop((seat, open));
        });
    }
    drop((listener, open));
    all_ended.closed().await;
}

/// A connection that is gone again is nobody's fault; without files left it is of no use to try at once.
async fn pause_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%error, "no connection can be accepted");
        sleep(Duration::from_secs(1)).await;
    }
}

fn set_up(stream: &TcpStream) {
    // Without this a page that is written in several pieces waits for delayed acknowledgements (182 pages a second, not 4,876).
    let done = stream
        .set_nodelay(true)
        .and_then(|()| socket2::SockRef::from(stream).set_tcp_user_timeout(Some(UNHEARD)));
    if let Err(error) = done {
        tracing::debug!(%error, "a connection could not be set up");
    }
}

/// Serves one connection until either side ends it, or it kept quiet for too long. In the clear only HTTP/1.1 is spoken
/// (docs/decisions/0021).
async fn connection<I>(io: I, peer: SocketAddr, site: Router, door: &Door, stop: &CancellationToken)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let activity = Arc::new(Activity::new());
    let answering = Arc::clone(&activity);
    let service = service_fn(move |request: Request<Incoming>| {
        let under_way = UnderWay::begin(&answering);
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let answer = site.clone().oneshot(request);
        async move { answer.await.map(|answer| answer.map(|body| Answer::new(body, under_way))) }
    });
    let io = TokioIo::new(Heard::new(io, Arc::clone(&activity)));
    let mut served = pin!(Builder::new().max_buf_size(BUFFER_BYTES).serve_connection(io, service));
    tokio::select! {
        // However it ends: what was to be said of a request was said there.
        _ = served.as_mut() => return,
        () = activity.quiet_for_too_long(door) => return,
        () = stop.cancelled() => served.as_mut().graceful_shutdown(),
    }
    tokio::select! {
        _ = served => {}
        () = activity.quiet_for_too_long(door) => {}
    }
}
