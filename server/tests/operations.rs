//! An operator's tasks with the binary: stop it, copy its database, start it without one.

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use desk::Desk;
use desk::Ports;
use desk::lab::integrity_check::{IntegrityReport, SchedulerState, check};
use support::{Demo, Server, until};
use tempfile::TempDir;

/// The files of a folder, by name.
fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The whole content of a database.
fn told_by(folder: &Path) -> IntegrityReport {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let address = format!("sqlite:{}", folder.join("vigia.db").display());
        let desk = Desk::open(&address, "http://localhost", Ports::system()).await.unwrap();
        let proof = check(&desk, SchedulerState::Unknown).await.unwrap();
        desk.close().await;
        proof
    })
}

#[test]
fn database_is_one_file_after_a_clean_stop() {
    let mut server = Server::start(Demo::On);
    assert!(server.stop());
    let data = server.data();
    assert_eq!(
        files(&data).iter().filter(|name| name.starts_with("vigia.db-")).count(),
        0,
        "{:?}",
        files(&data)
    );
    let copy = TempDir::new().unwrap();
    fs::copy(data.join("vigia.db"), copy.path().join("vigia.db")).unwrap();
    let (copied, original) = (told_by(copy.path()), told_by(&data));
    assert!(copied.cases > 0);
    assert_eq!(
        (copied.cases, copied.events, copied.digest),
        (original.cases, original.events, original.digest)
    );
}

#[test]
fn stopping_node_is_unready_before_it_closes() {
    let mut server = Server::start(Demo::Off);
    server.tell_to_end();
    let ready = until("no more readiness", || {
        Some(server.get("/readyz")).filter(|ready| !ready.starts_with("HTTP/1.1 200"))
    });
    assert!(ready.starts_with("HTTP/1.1 503") && ready.contains("stopping"), "{ready}");
    // Proxies that have not probed yet still send requests.
    assert!(server.get("/").starts_with("HTTP/1.1 200"));
    assert!(server.has_ended_well());
}

#[test]
fn commands_leave_no_file_beside_the_database() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let csv = folder.path().join("empty.csv");
    fs::write(&csv, "serial\n").unwrap();
    for arguments in [
        &["migrate"][..],
        &["demo"],
        &["user", "list"],
        &["display", "add", "--name", "Sala 1"],
        &["display", "list"],
        // Refused, which ends a command as well.
        &["display", "revoke", "99"],
        &["import", "equipment", csv.to_str().unwrap()],
        &["serve", "--listen", "192.0.2.1:1"],
    ] {
        let mut command = support::vigia();
        command.args(arguments).current_dir(folder.path()).env("VIGIA_DATA", &data).output().unwrap();
        let beside: Vec<_> = files(&data).into_iter().filter(|name| name.starts_with("vigia.db-")).collect();
        assert!(beside.is_empty(), "{arguments:?} left {beside:?}");
    }
}

#[test]
fn start_without_database_names_address_and_error() {
    let folder = TempDir::new().unwrap();
    for (database, told) in [
        ("postgres://vigia:s3cret@127.0.0.1:1/vigia", ["127.0.0.1:1", "refused"]),
        ("sqlite:/proc/no/such/folder/vigia.db", ["folder of the database", "No such file"]),
        ("sqlite:/proc/version", ["/proc/version", "database"]),
    ] {
        let mut command = support::vigia();
        let ran =
            command.args(["serve", "--database", database]).current_dir(folder.path()).output().unwrap();
        let err = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(1), "{err}");
        assert!(told.iter().all(|part| err.contains(part)), "{database}: {err}");
        assert!(!err.contains("s3cret"), "{err}");
    }
}

/// Runs the binary on the database of a server, or on another; what it said, and how it ended.
fn vigia(folder: &Path, database: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = support::vigia();
    command.args(arguments).current_dir(folder).env("LANG", "en");
    command.env("VIGIA_DATABASE", format!("sqlite:{}", database.display()));
    let ran = command.output().unwrap();
    (ran.status.code(), String::from_utf8([ran.stdout, ran.stderr].concat()).unwrap())
}

#[test]
fn backup_is_taken_while_serving_and_restored_into_an_empty_place() {
    let mut server = Server::start(Demo::On);
    let folder = TempDir::new().unwrap();
    let original = server.data().join("vigia.db");
    let (code, told) = vigia(folder.path(), &original, &["backup", "desk.backup"]);
    assert_eq!((code, told.contains("read back")), (Some(0), true), "{told}");
    assert_eq!(files(folder.path()), ["desk.backup"], "nothing beside it");
    let file = folder.path().join("desk.backup");
    let known = fs::metadata(&file).unwrap();
    assert_eq!(known.permissions().mode() & 0o777, 0o600);
    let (code, told) = vigia(folder.path(), &original, &["backup", "desk.backup"]);
    assert_eq!((code, told.contains("not overwritten")), (Some(1), true), "{told}");
    assert_eq!(fs::metadata(&file).unwrap().len(), known.len());
    assert_eq!(vigia(folder.path(), &original, &["check", "backup", "desk.backup"]).0, Some(0));

    let restored = folder.path().join("restored/vigia.db");
    let (code, told) = vigia(folder.path(), &restored, &["restore", "desk.backup"]);
    assert_eq!((code, told.contains("found no contradiction")), (Some(0), true), "{told}");
    assert!(server.stop());
    // Scheduler and outbox wrote on after the backup: what the copy has, the original has as well.
    let (copied, stopped) = (told_by(restored.parent().unwrap()), told_by(&server.data()));
    assert_eq!(copied.cases, stopped.cases);
    for (kind, count) in &copied.happened {
        assert!(stopped.happened.get(kind) >= Some(count), "{kind}: {copied:?} {stopped:?}");
    }
    // Nothing writes to a stopped desk: its copy is equal in every history, row and mail.
    assert_eq!(vigia(folder.path(), &original, &["backup", "stopped.backup"]).0, Some(0));
    let equal = folder.path().join("equal/vigia.db");
    assert_eq!(vigia(folder.path(), &equal, &["restore", "stopped.backup"]).0, Some(0));
    assert_eq!(told_by(equal.parent().unwrap()).digest, stopped.digest);
    let (code, told) = vigia(folder.path(), &restored, &["restore", "desk.backup"]);
    assert_eq!((code, told.contains("empty place")), (Some(1), true), "{told}");
    let (code, told) = vigia(folder.path(), &restored, &["check", "database"]);
    assert_eq!((code, told.contains("found no contradiction")), (Some(0), true), "{told}");

    let (from, to) =
        (format!("sqlite:{}", restored.display()), format!("sqlite:{}/moved.db", folder.path().display()));
    let (code, told) = vigia(folder.path(), &restored, &["move", "--from", &from, "--to", &to]);
    assert_eq!((code, told.contains("case_events: ")), (Some(0), true), "{told}");
    let (code, told) = vigia(folder.path(), &restored, &["move", "--from", &from, "--to", &from]);
    assert_eq!(code, Some(1), "{told}");

    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    let (code, told) = vigia(folder.path(), &restored, &["check", "backup", "desk.backup"]);
    assert_eq!((code, told.contains("damaged")), (Some(1), true), "{told}");
}

#[test]
fn backup_that_is_killed_leaves_no_file_of_its_name() {
    let folder = TempDir::new().unwrap();
    let database = folder.path().join("data/vigia.db");
    assert_eq!(vigia(folder.path(), &database, &["demo"]).0, Some(0));
    let file = folder.path().join("desk.backup");
    let limited = |bytes: &str, arguments: &str| {
        // Past the limit the system ends the process in the middle of a write.
        let line = format!("exec prlimit --fsize={bytes} {} {arguments}", env!("CARGO_BIN_EXE_vigia"));
        let mut command = Command::new("sh");
        command
            .args(["-c", &line])
            .current_dir(folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap());
        command.env("VIGIA_DATABASE", format!("sqlite:{}", database.display())).status().unwrap()
    };
    assert_eq!(limited("100000", "backup desk.backup").code(), None);
    assert!(!file.exists());
    assert_eq!(vigia(folder.path(), &database, &["backup", "desk.backup"]).0, Some(0));

    let place = folder.path().join("restored.db");
    let restore = format!("restore desk.backup --database sqlite:{}", place.display());
    assert_eq!(limited("200000", &restore).code(), None);
    assert!(place.exists());
    let (code, told) = vigia(folder.path(), &place, &["backup", "other.backup"]);
    assert_eq!((code, told.contains("no desk")), (Some(1), true), "{told}");
    let (code, told) = vigia(folder.path(), &place, &["restore", "desk.backup"]);
    assert_eq!(code, Some(0), "{told}");
}

/// Limits the size of files that the server may write from now on.
fn limit_files(server: &Server, bytes: &str) {
    let process = server.process().to_string();
    let ran =
        Command::new("prlimit").args(["--pid", &process, &format!("--fsize={bytes}:unlimited")]).status();
    assert!(ran.unwrap().success());
}

#[test]
fn node_with_a_full_disk_is_unready() {
    // A write past the limit fails, as on a full disk, and does not end the process.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" serve", env!("CARGO_BIN_EXE_vigia")]);
    let server = Server::start_by(command, Demo::Off, &[]);
    limit_files(&server, "1");
    let is_ready = || server.get("/readyz").starts_with("HTTP/1.1 200");
    until("the full disk to show", || (!is_ready()).then_some(()));
    assert!(server.get("/readyz").contains("cannot be written"), "{}", server.get("/readyz"));
    assert!(server.get("/healthz").starts_with("HTTP/1.1 200"));
    limit_files(&server, "unlimited");
    until("room to show", || is_ready().then_some(()));
}
