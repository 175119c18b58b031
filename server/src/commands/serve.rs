//! `vigia serve`: the desk on the network.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use desk::Desk;
use desk::Ports;
use desk::audit;
use desk::backfill;
use desk::live::feed;
use desk::outbox;
use desk::provider;
use desk::retention;
use desk::scheduler;
use desk::search;
use desk::store::StoreError;
use desk::webhooks;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::operations::ServingProcess;
use crate::config::Config;
use crate::http::connections::{self, Door, Most};
use crate::http::{self, ApiPayloads, AssetsError, Ending, Routes, metrics};
use crate::imap::{self, Board};

/// How long open requests and jobs may take to end after the signal.
const GRACE: Duration = Duration::from_secs(10);

/// How long the process reports that it is not ready before it stops accepting: a proxy probes about once a second.
const NOTICE: Duration = Duration::from_secs(2);

/// Connections of the address of metrics.
const MONITORS: Most = Most { all: 64, per_network: 64 };

/// The reason why the desk does not serve.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The database does not answer, as [`StoreError`] says.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bundles are missing, as [`AssetsError`] says.
    #[error(transparent)]
    Assets(#[from] AssetsError),
    /// The demonstration could not be loaded.
    #[error("the demonstration data could not be loaded: {0}")]
    Demo(#[from] desk::lab::demo::DemoError),
    /// Metrics cannot be recorded.
    #[error("the metrics do not start: {0}")]
    Metrics(#[from] metrics_exporter_prometheus::BuildError),
    /// The address cannot be bound, for example because another process uses it.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// The address that cannot be bound.
        address: SocketAddr,
        /// What the operating system says.
        error: std::io::Error,
    },
}

/// Serves until SIGTERM or SIGINT. Then it reports for [`NOTICE`] that it is not ready, stops accepting, and lets what is
/// under way end.
///
/// # Errors
/// See [`ServeError`].
pub async fn serve(config: &Config, desk: &Desk) -> Result<(), ServeError> {
    let desk = &desk
        .with_demo_access(super::demo::access(config.demo))
        .with_retention(config.retention)
        .with_egress(config.egress.clone());
    super::demo::on_first_start(config, desk).await?;
    let opens = super::demo::tell_of_public_password(desk).await?;
    super::start::tell_of_link(desk, opens).await?;
    let ending = Ending::default();
    let stop = ending.begun.clone();
    let most = Most::of_files(connections::raise_file_limit());
    let mailboxes: Vec<_> =
        config.mailboxes.iter().map(|one| (one.clone(), Arc::new(Board::new(&one.name)))).collect();
    let boards = mailboxes.iter().map(|(_, board)| Arc::clone(board)).collect();
    let operations = Arc::new(ServingProcess::new(config, boards));
    let Routes { public, state, door } =
        http::routes(config, desk.clone(), operations, most, ending.clone())?;
    let listener = listen(config.listen).await?;
    let mut jobs = JoinSet::new();
    if let Some(address) = config.metrics_listen {
        let door = Arc::new(Door::new(MONITORS, connections::QUIET, Arc::new([])));
        let (listener, measured) = (listen(address).await?, metrics::install()?);
        jobs.spawn(metrics::add_up(measured.clone(), stop.clone()));
        tokio::spawn(connections::serve(listener, metrics::router(state, measured), door, stop.clone()));
    }
    if let Some(address) = config.lmtp_listen {
        tokio::spawn(crate::lmtp::serve(
            listen(address).await?,
            desk.clone(),
            config.mailbox(),
            stop.clone(),
        ));
    }
    jobs.spawn(imap::serve(mailboxes, desk.clone(), config.mailbox(), Ports::system(), stop.clone()));
    jobs.spawn(feed::serve(desk.clone(), stop.clone()));
    jobs.spawn(scheduler::serve(desk.clone(), stop.clone()));
    jobs.spawn(provider::serve(desk.clone(), stop.clone()));
    jobs.spawn(search::serve(desk.clone(), stop.clone()));
    jobs.spawn(backfill::serve(desk.clone(), stop.clone()));
    jobs.spawn(retention::serve(desk.clone(), stop.clone()));
    jobs.spawn(audit::serve(desk.clone(), stop.clone()));
    jobs.spawn(outbox::work(desk.clone(), config.transport(), stop.clone()));
    jobs.spawn(webhooks::work(desk.clone(), ApiPayloads, stop.clone()));
    tokio::spawn(end_on_signal(ending));
    tracing::info!(listen = %config.listen, public_url = %config.public_url, connections = most.all, "serving");
    let server = connections::serve(listener, public, door, stop.clone());
    let hard_end = async {
        stop.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        () = server => {}
        () = hard_end => tracing::warn!("some requests did not end in time"),
    }
    let ended = tokio::time::timeout(GRACE, async { while jobs.join_next().await.is_some() {} }).await;
    if ended.is_err() {
        tracing::warn!("some jobs did not end in time");
    }
    tracing::info!("ended");
    Ok(())
}

async fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|error| ServeError::Listen { address, error })
}

/// Waits for a signal, and ends the process in two steps.
async fn end_on_signal(ending: Ending) {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupted = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminated) => {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
        }
        Err(error) => {
            tracing::error!(%error, "SIGTERM cannot be heard");
            let _ = interrupted.await;
        }
    }
    tracing::info!("told to end");
    ending.announced.cancel();
    tokio::time::sleep(NOTICE).await;
    ending.begun.cancel();
}
