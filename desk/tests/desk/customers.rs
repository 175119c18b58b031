//! Customers who sign in: by a code in a mail to a contact alone, and to what is theirs alone.

use desk::DeskError;
use desk::access::limits::Source;
use desk::cases::execute::{Expected, execute_command};
use desk::cases::open::{OpenCase, OpenedCase, open_case};
use desk::customers::cases::{Cursor, Filter, OwnCases, Standing, Whose, own_cases, own_cases_csv};
use desk::customers::entry::{
    Asked, EntryError, EntrySecret, LASTS_S, ask, enter_by_code, enter_by_link, open_link, send,
};
use desk::customers::equipment::{own_equipment, own_label};
use desk::customers::session::{IDLE_S, LONGEST_S, session, sign_out, sign_out_everywhere};
use desk::lab::demo::{BOGOTA, CARACAS, Sample};
use desk::lab::integrity_check::{SchedulerState, check};
use desk::outbox::{ReplyAddresses, Sender, Settings, Transport, deliver_due, list};
use desk::retention::erase_case;
use desk::search::catch_up;
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::calendar::week::WeekHours;
use domain::case::{AskedBy, Command, ErasureReason, TerminationCommand};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::i18n::Language;
use domain::intake::IntakeForm;
use domain::mail_address::MailAddress;
use domain::mail_allowance::PER_MAILBOX_AND_HOUR;
use domain::page::Paging;
use domain::priority::Priority;
use domain::text::Reason;
use sqlx::{Executor, Row};

use crate::support::{TestDesk, a_form, an_opening, both_engines, caracas_sheet, explain, staff};

both_engines! {
    code_signs_a_contact_in_once_and_in_the_browser_that_asked,
    address_of_no_contact_is_sent_nothing,
    five_wrong_codes_use_an_entry_up,
    link_of_the_mail_signs_in_once_and_the_outbox_has_neither_it_nor_the_code,
    entry_is_over_after_fifteen_minutes,
    customer_lists_cases_of_the_exact_address_alone,
    contact_of_a_contract_lists_covered_cases_and_equipment_of_the_company,
    session_ends_when_it_is_idle_old_or_signed_out,
    erasure_on_request_ends_the_sessions_and_empties_the_mails,
    codes_are_rate_limited_and_count_against_the_allowance_of_mails,
    lists_are_filtered_by_words_country_and_site_and_read_from_a_cursor,
    words_are_found_whatever_their_case_and_accents,
    file_of_the_list_has_its_cases_and_no_formula,
    others_than_customers_have_no_lists_of_their_own,
    queries_of_customers_are_served_by_indexes,
}

pub(crate) const ANA: &str = "ana.rivas@cumbre.example";
pub(crate) const CHIEF: &str = "jefa@cumbre.example";

pub(crate) fn mail(address: &str) -> MailAddress {
    MailAddress::parse(address).unwrap()
}

pub(crate) fn customer(address: &str) -> Actor {
    Actor::Contact(mail(address))
}

fn asked(address: &str) -> Asked {
    let source = Source::of("192.0.2.1".parse().unwrap());
    Asked { mail: mail(address), language: Language::Es, source }
}

/// A case of a sample with this contact address, indexed.
pub(crate) async fn case_of(at: &TestDesk, key: &str, address: &str, sample: &Sample) -> OpenedCase {
    let form = IntakeForm { contact_mail: address.to_owned(), ..a_form(sample) };
    let wish = OpenCase { report: form.report().unwrap(), ..an_opening(key) };
    let opened = open_case(&at.desk, &Actor::Anonymous, wish).await.unwrap();
    catch_up(&at.desk).await.unwrap();
    at.clock.advance(1);
    opened
}

/// Asks for a code, and reads the mail that was sent: its code and the last part of its link.
pub(crate) async fn mailed(at: &TestDesk, address: &str) -> (EntrySecret, String, String) {
    let secret = EntrySecret::fresh(&at.desk);
    send(&at.desk, &asked(address), &secret).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let sender =
        Sender {
            name: "Vigía".into(), address: mail("mesa@vigia.example"), replies: ReplyAddresses::Shared
        };
    let transport = Transport::Folder { path: folder.path().to_owned(), sender };
    deliver_due(&at.desk, &transport, &Settings::default()).await.unwrap();
    let mails = std::fs::read_dir(folder.path()).unwrap().map(|file| {
        // Quoted-printable breaks lines anywhere.
        std::fs::read_to_string(file.unwrap().path()).unwrap().replace("=\r\n", "").replace("=3D", "=")
    });
    let text = mails.into_iter().find(|text| text.contains("/my/enter/")).unwrap();
    let link = text.split_once("/my/enter/").unwrap().1;
    let link: String = link.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let code =
        text.lines().map(str::trim).find(|line| line.len() == 6 && line.bytes().all(|b| b.is_ascii_digit()));
    (secret, code.unwrap_or_else(|| panic!("no code: {text}")).to_owned(), link)
}

async fn mails(at: &TestDesk) -> i64 {
    list(&at.desk, &Actor::System, None, 1).await.unwrap().paging.total
}

pub(crate) async fn listed(at: &TestDesk, actor: &Actor, filter: Filter) -> OwnCases {
    own_cases(&at.desk, actor, &filter, None).await.unwrap()
}

pub(crate) fn numbers(cases: &OwnCases) -> Vec<CaseNumber> {
    cases.cases.iter().map(|case| case.row.number).collect()
}

pub(crate) async fn cancel(at: &TestDesk, number: CaseNumber) {
    let command = Command::Termination(TerminationCommand::Cancel {
        asked_by: AskedBy::Customer,
        reason: Reason::parse("El cliente lo pidió por teléfono.").unwrap(),
    });
    execute_command(&at.desk, &staff(Role::Supervisor), number, Expected::Any, command).await.unwrap();
}

/// Makes an address the contact of the contract of a sample.
pub(crate) async fn name_contact(at: &TestDesk, address: &str, sample: &Sample) {
    let named = sqlx::query("UPDATE contracts SET contact_mail = $1 WHERE number = $2")
        .bind(address)
        .bind(sample.contract)
        .execute(&mut at.connection().await)
        .await
        .unwrap();
    assert_eq!(named.rows_affected(), 1);
}

async fn code_signs_a_contact_in_once_and_in_the_browser_that_asked(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    case_of(&at, "first", ANA, &CARACAS).await;
    let (secret, code, _) = mailed(&at, "Ana.Rivas@Cumbre.example").await;
    let other = EntrySecret::fresh(&at.desk);
    assert!(matches!(enter_by_code(&at.desk, other.as_str(), &code).await, Err(EntryError::NotGood)));
    let spaced = format!(" {} {} ", &code[..3], &code[3..]);
    let entered = enter_by_code(&at.desk, secret.as_str(), &spaced).await.unwrap();
    assert_eq!(session(&at.desk, &entered).await.unwrap(), Some(customer(ANA)));
    assert!(
        matches!(enter_by_code(&at.desk, secret.as_str(), &code).await, Err(EntryError::NotGood)),
        "once"
    );
    assert_eq!(check(&at.desk, SchedulerState::Unknown).await.unwrap().inconsistencies, []);
}

async fn address_of_no_contact_is_sent_nothing(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    case_of(&at, "first", ANA, &CARACAS).await;
    let before = mails(&at).await;
    for address in ["nobody@cumbre.example", "ana.rivas+x@cumbre.example"] {
        let secret = EntrySecret::fresh(&at.desk);
        send(&at.desk, &asked(address), &secret).await.unwrap();
        assert!(matches!(enter_by_code(&at.desk, secret.as_str(), "000000").await, Err(EntryError::NotGood)));
    }
    assert_eq!(mails(&at).await, before, "another spelling may be another person's");
}

async fn five_wrong_codes_use_an_entry_up(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    case_of(&at, "first", ANA, &CARACAS).await;
    let (secret, code, link) = mailed(&at, ANA).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for typed in [wrong, "", "12", "abc", wrong] {
        assert!(matches!(enter_by_code(&at.desk, secret.as_str(), typed).await, Err(EntryError::NotGood)));
    }
    assert!(matches!(enter_by_code(&at.desk, secret.as_str(), &code).await, Err(EntryError::NotGood)));
    enter_by_link(&at.desk, &link).await.unwrap();
}

async fn link_of_the_mail_signs_in_once_and_the_outbox_has_neither_it_nor_the_code(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    case_of(&at, "first", ANA, &CARACAS).await;
    let (_, code, link) = mailed(&at, ANA).await;
    let row = sqlx::query("SELECT subject, body_text, body_html FROM outbox WHERE kind = 'sign_in_code'")
        .fetch_one(&mut at.connection().await)
        .await
        .unwrap();
    let kept: String = (0..3).map(|place| row.get::<String, _>(place)).collect();
    assert!(!kept.contains(&code) && !kept.contains(&link), "{kept}");
    assert!(!kept.contains("Ana Rivas") && !kept.contains("conmutador"), "fixed words alone");
    assert_eq!(open_link(&at.desk, &link).await.unwrap(), Some(mail(ANA)));
    let entered = enter_by_link(&at.desk, &link).await.unwrap();
    assert_eq!(session(&at.desk, &entered).await.unwrap(), Some(customer(ANA)));
    assert_eq!(open_link(&at.desk, &link).await.unwrap(), None);
    assert!(matches!(enter_by_link(&at.desk, &link).await, Err(EntryError::NotGood)));
    let made_up = format!("{}-{}", "0".repeat(32), "0".repeat(32));
    for none in [made_up.as_str(), "", "-", "x"] {
        assert!(matches!(enter_by_link(&at.desk, none).await, Err(EntryError::NotGood)), "{none}");
    }
}

async fn entry_is_over_after_fifteen_minutes(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    case_of(&at, "first", ANA, &CARACAS).await;
    let (secret, code, link) = mailed(&at, ANA).await;
    at.clock.advance(LASTS_S);
    assert!(matches!(enter_by_code(&at.desk, secret.as_str(), &code).await, Err(EntryError::NotGood)));
    assert!(matches!(enter_by_link(&at.desk, &link).await, Err(EntryError::NotGood)));
    // The next request deletes it.
    send(&at.desk, &asked("nobody@example.com"), &EntrySecret::fresh(&at.desk)).await.unwrap();
    let row =
        sqlx::query("SELECT COUNT(*) FROM customer_entries").fetch_one(&mut at.connection().await).await;
    assert_eq!(row.unwrap().get::<i64, _>(0), 1);
}

async fn customer_lists_cases_of_the_exact_address_alone(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let first = case_of(&at, "first", ANA, &CARACAS).await;
    case_of(&at, "spelt", "ana.rivas+x@cumbre.example", &CARACAS).await;
    case_of(&at, "foreign", "luis@cumbre.example", &CARACAS).await;
    let newest = case_of(&at, "newest", "Ana.Rivas@cumbre.example", &CARACAS).await;
    let ana = customer("ANA.rivas@cumbre.example");
    let all = listed(&at, &ana, Filter { whose: Whose::Company, ..Filter::default() }).await;
    assert_eq!(numbers(&all), [newest.number, first.number], "no company is theirs");
    assert_eq!((all.counts, all.companies.len()), ((2, 0), 0));
    assert_eq!(all.cases[0].tracking, newest.tracking);

    cancel(&at, first.number).await;
    assert_eq!(numbers(&listed(&at, &ana, Filter::default()).await), [newest.number]);
    let ended = listed(&at, &ana, Filter { standing: Standing::Ended, ..Filter::default() }).await;
    assert_eq!((numbers(&ended), ended.counts), (vec![first.number], (1, 1)));
    let find = |text: &str| Filter { find: text.to_owned(), ..Filter::default() };
    let by_number = listed(&at, &ana, find(&first.number.to_string())).await;
    assert_eq!(numbers(&by_number), [first.number], "whatever its state");
    assert_eq!(listed(&at, &ana, find("s/n foc-2614a1b2")).await.cases.len(), 2);
    for nothing in ["'", "%", "\u{0}", "FOC0000Z9Z9"] {
        assert_eq!(numbers(&listed(&at, &ana, find(nothing)).await), [], "{nothing:?}");
    }
}

async fn contact_of_a_contract_lists_covered_cases_and_equipment_of_the_company(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    name_contact(&at, "Jefa@Cumbre.example", &CARACAS).await;
    let covered = case_of(&at, "covered", ANA, &CARACAS).await;
    let stranger = Sample { serial: "FOC2614Z9Z9", ..CARACAS };
    case_of(&at, "stranger", "luis@example.com", &stranger).await;
    case_of(&at, "elsewhere", ANA, &BOGOTA).await;
    let chief = customer(CHIEF);
    let company = Filter { whose: Whose::Company, ..Filter::default() };
    let all = listed(&at, &chief, company).await;
    assert_eq!(numbers(&all), [covered.number], "what is to be validated is a stranger's word");
    assert_eq!(all.companies.len(), 1);
    assert_eq!(numbers(&listed(&at, &chief, Filter::default()).await), []);

    let owned = own_equipment(&at.desk, &chief, 1).await.unwrap();
    assert_eq!(owned.companies, all.companies);
    assert!(owned.contracts.iter().any(|contract| contract.number == CARACAS.contract));
    assert!(owned.equipment.rows.iter().any(|piece| piece.serial == CARACAS.serial));
    let owner = |name: &str| *name == owned.companies[0].name;
    assert!(owned.contracts.iter().all(|contract| owner(&contract.customer.name)));
    assert!(owned.equipment.rows.iter().all(|piece| owner(&piece.registered.organisation)));
    let promises = &owned.promises[CARACAS.contract];
    assert_eq!(promises.hours, WeekHours::always(), "day and night");
    assert!(promises.terms.targets(Priority::P1).first_response_s > 0);
    let label = async |actor: &Actor, serial: &str| own_label(&at.desk, actor, serial, Language::Es).await;
    assert!(label(&chief, CARACAS.serial).await.unwrap().starts_with(b"%PDF-"));
    for serial in [BOGOTA.serial, "FOC0000Z9Z9", "", "\u{0}"] {
        assert!(matches!(label(&chief, serial).await, Err(DeskError::NotFound)), "{serial:?}");
    }
    assert!(matches!(label(&customer(ANA), CARACAS.serial).await, Err(DeskError::NotFound)), "a colleague's");
    assert!(matches!(
        label(&staff(Role::Administrator), CARACAS.serial).await,
        Err(DeskError::NotPermitted(_))
    ));
    let none = own_equipment(&at.desk, &customer(ANA), 1).await.unwrap();
    assert!(none.companies.is_empty() && none.contracts.is_empty() && none.equipment.rows.is_empty());
}

async fn session_ends_when_it_is_idle_old_or_signed_out(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    case_of(&at, "first", ANA, &CARACAS).await;
    let begin = async || {
        at.clock.advance(3600);
        let (secret, code, _) = mailed(&at, ANA).await;
        enter_by_code(&at.desk, secret.as_str(), &code).await.unwrap()
    };
    let is_in = async |secret: &str| session(&at.desk, secret).await.unwrap().is_some();
    let (one, other) = (begin().await, begin().await);
    sign_out(&at.desk, &one).await.unwrap();
    assert!(!is_in(&one).await && is_in(&other).await);
    let third = begin().await;
    sign_out_everywhere(&at.desk, &customer(ANA)).await.unwrap();
    assert!(!is_in(&other).await && !is_in(&third).await);

    let (idle, used) = (begin().await, begin().await);
    for _ in 0..LONGEST_S / IDLE_S {
        at.clock.advance(IDLE_S - 3600);
        assert!(is_in(&used).await, "somebody uses it");
    }
    assert!(!is_in(&idle).await);
    at.clock.advance(3 * 3600);
    assert!(!is_in(&used).await, "it is too old");
    for made_up in ["", "x", &"0".repeat(64)] {
        assert!(!is_in(made_up).await);
    }
}

async fn erasure_on_request_ends_the_sessions_and_empties_the_mails(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let opened = case_of(&at, "first", ANA, &CARACAS).await;
    let (secret, code, _) = mailed(&at, ANA).await;
    let entered = enter_by_code(&at.desk, secret.as_str(), &code).await.unwrap();
    cancel(&at, opened.number).await;
    erase_case(&at.desk, &Actor::System, opened.number, ErasureReason::Request).await.unwrap();
    assert_eq!(session(&at.desk, &entered).await.unwrap(), None);
    let row = sqlx::query("SELECT COUNT(*) FROM outbox WHERE recipient = $1 OR mailbox = $1").bind(ANA);
    assert_eq!(row.fetch_one(&mut at.connection().await).await.unwrap().get::<i64, _>(0), 0);
}

async fn codes_are_rate_limited_and_count_against_the_allowance_of_mails(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    case_of(&at, "first", ANA, &CARACAS).await;
    let before = mails(&at).await;
    for _ in 0..20 {
        send(&at.desk, &asked(ANA), &EntrySecret::fresh(&at.desk)).await.unwrap();
    }
    let sent = mails(&at).await - before;
    assert!((1..=PER_MAILBOX_AND_HOUR).contains(&sent), "{sent}");
    let entries =
        sqlx::query("SELECT COUNT(*) FROM customer_entries").fetch_one(&mut at.connection().await).await;
    assert_eq!(entries.unwrap().get::<i64, _>(0), sent, "a code that was not mailed is good for nobody");
    assert_eq!(check(&at.desk, SchedulerState::Unknown).await.unwrap().inconsistencies, []);
    let taken = (0..50).filter(|_| ask(&at.desk, asked("nobody@example.com")).is_ok()).count();
    assert_eq!(taken, 10);
}

async fn lists_are_filtered_by_words_country_and_site_and_read_from_a_cursor(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let caracas = case_of(&at, "caracas", ANA, &CARACAS).await;
    let bogota = case_of(&at, "bogota", ANA, &BOGOTA).await;
    case_of(&at, "foreign", "luis@cumbre.example", &CARACAS).await;
    let ana = customer(ANA);
    let all = listed(&at, &ana, Filter::default()).await;
    assert_eq!(numbers(&all), [bogota.number, caracas.number]);
    let countries: Vec<_> = all.places.iter().map(|(country, _)| *country).collect();
    assert_eq!(countries, [Country::Co, Country::Ve]);
    let there = Filter { country: Some(Country::Co), ..Filter::default() };
    let there = listed(&at, &ana, there).await;
    assert_eq!((numbers(&there), there.counts), (vec![bogota.number], (1, 0)));
    let site = all.places[1].1.clone();
    let of_site = listed(&at, &ana, Filter { site: site.clone(), ..Filter::default() }).await;
    assert_eq!(numbers(&of_site), [caracas.number], "{site}");
    let find = |text: &str| Filter { find: text.to_owned(), ..Filter::default() };
    let words = all.cases[0].fault.to_uppercase();
    let words = words.split_whitespace().next().unwrap();
    assert!(numbers(&listed(&at, &ana, find(words)).await).contains(&bogota.number), "{words}");
    assert_eq!(numbers(&listed(&at, &ana, find("_")).await), [], "a character like another one");

    for place in 0..=Paging::ROWS {
        case_of(&at, &format!("many-{place}"), ANA, &CARACAS).await;
    }
    let first = listed(&at, &ana, Filter::default()).await;
    let from = Cursor::parse(&first.next.unwrap().to_string()).unwrap();
    let second = own_cases(&at.desk, &ana, &Filter::default(), Some(&from)).await.unwrap();
    assert_eq!((first.cases.len(), second.cases.len(), second.next), (50, 3, None));
    assert_eq!(second.cases[2].row.number, caracas.number);
    assert!(Cursor::parse("x-y").is_none() && Cursor::parse("").is_none());
}

async fn words_are_found_whatever_their_case_and_accents(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let form = IntakeForm {
        contact_mail: ANA.to_owned(),
        fault: "Árbol caído sobre la ANTENA; la SEÑAL va y viene.".to_owned(),
        ..a_form(&CARACAS)
    };
    let wish = OpenCase { report: form.report().unwrap(), ..an_opening("first") };
    let opened = open_case(&at.desk, &Actor::Anonymous, wish).await.unwrap();
    catch_up(&at.desk).await.unwrap();
    for other in 0..=Paging::ROWS {
        case_of(&at, &format!("other-{other}"), ANA, &CARACAS).await;
    }
    let ana = customer(ANA);
    let find = |text: &str| Filter { find: text.to_owned(), ..Filter::default() };
    for words in ["árbol", "ARBOL CAIDO", "Árbol Caído", "señal", "SENAL", "antena"] {
        assert_eq!(numbers(&listed(&at, &ana, find(words)).await), [opened.number], "{words}");
    }
    let first = listed(&at, &ana, find("ENCIENDE")).await;
    assert_eq!(first.cases.len(), 50);
    let second = own_cases(&at.desk, &ana, &find("ENCIENDE"), first.next.as_ref()).await.unwrap();
    assert_eq!((second.cases.len(), second.next), (1, None), "what is found has pages as well");
    let file = own_cases_csv(&at.desk, &ana, &find("senal"), caracas_sheet()).await.unwrap();
    assert_eq!(file.text.lines().count(), 2, "{}", file.text);
}

async fn file_of_the_list_has_its_cases_and_no_formula(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let form = IntakeForm {
        contact_mail: ANA.to_owned(),
        fault: "=HYPERLINK(\"http://evil.example\") y el conmutador se apaga.".to_owned(),
        ..a_form(&CARACAS)
    };
    let wish = OpenCase { report: form.report().unwrap(), ..an_opening("first") };
    let own = open_case(&at.desk, &Actor::Anonymous, wish).await.unwrap();
    catch_up(&at.desk).await.unwrap();
    let foreign = case_of(&at, "foreign", "luis@cumbre.example", &CARACAS).await;
    let file =
        async |actor: &Actor| own_cases_csv(&at.desk, actor, &Filter::default(), caracas_sheet()).await;
    let text = file(&customer(ANA)).await.unwrap().text;
    assert!(text.contains(&own.number.to_string()) && !text.contains(&foreign.number.to_string()), "{text}");
    assert!(text.contains("'=HYPERLINK") && !text.contains(";=") && !text.contains("\"="), "{text}");
    let nobody = file(&customer("nobody@cumbre.example")).await.unwrap().text;
    assert_eq!(nobody.lines().count(), 1, "the names of the columns");
    assert!(desk::audit::head(&at.desk).await.unwrap().is_some(), "what was noted is written");
    let exported =
        "SELECT COUNT(*) FROM audit_log WHERE kind = 'exported' AND document LIKE '%customer%cases%'";
    assert_eq!(crate::support::count(&at, exported).await, 2);
    for actor in [Actor::Anonymous, Actor::Customer(own.number), staff(Role::Administrator)] {
        assert!(file(&actor).await.is_err(), "{actor:?}");
    }
}

async fn others_than_customers_have_no_lists_of_their_own(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let opened = case_of(&at, "first", ANA, &CARACAS).await;
    for actor in [Actor::Anonymous, Actor::Customer(opened.number), staff(Role::Administrator), Actor::System]
    {
        assert!(own_cases(&at.desk, &actor, &Filter::default(), None).await.is_err(), "{actor:?}");
        assert!(own_equipment(&at.desk, &actor, 1).await.is_err(), "{actor:?}");
    }
}

async fn queries_of_customers_are_served_by_indexes(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let mut connection = explain::at_work(&at).await;
    if engine == Engine::Postgres {
        for sql in [
            "INSERT INTO case_mailboxes (mailbox, case_number, address)
             SELECT 'm' || n % 5003, 'N' || n, 'm' || n % 5003 || '@cumbre.example' FROM generate_series(1, 20000) AS n",
            "INSERT INTO contracts (number, organisation_id, country, plan_id, valid_from, valid_to, contact_mail)
             SELECT 'C' || n, (SELECT MIN(id) FROM organisations), 'VE', 1, '2026-01-01', '2026-12-31',
                    'm' || n % 997 || '@cumbre.example' FROM generate_series(1, 5000) AS n",
            "INSERT INTO customer_entries (id, browser_hash, address, tries, expires_utc_s)
             SELECT 'I' || n, 'B' || n, 'a', 0, n FROM generate_series(1, 5000) AS n",
            "INSERT INTO customer_sessions (token_hash, address, created_utc_s, seen_utc_s)
             SELECT 'T' || n, 'a' || n, n, n FROM generate_series(1, 5000) AS n",
            "ANALYZE",
        ] {
            connection.execute(sql).await.unwrap();
        }
    }
    for (sql, index) in [
        (
            "SELECT case_number FROM case_mailboxes WHERE address = 'm7@cumbre.example'",
            "case_mailboxes_by_address",
        ),
        ("SELECT case_number FROM participants WHERE address = 'a7'", "participants_by_address"),
        (
            "SELECT p.case_number FROM participants p JOIN cases s ON s.number = p.case_number
             WHERE p.address = 'a7' AND (s.link_runs_from_utc_s IS NULL OR s.link_runs_from_utc_s > 7)",
            "participants_by_address",
        ),
        (
            "SELECT number FROM contracts WHERE lower(contact_mail) = 'm7@cumbre.example'",
            "contracts_by_contact_mail",
        ),
        (
            "UPDATE customer_entries SET tries = tries + 1 WHERE browser_hash = 'B7' AND expires_utc_s > 7 AND tries < 5",
            "customer_entries_by_browser",
        ),
        ("DELETE FROM customer_entries WHERE expires_utc_s <= 7", "customer_entries_by_expiry"),
        ("DELETE FROM customer_sessions WHERE created_utc_s <= 7", "customer_sessions_by_creation"),
        ("DELETE FROM customer_sessions WHERE address = 'a7'", "customer_sessions_by_address"),
    ] {
        explain::is_served_by(&mut connection, engine, sql, index).await;
    }
}
