//! Shared by the desk's tests: a desk on each engine, a clock that tests advance, and a case.
#![allow(unreachable_pub, reason = "shared by the modules of one program")]

pub mod authenticator;
mod commands;
pub mod explain;
pub mod graph;
pub mod identity_provider;
pub mod receiver;
pub mod smtp;
pub mod snapshot;
mod template;
pub mod tls_smtp;
pub mod webhooks;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use desk::Desk;
use desk::Ports;
use desk::cases::open::{OpenCase, OpenedCase, SubmissionKey, open_case};
use desk::lab::demo::{self, Sample};
use desk::store::Engine;
use domain::actor::{Actor, PersonId, Role, Staff};
use domain::case::{Origin, Report};
use domain::i18n::Language;
use domain::intake::IntakeForm;
use domain::time::Instant;
use sqlx::{AnyConnection, Connection, Executor};
use tempfile::TempDir;

pub use commands::{
    QueuedMail, add_staff, caracas_sheet, contact, count, execute, mails, note, nth_mail, page, reason,
    resolve,
};

/// Monday 23 November 2026, 10:00 in Caracas, 09:00 in Bogotá, 08:00 in Mexico City, 06:00 in Tijuana: no holiday.
pub const START: Instant = Instant(1_795_442_400);

/// The public address.
pub const PUBLIC_URL: &str = "https://vigia.example";

/// The name of `SQLite`'s file.
const SQLITE_FILE: &str = "vigia.db";

/// The variable with the server for tests of `PostgreSQL`, which have a database each.
const POSTGRES: &str = "VIGIA_TEST_POSTGRES_URL";

/// The address of that server; `None` when there is none.
fn postgres() -> Option<String> {
    std::env::var(POSTGRES).ok()
}

/// Whether a test can run on this engine. Without a server, tests of `PostgreSQL` are skipped, but never where `CI` is
/// set.
pub fn is_in_reach(engine: Engine) -> bool {
    let in_reach = engine == Engine::Sqlite || postgres().is_some();
    assert!(
        in_reach || std::env::var_os("CI").is_none(),
        "CI leaves no engine out: {POSTGRES} names no server"
    );
    in_reach
}

/// Two tests of each function, `name::sqlite` and `name::postgres`, so that a failure names the engine.
///
/// A function on no list is dead code, as the compiler reports.
macro_rules! both_engines {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            use desk::store::Engine;

            #[tokio::test]
            async fn sqlite() {
                super::$name(Engine::Sqlite).await;
            }

            #[tokio::test]
            async fn postgres() {
                if crate::support::is_in_reach(Engine::Postgres) {
                    super::$name(Engine::Postgres).await;
                }
            }
        }
    )+};
}
pub(crate) use both_engines;

/// A clock that only tests advance.
#[derive(Clone)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    pub fn now(&self) -> Instant {
        Instant(self.0.load(Ordering::SeqCst))
    }

    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

/// A desk over a temporary database of its own.
pub struct TestDesk {
    pub desk: Desk,
    pub clock: Clock,
    /// For another connection to the same database, as from another process.
    pub address: String,
    /// The seed of the next desk over the same database: no two processes have the same randomness.
    seed: AtomicU64,
    _held: Held,
}

impl TestDesk {
    /// A desk over a new database. On `PostgreSQL` its server must be in reach.
    pub async fn open(engine: Engine) -> Self {
        Self::over(template::copy(engine).await).await
    }

    /// A desk over what stands at a place.
    pub async fn over(place: EmptyPlace) -> Self {
        open(place.address, place.held).await
    }

    /// The same, with the demonstration's register.
    pub async fn with_register(engine: Engine) -> Self {
        let test = Self::open(engine).await;
        demo::register(&test.desk).await.unwrap();
        test
    }

    /// A second desk over the same database, as of another process, with the same clock.
    pub async fn another(&self) -> Desk {
        let seed = self.seed.fetch_add(1, Ordering::SeqCst);
        Desk::open(&self.address, PUBLIC_URL, ports(&self.clock, seed)).await.unwrap()
    }

    /// Another connection to the database, for direct access.
    pub async fn connection(&self) -> AnyConnection {
        AnyConnection::connect(&self.address).await.unwrap()
    }
}

/// Resources that must outlive the desk.
enum Held {
    /// Removed when dropped.
    Folder(TempDir),
    Database {
        server: String,
        name: String,
    },
}

impl Drop for Held {
    fn drop(&mut self) {
        let Self::Database { server, name } = self else { return };
        let (server, drop) = (server.clone(), format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        // This is dropped inside a runtime, which cannot wait for another.
        let dropping = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
                let mut connection = AnyConnection::connect(&server).await.unwrap();
                connection.execute(sqlx::AssertSqlSafe(drop)).await.unwrap();
            });
        });
        dropping.join().unwrap();
    }
}

/// An address at which no desk is yet; what comes to be there is gone afterwards.
pub struct EmptyPlace {
    pub address: String,
    held: Held,
}

impl EmptyPlace {
    /// A file that is missing, or a database without any table. On `PostgreSQL` its server must be in reach.
    pub async fn new(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => Self::in_folder(),
            Engine::Postgres => Self::on_server("template1").await,
        }
    }

    fn in_folder() -> Self {
        sqlx::any::install_default_drivers();
        let folder = tempfile::tempdir().unwrap();
        let address = format!("sqlite:{}", folder.path().join(SQLITE_FILE).display());
        Self { address, held: Held::Folder(folder) }
    }

    /// A copy of the server's database `template`. The server refuses it while another connection to the template is open.
    async fn on_server(template: &str) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        sqlx::any::install_default_drivers();
        let server = postgres().unwrap_or_else(|| panic!("{POSTGRES} names no server"));
        let name = format!("desk_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        let mut connection = AnyConnection::connect(&server).await.unwrap();
        let create = format!("CREATE DATABASE {name} TEMPLATE {template}");
        connection.execute(sqlx::AssertSqlSafe(create)).await.unwrap();
        let (before, query) = server.split_once('?').map_or((server.as_str(), None), |(a, b)| (a, Some(b)));
        let root = before.rsplit_once('/').unwrap().0;
        let address =
            query.map_or_else(|| format!("{root}/{name}"), |query| format!("{root}/{name}?{query}"));
        Self { address, held: Held::Database { server, name } }
    }
}

async fn open(address: String, held: Held) -> TestDesk {
    let clock = Clock(Arc::new(AtomicI64::new(START.0)));
    let desk = Desk::open(&address, PUBLIC_URL, ports(&clock, 1)).await.unwrap();
    TestDesk { desk, clock, address, seed: AtomicU64::new(2), _held: held }
}

/// A clock that tests advance, and the same randomness in every run.
fn ports(clock: &Clock, seed: u64) -> Ports {
    let clock = clock.clone();
    let state = AtomicU64::new(seed << 32);
    let chance = move |bytes: &mut [u8]| {
        for byte in bytes {
            // Steele's mixer, `SplitMix64`
            let mut word = state.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = word.to_le_bytes()[7];
        }
    };
    Ports::new(move || clock.now(), chance)
}

/// A valid case form for a piece of the demonstration's equipment.
pub fn a_form(sample: &Sample) -> IntakeForm {
    let text = str::to_owned;
    IntakeForm {
        reporter: text("Ana Rivas"),
        contract: text(sample.contract),
        serial: text(sample.serial),
        platform: text("network"),
        country: text(sample.country.code()),
        abroad: String::new(),
        location: text("Torre Norte, piso 3, sala de redes"),
        contact_same: String::new(),
        contact_name: text("Luis Peña"),
        contact_phone: text("+58 212 555 0142"),
        contact_mail: text("luis.pena@example.com"),
        fault: text("El conmutador principal no enciende desde las 9:40."),
        severity: text("critical"),
        urgency: text("critical"),
        ..IntakeForm::default()
    }
}

/// A valid report for the equipment in Caracas, which the demonstration's register covers day and night.
pub fn a_report() -> Report {
    a_form(&demo::CARACAS).report().unwrap()
}

/// A request to open a case. An equal `key` is the same submission.
pub fn an_opening(key: &str) -> OpenCase {
    OpenCase {
        key: SubmissionKey::parse(&format!("test-submission-{key}")).unwrap(),
        report: a_report(),
        language: Language::Es,
        origin: Origin::Portal,
        previous_case: None,
        source: None,
    }
}

/// Opens a case as a stranger.
pub async fn a_case(desk: &Desk) -> OpenedCase {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let key = COUNT.fetch_add(1, Ordering::SeqCst).to_string();
    open_case(desk, &Actor::Anonymous, an_opening(&key)).await.unwrap()
}

/// A member of the staff. Use-cases trust their actor.
pub fn staff(role: Role) -> Actor {
    Actor::Staff(Staff { id: PersonId(1), name: "Marta Salas".into(), role, composed: None })
}
