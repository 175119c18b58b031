//! Mails of all kinds through the doors of the real binary, which is killed meanwhile. The whole year is `make proof`.

mod support;

use std::path::Path;
use std::process::Command;

#[test]
fn each_mail_is_in_the_desk_once_though_it_is_killed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let site = tempfile::tempdir().unwrap();
    support::lay_out(site.path());
    let mut proof = Command::new("python3");
    proof.arg(root.join("bench/proof.py")).args(["400", "5", "1"]);
    proof.env("VIGIA_BIN", env!("CARGO_BIN_EXE_vigia")).env("VIGIA_SITE", site.path());
    // On SQLite: PostgreSQL has the same work in `make proof`.
    proof.env_remove("VIGIA_TEST_POSTGRES_URL").env("PYTHONDONTWRITEBYTECODE", "1");
    let ran = match proof.output() {
        Ok(ran) => ran,
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "{error}: run tools/needs.sh test");
            eprintln!("skipped: python3 is missing (tools/needs.sh test)");
            return;
        }
    };
    let told = String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned();
    assert!(ran.status.success(), "{told}");
    assert!(told.contains("none is lost, and none is there twice"), "{told}");
}
