//! Limits of connections: how many in total and from one network, and how long each may be quiet.
//!
//! `axum::serve` has no such limits. Without them, a peer that opens connections and sends nothing keeps them for good.

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

/// The most connections of one process, however many files it may open.
const MOST: u32 = 16_384;
/// File descriptors reserved for the database, the static files, mails and the log.
const FILES_KEPT: u64 = 256;
/// Buffer of one connection, for the head that is read and for the answer.
const BUFFER_BYTES: usize = 64 * 1024;
/// How long sent data may stay unacknowledged. A cut line shows itself in no other way.
const UNHEARD: Duration = Duration::from_mins(1);

/// How long a connection may be quiet.
#[derive(Debug, Clone, Copy)]
pub struct Quiet {
    /// From the first byte of a request, or from the connection's beginning, to the end of the request's head.
    pub head: Duration,
    /// Between two requests. Longer than proxies keep a connection, so that none is closed that a proxy is about to use.
    pub idle: Duration,
}

/// The limits of the server.
pub const QUIET: Quiet = Quiet { head: Duration::from_secs(20), idle: Duration::from_secs(150) };

/// How many connections there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Most {
    /// In total.
    pub all: u32,
    /// From one network, which is not a proxy of ours.
    pub per_network: u32,
}

impl Most {
    /// As many as fit into the process's limit of open files.
    #[must_use]
    pub fn of_files(files: u64) -> Self {
        let room = files.saturating_sub(FILES_KEPT).max(files / 2);
        let all = u32::try_from(room).unwrap_or(u32::MAX).min(MOST);
        Self { all, per_network: all / 4 }
    }
}

/// Raises the process's limit of open files as far as the system allows; returns it.
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

/// The open connections.
#[derive(Debug)]
pub struct Door {
    most: Most,
    quiet: Quiet,
    /// Our own proxies, which carry many callers each.
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
    /// No connection is open.
    #[must_use]
    pub fn new(most: Most, quiet: Quiet, proxies: Arc<[IpAddr]>) -> Self {
        Self { most, quiet, proxies, inside: Mutex::default() }
    }

    /// The number of open connections, and of those refused since the start.
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

    /// Whether quiet connections have to make room.
    fn is_crowded(&self) -> bool {
        self.inside().all > self.most.all / 4 * 3
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        // A panic leaves it whole: no change of it can fail half-way.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that is counted while it is open.
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

/// Serves until `stop`, then lets requests under way end.
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

/// Pauses after a failed accept. A connection that is gone again needs no pause; without free file descriptors a new try
/// fails at once.
async fn pause_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%error, "no connection can be accepted");
        sleep(Duration::from_secs(1)).await;
    }
}

fn set_up(stream: &TcpStream) {
    // Without this, a page written in several pieces waits for delayed acknowledgements (182 pages a second, not 4,876).
    let done = stream
        .set_nodelay(true)
        .and_then(|()| socket2::SockRef::from(stream).set_tcp_user_timeout(Some(UNHEARD)));
    if let Err(error) = done {
        tracing::debug!(%error, "a connection could not be set up");
    }
}

/// Serves one connection until either side ends it, or it was quiet for too long. Without TLS only HTTP/1.1 is spoken
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
        // The result is of no use: each request was logged when it was answered.
        _ = served.as_mut() => return,
        () = activity.quiet_for_too_long(door) => return,
        () = stop.cancelled() => served.as_mut().graceful_shutdown(),
    }
    tokio::select! {
        _ = served => {}
        () = activity.quiet_for_too_long(door) => {}
    }
}
