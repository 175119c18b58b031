//! Teams, working hours and absences in the browser: plain forms, and who may send them.

mod support;

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

/// The value of a hidden or visible input.
fn value(page: &str, name: &str) -> String {
    let (_, rest) = page.split_once(&format!("name=\"{name}\"")).unwrap();
    let tag = rest.split_once('>').unwrap().0;
    tag.split_once("value=\"").unwrap().1.split_once('"').unwrap().0.to_owned()
}

/// The address of a person's schedule, by the link on the page of their account.
fn schedule_of(admin: &Client<'_>, name: &str) -> String {
    let list = admin.get("/desk/admin/people").text();
    let before = list.split_once(&format!(">{name}<")).unwrap().0;
    let account = before.rsplit_once("href=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
    let page = admin.get(&account).text();
    let link = page.split_once("/desk/admin/schedules/").unwrap().1.split_once('"').unwrap().0;
    format!("/desk/admin/schedules/{link}")
}

const TEAM: &str = "name=Redes&countries=VE&countries=CO&skills=network&members=agente%40vigia.example";

#[test]
fn team_is_saved_by_administrators_and_read_by_supervisors() {
    let server = Server::start(Demo::On);
    let admin = Client::staff(&server, "administracion");
    holds(&admin.get("/desk/admin/teams"), 200, &["Todavía no hay equipos", "/desk/admin/teams/new"]);
    let form = admin.get("/desk/admin/teams/new");
    holds(&form, 200, &["name=\"members\"", "value=\"agente@vigia.example\"", "value=\"data_centre\""]);
    let wrong = admin.post("/desk/admin/teams/new", "name=Redes&skills=network&action=preview");
    holds(&wrong, 422, &["id=\"countries-error\"", "Elija al menos un país", "value=\"Redes\""]);
    let shown = admin.post("/desk/admin/teams/new", &format!("{TEAM}&action=preview"));
    holds(&shown, 200, &["Esto cambiaría"]);
    assert!(!shown.text().contains("Casos abiertos alcanzados"), "a team moves no promise");
    let previewed = value(&shown.text(), "previewed");
    let saved = admin.post("/desk/admin/teams/new", &format!("{TEAM}&action=save&previewed={previewed}"));
    assert_eq!(
        (saved.status(), saved.header("location")),
        (303, "/desk/admin/teams?saved=yes".to_owned()),
        "{}",
        saved.text()
    );
    holds(
        &admin.get("/desk/admin/teams?saved=yes"),
        200,
        &["El equipo quedó guardado", "Venezuela, Colombia"],
    );
    holds(&admin.get("/desk/admin/changes"), 200, &["Redes", "Equipo"]);

    let supervisor = Client::staff(&server, "supervisor");
    holds(&supervisor.get("/desk/admin/teams"), 200, &["Redes"]);
    let read = supervisor.get("/desk/admin/teams/1");
    holds(&read, 200, &["Solo un administrador puede cambiarlo.", "disabled"]);
    assert_eq!(supervisor.post("/desk/admin/teams/1", &format!("{TEAM}&action=preview")).status(), 403);
    assert_eq!(admin.get("/desk/admin/teams/99").status(), 404);
    let agent = Client::staff(&server, "agente");
    for address in ["/desk/admin/teams", "/desk/admin/teams/1", "/desk/admin/teams/new"] {
        assert_eq!(agent.get(address).status(), 403, "{address}");
        let stranger = Client::stranger(&server).get(address);
        assert!(
            stranger.status() == 302 || stranger.header("location").starts_with("/desk/sign-in"),
            "{address}: {}",
            stranger.status()
        );
    }
    let posted = Client::stranger(&server).post("/desk/admin/teams/1", TEAM);
    assert!(posted.header("location").starts_with("/desk/sign-in"), "{}", posted.status());
}

#[test]
fn supervisor_keeps_hours_and_absences_of_everybody() {
    let server = Server::start(Demo::On);
    let supervisor = Client::staff(&server, "supervisor");
    let address = schedule_of(&supervisor, "Marta Salas");
    holds(
        &supervisor.get(&address),
        200,
        &["Marta Salas", "sin horario", "name=\"monday\"", "America/Caracas"],
    );

    let own = "act=hours&week=own&zone=America%2FCaracas&monday=08%3A00-12%3A00&holidays=VE";
    let wrong = supervisor.post(&address, &own.replace("08%3A00", "8"));
    holds(&wrong, 422, &["id=\"monday-error\"", "08:00-12:00, 13:00-17:00", "value=\"8-12:00\""]);
    let nowhere = supervisor.post(&address, &own.replace("Caracas", "Nowhere"));
    holds(&nowhere, 422, &["id=\"zone-error\""]);
    let none = supervisor.post(&address, "act=hours&week=own&zone=America%2FCaracas");
    holds(&none, 422, &["id=\"week-error\""]);
    let saved = supervisor.post(&address, own);
    assert_eq!((saved.status(), saved.header("location")), (303, format!("{address}?done=hours")));
    holds(
        &supervisor.get(&format!("{address}?done=hours")),
        200,
        &["El horario quedó guardado", "08:00-12:00"],
    );

    let leave = "act=enter&from=2099-12-21&to=2099-12-31&kind=leave&note=La+cubre+Luis";
    let wrong = supervisor.post(&address, &leave.replace("to=2099-12-31", "to=2099-12-01"));
    holds(&wrong, 422, &["id=\"to-error\"", "value=\"2099-12-21\"", "value=\"La cubre Luis\""]);
    holds(&supervisor.post(&address, &leave.replace("&kind=leave", "")), 422, &["Elija la clase"]);
    assert_eq!(supervisor.post(&address, leave).status(), 303);
    holds(&supervisor.post(&address, leave), 422, &["id=\"from-error\"", "Ya hay una ausencia"]);
    let page = supervisor.get(&address);
    holds(&page, 200, &["La cubre Luis", "Vacaciones"]);
    let id = value(&page.text(), "absence");

    let agent = Client::staff(&server, "agente");
    assert_eq!(agent.get(&address).status(), 403);
    assert_eq!(agent.post(&address, own).status(), 403);
    let stranger = Client::stranger(&server).post(&address, leave);
    assert!(stranger.header("location").starts_with("/desk/sign-in"), "{}", stranger.status());
    assert_eq!(Client::staff(&server, "tecnica").post(&address, leave).status(), 403);
    let removed = supervisor.post(&address, &format!("act=remove&absence={id}"));
    assert_eq!((removed.status(), removed.header("location")), (303, format!("{address}?done=remove")));
    assert_eq!(supervisor.post(&address, &format!("act=remove&absence={id}")).status(), 404);
    assert_eq!(supervisor.get("/desk/admin/schedules/999").status(), 404);
    assert_eq!(supervisor.post(&address, "act=nothing").status(), 400);
}

#[test]
fn everybody_enters_their_own_absences() {
    let server = Server::start(Demo::On);
    let agent = Client::staff(&server, "agente");
    let own = "/desk/account/absences";
    holds(&agent.get("/desk/account"), 200, &["/desk/account/absences"]);
    holds(&agent.get(own), 200, &["No hay ausencias desde hoy", "name=\"from\""]);
    let past = agent.post(own, "act=enter&from=2020-01-01&to=2020-01-02&kind=illness&note=");
    holds(&past, 422, &["id=\"to-error\"", "ya pasaron"]);
    let entered = agent.post(own, "act=enter&from=2099-01-01&to=2099-01-02&kind=illness&note=Reposo");
    assert_eq!((entered.status(), entered.header("location")), (303, format!("{own}?done=enter")));
    holds(&agent.get(own), 200, &["Reposo", "Enfermedad", "Marta Salas"]);
    let hours = agent.post(own, "act=hours&week=");
    assert_eq!(hours.status(), 403, "hours are a supervisor's");
    let technician = Client::staff(&server, "tecnica");
    assert!(!technician.get(own).text().contains("Reposo"), "of the reader alone");
    let stranger = Client::stranger(&server).get(own);
    assert!(stranger.status() == 302 || stranger.header("location").starts_with("/desk/sign-in"));

    // The assign dialog says it, without the reason.
    let supervisor = Client::staff(&server, "supervisor");
    let page = supervisor.get(&schedule_of(&supervisor, "Marta Salas"));
    holds(&page, 200, &["Reposo"]);
}
