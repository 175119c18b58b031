//! Time limits, bounds and shares, on real sockets.

use std::future::pending;

use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

const SHORT: Duration = Duration::from_millis(1);
/// Longer than any test takes.
const LONG: Duration = Duration::from_hours(1);
const WHOLE: &[u8] = b"GET / HTTP/1.1\r\nHost: desk\r\n\r\n";

/// A server with these limits: its address and its door.
async fn start(most: Most, quiet: Quiet) -> (SocketAddr, Arc<Door>, CancellationToken) {
    let site = Router::new().route("/", get(async || "here")).route("/never", get(pending::<()>));
    let door = Arc::new(Door::new(most, quiet, Arc::new([])));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    tokio::spawn(serve(listener, site, Arc::clone(&door), stop.clone()));
    (address, door, stop)
}

async fn say(address: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The server may have closed the connection already.
    let _ = stream.write_all(bytes).await;
    stream
}

/// The bytes until the server closes.
async fn rest(mut stream: TcpStream) -> String {
    let mut whole = Vec::new();
    // A server that closes with unread input resets the connection.
    let _ = stream.read_to_end(&mut whole).await;
    String::from_utf8_lossy(&whole).into_owned()
}

const ROOM: Most = Most { all: 100, per_network: 100 };

#[tokio::test]
async fn connection_without_a_whole_request_times_out() {
    let (address, door, _) = start(ROOM, Quiet { head: SHORT, idle: LONG }).await;
    for said in [&b""[..], b"G", b"GET / HTTP/1.1\r\nHost: de", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let heard = rest(say(address, said).await).await;
        assert!(!heard.contains("here"), "{heard}");
    }
    assert_eq!(door.counts().1, 0);
}

#[tokio::test]
async fn idle_connection_is_closed_after_keep_alive() {
    let (address, ..) = start(ROOM, Quiet { head: LONG, idle: SHORT }).await;
    let heard = rest(say(address, WHOLE).await).await;
    assert!(heard.starts_with("HTTP/1.1 200") && heard.ends_with("here"), "{heard}");
    let (address, ..) = start(ROOM, Quiet { head: LONG, idle: LONG }).await;
    let mut kept = say(address, WHOLE).await;
    for _ in 0..3 {
        let mut heard = Vec::new();
        while !heard.ends_with(b"here") {
            kept.read_buf(&mut heard).await.unwrap();
        }
        kept.write_all(WHOLE).await.unwrap();
    }
}

#[tokio::test]
async fn slow_answer_is_not_cut_off() {
    let (address, door, stop) = start(ROOM, Quiet { head: LONG, idle: SHORT }).await;
    let waiting = say(address, b"GET /never HTTP/1.1\r\nHost: desk\r\n\r\n").await;
    // Other connections come and go meanwhile.
    for _ in 0..20 {
        rest(say(address, WHOLE).await).await;
    }
    while door.counts().0 > 1 {
        tokio::task::yield_now().await;
    }
    assert_eq!(door.counts().0, 1);
    drop((waiting, stop));
}

#[tokio::test]
async fn connections_are_bounded_and_freed_when_closed() {
    let (address, door, _) = start(Most { all: 2, per_network: 2 }, Quiet { head: LONG, idle: LONG }).await;
    let never = b"GET /never HTTP/1.1\r\nHost: desk\r\n\r\n";
    let held = [say(address, never).await, say(address, never).await];
    assert_eq!(rest(say(address, b"").await).await, "", "closed at once");
    assert_eq!(door.counts(), (2, 1));
    drop(held);
    while door.counts().0 > 0 {
        tokio::task::yield_now().await;
    }
    let last = WHOLE.strip_suffix(b"\r\n").unwrap();
    let heard = rest(say(address, &[last, b"Connection: close\r\n\r\n"].concat()).await).await;
    assert!(heard.ends_with("here"), "{heard}");
}

#[test]
fn connections_are_limited_per_network_except_for_own_proxies() {
    let proxy: IpAddr = "10.0.0.2".parse().unwrap();
    let most = Most { all: 8, per_network: 2 };
    let door = Arc::new(Door::new(most, QUIET, Arc::new([proxy])));
    let enter = |peer: &str| door.enter(peer.parse().unwrap());
    let held = [enter("2001:db8::1"), enter("2001:db8::2")];
    assert!(held.iter().all(Option::is_some) && enter("2001:db8::3").is_none());
    let others = [enter("2001:db8:0:1::1"), enter("203.0.113.7")];
    assert!(others.iter().all(Option::is_some));
    let proxied: Vec<_> = (0..4).filter_map(|_| enter("::ffff:10.0.0.2")).collect();
    assert_eq!((proxied.len(), enter("10.0.0.2").is_none()), (4, true), "no more than all");
    assert!(door.is_crowded());
    drop((held, others, proxied));
    assert_eq!((door.counts().0, door.inside().networks.len()), (0, 0));
}

#[test]
fn connection_limit_follows_the_file_limit() {
    assert_eq!(Most::of_files(u64::MAX).all, MOST);
    assert_eq!(Most::of_files(1_024), Most { all: 768, per_network: 192 });
    assert_eq!(Most::of_files(64).all, 32);
}

#[tokio::test]
async fn shutdown_finishes_answers_and_accepts_no_connection() {
    let (address, door, stop) = start(ROOM, Quiet { head: LONG, idle: LONG }).await;
    let waiting = say(address, b"").await;
    while door.counts().0 == 0 {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    assert_eq!(rest(waiting).await, "", "nothing was asked");
}
