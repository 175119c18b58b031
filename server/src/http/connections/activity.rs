//! The phase of a connection: idle, reading a request's head, or answering.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use http_body::{Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::{Door, Quiet};

/// The phase of a connection.
#[derive(Debug, Clone, Copy)]
enum Phase {
    /// No request, since this instant.
    Idle(Instant),
    /// A request has begun at this instant.
    Head(Instant),
    /// The number of requests that are being answered.
    Answering(u32),
}

/// The phase of a connection, for its watcher.
#[derive(Debug)]
pub(super) struct Activity(watch::Sender<Phase>);

impl Activity {
    /// A new connection counts as one whose request has begun.
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(Phase::Head(Instant::now())))
    }

    fn heard(&self) {
        self.0.send_if_modified(|phase| {
            let is_first = matches!(phase, Phase::Idle(_));
            if is_first {
                *phase = Phase::Head(Instant::now());
            }
            is_first
        });
    }

    /// Ends when the connection has been quiet for longer than it may.
    pub(super) async fn quiet_for_too_long(&self, door: &Door) {
        let mut phases = self.0.subscribe();
        loop {
            let phase = *phases.borrow_and_update();
            let Quiet { head, idle } = door.quiet;
            let now = Instant::now();
            let ends = match phase {
                Phase::Answering(_) => None,
                Phase::Idle(since) => Some(since + if door.is_crowded() { head.min(idle) } else { idle }),
                Phase::Head(since) => Some(since + head),
            };
            match ends {
                Some(ends) if ends <= now => return,
                Some(ends) => {
                    // The door may become crowded meanwhile.
                    let look = ends.min(now + head);
                    tokio::select! {
                        _ = phases.changed() => {}
                        () = sleep_until(look) => {}
                    }
                }
                // The sender is in `self`: it cannot be gone.
                None => drop(phases.changed().await),
            }
        }
    }
}

/// A request under way, until the last byte of its answer is handed over.
#[derive(Debug)]
pub(super) struct UnderWay(Arc<Activity>);

impl UnderWay {
    pub(super) fn begin(activity: &Arc<Activity>) -> Self {
        activity.0.send_modify(|phase| {
            *phase = match *phase {
                Phase::Answering(others) => Phase::Answering(others + 1),
                Phase::Idle(_) | Phase::Head(_) => Phase::Answering(1),
            };
        });
        Self(Arc::clone(activity))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.0.send_modify(|phase| {
            *phase = match *phase {
                Phase::Answering(others @ 2..) => Phase::Answering(others - 1),
                Phase::Answering(_) | Phase::Idle(_) | Phase::Head(_) => Phase::Idle(Instant::now()),
            };
        });
    }
}

/// An answer's body, with the request that it answers.
#[derive(Debug)]
pub(super) struct Answer {
    body: Body,
    _under_way: UnderWay,
}

impl Answer {
    pub(super) const fn new(body: Body, under_way: UnderWay) -> Self {
        Self { body, _under_way: under_way }
    }
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A connection that notes each byte it receives.
#[derive(Debug)]
pub(super) struct Heard<I> {
    io: I,
    activity: Arc<Activity>,
}

impl<I> Heard<I> {
    pub(super) const fn new(io: I, activity: Arc<Activity>) -> Self {
        Self { io, activity }
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Heard<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            self.activity.heard();
        }
        Poll::Ready(Ok(()))
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Heard<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}
