//! Who belongs to a company: by invitation, by a contract, by a confirmed mail domain; and who does so no more.

use desk::DeskError;
use desk::access::limits::Source;
use desk::audit::{AuditFilter, read};
use desk::customers::cases::{Filter, Whose};
use desk::customers::colleagues::{
    ColleagueError, Invited, colleagues, company_people, confirm_domain, forget_member, invite_colleague,
    name_member, remove_colleague, withdraw_domain,
};
use desk::customers::companies::own_companies;
use desk::customers::entry::{Asked, EntrySecret, enter_by_code, send};
use desk::customers::equipment::own_equipment;
use desk::customers::session::session;
use desk::lab::demo::{BOGOTA, CARACAS, Sample};
use desk::lab::integrity_check::{SchedulerState, check};
use desk::register::{EntryKey, Resolved, entry, merge};
use desk::retention::{RetentionPeriod, erase_case, export, keep, run};
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::audit::{AuditAccess, AuditAuthor, AuditEvent};
use domain::case::ErasureReason;
use domain::company::{CameBy, MailDomain, Standing};
use domain::i18n::Language;
use sqlx::{Executor, Row};

use crate::customers::{ANA, CHIEF, cancel, case_of, customer, listed, mail, mailed, name_contact, numbers};
use crate::support::{TestDesk, both_engines, count, explain, staff};

both_engines! {
    administrator_of_a_company_invites_a_colleague_and_removes_them,
    company_that_one_does_not_administer_is_absent,
    administrator_of_a_company_is_removed_by_the_provider_alone,
    confirmed_domain_lets_its_people_in_until_it_is_withdrawn,
    who_was_removed_stays_out_whatever_domain_and_contract_say,
    removal_holds_for_every_spelling_of_a_mailbox,
    erasure_lets_no_one_in_again_who_was_removed,
    people_of_a_domain_keep_no_one_from_being_invited,
    merged_company_keeps_its_people_and_domains,
    removal_of_either_company_holds_after_the_merge,
    forgotten_member_is_in_no_mail,
    who_acts_for_a_company_is_settled_in_the_audit_log_without_a_name,
    erasure_and_retention_reach_the_people_of_companies,
    queries_of_companies_are_served_by_indexes,
}

const LUIS: &str = "luis.mora@cumbre.example";
const OTHER: &str = "jefe@andina.example";

fn admin() -> Actor {
    staff(Role::Administrator)
}

fn source() -> Source {
    Source::of("192.0.2.7".parse().unwrap())
}

/// The organisation of a sample's contract.
async fn company(at: &TestDesk, sample: &Sample) -> i64 {
    let row = sqlx::query("SELECT organisation_id FROM contracts WHERE number = $1").bind(sample.contract);
    row.fetch_one(&mut at.connection().await).await.unwrap().get(0)
}

fn invited(company: i64, address: &str) -> Invited {
    Invited { company, mail: mail(address), language: Language::Es }
}

/// The one thing that is listed.
fn only<T: std::fmt::Debug>(mut all: Vec<T>) -> T {
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// A desk with an administrator of the company in Caracas, named by the provider.
async fn with_chief(engine: Engine) -> (TestDesk, i64) {
    let at = TestDesk::with_register(engine).await;
    let company = company(&at, &CARACAS).await;
    name_member(&at.desk, &admin(), invited(company, CHIEF), Standing::Administrator).await.unwrap();
    (at, company)
}

/// Signs an address in; the session's secret. An hour later, so that no allowance of mails is used up.
async fn entered(at: &TestDesk, address: &str) -> String {
    at.clock.advance(3600);
    let (secret, code, _) = mailed(at, address).await;
    enter_by_code(&at.desk, secret.as_str(), &code).await.unwrap()
}

async fn is_in(at: &TestDesk, secret: &str) -> bool {
    session(&at.desk, secret).await.unwrap().is_some()
}

fn is_absent<T: std::fmt::Debug>(result: &Result<T, ColleagueError>) -> bool {
    matches!(result, Err(ColleagueError::Desk(DeskError::NotFound)))
}

async fn administrator_of_a_company_invites_a_colleague_and_removes_them(engine: Engine) {
    let (at, company) = with_chief(engine).await;
    let covered = case_of(&at, "covered", ANA, &CARACAS).await;
    case_of(&at, "elsewhere", "otra@andina.example", &BOGOTA).await;
    let chief = customer(CHIEF);
    invite_colleague(&at.desk, &chief, invited(company, "Luis.Mora@cumbre.example"), source()).await.unwrap();
    let told = "SELECT COUNT(*) FROM outbox WHERE kind = 'company_invitation' AND recipient = 'Luis.Mora@cumbre.example'";
    assert_eq!(count(&at, told).await, 1);

    let luis = customer(LUIS);
    let secret = entered(&at, LUIS).await;
    let filter = Filter { whose: Whose::Company, ..Filter::default() };
    assert_eq!(numbers(&listed(&at, &luis, filter.clone()).await), [covered.number]);
    assert!(!own_equipment(&at.desk, &luis, 1).await.unwrap().equipment.rows.is_empty());
    let shown = only(colleagues(&at.desk, &chief).await.unwrap());
    let seen: Vec<_> =
        shown.members.iter().map(|member| (member.address.as_str(), member.standing)).collect();
    assert!(seen.contains(&(CHIEF, Standing::Administrator)) && seen.contains(&(LUIS, Standing::Member)));
    let luis_there = shown.members.iter().find(|member| member.address == LUIS).unwrap();
    assert_eq!((luis_there.came_by, luis_there.added_by.as_str()), (CameBy::Colleague, CHIEF));
    assert!(luis_there.entered_at.is_some());

    remove_colleague(&at.desk, &chief, company, "LUIS.mora@cumbre.example").await.unwrap();
    assert!(!is_in(&at, &secret).await, "what is open ends");
    assert_eq!(numbers(&listed(&at, &luis, filter.clone()).await), []);
    assert!(own_equipment(&at.desk, &luis, 1).await.unwrap().contracts.is_empty());
    assert!(is_absent(&remove_colleague(&at.desk, &chief, company, LUIS).await), "twice");

    invite_colleague(&at.desk, &chief, invited(company, LUIS), source()).await.unwrap();
    assert_eq!(numbers(&listed(&at, &luis, filter).await), [covered.number], "invited again");
    assert_eq!(check(&at.desk, SchedulerState::Unknown).await.unwrap().inconsistencies, []);
}

async fn company_that_one_does_not_administer_is_absent(engine: Engine) {
    let (at, own) = with_chief(engine).await;
    let foreign = company(&at, &BOGOTA).await;
    name_member(&at.desk, &admin(), invited(foreign, OTHER), Standing::Administrator).await.unwrap();
    name_member(&at.desk, &admin(), invited(own, LUIS), Standing::Member).await.unwrap();
    let before = count(&at, "SELECT COUNT(*) FROM outbox").await;
    for (who, company) in
        [(CHIEF, foreign), (CHIEF, i64::MAX), (LUIS, own), (OTHER, own), ("x@y.example", own)]
    {
        let actor = customer(who);
        let invitation = invite_colleague(&at.desk, &actor, invited(company, "a@b.example"), source()).await;
        assert!(is_absent(&invitation), "{who}: {invitation:?}");
        let removal = remove_colleague(&at.desk, &actor, company, OTHER).await;
        assert!(is_absent(&removal), "{who}: {removal:?}");
    }
    assert_eq!(count(&at, "SELECT COUNT(*) FROM outbox").await, before, "nobody was written");
    assert!(colleagues(&at.desk, &customer(LUIS)).await.unwrap().is_empty());
    let shown = only(colleagues(&at.desk, &customer(OTHER)).await.unwrap());
    assert_eq!(shown.company.id, foreign);

    for actor in [Actor::Anonymous, Actor::System, admin()] {
        assert!(colleagues(&at.desk, &actor).await.is_err(), "{actor:?}");
        let refused = invite_colleague(&at.desk, &actor, invited(own, "a@b.example"), source()).await;
        assert!(matches!(refused, Err(ColleagueError::Desk(DeskError::NotPermitted(_)))), "{actor:?}");
    }
    for actor in [Actor::Anonymous, customer(CHIEF), staff(Role::Agent), staff(Role::Supervisor)] {
        assert!(company_people(&at.desk, &actor, own).await.is_err(), "{actor:?}");
        let refused = name_member(&at.desk, &actor, invited(own, "a@b.example"), Standing::Member).await;
        assert!(matches!(refused, Err(ColleagueError::Desk(DeskError::NotPermitted(_)))), "{actor:?}");
        let domain = MailDomain::parse("cumbre.example").unwrap();
        assert!(confirm_domain(&at.desk, &actor, own, domain).await.is_err(), "{actor:?}");
        assert!(withdraw_domain(&at.desk, &actor, own, "cumbre.example").await.is_err(), "{actor:?}");
        assert!(forget_member(&at.desk, &actor, own, CHIEF).await.is_err(), "{actor:?}");
    }
    assert!(matches!(company_people(&at.desk, &admin(), i64::MAX).await, Err(DeskError::NotFound)));
}

async fn administrator_of_a_company_is_removed_by_the_provider_alone(engine: Engine) {
    let (at, company) = with_chief(engine).await;
    let chief = customer(CHIEF);
    name_member(&at.desk, &admin(), invited(company, LUIS), Standing::Administrator).await.unwrap();
    let refused = remove_colleague(&at.desk, &chief, company, CHIEF).await;
    assert!(matches!(refused, Err(ColleagueError::Oneself)), "{refused:?}");
    let refused = remove_colleague(&at.desk, &chief, company, LUIS).await;
    assert!(matches!(refused, Err(ColleagueError::Administrator)), "{refused:?}");
    invite_colleague(&at.desk, &chief, invited(company, LUIS), source()).await.unwrap();
    let standing = own_companies(&at.desk, &customer(LUIS)).await.unwrap()[0].standing;
    assert_eq!(standing, Standing::Administrator, "an invitation takes nothing away");
    let people = company_people(&at.desk, &admin(), company).await.unwrap();
    let luis = people.members.iter().find(|member| member.address == LUIS).unwrap();
    assert_eq!(luis.came_by, CameBy::Provider, "nor who named them");
    let secret = entered(&at, LUIS).await;
    name_member(&at.desk, &admin(), invited(company, LUIS), Standing::Removed).await.unwrap();
    assert!(!is_in(&at, &secret).await);
    assert!(own_companies(&at.desk, &customer(LUIS)).await.unwrap().is_empty());
    forget_member(&at.desk, &admin(), company, LUIS).await.unwrap();
    let people = company_people(&at.desk, &admin(), company).await.unwrap();
    assert!(people.members.iter().all(|member| member.address != LUIS));
}

async fn confirmed_domain_lets_its_people_in_until_it_is_withdrawn(engine: Engine) {
    let (at, company) = with_chief(engine).await;
    let domain = MailDomain::parse("@Cumbre.example").unwrap();
    confirm_domain(&at.desk, &admin(), company, domain).await.unwrap();
    let secret = entered(&at, "Nueva@cumbre.example").await;
    let own = only(own_companies(&at.desk, &customer("nueva@cumbre.example")).await.unwrap());
    assert_eq!((own.id, own.standing), (company, Standing::Member));
    let before = count(&at, "SELECT COUNT(*) FROM outbox").await;
    for near in ["nueva@sub.cumbre.example", "nueva@cumbre.example.org", "nueva@xcumbre.example"] {
        assert!(own_companies(&at.desk, &customer(near)).await.unwrap().is_empty(), "{near}");
    }
    assert_eq!(count(&at, "SELECT COUNT(*) FROM outbox").await, before);
    let people = company_people(&at.desk, &admin(), company).await.unwrap();
    let confirmed = only(people.domains);
    assert_eq!(
        (confirmed.domain.as_str(), confirmed.confirmed_by.as_str()),
        ("cumbre.example", "Marta Salas")
    );

    withdraw_domain(&at.desk, &admin(), company, "cumbre.example").await.unwrap();
    assert!(!is_in(&at, &secret).await);
    assert!(own_companies(&at.desk, &customer("nueva@cumbre.example")).await.unwrap().is_empty());
    let chief = only(own_companies(&at.desk, &customer(CHIEF)).await.unwrap());
    assert_eq!(chief.standing, Standing::Administrator, "who was named stays");
    let again = withdraw_domain(&at.desk, &admin(), company, "cumbre.example").await;
    assert!(matches!(again, Err(DeskError::NotFound)), "{again:?}");
}

async fn who_was_removed_stays_out_whatever_domain_and_contract_say(engine: Engine) {
    let (at, company) = with_chief(engine).await;
    name_contact(&at, LUIS, &CARACAS).await;
    let domain = MailDomain::parse("cumbre.example").unwrap();
    confirm_domain(&at.desk, &admin(), company, domain).await.unwrap();
    let secret = entered(&at, LUIS).await;
    assert_eq!(own_companies(&at.desk, &customer(LUIS)).await.unwrap().len(), 1);
    remove_colleague(&at.desk, &customer(CHIEF), company, LUIS).await.unwrap();
    assert!(!is_in(&at, &secret).await);
    assert!(own_companies(&at.desk, &customer(LUIS)).await.unwrap().is_empty());
    // As a contact they may still have cases of their own; the company stays closed.
    let secret = entered(&at, LUIS).await;
    assert!(is_in(&at, &secret).await);
    assert!(own_companies(&at.desk, &customer(LUIS)).await.unwrap().is_empty());
}

async fn removal_holds_for_every_spelling_of_a_mailbox(engine: Engine) {
    let (at, company) = with_chief(engine).await;
    let domain = MailDomain::parse("cumbre.example").unwrap();
    confirm_domain(&at.desk, &admin(), company, domain).await.unwrap();
    let tagged = "luis.mora+taller@cumbre.example";
    let secret = entered(&at, tagged).await;
    entered(&at, LUIS).await;
    assert_eq!(own_companies(&at.desk, &customer(tagged)).await.unwrap().len(), 1);
    remove_colleague(&at.desk, &customer(CHIEF), company, LUIS).await.unwrap();
    assert!(!is_in(&at, &secret).await, "sessions of the other spelling end as well");
    let before = count(&at, "SELECT COUNT(*) FROM outbox").await;
    for again in [LUIS, tagged, "Luis.Mora+otra@cumbre.example"] {
        let asked = Asked { mail: mail(again), language: Language::Es, source: source() };
        send(&at.desk, &asked, &EntrySecret::fresh(&at.desk)).await.unwrap();
        assert!(own_companies(&at.desk, &customer(again)).await.unwrap().is_empty(), "{again}");
    }
    assert_eq!(count(&at, "SELECT COUNT(*) FROM outbox").await, before, "no code is sent");

    // A contract lets another spelling sign in, and into no company.
    let contact = "luis.mora+contrato@cumbre.example";
    name_contact(&at, contact, &CARACAS).await;
    entered(&at, contact).await;
    assert!(own_companies(&at.desk, &customer(contact)).await.unwrap().is_empty());
    assert!(own_equipment(&at.desk, &customer(contact), 1).await.unwrap().contracts.is_empty());
    let shown = only(colleagues(&at.desk, &customer(CHIEF)).await.unwrap());
    assert!(shown.members.iter().all(|member| !member.address.starts_with("luis")), "{shown:?}");
    let days = RetentionPeriod::parse("400").unwrap();
    keep(&at.desk, &admin(), days).await.unwrap();
    withdraw_domain(&at.desk, &admin(), company, "cumbre.example").await.unwrap();
    at.clock.advance(500 * 86_400);
    run(&at.desk).await.unwrap();
    assert!(
        own_companies(&at.desk, &customer(contact)).await.unwrap().is_empty(),
        "the contract is still there"
    );

    let chief = "directora@cumbre.example";
    name_member(&at.desk, &admin(), invited(company, chief), Standing::Administrator).await.unwrap();
    let oneself = remove_colleague(&at.desk, &customer(chief), company, "directora+x@cumbre.example").await;
    assert!(matches!(oneself, Err(ColleagueError::Oneself)), "{oneself:?}");
    invite_colleague(&at.desk, &customer(chief), invited(company, tagged), source()).await.unwrap();
    assert_eq!(own_companies(&at.desk, &customer(tagged)).await.unwrap().len(), 1, "invited again");
}

async fn who_acts_for_a_company_is_settled_in_the_audit_log_without_a_name(engine: Engine) {
    let (at, company) = with_chief(engine).await;
    let chief = customer(CHIEF);
    invite_colleague(&at.desk, &chief, invited(company, LUIS), source()).await.unwrap();
    remove_colleague(&at.desk, &chief, company, LUIS).await.unwrap();
    assert!(is_absent(&remove_colleague(&at.desk, &chief, company, LUIS).await));
    let domain = MailDomain::parse("cumbre.example").unwrap();
    for _ in 0..2 {
        confirm_domain(&at.desk, &admin(), company, domain.clone()).await.unwrap();
    }
    withdraw_domain(&at.desk, &admin(), company, "cumbre.example").await.unwrap();
    forget_member(&at.desk, &admin(), company, CHIEF).await.unwrap();
    let page = read(&at.desk, &admin(), &AuditFilter::default(), None, 50).await.unwrap();
    let mut told: Vec<_> = page
        .entries
        .into_iter()
        .filter_map(|entry| {
            let by_customer = entry.record.by == AuditAuthor::Customer;
            match entry.record.event {
                AuditEvent::AccessGiven { access, id, name } if id == company => {
                    assert_eq!(name, "");
                    Some((access, true, by_customer))
                }
                AuditEvent::AccessEnded { access, id } if id == company => Some((access, false, by_customer)),
                _ => None,
            }
        })
        .collect();
    told.reverse();
    assert_eq!(
        told,
        [
            (AuditAccess::CompanyAdministrator, true, false),
            (AuditAccess::CompanyMember, true, true),
            (AuditAccess::CompanyMember, false, true),
            (AuditAccess::CompanyDomain, true, false),
            (AuditAccess::CompanyDomain, false, false),
            (AuditAccess::CompanyAdministrator, false, false),
        ]
    );
    let names = "SELECT COUNT(*) FROM audit_log WHERE document LIKE '%cumbre%' OR words LIKE '%cumbre%'";
    assert_eq!(count(&at, names).await, 0);
}

async fn erasure_lets_no_one_in_again_who_was_removed(engine: Engine) {
    let (at, company) = with_chief(engine).await;
    confirm_domain(&at.desk, &admin(), company, MailDomain::parse("cumbre.example").unwrap()).await.unwrap();
    let outside = "luis.mora@andina.example";
    for (key, address) in [("one", LUIS), ("two", outside)] {
        invite_colleague(&at.desk, &customer(CHIEF), invited(company, address), source()).await.unwrap();
        remove_colleague(&at.desk, &customer(CHIEF), company, address).await.unwrap();
        let opened = case_of(&at, key, address, &CARACAS).await;
        cancel(&at, opened.number).await;
        erase_case(&at.desk, &Actor::System, opened.number, ErasureReason::Request).await.unwrap();
    }
    let people = company_people(&at.desk, &admin(), company).await.unwrap();
    let standing =
        |address: &str| people.members.iter().find(|one| one.address == address).map(|one| one.standing);
    assert_eq!(standing(LUIS), Some(Standing::Removed), "the domain would let them in");
    assert_eq!(standing(outside), None, "nothing would");
}

async fn people_of_a_domain_keep_no_one_from_being_invited(engine: Engine) {
    let (at, company) = with_chief(engine).await;
    let many = "WITH RECURSIVE few (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM few WHERE n < 500)
        INSERT INTO company_members (organisation_id, address, standing, came_by, added_by, since_utc_s)
        SELECT CAST($1 AS BIGINT), 'p' || n || '@cumbre.example', 'member', 'domain', '', 0 FROM few";
    sqlx::query(many).bind(company).execute(&mut at.connection().await).await.unwrap();
    invite_colleague(&at.desk, &customer(CHIEF), invited(company, LUIS), source()).await.unwrap();
    let invited_ones = "UPDATE company_members SET came_by = 'colleague' WHERE came_by = 'domain'";
    at.connection().await.execute(invited_ones).await.unwrap();
    let refused = invite_colleague(&at.desk, &customer(CHIEF), invited(company, ANA), source()).await;
    assert!(matches!(refused, Err(ColleagueError::TooMany)), "{refused:?}");
}

/// Another organisation with the company's people.
async fn twin(at: &TestDesk) -> i64 {
    let twin = "INSERT INTO organisations (id, name, country) SELECT MAX(id) + 1, 'Cumbre C. A.', 'VE' FROM organisations RETURNING id";
    sqlx::query(twin).fetch_one(&mut at.connection().await).await.unwrap().get(0)
}

/// Merges one organisation into another.
async fn merged(at: &TestDesk, from: i64, into: i64) {
    let version = async |id| match entry(&at.desk, &admin(), &EntryKey::Organisation(id)).await.unwrap() {
        Resolved::Entry(entry) => entry.version,
        Resolved::Pointer(_) => panic!("it is there"),
    };
    let versions = (version(from).await, version(into).await);
    let (one, other) = (EntryKey::Organisation(from), EntryKey::Organisation(into));
    merge(&at.desk, &admin(), (&one, versions.0), (&other, versions.1)).await.unwrap();
}

async fn removal_of_either_company_holds_after_the_merge(engine: Engine) {
    let (at, into) = with_chief(engine).await;
    let from = twin(&at).await;
    let name = async |company: i64, address: &str, standing: Standing| {
        name_member(&at.desk, &admin(), invited(company, address), standing).await.unwrap();
    };
    let tagged = "ana.rivas+taller@cumbre.example";
    for (company, address) in
        [(from, LUIS), (into, LUIS), (from, OTHER), (into, OTHER), (from, tagged), (into, ANA)]
    {
        name(company, address, Standing::Member).await;
    }
    for (company, address) in [(from, LUIS), (into, OTHER), (from, tagged)] {
        name(company, address, Standing::Removed).await;
    }
    merged(&at, from, into).await;
    for address in [LUIS, OTHER, tagged, ANA] {
        assert!(own_companies(&at.desk, &customer(address)).await.unwrap().is_empty(), "{address}");
    }
    let people = company_people(&at.desk, &admin(), into).await.unwrap();
    let removed = people.members.iter().filter(|member| member.standing == Standing::Removed).count();
    assert_eq!(removed, 4, "{:?}", people.members);
}

async fn forgotten_member_is_in_no_mail(engine: Engine) {
    let (at, company) = with_chief(engine).await;
    invite_colleague(&at.desk, &customer(CHIEF), invited(company, LUIS), source()).await.unwrap();
    entered(&at, LUIS).await;
    let told = async |address: &str| {
        let text = "SELECT COUNT(*) FROM outbox WHERE lower(recipient) = $1 OR mailbox = $1
                        OR body_text LIKE '%' || $1 || '%' OR body_html LIKE '%' || $1 || '%'";
        let row = sqlx::query(text).bind(address.to_owned()).fetch_one(&mut at.connection().await).await;
        row.unwrap().get::<i64, _>(0)
    };
    assert!(told(LUIS).await > 0 && told(CHIEF).await > 1);
    for address in [LUIS, CHIEF] {
        forget_member(&at.desk, &admin(), company, address).await.unwrap();
        assert_eq!(told(address).await, 0, "{address}");
    }
    assert_eq!(check(&at.desk, SchedulerState::Unknown).await.unwrap().inconsistencies, []);
}

async fn merged_company_keeps_its_people_and_domains(engine: Engine) {
    let (at, into) = with_chief(engine).await;
    let from = twin(&at).await;
    for address in [LUIS, CHIEF] {
        name_member(&at.desk, &admin(), invited(from, address), Standing::Member).await.unwrap();
    }
    let domain = MailDomain::parse("cumbre.example").unwrap();
    confirm_domain(&at.desk, &admin(), from, domain).await.unwrap();
    merged(&at, from, into).await;
    let people = company_people(&at.desk, &admin(), into).await.unwrap();
    let standing =
        |address: &str| people.members.iter().find(|member| member.address == address).unwrap().standing;
    assert_eq!((standing(CHIEF), standing(LUIS)), (Standing::Administrator, Standing::Member));
    assert_eq!(people.domains.len(), 1);
}

async fn erasure_and_retention_reach_the_people_of_companies(engine: Engine) {
    let (at, company) = with_chief(engine).await;
    let chief = customer(CHIEF);
    invite_colleague(&at.desk, &chief, invited(company, ANA), source()).await.unwrap();
    invite_colleague(&at.desk, &chief, invited(company, LUIS), source()).await.unwrap();
    let opened = case_of(&at, "first", ANA, &CARACAS).await;
    let file = export(&at.desk, &admin(), &mail(ANA), &[opened.number]).await.unwrap();
    let file: serde_json::Value = serde_json::from_slice(&file).unwrap();
    assert_eq!(file["companies"][0]["came_by"], "colleague", "{file}");

    cancel(&at, opened.number).await;
    erase_case(&at.desk, &Actor::System, opened.number, ErasureReason::Request).await.unwrap();
    let left = "SELECT COUNT(*) FROM company_members WHERE address = 'ana.rivas@cumbre.example'";
    assert_eq!(count(&at, left).await, 0);
    let told = "SELECT COUNT(*) FROM outbox WHERE recipient = 'ana.rivas@cumbre.example'";
    assert_eq!(count(&at, told).await, 0, "the invitation is emptied as well");

    keep(&at.desk, &admin(), RetentionPeriod::parse("400").unwrap()).await.unwrap();
    let again = "nueva@cumbre.example";
    invite_colleague(&at.desk, &chief, invited(company, again), source()).await.unwrap();
    at.clock.advance(86_400);
    entered(&at, again).await;
    at.clock.advance(300 * 86_400);
    entered(&at, CHIEF).await;
    invite_colleague(&at.desk, &chief, invited(company, again), source()).await.unwrap();
    at.clock.advance(200 * 86_400);
    run(&at.desk).await.unwrap();
    let people = company_people(&at.desk, &admin(), company).await.unwrap();
    let addresses: Vec<_> = people.members.iter().map(|member| member.address.as_str()).collect();
    assert!(addresses.contains(&CHIEF) && !addresses.contains(&LUIS), "{addresses:?}");
    assert!(addresses.contains(&again), "the new invitation counts: {addresses:?}");
    at.clock.advance(250 * 86_400);
    invite_colleague(&at.desk, &chief, invited(company, again), source()).await.unwrap();
    run(&at.desk).await.unwrap();
    let named = "SELECT COUNT(*) FROM company_members WHERE added_by = 'jefa@cumbre.example'";
    assert_eq!(count(&at, named).await, 0, "who added others is forgotten as well");
}

async fn queries_of_companies_are_served_by_indexes(engine: Engine) {
    let (at, _) = with_chief(engine).await;
    let mut connection = explain::at_work(&at).await;
    if engine == Engine::Postgres {
        for sql in [
            "INSERT INTO company_members (organisation_id, address, mailbox, standing, came_by, added_by, since_utc_s)
             SELECT (SELECT MIN(id) FROM organisations), 'm' || n || '@a.example', 'm' || n || '@a.example', 'member', 'domain', '', n
             FROM generate_series(1, 20000) AS n",
            "INSERT INTO company_domains (organisation_id, domain, confirmed_utc_s, confirmed_by)
             SELECT (SELECT MIN(id) FROM organisations), 'd' || n || '.example', n, '' FROM generate_series(1, 20000) AS n",
            "ANALYZE",
        ] {
            connection.execute(sql).await.unwrap();
        }
    }
    for (sql, index) in [
        (
            "SELECT organisation_id FROM company_members WHERE address = 'm7@a.example' AND standing = 'removed'",
            "company_members_by_address",
        ),
        (
            "SELECT organisation_id FROM company_members WHERE mailbox = 'm7@a.example' AND standing = 'removed'",
            "company_members_by_mailbox",
        ),
        (
            "SELECT organisation_id FROM company_domains WHERE domain = 'd7.example'",
            "company_domains_by_domain",
        ),
    ] {
        explain::is_served_by(&mut connection, engine, sql, index).await;
    }
}
