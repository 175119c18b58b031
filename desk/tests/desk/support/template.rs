//! A new desk's database, migrated once for each engine and copied for each test: fifty migrations take longer than a test.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use desk::Desk;
use desk::store::Engine;
use tokio::sync::OnceCell;

use super::{Clock, EmptyPlace, Held, PUBLIC_URL, SQLITE_FILE, START, ports};

/// No test's desk has this seed: what a desk makes when it first starts is unlike what it makes later.
const SEED: u64 = u32::MAX as u64;

/// The database of a desk that has started once, and stopped.
enum Template {
    /// The content of `SQLite`'s files, each with what its name ends in.
    Files(Vec<(&'static str, Vec<u8>)>),
    /// The name of a database on `PostgreSQL`'s server, which goes with the server (`tools/postgres.sh`).
    Database(String),
}

/// A place with a copy of that database.
pub(super) async fn copy(engine: Engine) -> EmptyPlace {
    static SQLITE: OnceCell<Template> = OnceCell::const_new();
    static POSTGRES: OnceCell<Template> = OnceCell::const_new();
    let cell = match engine {
        Engine::Sqlite => &SQLITE,
        Engine::Postgres => &POSTGRES,
    };
    match cell.get_or_init(|| start_once(engine)).await {
        Template::Files(files) => {
            let place = EmptyPlace::in_folder();
            let Held::Folder(folder) = &place.held else { unreachable!("SQLite's place is a folder") };
            for (ending, content) in files {
                std::fs::write(folder.path().join(format!("{SQLITE_FILE}{ending}")), content).unwrap();
            }
            place
        }
        Template::Database(name) => EmptyPlace::on_server(name).await,
    }
}

async fn start_once(engine: Engine) -> Template {
    let place = EmptyPlace::new(engine).await;
    let clock = Clock(Arc::new(AtomicI64::new(START.0)));
    let desk = Desk::open(&place.address, PUBLIC_URL, ports(&clock, SEED)).await.unwrap();
    desk.close().await;
    match &place.held {
        Held::Folder(folder) => Template::Files(files(folder.path())),
        Held::Database { name, .. } => {
            let name = name.clone();
            std::mem::forget(place);
            Template::Database(name)
        }
    }
}

/// The database, and its log if that was not moved into it.
fn files(folder: &Path) -> Vec<(&'static str, Vec<u8>)> {
    let content =
        |ending| std::fs::read(folder.join(format!("{SQLITE_FILE}{ending}"))).ok().map(|read| (ending, read));
    ["", "-wal"].into_iter().filter_map(content).collect()
}
