//! `vigia doctor`: each bad state is found, said, and ends the command with 1.

mod support;

use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use tempfile::TempDir;

/// What the doctor says of a folder, with variables of the environment; and how it ended.
fn doctor(folder: &TempDir, variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vigia"));
    command
        .arg("doctor")
        .current_dir(folder.path())
        .env_clear()
        .env("LANG", "en")
        // Nobody listens there, whatever else runs on this machine.
        .env("VIGIA_PUBLIC_URL", "http://127.0.0.1:1")
        .envs(variables.iter().copied());
    let ran = command.output().unwrap();
    (ran.status.code(), String::from_utf8([ran.stdout, ran.stderr].concat()).unwrap())
}

/// A folder with a desk that nothing is wrong with.
fn healthy() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("dist")).unwrap();
    for arguments in [&["migrate"][..], &["check", "database"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vigia"));
        assert!(
            command.args(arguments).current_dir(folder.path()).env_clear().output().unwrap().status.success()
        );
    }
    folder
}

/// A mail server that greets with `greeting`, once.
fn mail_server(greeting: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(greeting.as_bytes()).unwrap();
        let mut asked = [0; 256];
        while let Ok(1..) = stream.read(&mut asked) {
            if stream.write_all(b"250 desk\r\n").is_err() {
                break;
            }
        }
    });
    port
}

#[test]
fn nothing_is_wrong_with_a_healthy_desk() {
    let folder = healthy();
    let (code, told) = doctor(&folder, &[]);
    assert_eq!(code, Some(0), "{told}");
    for part in
        ["takes what is written", "The clock agrees", "found no contradiction", "MB free", "account's alone"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains("WRONG"), "{told}");
}

#[test]
fn doctor_speaks_the_language_of_the_terminal() {
    let folder = healthy();
    assert!(doctor(&folder, &[("LANG", "pt_BR.UTF-8")]).1.contains("O relógio coincide"));
    assert!(doctor(&folder, &[("LANG", "es_MX.UTF-8")]).1.contains("El reloj coincide"));
}

#[test]
fn each_bad_state_is_told_with_what_to_do() {
    let smtp =
        |port: String| [("VIGIA_MAIL_SMTP_HOST", "127.0.0.1".to_owned()), ("VIGIA_MAIL_SMTP_PORT", port)];
    let refusing = smtp(mail_server("554 5.7.1 come back never\r\n"));
    let nowhere = smtp("1".to_owned());
    let common = [("VIGIA_MAIL_FROM_ADDRESS", "desk@example.com"), ("VIGIA_MAIL_SMTP_TLS", "none")];
    let folder = healthy();
    for (variables, told_of) in [
        (&[("VIGIA_LISTEN", "here")][..], &["configuration is wrong", "VIGIA_LISTEN"][..]),
        (&[("VIGIA_SITE", "nowhere")], &["nowhere", "\"site\""]),
        (
            &[("VIGIA_DATABASE", "postgres://vigia:s3cret@127.0.0.1:1/vigia")],
            &["cannot be reached", "127.0.0.1:1"],
        ),
        (&[("VIGIA_DATABASE", "sqlite:dist/../Cargo")], &["no database yet"]),
    ] {
        let (code, told) = doctor(&folder, variables);
        let is_new = told_of == ["no database yet"];
        assert_eq!(code, Some(i32::from(!is_new)), "{told}");
        assert!(
            told_of.iter().all(|part| told.contains(part)) && !told.contains("s3cret"),
            "{told_of:?}: {told}"
        );
    }
    for (settings, words) in [(refusing, "come back never"), (nowhere, "refused")] {
        let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
        let (code, told) = doctor(&folder, &[&settings[..], &common[..]].concat());
        assert_eq!((code, told.contains(words)), (Some(1), true), "{words}: {told}");
    }
    let friendly = smtp(mail_server("220 desk\r\n"));
    let settings = friendly.each_ref().map(|(name, value)| (*name, value.as_str()));
    let (code, told) = doctor(&folder, &[&settings[..], &common[..]].concat());
    assert_eq!((code, told.contains("accepts the account")), (Some(0), true), "{told}");
}

#[test]
fn files_that_others_can_read_are_wrong() {
    let folder = healthy();
    let data = folder.path().join("data");
    fs::set_permissions(&data, Permissions::from_mode(0o755)).unwrap();
    let (code, told) = doctor(&folder, &[]);
    assert_eq!((code, told.contains("chmod go= ./data")), (Some(1), true), "{told}");
    fs::set_permissions(&data, Permissions::from_mode(0o700)).unwrap();
    let secret = folder.path().join("password");
    fs::write(&secret, "s3cret").unwrap();
    fs::set_permissions(&secret, Permissions::from_mode(0o644)).unwrap();
    let variables = [
        ("VIGIA_MAIL_SMTP_HOST", "127.0.0.1"),
        ("VIGIA_MAIL_SMTP_PORT", "1"),
        ("VIGIA_MAIL_FROM_ADDRESS", "desk@example.com"),
        ("VIGIA_MAIL_SMTP_USER", "desk"),
        ("VIGIA_MAIL_SMTP_PASSWORD_FILE", "password"),
    ];
    let (code, told) = doctor(&folder, &variables);
    assert_eq!((code, told.contains("chmod go= password")), (Some(1), true), "{told}");
    assert!(!told.contains("s3cret"), "{told}");
}

#[test]
fn desk_is_found_at_its_public_address_while_it_serves() {
    let server = crate::support::Server::start(crate::support::Demo::Off);
    let folder = healthy();
    let url = format!("http://{}", server.host());
    let (code, told) = doctor(&folder, &[("VIGIA_PUBLIC_URL", &url)]);
    assert_eq!((code, told.contains("The desk answers at")), (Some(0), true), "{told}");
}
