//! Imports in the browser: plain forms, as a browser without a script sends them.

mod support;

use support::client::Client;
use support::{Answer, Demo, Server};

const CSV: &str = "number,organisation,country,plan,valid_from,valid_to\r
CPS-VE-004213-58,Banco Cumbre del Ávila,VE,Estándar Venezuela,2026-01-01,2026-12-31\r
";

#[track_caller]
fn holds(answer: &Answer, status: u16, parts: &[&str]) {
    let page = answer.text();
    assert_eq!(answer.status(), status, "{page}");
    for part in parts {
        assert!(page.contains(part), "{part} in {page}");
    }
}

/// The value of a hidden field.
fn hidden(page: &Answer, name: &str) -> String {
    let page = page.text();
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

#[test]
fn file_is_shown_confirmed_and_undone() {
    let server = Server::start(Demo::On);
    let admin = Client::staff(&server, "administracion");
    holds(&admin.get("/desk/admin/import"), 200, &["type=\"file\"", "number, organisation, country"]);
    let sent = admin.send_file("/desk/admin/import", "contracts", "contratos.csv", CSV.as_bytes());
    assert_eq!(sent.status(), 303, "{}", sent.text());
    let address = sent.header("location");
    let page = admin.get(&address);
    holds(
        &page,
        200,
        &["contratos.csv", "Esto cambiaría", "Plan SLA", "<b>Estándar Venezuela", "name=\"digest\""],
    );
    let unseen = admin.post(&address, "act=confirm&digest=0");
    holds(&unseen, 409, &["El registro cambió mientras tanto"]);
    let written = admin.post(&address, &format!("act=confirm&digest={}", hidden(&page, "digest")));
    assert_eq!((written.status(), written.header("location")), (303, format!("{address}?done=written")));
    holds(&admin.get(&address), 200, &["Deshacer esta importación", "Lucía Ferrer"]);
    holds(&admin.get("/desk/admin/import"), 200, &["0 nuevas, 1 cambiadas"]);
    let undone = admin.post(&address, "act=undo");
    assert_eq!(undone.header("location"), format!("{address}?done=undone"), "{}", undone.text());
    holds(&admin.post(&address, "act=undo"), 409, &["No hay nada que deshacer"]);
}

#[test]
fn columns_that_are_not_matched_are_told_at_their_fields() {
    let server = Server::start(Demo::On);
    let admin = Client::staff(&server, "administracion");
    let csv = CSV.replace("valid_from,valid_to", "Desde,Hasta");
    let sent = admin.send_file("/desk/admin/import", "contracts", "a.csv", csv.as_bytes());
    let address = sent.header("location");
    holds(&admin.get(&address), 200, &["¿Cuál columna es cuál?"]);
    let wrong = admin.post(&address, "act=match&valid_from=Desde&valid_to=Desde");
    holds(&wrong, 422, &["id=\"valid_to-error\"", "Eligió la misma columna", "selected>Desde"]);
    let wrong = admin.post(&address, "act=match&valid_from=Desde&valid_to=");
    holds(&wrong, 422, &["id=\"valid_to-error\"", "Elija la columna de este dato"]);
    let right = admin.post(&address, "act=match&valid_from=Desde&valid_to=Hasta");
    assert_eq!(right.status(), 303, "{}", right.text());
    holds(&admin.get(&address), 200, &["Esto cambiaría", "columns=again"]);
    holds(
        &admin.get(&format!("{address}?columns=again")),
        200,
        &["¿Cuál columna es cuál?", "selected>Hasta"],
    );
    let given_up = admin.post(&address, "act=give_up");
    assert_eq!((given_up.status(), given_up.header("location").as_str()), (303, "/desk/admin/import"));
    assert_eq!(admin.get(&address).status(), 404);
}

#[test]
fn wrong_rows_are_told_and_downloaded() {
    let server = Server::start(Demo::On);
    let admin = Client::staff(&server, "administracion");
    let csv = CSV.replace("2026-12-31", "2026-02-30");
    let sent = admin.send_file("/desk/admin/import", "contracts", "a.csv", csv.as_bytes());
    let address = sent.header("location");
    let page = admin.get(&address);
    holds(&page, 200, &["Filas con errores", "línea 2, valid_to", "/bad.csv"]);
    assert!(!page.text().contains("name=\"digest\""));
    let rows = admin.get(&format!("{address}/bad.csv"));
    holds(&rows, 200, &["Línea,Columna,Motivo,number", "2,valid_to,", "2026-02-30"]);
    assert!(rows.header("content-disposition").contains("attachment"));
}

#[test]
fn what_is_no_file_is_told_at_the_field() {
    let server = Server::start(Demo::On);
    let admin = Client::staff(&server, "administracion");
    for bytes in [&b""[..], b"number\n", b"\xff\xfe\x00"] {
        let sent = admin.send_file("/desk/admin/import", "equipment", "a.csv", bytes);
        holds(&sent, 422, &["id=\"file-error\"", "value=\"equipment\" checked"]);
    }
    let agent = Client::staff(&server, "agente");
    let refused = agent.send_file("/desk/admin/import", "contracts", "a.csv", CSV.as_bytes());
    assert_eq!(refused.status(), 403);
    assert_eq!(agent.get("/desk/admin/import").status(), 403);
    assert_eq!(admin.get("/desk/admin/import/999").status(), 404);
    assert_eq!(admin.post("/desk/admin/import/999", "act=undo").status(), 409);
    assert_eq!(admin.post("/desk/admin/import", "kind=contracts").status(), 400);
}
