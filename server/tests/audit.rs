//! The audit log: what the routes leave in it, who reads it, and the commands that hold it against its chains.

mod support;

use domain::proof::PublicKey;
use support::client::Client;
use support::{Answer, Demo, Server};

#[track_caller]
fn holds(answer: &Answer, status: u16, parts: &[&str]) {
    let page = answer.text();
    assert_eq!(answer.status(), status, "{page}");
    for part in parts {
        assert!(page.contains(part), "{part} in {page}");
    }
}

#[test]
fn refusals_readings_and_exports_of_each_route_are_written_down() {
    let server = Server::start(Demo::On);
    let (admin, agent) = (Client::staff(&server, "administracion"), Client::staff(&server, "agente"));
    for address in ["/desk/admin/plans", "/desk/admin/audit", "/desk/admin/audit.csv"] {
        assert_eq!(agent.get(address).status(), 403, "{address}");
    }
    let refused = admin.get("/desk/admin/audit?kind=forbidden");
    holds(&refused, 200, &["Sin permiso", "GET /desk/admin/audit.csv"]);

    assert_eq!(agent.get("/desk/search?q=zulia-norte").status(), 200);
    let searched = admin.get("/desk/admin/audit?kind=searched");
    holds(&searched, 200, &["Buscó", "casos: "]);
    assert!(!searched.text().contains("zulia"), "the words are not kept");

    assert_eq!(Client::staff(&server, "supervisor").get("/desk/reports/pauses.csv").status(), 200);
    holds(&admin.get("/desk/admin/audit?kind=exported"), 200, &["esperas que siguieron: "]);

    let wrong = Client::stranger(&server).post("/desk/sign-in", "mail=agente%40vigia.example&password=otra");
    assert!(wrong.status() >= 400 || wrong.status() == 303, "{}", wrong.status());
    holds(&admin.get("/desk/admin/audit?kind=sign_in_refused"), 200, &["correo o contraseña incorrectos"]);
    holds(&admin.get("/desk/admin/audit?kind=everything"), 200, &["kind=everything"]);
}

#[test]
fn log_is_a_file_for_administrators_alone_and_tells_who_took_it() {
    let server = Server::start(Demo::On);
    assert_eq!(Client::staff(&server, "supervisor").get("/desk/admin/audit.csv").status(), 403);
    let admin = Client::staff(&server, "administracion");
    let file = admin.get("/desk/admin/audit.csv?kind=signed_in");
    holds(&file, 200, &["Entró", "con contraseña"]);
    assert!(file.header("content-disposition").contains("vigia-registro-de-auditoria-"));
    holds(&admin.get("/desk/admin/audit?kind=exported"), 200, &["registro de auditoría: "]);
}

#[test]
fn commands_print_the_head_and_verify_it() {
    let server = Server::start(Demo::On);
    let told = server.run(&["audit", "head"]);
    let (head, key) = told.trim().split_once('\n').unwrap();
    let (digest, id) = head.split_once(' ').unwrap();
    assert!(digest.len() == 64 && id.parse::<u32>().is_ok(), "{told}");
    let page = Client::stranger(&server).get("/verify").text();
    let (_, written) = page.split_once("<meta name=\"proof-key\" content=\"").unwrap();
    let shown = PublicKey::parse(written.split('"').next().unwrap()).unwrap();
    assert!(key.ends_with(&shown.fingerprint()), "{key}");
    Client::staff(&server, "agente");
    let verified = server.run(&["audit", "verify", "--head", digest]);
    assert!(verified.contains(&format!(" {id}")), "{verified}");
}
