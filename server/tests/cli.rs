//! The built binary from its command line: exit codes, output, and findings.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// The result of a run.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

/// An empty working directory for the binary.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vigia"));
        command.args(arguments).current_dir(self.0.path()).env_clear().env("LANG", "en_US.UTF-8");
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        ran(&mut self.command(arguments))
    }

    /// Runs with `typed` on the standard input.
    fn run_typing(&self, arguments: &[&str], typed: &str) -> Ran {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
        read(child.wait_with_output().unwrap())
    }
}

fn ran(command: &mut Command) -> Ran {
    read(command.stdin(Stdio::null()).output().unwrap())
}

fn read(output: std::process::Output) -> Ran {
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn oracle(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../domain/tests/oracles").join(name)
}

/// A copy of an oracle with its one occurrence of `from` changed to `to`.
fn changed(place: &Place, name: &str, from: &str, to: &str) -> PathBuf {
    let text = fs::read_to_string(oracle(name)).unwrap();
    assert_eq!(text.matches(from).count(), 1, "{from} in {name}");
    let path = place.path(name);
    fs::write(&path, text.replace(from, to)).unwrap();
    path
}

/// Every check with its oracle, the oracle's rows, and a value of one row with its wrong replacement.
const CHECKS: [(&str, &str, usize, &str, &str); 9] = [
    (
        "sla-vectors",
        "sla_vectors.csv",
        520,
        "S003,CO,America/Bogota,8x5+sat,2029-08-05T15:14:00",
        "S003,CO,America/Bogota,8x5+sat,2029-08-06T15:14:00",
    ),
    ("sla-vectors", "sla_vectors.csv", 520, "2032-05-11T20:00:00Z,", "2032-05-11T20:00:01Z,"),
    ("sla-vectors", "sla_vectors.csv", 520, "S001,CO,", "S001,XX,"),
    ("serials", "serials.csv", 313, "location=FOC;year=2005;week=13", "location=FOC;year=2005;week=14"),
    ("holidays", "holidays.csv", 494, "VE,2024-02-12,", "VE,2024-02-14,"),
    ("holidays", "holidays.csv", 494, "VE,2024-02-13,Martes de Carnaval,easter\n", ""),
    ("phones", "phones.csv", 129, "VE,0800 cps 0000,yes,+588002770000", "VE,0800 cps 0000,yes,+588002770001"),
    ("case-numbers", "checkdigit_vectors.csv", 202, "VE26004213,92", "VE26004213,93"),
    ("case-numbers", "checkdigit_vectors.csv", 202, "luhn-10,052686887,2", "luhn-10,052686887,3"),
];

#[test]
fn checks_pass_on_their_oracles() {
    let place = Place::new();
    for (check, name, rows, ..) in CHECKS {
        let ran = place.run(&["check", check, oracle(name).to_str().unwrap()]);
        assert_eq!((ran.code, &*ran.out, &*ran.err), (0, &*format!("{rows} rows, 0 wrong\n"), ""), "{check}");
    }
}

#[test]
fn check_reports_one_wrong_row_for_one_wrong_value() {
    for (check, name, rows, from, to) in CHECKS {
        let place = Place::new();
        let path = changed(&place, name, from, to);
        let ran = place.run(&["check", check, path.to_str().unwrap()]);
        let rows = if to.is_empty() { rows - 1 } else { rows };
        assert_eq!(ran.code, 1, "{check}: {}", ran.out);
        let lines: Vec<_> = ran.out.lines().collect();
        assert_eq!(lines[0], format!("{rows} rows, 1 wrong"), "{check}: {}", ran.out);
        assert!(
            lines.len() == 2 && lines[1].contains(": expected ") && lines[1].contains(", got "),
            "{lines:?}"
        );
    }
}

/// Checks of folders of mails, the number of mails, and a value of `expected.csv` with its wrong replacement.
const MAIL_CHECKS: [(&str, &str, usize, &str, &str); 2] = [
    (
        "replies",
        "replies",
        35,
        "thunderbird-inline-es.eml,thunderbird,es,inline",
        "thunderbird-inline-es.eml,thunderbird,es,top",
    ),
    (
        "machine-mails",
        "machine_mails",
        47,
        "qmail-bounce.eml,bounce_permanent",
        "qmail-bounce.eml,bounce_temporary",
    ),
];

#[test]
fn mail_checks_pass_on_their_folders_and_report_a_wrong_one() {
    let place = Place::new();
    for (check, name, files, from, to) in MAIL_CHECKS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles").join(name);
        let ran = place.run(&["check", check, folder.to_str().unwrap()]);
        assert_eq!(
            (ran.code, &*ran.out, &*ran.err),
            (0, &*format!("{files} files, 0 wrong\n"), ""),
            "{check}"
        );

        let copy = place.path(name);
        fs::create_dir(&copy).unwrap();
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, copy.join(path.file_name().unwrap())).unwrap();
        }
        let sheet = fs::read_to_string(folder.join("expected.csv")).unwrap();
        fs::write(copy.join("expected.csv"), sheet.replace(from, to)).unwrap();
        let ran = place.run(&["check", check, copy.to_str().unwrap()]);
        assert_eq!(ran.code, 1, "{check}: {}", ran.out);
        assert!(ran.out.starts_with(&format!("{files} files, 1 wrong\n")), "{check}: {}", ran.out);
    }
}

#[test]
fn check_reads_calendars_beside_the_vectors_or_built_in() {
    let place = Place::new();
    let vectors = place.path("vectors.csv");
    fs::copy(oracle("sla_vectors.csv"), &vectors).unwrap();
    let arguments = ["check", "sla-vectors", vectors.to_str().unwrap()];
    assert_eq!(place.run(&arguments).out, "520 rows, 0 wrong\n");
    changed(&place, "sla_calendars.csv", "9x5,Mon,08:00,17:00", "9x5,Mon,09:00,17:00");
    let ran = place.run(&arguments);
    assert_eq!(ran.code, 1);
    assert_eq!(ran.out.lines().count(), 11, "the first ten are shown: {}", ran.out);
    changed(&place, "sla_calendars.csv", "9x5,Mon,08:00,17:00", "9x5,Mon,8h,17:00");
    let ran = place.run(&arguments);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("\"9x5\": line "), "{}", ran.err);
}

#[test]
fn check_exits_with_2_for_an_unreadable_file() {
    let place = Place::new();
    let path = place.path("rows.csv");
    for (text, told) in [
        (None, "rows.csv: "),
        (Some(""), "no rows"),
        (Some("country,input,valid,e164,type,national\n"), "no rows"),
        (Some("country,input,valid,e164,national\nVE,1,no,,\n"), "missing field `type`"),
        (Some("country,input,valid,e164,type,national\nVE,1\n"), "line: 2"),
    ] {
        if let Some(text) = text {
            fs::write(&path, text).unwrap();
        }
        let ran = place.run(&["check", "phones", path.to_str().unwrap()]);
        assert_eq!((ran.code, &*ran.out), (2, ""), "{text:?}");
        assert!(ran.err.starts_with("vigia: ") && ran.err.contains(told), "{text:?}: {}", ran.err);
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    }
}

#[test]
fn serial_check_takes_a_date() {
    let place = Place::new();
    let path = place.path("serials.csv");
    fs::write(
        &path,
        "manufacturer,serial,valid,decoded\nCisco,FDO3001Z9Z9,yes,location=FDO;year=2026;week=1\n",
    )
    .unwrap();
    let path = path.to_str().unwrap();
    assert_eq!(place.run(&["check", "serials", path]).code, 0);
    assert_eq!(place.run(&["check", "serials", path, "--today", "2025-06-01"]).code, 1);
}

#[test]
fn wrong_configuration_stops_the_start_and_names_its_source() {
    let place = Place::new();
    for (toml, variable, arguments, told) in [
        (
            "listen = '1.2.3.4:5'\nlisten_to = 1\n",
            None,
            &["migrate"][..],
            "vigia.toml, line 2: there is no key \"listen_to\"",
        ),
        ("", Some(("VIGIA_DATABSE", "x")), &["migrate"], "VIGIA_DATABSE: there is no such variable"),
        ("", Some(("VIGIA_LISTEN", "here")), &[], "VIGIA_LISTEN: listen must be an address with a port"),
        ("", None, &["--public-url", "https://example.com/desk"], "--public-url: public_url must be"),
        ("", None, &["--config", "other.toml", "serve"], "other.toml: "),
    ] {
        fs::write(place.path("vigia.toml"), toml).unwrap();
        let mut command = place.command(arguments);
        command.envs(variable);
        let ran = ran(&mut command);
        assert_eq!((ran.code, &*ran.out), (2, ""), "{told}");
        assert!(ran.err.starts_with(&format!("vigia: {told}")), "{told}: {}", ran.err);
        assert!(!place.path("data").exists(), "nothing was begun");
    }
    assert_eq!(place.run(&["servir"]).code, 2);
}

#[test]
fn file_environment_and_flags_lead_to_the_database() {
    let place = Place::new();
    fs::write(place.path("vigia.toml"), "data = 'by-file'\n").unwrap();
    fs::write(place.path("named.toml"), "data = 'by-named-file'\n").unwrap();
    for (variables, arguments, folder) in [
        (&[][..], &["migrate"][..], "by-file"),
        (&[("VIGIA_CONFIG", "named.toml")], &["migrate"], "by-named-file"),
        (&[("VIGIA_DATA", "by-variable"), ("VIGIA_TEST_ANYTHING", "x")], &["migrate"], "by-variable"),
        (&[("VIGIA_DATA", "by-variable")], &["migrate", "--data", "by-flag"], "by-flag"),
    ] {
        let mut command = place.command(arguments);
        command.envs(variables.iter().copied());
        let ran = ran(&mut command);
        assert_eq!((ran.code, &*ran.out), (0, "The database's schema is up to date.\n"), "{}", ran.err);
        assert!(place.path(folder).join("vigia.db").exists(), "{folder}");
    }
}

#[test]
fn user_is_added_and_deactivated() {
    let place = Place::new();
    let add = ["user", "add", "--name", "Ana Pérez", "--mail", "Ana@example.com", "--role", "administrator"];
    let ran = place.run(&add);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let password = ran.out.lines().nth(1).unwrap().rsplit(' ').next().unwrap();
    assert_eq!((password.len(), password.matches('-').count()), (23, 3), "{}", ran.out);
    let again = place.run(&add);
    assert_eq!((again.code, &*again.out), (1, ""));
    assert!(again.err.contains("already"), "{}", again.err);

    let ran = place.run_typing(&["user", "password", "ana@EXAMPLE.com", "--password-stdin"], "short\n");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("at least 10"), "{}", ran.err);
    let typed = "correct horse battery staple";
    let ran = place.run_typing(&["user", "password", "ana@EXAMPLE.com", "--password-stdin"], typed);
    assert_eq!((ran.code, ran.out.lines().count()), (0, 1), "{}{}", ran.out, ran.err);
    assert!(!ran.out.contains(typed) && !ran.err.contains(typed));

    let refused = place.run(&["user", "deactivate", "ana@example.com"]);
    assert_eq!((refused.code, refused.err.is_empty()), (1, false), "the last administrator stays");
    let other = ["user", "add", "--name", "Eva Paz", "--mail", "eva@example.com", "--role", "administrator"];
    assert_eq!(place.run(&other).code, 0);
    assert_eq!(place.run(&["user", "deactivate", "ana@example.com"]).code, 0);
    let list = place.run(&["user", "list"]).out;
    assert!(list.contains("ana@example.com  administrator  out of service"), "{list}");
    let ran = place.run(&["user", "deactivate", "nobody@example.com"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("Nobody has this mail address"), "{}", ran.err);
    assert_eq!(place.run(&["user", "add", "--name", "X", "--mail", "x", "--role", "king"]).code, 2);
}

#[test]
fn display_link_is_issued_once_and_revoked() {
    let place = Place::new();
    let add =
        ["display", "add", "--name", "Sala", "--country", "ve", "--public-url", "https://casos.example.com"];
    let ran = place.run(&add);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let link = ran.out.lines().nth(1).unwrap();
    let secret = link.strip_prefix("https://casos.example.com/board/").unwrap();
    assert_eq!(secret.len(), 64);
    let list = place.run(&["display", "list"]).out;
    assert!(list.contains("VE") && list.contains("since") && list.contains("Sala"), "{list}");
    assert!(!list.contains(secret));
    assert_eq!(place.run(&["display", "revoke", "1"]).code, 0);
    assert!(place.run(&["display", "list"]).out.contains("revoked"));
    assert_eq!(place.run(&["display", "revoke", "1"]).code, 1);
}

#[test]
fn import_writes_only_when_applied_and_valid() {
    let place = Place::new();
    let (header, first) = (
        "number,organisation,country,plan,valid_from,valid_to",
        "CPS-VE-004213-58,Banco Cumbre,VE,Estándar Venezuela,2026-01-01,2027-12-31",
    );
    let path = place.path("contracts.csv");
    let import =
        |more: &[&str]| place.run(&[&["import", "contracts", path.to_str().unwrap()], more].concat());
    fs::write(&path, format!("{header}\n{first}\n")).unwrap();
    let shown = import(&[]);
    assert_eq!(shown.code, 0, "{}", shown.err);
    assert!(shown.out.contains("1 to add, 0 to change, 0 unchanged, 0 errors"), "{}", shown.out);
    assert!(shown.out.contains("--apply"), "{}", shown.out);
    assert!(import(&["--apply"]).out.contains("Everything was kept"));
    fs::write(&path, format!("{header}\n{}\n", first.replace("2027", "2028"))).unwrap();
    let shown = import(&[]).out;
    assert!(shown.contains("valid_to: 2027-12-31 → 2028-12-31"), "{shown}");
    fs::write(&path, format!("{header}\n{first}\n{first}\nx\n")).unwrap();
    let refused = import(&["--apply"]);
    assert_eq!(refused.code, 1);
    assert!(refused.out.contains("! line 3") && refused.out.contains("! line 4"), "{}", refused.out);
    assert!(refused.out.contains("Nothing was kept"), "{}", refused.out);

    fs::write(&path, "a,b\n1,2\n").unwrap();
    let ran = import(&[]);
    assert_eq!((ran.code, &*ran.out), (1, ""));
    assert!(ran.err.contains("Columns are missing"), "{}", ran.err);
    fs::remove_file(&path).unwrap();
    assert_eq!(import(&[]).code, 2);
}

#[test]
fn settings_are_exported_changed_shown_and_applied() {
    let place = Place::new();
    let folder = place.path("settings");
    let at = folder.to_str().unwrap();
    let missing = place.run(&["settings", "apply", at]);
    assert_eq!((missing.code, missing.err.contains("plans.toml")), (1, true), "{}", missing.err);

    assert_eq!(place.run(&["settings", "export", at]).code, 0);
    let same = place.run(&["settings", "apply", at]);
    assert_eq!((same.code, same.out.contains("nothing to change")), (0, true), "{}", same.out);

    let plans = folder.join("plans.toml");
    let text = fs::read_to_string(&plans).unwrap();
    fs::write(&plans, text.replacen("response = \"15m\"", "response = \"10m\"", 1)).unwrap();
    let kept = place.run(&["settings", "export", at]);
    assert_eq!((kept.code, kept.err.contains("--overwrite")), (1, true), "{}", kept.err);
    let shown = place.run(&["settings", "apply", at]).out;
    assert!(shown.contains("targets.P1.first_response: \"15m\" → \"10m\""), "{shown}");
    assert!(shown.contains("--apply"), "{shown}");
    let past = place.run(&["settings", "apply", at, "--apply", "--effective-from", "2026-01-01T00:00:00Z"]);
    assert_eq!((past.code, past.err.contains("in the past")), (1, true), "{}", past.err);
    let applied = place.run(&["settings", "apply", at, "--apply"]);
    assert_eq!((applied.code, applied.out.contains("Everything was kept")), (0, true), "{}", applied.out);
    let told = place.run(&["settings", "history"]).out;
    assert!(told.contains("command line") && told.contains("\"15m\" → \"10m\""), "{told}");

    fs::write(&plans, text.replacen("response = \"15m\"", "response = \"61m\"", 1)).unwrap();
    let refused = place.run(&["settings", "apply", at, "--apply"]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.out.contains("! plans.toml, line ") && refused.out.contains("plan[1].targets.P1"),
        "{}",
        refused.out
    );
}

#[test]
fn demonstration_is_refused_on_a_desk_with_people() {
    let place = Place::new();
    let first = place.run(&["demo"]);
    assert_eq!(first.code, 0, "{}", first.err);
    let has = |text: &str, part: &str| assert!(text.contains(part), "{part}: {text}");
    for part in ["http://localhost:8080/desk", "http://localhost:8080/board/", "agente@vigia.example"] {
        has(&first.out, part);
    }
    let second = place.run(&["demo"]);
    assert_eq!(second.code, 0, "{}", second.err);
    has(&second.out, "vigia display add");

    let add = ["user", "add", "--name", "Ana", "--mail", "ana@example.com", "--role", "agent"];
    assert_eq!(place.run(&add).code, 0);
    let third = place.run(&["demo"]);
    assert_eq!((third.code, &*third.out), (1, ""));
    has(&third.err, "People work here already");
}

#[test]
fn simulate_prints_its_outcome_and_leaves_no_file() {
    let place = Place::new();
    let ran = place.run(&["simulate", "--cases", "6", "--seed", "5", "--days", "4"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    for words in ["4 days of seed 5", "Cases: ", "Promises P1:", "Everything that must hold holds."] {
        assert!(ran.out.contains(words), "{words} in {}", ran.out);
    }
    let outcome = |out: &str| out.lines().find(|line| line.starts_with("Outcome: ")).unwrap().to_owned();
    let file = format!("sqlite:{}", place.path("simulation.db").display());
    let arguments = ["simulate", "--cases", "6", "--seed", "5", "--days", "4", "--database", &file];
    let again = place.run(&arguments);
    assert_eq!(outcome(&again.out), outcome(&ran.out), "the same seed comes to the same end");
    let third = place.run(&arguments);
    assert_eq!(third.code, 1, "a database that is not empty is left alone");
    assert!(third.err.contains("the database is not empty"), "{}", third.err);
}
