//! Openings of cases over the store, on every engine: keys, numbers, batches and entitlement.

use std::collections::BTreeSet;

use desk::cases::open::{OpenCase, OpenCaseError, open_case};
use desk::cases::read::read_case;
use desk::contracts::entitlement::{Question, check_entitlement};
use desk::lab::demo;
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::contract_number::{ContractNumber, default_formats};
use domain::country::Country;
use domain::entitlement::{Entitlement, EntitlementView, ValidationReason};
use domain::intake::IntakeForm;
use domain::mail_address::MailAddress;
use domain::serial::Serial;

use sqlx::Executor;

use crate::support::{TestDesk, a_case, a_form, an_opening, both_engines, page, staff};

both_engines! {
    same_submission_in_parallel_opens_one_case_with_one_mail,
    parallel_openings_get_consecutive_numbers,
    openings_in_one_batch_keep_their_own_reports,
    failed_opening_leaves_the_rest_of_its_batch_intact,
    unregistered_contract_opens_a_case_that_needs_validation,
    entitlement_check_tells_a_stranger_nothing_of_mismatched_numbers,
    opening_in_doubt_reveals_nothing_of_the_register,
}

/// Openings of so many customers, each with its own address and serial.
fn openings(count: usize) -> Vec<OpenCase> {
    let opening = |place: usize| {
        let mut opening = an_opening(&format!("together-{place}"));
        opening.report.contact.mail = MailAddress::parse(&format!("customer{place}@example.com")).unwrap();
        opening.report.serial = Serial::parse(&format!("TOGETHER{place:03}")).unwrap();
        opening
    };
    (0..count).map(opening).collect()
}

async fn same_submission_in_parallel_opens_one_case_with_one_mail(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let openings = (0..8).map(|_| open_case(desk, &Actor::Anonymous, an_opening("0123456789abcdef")));
    let opened = futures::future::join_all(openings).await;
    let numbers: BTreeSet<_> = opened.into_iter().map(|opened| opened.unwrap().number).collect();
    assert_eq!(numbers.len(), 1);
    let file = page(desk, *numbers.first().unwrap()).await;
    assert_eq!((file.history.len(), file.mails.len()), (1, 1));
    assert_eq!(file.opening.coverage, Entitlement::Covered);
}

async fn parallel_openings_get_consecutive_numbers(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let openings: Vec<_> = (0..40).map(|n| an_opening(&format!("parallel-submission-{n}"))).collect();
    let opening = openings.into_iter().map(|opening| open_case(desk, &Actor::Anonymous, opening));
    let opened = futures::future::join_all(opening).await;
    let sequences: BTreeSet<_> = opened.into_iter().map(|opened| opened.unwrap().number.sequence()).collect();
    assert_eq!(sequences, (1..=40).collect());
}

async fn openings_in_one_batch_keep_their_own_reports(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let opening = openings(70).into_iter().map(|opening| open_case(desk, &Actor::Anonymous, opening));
    for (place, opened) in futures::future::join_all(opening).await.into_iter().enumerate() {
        let file = page(desk, opened.unwrap().number).await;
        let report = &file.opening.report;
        assert_eq!(report.contact.mail.as_str(), format!("customer{place}@example.com"));
        assert_eq!(report.serial.as_str(), format!("TOGETHER{place:03}"));
        assert_eq!((file.history.len(), file.mails.len()), (1, 1));
    }
}

async fn failed_opening_leaves_the_rest_of_its_batch_intact(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let desk = &at.desk;
    // Set up directly in the database: a row that it refuses, and a country without numbers left.
    let mut behind = at.connection().await;
    behind.execute("CREATE UNIQUE INDEX one_case_a_serial ON cases (serial)").await.unwrap();
    behind
        .execute("INSERT INTO case_numbers (country, year, last) VALUES ('MX', 2026, 99999999)")
        .await
        .unwrap();
    let mut openings = openings(20);
    openings[11].report.serial = openings[4].report.serial.clone();
    openings[7].report.country = Country::Mx;
    let opening = openings.into_iter().map(|opening| open_case(desk, &Actor::Anonymous, opening));
    let opened = futures::future::join_all(opening).await;
    assert!(matches!(opened[7], Err(OpenCaseError::NumbersExhausted(Country::Mx))));
    assert!(matches!(opened[11], Err(OpenCaseError::Store(_))));
    assert_eq!(opened.iter().filter(|opened| opened.is_ok()).count(), 18);
}

async fn unregistered_contract_opens_a_case_that_needs_validation(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let opened = a_case(desk).await;
    let file = page(desk, opened.number).await;
    assert_eq!(file.opening.coverage, Entitlement::NeedsValidation(ValidationReason::UnknownContract));
    assert_eq!(file.clocks.len(), 2, "the standing promise holds");
}

async fn entitlement_check_tells_a_stranger_nothing_of_mismatched_numbers(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let ask = async |actor: &Actor, contract: &str, serial: &str| {
        let question = Question {
            contract: ContractNumber::parse(contract, default_formats()).ok(),
            serial: Serial::parse(serial).ok(),
            country: Some(Country::Ve),
        };
        check_entitlement(desk, actor, &question).await.unwrap()
    };
    let mine = ask(&Actor::Anonymous, demo::CARACAS.contract, demo::CARACAS.serial).await;
    assert!(matches!(mine.seen, EntitlementView::Covered { customer: None, .. }));
    let theirs = ask(&Actor::Anonymous, demo::BOGOTA.contract, demo::BOGOTA.serial).await;
    let EntitlementView::Covered { country, .. } = theirs.seen else { panic!("{:?}", theirs.seen) };
    assert_eq!(country, Some(Country::Co), "whoever holds both numbers may know where it stands");
    let unknown = ask(&Actor::Anonymous, "CT-9999-9999", "ZZZZ9999").await;
    // An existing contract, an expired one, a serial of another customer: the same words and terms.
    for (contract, serial) in [
        (demo::CARACAS.contract, "ZZZZ9999"),
        (demo::CARACAS.contract, demo::BOGOTA.serial),
        (demo::EXPIRED.contract, demo::EXPIRED.serial),
        ("CT-9999-9999", demo::CARACAS.serial),
    ] {
        let seen = ask(&Actor::Anonymous, contract, serial).await;
        assert_eq!((&seen.seen, &seen.terms), (&unknown.seen, &unknown.terms), "{contract} {serial}");
        assert_eq!(seen.hours, unknown.hours, "{contract} {serial}");
    }
    let told = ask(&staff(Role::Agent), demo::EXPIRED.contract, demo::EXPIRED.serial).await;
    assert!(matches!(told.seen, EntitlementView::Doubtful { doubt: ValidationReason::Expired, .. }));
}

/// A case opened with foreign numbers reveals nothing of the register to the holder of its link.
async fn opening_in_doubt_reveals_nothing_of_the_register(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let in_doubt = [
        (demo::CARACAS.contract, demo::BOGOTA.serial),
        (demo::CARACAS.contract, "FOC2614A1B9"),
        (demo::EXPIRED.contract, demo::EXPIRED.serial),
    ];
    let mut told = BTreeSet::new();
    for (nth, (contract, serial)) in in_doubt.into_iter().enumerate() {
        let form = IntakeForm {
            contract: contract.to_owned(),
            serial: serial.to_owned(),
            country: "VE".to_owned(),
            ..a_form(&demo::CARACAS)
        };
        let opening = OpenCase { report: form.report().unwrap(), ..an_opening(&format!("doubt-{nth}")) };
        let number = open_case(desk, &Actor::Anonymous, opening).await.unwrap().number;
        assert!(matches!(page(desk, number).await.opening.coverage, Entitlement::NeedsValidation(_)));
        let seen = read_case(desk, &Actor::Customer(number), number).await.unwrap();
        assert_eq!(seen.equipment, serial, "as it was typed");
        let json = serde_json::to_string(&seen).unwrap();
        for typed in [contract, serial] {
            assert!(json.contains(typed), "{json}");
        }
        told.insert((
            serde_json::to_string(&seen.opening.coverage).unwrap(),
            serde_json::to_string(&seen.opening.terms).unwrap(),
            serde_json::to_string(&seen.opening.hours).unwrap(),
        ));
        for why in ["unknown_serial", "serial_not_covered", "expired", "not_yet_in_force", "unknown_contract"]
        {
            assert!(!json.contains(&format!("\"{why}\"")), "{why} in {json}");
        }
    }
    assert_eq!(told.len(), 1, "whatever the doubt is, the same is told: {told:?}");
    // Matching numbers show the customer's name.
    let own = a_case(desk).await.number;
    let seen = read_case(desk, &Actor::Customer(own), own).await.unwrap();
    assert_eq!(seen.equipment, page(desk, own).await.equipment);
    assert_eq!(seen.opening.coverage, Entitlement::Covered);
}
