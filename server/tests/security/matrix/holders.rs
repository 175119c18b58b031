//! Everyone who asks, with their credentials, and who each is to the policy.

use domain::actor::{Actor, DisplayId, Grant, Integration, IntegrationId, PersonId, Role, Scope, Staff};
use domain::country::Country;
use domain::mail_address::MailAddress;
use serde_json::Value;

use super::entry::Place;
use super::seeded::Seeded;
use crate::support::client::{FORM, signed_in_customer};
use crate::support::{Answer, Server, sign_in};

/// The mail address of a customer who administers their company.
pub(crate) const CHIEF: &str = "jefa@cumbre.example";
/// The mail address of a colleague, who administers nothing.
pub(crate) const COLLEAGUE: &str = "luis@cumbre.example";
/// The mail address of another company's administrator.
pub(crate) const FOREIGN: &str = "jefa@cordillera.example";

/// The mail address of a colleague who has signed out.
pub(crate) const LEFT: &str = "eva@cumbre.example";

/// Who a holder is.
#[derive(Debug, Clone)]
enum Who {
    /// Without a right: strangers, and credentials that are over or forged.
    Nobody,
    Staff(Role),
    Display(Scope),
    Program(Vec<Grant>, Scope),
    Customer(&'static str),
}

/// A holder of credentials.
#[derive(Debug, Clone)]
pub(crate) struct Holder {
    pub(crate) name: String,
    /// The headers that carry them.
    pub(crate) head: String,
    who: Who,
    /// Where the holder asks besides the place of their credentials.
    roams: bool,
}

impl Holder {
    fn new(name: &str, head: String, who: Who) -> Self {
        Self { name: name.to_owned(), head, who, roams: true }
    }

    /// A token that is tried at the API alone. At the rest of the site one token stands for all.
    fn of_api_alone(self) -> Self {
        Self { roams: false, ..self }
    }

    /// Who the holder is to the policy at a place.
    pub(crate) fn actor(&self, place: Place) -> Actor {
        match (&self.who, place) {
            (Who::Staff(role), Place::Site) => {
                Actor::Staff(Staff { id: PersonId(1), name: self.name.clone(), role: *role, composed: None })
            }
            (Who::Display(scope), Place::Site) => Actor::Display { id: DisplayId(1), scope: *scope },
            (Who::Program(grants, scope), Place::Api) => Actor::Integration(Integration {
                id: IntegrationId(1),
                name: "ERP".into(),
                grants: grants.iter().copied().collect(),
                scope: *scope,
            }),
            (Who::Customer(mail), Place::Account) => Actor::Contact(MailAddress::parse(mail).unwrap()),
            _ => Actor::Anonymous,
        }
    }

    /// Whether the holder asks at a place.
    pub(crate) fn asks_at(&self, place: Place) -> bool {
        self.roams || place == Place::Api
    }

    /// The mail address of a customer.
    pub(crate) fn mail(&self) -> Option<&'static str> {
        match self.who {
            Who::Customer(mail) => Some(mail),
            _ => None,
        }
    }
}

fn cookies(answer: &Answer) -> Vec<String> {
    answer.headers("set-cookie").iter().map(|line| line.split(';').next().unwrap().to_owned()).collect()
}

fn cookie(answer: &Answer, name: &str) -> String {
    let set = cookies(answer);
    set.iter().find(|cookie| cookie.starts_with(name)).unwrap_or_else(|| panic!("{name} in {set:?}")).clone()
}

fn carrying(cookie: &str) -> String {
    format!("Cookie: {cookie}\r\n")
}

fn bearing(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

/// Every holder but the one whose deactivation comes last.
pub(crate) fn all(seeded: &Seeded<'_>) -> Vec<Holder> {
    let server = seeded.server;
    [staff(server), displays(server), programs(server), customers(server)].into_iter().flatten().collect()
}

fn staff(server: &Server) -> Vec<Holder> {
    let mut holders = vec![
        Holder::new("stranger", String::new(), Who::Nobody),
        Holder::new("forged session", carrying(&format!("vigia-session={}", "0".repeat(64))), Who::Nobody),
    ];
    for (name, role) in [
        ("agente", Role::Agent),
        ("tecnica", Role::Technician),
        ("supervisor", Role::Supervisor),
        ("administracion", Role::Administrator),
    ] {
        let signed_in = sign_in(server, &format!("{name}@vigia.example"));
        holders.push(Holder::new(name, carrying(&cookie(&signed_in, "vigia-session=")), Who::Staff(role)));
        if role == Role::Agent {
            let browser = carrying(&cookie(&signed_in, "vigia-browser="));
            holders.push(Holder::new("known browser", browser, Who::Nobody));
        }
    }
    let over = carrying(&cookie(&sign_in(server, "agente@vigia.example"), "vigia-session="));
    assert_eq!(server.ask("POST", "/desk/sign-out", &format!("{FORM}{over}"), b"").status(), 303);
    holders.push(Holder::new("ended session", over, Who::Nobody));
    holders
}

/// The technician after the end of their service, with the cookie of a session that was open.
pub(crate) fn deactivated(seeded: &Seeded<'_>) -> Holder {
    let open = carrying(&cookie(&sign_in(seeded.server, "tecnica@vigia.example"), "vigia-session="));
    seeded.server.run(&["user", "deactivate", "tecnica@vigia.example"]);
    Holder::new("deactivated person", open, Who::Nobody)
}

fn displays(server: &Server) -> Vec<Holder> {
    [("display", None), ("display of CO", Some(Country::Co))]
        .into_iter()
        .map(|(name, country)| {
            let mut command = vec!["display", "add", "--name", name];
            command.extend(country.iter().flat_map(|_| ["--country", "CO"]));
            let said = server.run(&command);
            let link = format!("/board/{}", said.trim().rsplit('/').next().unwrap());
            let paired = cookie(&server.ask("GET", &link, "", b""), "vigia-display=");
            Holder::new(name, carrying(&paired), Who::Display(Scope { country }))
        })
        .collect()
}

/// A token; the last line of what the command prints.
fn token(server: &Server, grants: &[Grant], country: Option<&'static str>) -> String {
    let codes: Vec<&str> = grants.iter().map(|grant| Grant::code(*grant)).collect();
    let codes = codes.join(",");
    let mut command = vec!["token", "add", "--name", "ERP", "--per-minute", "60000", "--grant", &codes];
    command.extend(country.iter().flat_map(|country| ["--country", *country]));
    server.run(&command).lines().last().unwrap().to_owned()
}

fn programs(server: &Server) -> Vec<Holder> {
    let of = |name: &str, token: &str, grants: &[Grant], country: Option<Country>| {
        Holder::new(name, bearing(token), Who::Program(grants.to_vec(), Scope { country }))
    };
    let whole = token(server, &Grant::ALL, None);
    // Ids count from 1, and the desk of the matrix has one token already.
    let form = format!("grant_type=client_credentials&client_id=2&client_secret={whole}");
    let short = server.ask("POST", "/api/v1/token", FORM, form.as_bytes());
    let short: Value = serde_json::from_str(&short.text()).unwrap();
    let short = short["access_token"].as_str().unwrap().to_owned();
    let of_cases: Vec<Grant> = Grant::ALL.into_iter().filter(|grant| grant.is_of_cases()).collect();
    let mut holders = vec![
        of("token", &whole, &Grant::ALL, None),
        of("short-lived token", &short, &Grant::ALL, None).of_api_alone(),
        of("token of VE", &token(server, &of_cases, Some("VE")), &of_cases, Some(Country::Ve)).of_api_alone(),
        of("token of CO", &token(server, &of_cases, Some("CO")), &of_cases, Some(Country::Co)).of_api_alone(),
    ];
    holders.extend(Grant::ALL.map(|grant| {
        let alone = [grant];
        of(&format!("token with {}", Grant::code(grant)), &token(server, &alone, None), &alone, None)
            .of_api_alone()
    }));
    let revoked = token(server, &Grant::ALL, None);
    // After the first one: three, one for each permission, and this one.
    server.run(&["token", "revoke", &(1 + 3 + Grant::ALL.len() + 1).to_string()]);
    holders.push(Holder::new("revoked token", bearing(&revoked), Who::Nobody).of_api_alone());
    holders
}

fn customers(server: &Server) -> Vec<Holder> {
    let mut holders: Vec<Holder> = [CHIEF, COLLEAGUE, FOREIGN]
        .into_iter()
        .map(|mail| Holder::new(mail, carrying(&signed_in_customer(server, mail)), Who::Customer(mail)))
        .collect();
    let over = carrying(&signed_in_customer(server, LEFT));
    assert_eq!(server.ask("POST", "/my/sign-out", &format!("{FORM}{over}"), b"").status(), 303);
    holders.push(Holder::new("ended customer session", over, Who::Nobody));
    holders
}
