//! The desk of the matrix: two companies of one country and one of another, with a case of each and a file. And one of every
//! object that the administration keeps.

use std::collections::HashMap;

use domain::actor::Subject;
use domain::case_number::CaseNumber;
use serde_json::{Value, json};

use super::entry::Of;
use super::holders::{CHIEF, COLLEAGUE, FOREIGN, Holder, LEFT};
use crate::support::client::{Client, FORM, NO_CASE, NO_LINK, mailed_link};
use crate::support::parts::{PARTS, body};
use crate::support::program::{ALL, Program, json_of, report, technician, window};
use crate::support::{Demo, Person, Server};

/// A picture of four by two pixels.
const PICTURE: &[u8] = b"\x89PNG\x0D\x0A\x1A\x0A\x00\x00\x00\x0DIHDR\x00\x00\x00\x04\x00\x00\x00\x02\x08\x02\x00\x00\x00\xF0\xCA\xEA4\x00\x00\x00\x10IDATx\xDAcPhp\x80#\x06d\x0E\x00Z\x1A\x07\x01{\xBDbz\x00\x00\x00\x00IEND\xAEB`\x82";
/// A file of no case.
const NO_FILE: &str = "0123456789abcdef0123456789abcdef";
/// An id of nothing.
const NO_ID: &str = "999999";
/// Text that stands in a case and nowhere else: of Cumbre, of another company of its country, of Cordillera.
const MARKS: [&str; 3] = ["MARCACUMBRE", "MARCAROSALIA", "MARCACORDILLERA"];
const CSV: &str = "number,organisation,country,plan,valid_from,valid_to\r
CPS-VE-004213-58,Banco Cumbre del Ávila,VE,Estándar Venezuela,2026-01-01,2026-12-31\r
";

/// An object, or the lack of one.
#[derive(Debug, Clone)]
pub(crate) struct Thing {
    pub(crate) label: &'static str,
    /// What stands for the parameters of a path.
    pub(crate) fills: Vec<(&'static str, String)>,
    pub(crate) exists: bool,
    /// Whether it is the absent one that all others are compared with.
    pub(crate) is_absent: bool,
    /// The case that it is or belongs to.
    pub(crate) number: Option<CaseNumber>,
    /// The customers whose it is.
    owners: &'static [&'static str],
}

impl Thing {
    fn new(label: &'static str, fills: &[(&'static str, &str)]) -> Self {
        let fills = fills.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self { label, fills, exists: true, is_absent: false, number: None, owners: &[] }
    }

    /// Of this case.
    fn on(self, number: &str) -> Self {
        Self { number: Some(CaseNumber::parse(number).unwrap()), ..self }
    }

    fn owned_by(self, owners: &'static [&'static str]) -> Self {
        Self { owners, ..self }
    }

    /// What does not exist, but is made of what does.
    fn mixed(self) -> Self {
        Self { exists: false, ..self }
    }

    fn absent(self) -> Self {
        Self { exists: false, is_absent: true, ..self }
    }

    /// The subject of the policy.
    pub(crate) fn subject(&self) -> Subject {
        self.number.map_or(Subject::Desk, |number| Subject::Case { number, country: number.country() })
    }

    /// Whether it is this customer's.
    pub(crate) fn is_of(&self, holder: &Holder) -> bool {
        holder.mail().is_some_and(|mail| self.owners.contains(&mail))
    }
}

/// The server with what it holds.
pub(crate) struct Seeded<'a> {
    pub(crate) server: &'a Server,
    things: HashMap<Of, Vec<Thing>>,
    cases: Vec<Thing>,
}

/// A server over the demonstration. It believes this machine's `X-Forwarded-For`: each request is a stranger of its own.
pub(crate) fn start() -> Server {
    let variables =
        [("VIGIA_TRUSTED_PROXIES", "127.0.0.1"), ("VIGIA_WEBHOOKS_ALLOWED_NETWORKS", "127.0.0.1")];
    Server::start_with(Demo::On, &variables)
}

/// A case as it was opened.
struct Opened {
    tracking: String,
    number: String,
}

fn open(server: &Server, key: &str, mark: &str, [contract, serial, platform, country]: [&str; 4]) -> Opened {
    let report = format!(
        "key={key}&reporter=Ana+{mark}&contract={contract}&serial={serial}&platform={platform}&country={country}\
         &location=Torre+{mark}&contact_same=yes&contact_phone=%2B58+212+555+0142\
         &contact_mail={}%40cliente.example&fault=El+equipo+{mark}+se+apaga+solo.&severity=high&urgency=high",
        mark.to_lowercase()
    );
    let opened = server.ask("POST", "/", FORM, report.as_bytes());
    assert_eq!(opened.status(), 303, "{}", opened.text());
    let tracking = opened.header("location").rsplit('/').next().unwrap().to_owned();
    Opened { number: tracking.split('-').next().unwrap().to_owned(), tracking }
}

/// Parts of addresses that stand where others have the id of an object.
const NO_IDS: [&str; 5] = ["", "new", "kinds", "again", "invite"];

/// The first id that a page has after a text.
fn after(page: &str, before: &str) -> Option<String> {
    let mut ids = page.split(before).skip(1).map(|rest| {
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_.%".contains(*c)).collect::<String>()
    });
    ids.find(|id| !NO_IDS.contains(&id.as_str()))
}

impl<'a> Seeded<'a> {
    /// Opens the cases, and adds what the demonstration lacks.
    pub(crate) fn new(server: &'a Server) -> Self {
        let [cumbre, rosalia, cordillera] = [
            open(
                server,
                "0123456789abcdef0701",
                MARKS[0],
                ["CPS-VE-004213-58", "FOC2614A1B2", "network", "VE"],
            ),
            open(server, "0123456789abcdef0702", MARKS[1], ["CPS-VE-004377-51", "9QWRT42", "servers", "VE"]),
            open(
                server,
                "0123456789abcdef0703",
                MARKS[2],
                ["CPS-CO-002107-95", "MXQ3410ABC", "servers", "CO"],
            ),
        ];
        let mut seeded = Self { server, things: HashMap::new(), cases: Vec::new() };
        seeded.add_cases(&cumbre, &rosalia, &cordillera);
        seeded.add_files(&cumbre, &cordillera);
        seeded.add_links_of_mails(&cumbre, &rosalia);
        seeded.add_register();
        seeded.add_administration();
        seeded
    }

    /// The things of a kind, the absent one first.
    pub(crate) fn things(&self, of: Of) -> &[Thing] {
        self.things.get(&of).map_or_else(|| panic!("no things of {of:?}"), Vec::as_slice)
    }

    /// The mark of each case.
    pub(crate) fn marks(&self) -> impl Iterator<Item = (&'static str, &Thing)> {
        MARKS.into_iter().zip(&self.cases)
    }

    fn put(&mut self, of: Of, absent: Thing, others: Vec<Thing>) {
        let things = std::iter::once(absent.absent()).chain(others).collect();
        self.things.insert(of, things);
    }

    fn add_cases(&mut self, cumbre: &Opened, rosalia: &Opened, cordillera: &Opened) {
        let case = |label, of: &Opened| Thing::new(label, &[("number", &of.number)]).on(&of.number);
        self.cases = vec![
            case("case of VE", cumbre).owned_by(&[CHIEF, COLLEAGUE]),
            case("another company's case", rosalia),
            case("case of CO", cordillera).owned_by(&[FOREIGN]),
        ];
        self.things.insert(Of::Desk, vec![Thing::new("desk", &[])]);
        self.put(Of::Case, Thing::new("absent case", &[("number", NO_CASE)]).on(NO_CASE), self.cases.clone());
        let link = |label, tracking: &str| Thing::new(label, &[("tracking", tracking)]);
        // The number of one case with the code of another.
        let code = cordillera.tracking.split_once('-').unwrap().1;
        let mixed = format!("{}-{code}", cumbre.number);
        self.put(
            Of::Tracking,
            link("link of no case", NO_LINK),
            vec![
                link("own link", &cumbre.tracking).on(&cumbre.number),
                link("link of CO", &cordillera.tracking).on(&cordillera.number),
                link("code of another case", &mixed).mixed(),
            ],
        );
        let other = |label, value: &str| {
            Thing::new(label, &[("link", value), ("token", value), ("code", value), ("secret", value)])
        };
        self.put(
            Of::OtherLink,
            other("link of nothing", NO_LINK),
            vec![other("link of another kind", &cumbre.tracking).mixed()],
        );
    }

    /// A customer's message with a picture, and the file's places.
    fn add_files(&mut self, cumbre: &Opened, cordillera: &Opened) {
        let message = body(&[("text", "Se apaga así.")], &[("foto.png", PICTURE)]);
        let path = format!("/track/{}/message", cumbre.tracking);
        let sent = self.server.ask("POST", &path, &format!("Accept: text/plain\r\n{PARTS}"), &message);
        assert_eq!(sent.status(), 201, "{}", sent.text());
        let agent = Person::sign_in(self.server, "agente@vigia.example");
        let (_, page) = agent.call("case_file", &json!({ "number": cumbre.number }));
        let id = page["files"][0]["files"][0]["id"].as_str().unwrap_or_else(|| panic!("no file in {page}"));
        let of_case = |label, number: &str, id: &str| {
            Thing::new(label, &[("number", number), ("id", id), ("file", id)]).on(number)
        };
        let of_link = |label, tracking: &str, number: &str, id: &str| {
            Thing::new(label, &[("tracking", tracking), ("number", number), ("id", id)]).on(number)
        };
        self.put(
            Of::CaseFile,
            of_case("file of no case", NO_CASE, NO_FILE),
            vec![
                of_case("file", &cumbre.number, id),
                of_case("file of another case", &cordillera.number, id).mixed(),
                of_case("no file of a case", &cumbre.number, NO_FILE).mixed(),
            ],
        );
        self.put(
            Of::TrackingFile,
            Thing::new("file of no link", &[("tracking", NO_LINK), ("id", NO_FILE)]),
            vec![
                of_link("own file", &cumbre.tracking, &cumbre.number, id),
                of_link("file of another case", &cordillera.tracking, &cordillera.number, id).mixed(),
            ],
        );
        // A file of a message is none of a visit.
        self.put(
            Of::VisitFile,
            of_link("file of no visit", NO_LINK, NO_CASE, NO_FILE),
            vec![of_link("file of a message", &cumbre.tracking, &cumbre.number, id).mixed()],
        );
    }

    /// A visit that is offered, and the survey of a case that was closed: their links, as mails have them. The link of a case
    /// is neither.
    fn add_links_of_mails(&mut self, cumbre: &Opened, rosalia: &Opened) {
        let program = Program::new(self.server, ALL, &[]);
        let done = |number: &str, what: &str, body: &Value| {
            let answer = program.steer(number, what, body);
            assert_eq!(answer.status(), 200, "{what}: {}", answer.text());
        };
        done(&rosalia.number, "contacts", &json!({ "channel": "phone" }));
        let offer = json!({ "windows": [window(3)], "technician": technician(&program) });
        done(&rosalia.number, "visits/offer", &offer);
        // The plan of this contract opens the survey at the closing.
        let mut mexican = report();
        mexican["contract"] = "CPS-MX-007256-16".into();
        mexican["serial"] = "2102350ABC10R1000001".into();
        mexican["country"] = "MX".into();
        mexican["contact_phone"] = "55 5512 3456".into();
        mexican["contact_mail"] = "marcamexico@cliente.example".into();
        let opened = program.post("/cases", "Idempotency-Key: survey\r\n", &mexican);
        assert_eq!(opened.status(), 201, "{}", opened.text());
        let closed = json_of(&opened)["number"].as_str().unwrap().to_owned();
        done(&closed, "contacts", &json!({ "channel": "phone" }));
        done(
            &closed,
            "resolve",
            &json!({ "category": "hardware", "cause": "Fuente", "solution": "Se cambió" }),
        );
        done(&closed, "verify", &json!({ "verdict": "works", "channel": "phone", "who": "Ana Rivas" }));
        let visit = mailed_link(self.server, "marcarosalia@cliente.example", "/visit/");
        let survey = mailed_link(self.server, "marcamexico@cliente.example", "/survey/");
        let link = |label, value: &str| Thing::new(label, &[("link", value), ("token", value)]);
        for (of, own, number, other) in
            [(Of::VisitLink, &visit, &rosalia.number, &survey), (Of::SurveyLink, &survey, &closed, &visit)]
        {
            self.put(
                of,
                link("link of nothing", NO_LINK),
                vec![
                    link("own link", own).on(number),
                    link("link of another kind", other).mixed(),
                    link("link of a case", &cumbre.tracking).mixed(),
                ],
            );
        }
    }

    /// The entries of the register by the equipment of the demonstration, and who acts for the companies at the portal.
    fn add_register(&mut self) {
        let admin = Client::staff(self.server, "administracion");
        let mut organisations = Vec::new();
        for (serial, label, members) in [
            ("FOC2614A1B2", "own company", &[CHIEF, COLLEAGUE, LEFT][..]),
            ("MXQ3410ABC", "foreign company", &[FOREIGN][..]),
        ] {
            let piece = admin.get(&format!("/desk/admin/register/equipment/{serial}")).text();
            let id = after(&piece, "/desk/admin/register/organisations/").unwrap();
            for mail in members {
                let standing = if *mail == CHIEF || *mail == FOREIGN { "administrator" } else { "member" };
                let form = format!("act=name&standing={standing}&mail={}", mail.replace('@', "%40"));
                let named = admin.post(&format!("/desk/admin/register/organisations/{id}/people"), &form);
                assert_eq!(named.status(), 303, "{}", named.text());
            }
            let company = Thing::new(label, &[("id", &id), ("organisation", &id)]);
            organisations.push(company.owned_by(if serial == "FOC2614A1B2" {
                &[CHIEF, COLLEAGUE]
            } else {
                &[FOREIGN]
            }));
        }
        let none = Thing::new("no company", &[("id", NO_ID), ("organisation", NO_ID)]);
        self.put(Of::Organisation, none, organisations);
        let equipment = |label, serial| Thing::new(label, &[("serial", serial)]);
        self.put(
            Of::Equipment,
            equipment("no equipment", "XXXX9999"),
            vec![
                equipment("own equipment", "FOC2614A1B2").owned_by(&[CHIEF, COLLEAGUE]),
                equipment("foreign equipment", "MXQ3410ABC").owned_by(&[FOREIGN]),
            ],
        );
        let contract = |label, number| Thing::new(label, &[("contract", number)]);
        self.put(
            Of::Contract,
            contract("no contract", "CPS-VE-999999-99"),
            vec![contract("contract", "CPS-VE-004213-58")],
        );
        let piece = admin.get("/desk/admin/register/equipment/FOC2614A1B2").text();
        let site = after(&piece, "/desk/admin/register/sites/").unwrap_or_else(|| "1".to_owned());
        self.put(
            Of::Site,
            Thing::new("no site", &[("site", NO_ID)]),
            vec![Thing::new("site", &[("site", &site)])],
        );
    }

    /// One of every object of the administration. What the page of a kind does not name is tried as an absent one alone.
    fn add_administration(&mut self) {
        let admin = Client::staff(self.server, "administracion");
        let url = "http%3A%2F%2F127.0.0.1%3A9%2Fhook";
        let events = "event_opened=yes&event_contacted=yes";
        let added = admin.post("/desk/admin/webhooks", &format!("name=ERP&url={url}&scope=&{events}"));
        assert_eq!(added.status(), 200, "{}", added.text());
        let sent = admin.send_file("/desk/admin/import", "contracts", "contratos.csv", CSV.as_bytes());
        assert_eq!(sent.status(), 303, "{}", sent.text());
        self.server.run(&["display", "add", "--name", "Pasillo"]);
        for (of, page, address) in [
            (Of::Mail, "/desk/mails", "/desk/mails/"),
            (Of::Plan, "/desk/admin/plans", "/desk/admin/plans/"),
            (Of::Calendar, "/desk/admin/calendars", "/desk/admin/calendars/"),
            (Of::Questionnaire, "/desk/admin/questionnaires", "/desk/admin/questionnaires/"),
            (Of::Reply, "/desk/admin/replies", "/desk/admin/replies/"),
            (Of::Team, "/desk/admin/teams", "/desk/admin/teams/"),
            (Of::MailText, "/desk/admin/mail-texts", "/desk/admin/mail-texts/"),
            (Of::Display, "/desk/admin/displays", "/desk/admin/displays/"),
            (Of::Integration, "/desk/admin/integrations", "/desk/admin/integrations/"),
            (Of::Webhook, "/desk/admin/webhooks", "/desk/admin/webhooks/"),
            (Of::Import, "/desk/admin/import", "/desk/admin/import/"),
            (Of::Triage, "/desk/triage", "/desk/triage/"),
        ] {
            let listed = admin.get(page);
            assert_eq!(listed.status(), 200, "{page}");
            let id = after(&listed.text(), address);
            let found = id.iter().map(|id| Thing::new("one", &[("id", id)])).collect();
            self.put(of, Thing::new("none", &[("id", NO_ID)]), found);
        }
        // The administrator: agents and technicians may open the schedule of none but themselves.
        let people = admin.get("/desk/admin/people").text();
        let mut links = people.split("/desk/admin/people/").skip(1);
        let person = links.find(|link| link.contains(">Lucía Ferrer<")).unwrap();
        let person: String = person.chars().take_while(char::is_ascii_digit).collect();
        let of_person = |label, id: &str| Thing::new(label, &[("id", id), ("person", id)]);
        self.put(Of::Person, of_person("no person", NO_ID), vec![of_person("administrator", &person)]);
        self.put(Of::Call, Thing::new("no call", &[("call", NO_ID)]), Vec::new());
    }
}
