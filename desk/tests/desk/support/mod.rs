//! What the tests of the desk share: a desk on each engine, a clock that tests move, and a case to begin with.
#![allow(unreachable_pub, reason = "shared by the modules of one program")]

pub mod explain;
pub mod smtp;
pub mod snapshot;
pub mod tls_smtp;

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

/// Monday 23 November 2026, 10:00 in Caracas, 09:00 in Bogotá, 08:00 in Mexico City, 06:00 in Tijuana: no holiday.
pub const START: Instant = Instant(1_795_442_400);

/// Where the links in mails lead.
pub const PUBLIC_URL: &str = "https://vigia.example";

/// The server on which tests of `PostgreSQL` have a database each.
const POSTGRES: &str = "VIGIA_TEST_POSTGRES_URL";

/// The address of that server; `None` when none is in reach.
fn postgres() -> Option<String> {
    std::env::var(POSTGRES).ok()
}

/// Whether a test can run on this engine: without a server, tests of `PostgreSQL` are left out, but never where `CI` is set.
pub fn is_in_reach(engine: Engine) -> bool {
    let in_reach = engine == Engine::Sqlite || postgres().is_some();
    assert!(
        in_reach || std::env::var_os("CI").is_none(),
        "CI leaves no engine out: {POSTGRES} names no server"
    );
    in_reach
}

/// Two tests of each function: `name::sqlite` and `name::postgres` call it with their engine, so a failure names the engine.
///
/// A function that is on no list is dead code, and the compiler says so.
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

/// A clock that stands still until it is moved.
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

/// A desk over a fresh database of its own, which is gone afterwards.
pub struct TestDesk {
    pub desk: Desk,
    pub clock: Clock,
    /// To connect to the same database once more, as another process would.
    pub address: String,
    _held: Held,
}

impl TestDesk {
    /// A desk over an empty database. On `PostgreSQL` its server must be in reach.
    pub async fn open(engine: Engine) -> Self {
        Self::over(EmptyPlace::new(engine).await).await
    }

    /// A desk over what stands at a place.
    pub async fn over(place: EmptyPlace) -> Self {
        open(place.address, place.held).await
    }

    /// The same, with the demonstration's contracts and equipment on its register.
    pub async fn with_register(engine: Engine) -> Self {
        let test = Self::open(engine).await;
        demo::register(&test.desk).await.unwrap();
        test
    }

    /// A second desk over the same database, as another process would open it, with the same clock.
    pub async fn another(&self) -> Desk {
        Desk::open(&self.address, PUBLIC_URL, ports(&self.clock, 2)).await.unwrap()
    }

    /// A connection of its own to the database, for looking behind the desk's back.
    pub async fn connection(&self) -> AnyConnection {
        AnyConnection::connect(&self.address).await.unwrap()
    }
}

/// What must outlive the desk.
enum Held {
    Folder(#[expect(dead_code, reason = "removed when dropped")] TempDir),
    Database { server: String, name: String },
}

impl Drop for Held {
    fn drop(&mut self) {
        let Self::Database { server, name } = self else { return };
        let (server, drop) = (server.clone(), format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        // Dropping happens inside a runtime, where one cannot wait for another.
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
        sqlx::any::install_default_drivers();
        match (engine, postgres()) {
            (Engine::Sqlite, _) => {
                let folder = tempfile::tempdir().unwrap();
                let address = format!("sqlite:{}", folder.path().join("vigia.db").display());
                Self { address, held: Held::Folder(folder) }
            }
            (Engine::Postgres, Some(server)) => Self::on_server(server).await,
            (Engine::Postgres, None) => panic!("{POSTGRES} names no server"),
        }
    }

    async fn on_server(server: String) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("desk_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        let mut connection = AnyConnection::connect(&server).await.unwrap();
        connection.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
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
    TestDesk { desk, clock, address, _held: held }
}

/// A clock that tests move, and chance that is the same in every run.
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

/// The case form, filled in rightly for a piece of equipment of the demonstration.
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

/// A valid report for the equipment in Caracas: with the demonstration's register, covered day and night.
pub fn a_report() -> Report {
    a_form(&demo::CARACAS).report().unwrap()
}

/// A wish to open a case; the same `key` is the same submission.
pub fn a_wish(key: &str) -> OpenCase {
    OpenCase {
        key: SubmissionKey::parse(&format!("test-submission-{key}")).unwrap(),
        report: a_report(),
        language: Language::Es,
        origin: Origin::Portal,
        previous_case: None,
        source: None,
    }
}

/// Opens one case as anybody can.
pub async fn a_case(desk: &Desk) -> OpenedCase {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let key = COUNT.fetch_add(1, Ordering::SeqCst).to_string();
    open_case(desk, &Actor::Anonymous, a_wish(&key)).await.unwrap()
}

/// Somebody of the staff; use-cases trust the actor they are given.
pub fn staff(role: Role) -> Actor {
    Actor::Staff(Staff { id: PersonId(1), name: "Marta Salas".into(), role })
}
