//! Import of contracts and equipment: report, writes and refusals.

use crate::support::{TestDesk, both_engines, staff};
use desk::Desk;
use desk::contracts::entitlement::{Question, check_entitlement};
use desk::import::{
    BadRow, CellProblem, Doubt, ImportError, ImportReport, Mode, Outcome, RowProblem, import_contracts,
    import_equipment,
};
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::contract_number::{ContractNumber, default_formats};
use domain::country::Country;
use domain::entitlement::EntitlementView;
use domain::i18n::Language;
use domain::serial::Serial;
use sqlx::Row;

both_engines! {
    import_dry_run_reports_and_writes_nothing,
    applied_import_is_idempotent,
    import_reports_changes_field_by_field,
    import_with_one_bad_row_writes_nothing,
    import_names_every_problem_of_bad_equipment,
    import_warns_of_serials_without_their_leading_zeros,
    import_warns_of_unusual_serials_and_zones,
    import_reports_and_keeps_entries_missing_from_the_file,
    import_reads_dates_with_their_day_first_and_asks_where_none_proves_it,
}

const CONTRACTS: &str = "number,organisation,country,plan,valid_from,valid_to
CPS-VE-004213-58,Banco Cumbre,VE,Estándar Venezuela,2026-01-01,2026-12-31
CPS-CO-002107-95,Seguros Cordillera,CO,Estándar Colombia,2026-01-01,2027-12-31
";

const EQUIPMENT: &str = "serial,manufacturer,model,platform,contract,site,address,country,zone
FOC2614A1B2,Cisco,Catalyst 9300,network,CPS-VE-004213-58,Torre,Av. Principal 1,VE,America/Caracas
FOC2614A1B3,Cisco,Catalyst 9300,network,CPS-VE-004213-58,Torre,Av. Principal 1,VE,America/Caracas
MXQ3410ABC,HPE,,servers,CPS-CO-002107-95,Torre,Carrera 7,CO,America/Bogota
";

async fn contracts(desk: &Desk, csv: &str, mode: Mode) -> ImportReport {
    import_contracts(desk, &Actor::System, csv.as_bytes(), mode).await.unwrap()
}

async fn equipment(desk: &Desk, csv: &str, mode: Mode) -> ImportReport {
    import_equipment(desk, &Actor::System, csv.as_bytes(), mode).await.unwrap()
}

async fn count(at: &TestDesk, table: &str) -> i64 {
    let mut connection = at.connection().await;
    let sql = format!("SELECT COUNT(*) FROM {table}");
    sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_one(&mut connection).await.unwrap().get(0)
}

async fn counts(at: &TestDesk) -> [i64; 4] {
    [
        count(at, "organisations").await,
        count(at, "contracts").await,
        count(at, "sites").await,
        count(at, "equipment").await,
    ]
}

fn numbers(report: &ImportReport) -> (usize, usize, usize, usize) {
    (report.added.len(), report.changed.len(), report.unchanged, report.bad.len())
}

fn problems(report: &ImportReport) -> Vec<(u64, Option<&'static str>)> {
    report.bad.iter().map(|bad| (bad.line, bad.column)).collect()
}

async fn import_dry_run_reports_and_writes_nothing(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let report = contracts(&at.desk, CONTRACTS, Mode::DryRun).await;
    assert_eq!(report.outcome, Outcome::Shown);
    assert_eq!(numbers(&report), (2, 0, 0, 0));
    assert_eq!(report.created, ["Banco Cumbre", "Seguros Cordillera"]);
    assert_eq!(counts(&at).await, [0; 4]);
    let words = report.message(Language::Es);
    assert!(words.contains("+ CPS-VE-004213-58 (línea 2)") && words.contains("--apply"), "{words}");
}

async fn applied_import_is_idempotent(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let report = contracts(&at.desk, CONTRACTS, Mode::Apply).await;
    assert_eq!((report.outcome, numbers(&report)), (Outcome::Written, (2, 0, 0, 0)));
    let report = equipment(&at.desk, EQUIPMENT, Mode::Apply).await;
    assert_eq!((report.outcome, numbers(&report)), (Outcome::Written, (3, 0, 0, 0)));
    assert_eq!(counts(&at).await, [2, 2, 2, 3], "one site each, though both are called the same");

    let question = Question {
        contract: ContractNumber::parse("CPS-VE-004213-58", default_formats()).ok(),
        serial: Serial::parse("FOC2614A1B2").ok(),
        country: Some(Country::Ve),
    };
    let offer = check_entitlement(&at.desk, &staff(Role::Agent), &question).await.unwrap();
    let EntitlementView::Covered { customer: Some(customer), .. } = offer.seen else {
        panic!("{:?}", offer.seen)
    };
    assert_eq!(customer.organisation, "Banco Cumbre");
    assert_eq!(customer.site.as_deref(), Some("Torre"));
    assert_eq!(customer.model.as_deref(), Some("Cisco Catalyst 9300"));

    for report in
        [contracts(&at.desk, CONTRACTS, Mode::Apply).await, equipment(&at.desk, EQUIPMENT, Mode::Apply).await]
    {
        assert_eq!(report.outcome, Outcome::Written);
        assert!(report.added.is_empty() && report.changed.is_empty() && report.created.is_empty());
    }
    assert_eq!(counts(&at).await, [2, 2, 2, 3]);
}

async fn import_reports_changes_field_by_field(engine: Engine) {
    let at = TestDesk::open(engine).await;
    contracts(&at.desk, CONTRACTS, Mode::Apply).await;
    equipment(&at.desk, EQUIPMENT, Mode::Apply).await;

    let csv = CONTRACTS
        .replace("Estándar Venezuela,2026-01-01,2026-12-31", "estándar méxico,2026-01-01,2028-12-31");
    for mode in [Mode::DryRun, Mode::Apply] {
        let report = contracts(&at.desk, &csv, mode).await;
        assert_eq!(numbers(&report), (0, 1, 1, 0));
        let [changed] = report.changed.as_slice() else { panic!("{report:?}") };
        assert_eq!((changed.row.line, changed.row.key.as_str()), (2, "CPS-VE-004213-58"));
        let fields: Vec<_> = changed
            .fields
            .iter()
            .map(|field| (field.column, field.from.as_str(), field.to.as_str()))
            .collect();
        assert_eq!(
            fields,
            [("plan", "Estándar Venezuela", "Estándar México"), ("valid_to", "2026-12-31", "2028-12-31")]
        );
    }

    // A moved site changes all of its equipment.
    let csv = EQUIPMENT
        .replace("Av. Principal 1", "Av. Nueva 2")
        .replace("MXQ3410ABC,HPE,", "MXQ3410ABC,HPE,DL360");
    let report = equipment(&at.desk, &csv, Mode::Apply).await;
    assert_eq!(numbers(&report), (0, 3, 0, 0));
    let columns: Vec<_> =
        report.changed.iter().flat_map(|changed| &changed.fields).map(|field| field.column).collect();
    assert_eq!(columns, ["address", "address", "model"]);
    assert_eq!(numbers(&equipment(&at.desk, &csv, Mode::DryRun).await), (0, 0, 3, 0));
    assert_eq!(counts(&at).await, [2, 2, 2, 3]);
}

async fn import_with_one_bad_row_writes_nothing(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let csv = format!(
        "{CONTRACTS}CPS-VE-004213-85,A,VE,Estándar Venezuela,2026-01-01,2026-12-31
CPS-VE-004377-51,A,CO,Estándar Venezuela,2026-01-01,2026-12-31
CPS-VE-004377-51,,XX,Oro,2026-13-01,12/31/2026
CPS-VE-004690-82,A,VE,Oro,2026-12-31,2026-01-01
cps ve 004213 58,A,VE,Estándar Venezuela,2026-01-01,2026-12-31
CPS-VE-005102-10,A,VE,Oro,2026-01-01,2026-12-31
CPS-VE-005102-10,A,VE
"
    );
    for mode in [Mode::DryRun, Mode::Apply] {
        let report = contracts(&at.desk, &csv, mode).await;
        assert_eq!(
            problems(&report),
            [
                (4, Some("number")),
                (5, Some("country")),
                (6, Some("organisation")),
                (6, Some("country")),
                (6, Some("valid_from")),
                (6, Some("valid_to")),
                (7, Some("valid_to")),
                (8, Some("number")),
                (9, Some("plan")),
                (10, None),
            ]
        );
        assert_eq!(report.bad[7].problem, RowProblem::Twice { first: 2 });
        let RowProblem::Cell(CellProblem::NotAChoice { choices, .. }) = &report.bad[8].problem else {
            panic!("{:?}", report.bad[8])
        };
        assert_eq!(choices, &["Estándar Venezuela", "Estándar Colombia", "Estándar México"]);
        assert_eq!(counts(&at).await, [0; 4]);
        let expected = if mode == Mode::Apply { Outcome::Refused } else { Outcome::Shown };
        assert_eq!(report.outcome, expected);
    }
}

async fn import_names_every_problem_of_bad_equipment(engine: Engine) {
    let at = TestDesk::open(engine).await;
    contracts(&at.desk, CONTRACTS, Mode::Apply).await;
    let csv = format!(
        "{EQUIPMENT}N/A,Cisco,X,network,CPS-VE-004213-58,Torre,Av. Principal 1,VE,America/Caracas
FOC2614A1B4,Cisco,X,redes,CPS-VE-004377-51,Torre,Av. Principal 1,VE,Caracas
FOC2614A1B5,Cisco,X,network,CPS-VE-004377-51,Torre,Av. Principal 1,VE,America/Caracas
FOC2614A1B6,Cisco,X,network,CPS-VE-004213-58,Torre,Av. Otra,VE,America/Caracas
foc-2614-a1b2,Cisco,X,network,CPS-VE-004213-58,Torre,Av. Principal 1,VE,America/Caracas
"
    );
    let report = equipment(&at.desk, &csv, Mode::Apply).await;
    assert_eq!(report.outcome, Outcome::Refused);
    assert_eq!(
        problems(&report),
        [
            (5, Some("serial")),
            (6, Some("platform")),
            (6, Some("zone")),
            (7, Some("contract")),
            (8, Some("site")),
            (9, Some("serial")),
        ]
    );
    assert_eq!(report.bad[4].problem, RowProblem::SiteDiffers { first: 2 });
    assert_eq!(report.bad[5].problem, RowProblem::Twice { first: 2 });
    assert_eq!(counts(&at).await, [2, 2, 0, 0]);
}

#[tokio::test]
async fn import_problems_have_messages_in_every_language() {
    let at = TestDesk::open(Engine::Sqlite).await;
    let csv = "number,organisation,country,plan,valid_from,valid_to\n1,,XX,Oro,x,y\n2\n";
    let report = contracts(&at.desk, csv, Mode::DryRun).await;
    for language in Language::ALL {
        for bad in &report.bad {
            let words = bad.message(language);
            assert!(words.contains(' ') && !words.contains("%{") && !words.contains("import."), "{words}");
        }
        let words = report.message(language);
        assert!(!words.contains("%{") && !words.contains("import."), "{words}");
    }
    let twice = BadRow { line: 7, column: Some("serial"), problem: RowProblem::Twice { first: 3 } };
    assert_eq!(twice.message(Language::Es), "línea 7, serial: Ya está en la línea 3.");
}

#[tokio::test]
async fn import_refuses_files_that_are_no_csv() {
    let at = TestDesk::open(Engine::Sqlite).await;
    let refused = async |csv: &[u8]| {
        import_contracts(&at.desk, &Actor::System, csv, Mode::Apply).await.expect_err("it is no good file")
    };
    let header = refused(b"number;organisation;pais;plan;valid_from;valid_to\n").await;
    assert_eq!(header.message(Language::Es), "Faltan columnas: country. Columnas desconocidas: pais.");
    assert!(matches!(refused(b"").await, ImportError::Empty));
    assert!(matches!(refused(b"number,plan\n\x81\n").await, ImportError::NotText { line: 2 }));
    let large = vec![b'a'; desk::import::MAX_BYTES + 1];
    assert!(matches!(refused(&large).await, ImportError::TooLarge { .. }));
}

#[tokio::test]
async fn import_is_permitted_to_administrators_and_command_line_alone() {
    let at = TestDesk::open(Engine::Sqlite).await;
    for actor in [Actor::Anonymous, staff(Role::Agent), staff(Role::Supervisor)] {
        for refused in [
            import_contracts(&at.desk, &actor, CONTRACTS.as_bytes(), Mode::DryRun).await,
            import_equipment(&at.desk, &actor, EQUIPMENT.as_bytes(), Mode::Apply).await,
        ] {
            assert!(matches!(refused, Err(ImportError::NotPermitted(_))), "{actor:?}");
        }
    }
    let administrator = staff(Role::Administrator);
    import_contracts(&at.desk, &administrator, CONTRACTS.as_bytes(), Mode::Apply).await.unwrap();
}

/// The doubts of a report, by line.
fn doubts(report: &ImportReport) -> Vec<(u64, &'static str, Doubt)> {
    report.doubtful.iter().map(|row| (row.line, row.column, row.doubt.clone())).collect()
}

async fn import_warns_of_serials_without_their_leading_zeros(engine: Engine) {
    let at = TestDesk::open(engine).await;
    contracts(&at.desk, CONTRACTS, Mode::Apply).await;
    let row =
        |serial: &str| format!("{serial},Acme,X1,network,CPS-VE-004213-58,Torre,Av. 1,VE,America/Caracas\n");
    let header = EQUIPMENT.lines().next().unwrap();
    let whole = format!("{header}\n{}{}", row("00012345"), row("00067890"));
    assert_eq!(equipment(&at.desk, &whole, Mode::Apply).await.outcome, Outcome::Written);

    let cut = format!("{header}\n{}{}{}", row("12345"), row("67890"), row("0067890"));
    let report = equipment(&at.desk, &cut, Mode::Apply).await;
    let zeros = |known: &str| Doubt::LeadingZeros { known: known.to_owned() };
    assert_eq!(
        doubts(&report),
        [
            (2, "serial", zeros("00012345")),
            (3, "serial", zeros("00067890")),
            (4, "serial", zeros("00067890"))
        ]
    );
    assert_eq!((report.outcome, count(&at, "equipment").await), (Outcome::Refused, 2));
    assert!(report.message(Language::Es).contains("--apply --confirm"));
    let confirmed = equipment(&at.desk, &cut, Mode::ApplyConfirmed).await;
    assert_eq!((confirmed.outcome, count(&at, "equipment").await), (Outcome::Written, 5));
    // Registered serials are not doubted again.
    assert_eq!(doubts(&equipment(&at.desk, &cut, Mode::DryRun).await), []);
}

async fn import_warns_of_unusual_serials_and_zones(engine: Engine) {
    let at = TestDesk::open(engine).await;
    contracts(&at.desk, CONTRACTS, Mode::Apply).await;
    let header = EQUIPMENT.lines().next().unwrap();
    let csv = format!(
        "{header}
FOC2614A1B2,Cisco,X,network,CPS-VE-004213-58,Torre,Av. 1,VE,America/Caracas
2614,Cisco,X,network,CPS-VE-004213-58,Torre,Av. 1,VE,America/Caracas
ANY-1234,Acme,X,network,CPS-VE-004213-58,Planta,Av. 2,VE,America/Bogota
ANY-1235,Acme,X,network,CPS-VE-004213-58,Oficina,Av. 3,VE,America/Vancouver
"
    );
    let report = equipment(&at.desk, &csv, Mode::Apply).await;
    let (bogota, vancouver) = ("America/Bogota".to_owned(), "America/Vancouver".to_owned());
    assert_eq!(
        doubts(&report),
        [
            (3, "serial", Doubt::NotItsMakers { manufacturer: "Cisco".to_owned() }),
            (4, "zone", Doubt::ZoneElsewhere { zone: bogota, country: Country::Ve }),
            (5, "zone", Doubt::ZoneOutside { zone: vancouver }),
        ]
    );
    assert_eq!((report.outcome, count(&at, "equipment").await), (Outcome::Refused, 0));
    for language in Language::ALL {
        let words = report.message(language);
        assert!(!words.contains("%{") && !words.contains("import."), "{words}");
    }
}

async fn import_reports_and_keeps_entries_missing_from_the_file(engine: Engine) {
    let at = TestDesk::open(engine).await;
    contracts(&at.desk, CONTRACTS, Mode::Apply).await;
    equipment(&at.desk, EQUIPMENT, Mode::Apply).await;
    let less = EQUIPMENT.lines().take(3).collect::<Vec<_>>().join("\n");
    let report = equipment(&at.desk, &less, Mode::Apply).await;
    assert_eq!((report.outcome, report.gone.clone()), (Outcome::Written, vec!["MXQ3410ABC".to_owned()]));
    assert!(report.message(Language::Es).contains("- MXQ3410ABC"), "{}", report.message(Language::Es));
    let less = CONTRACTS.lines().take(2).collect::<Vec<_>>().join("\n");
    assert_eq!(contracts(&at.desk, &less, Mode::DryRun).await.gone, ["CPS-CO-002107-95"]);
    assert_eq!(counts(&at).await, [2, 2, 2, 3]);
}

async fn import_reads_dates_with_their_day_first_and_asks_where_none_proves_it(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let csv = |to: &str| {
        format!(
            "number,organisation,country,plan,valid_from,valid_to\n\
             CPS-VE-004213-58,Banco Cumbre,VE,Estándar Venezuela,01/02/2026,{to}\n"
        )
    };
    let read = "2026-02-01".parse().unwrap();
    let asked = contracts(&at.desk, &csv("03/03/2027"), Mode::Apply).await;
    assert_eq!(asked.outcome, Outcome::Refused);
    assert_eq!(doubts(&asked), [(2, "valid_from", Doubt::DayFirst { read })]);
    assert!(asked.message(Language::Es).contains("2026-02-01"));

    // A day above 12 proves the order for the whole file, and so does a confirmation.
    let proven = contracts(&at.desk, &csv("31/01/2027"), Mode::Apply).await;
    assert_eq!((proven.outcome, doubts(&proven)), (Outcome::Written, vec![]));
    assert_eq!(
        proven.added[0].values[3..],
        [("valid_from", "2026-02-01".to_owned()), ("valid_to", "2027-01-31".to_owned())]
    );
    let confirmed = contracts(&at.desk, &csv("03/03/2027"), Mode::ApplyConfirmed).await;
    assert_eq!((confirmed.outcome, confirmed.changed.len()), (Outcome::Written, 1));

    // What is written already is not asked about again.
    assert_eq!(doubts(&contracts(&at.desk, &csv("03/03/2027"), Mode::DryRun).await), []);
    let month_first = contracts(&at.desk, &csv("01/31/2027"), Mode::DryRun).await;
    assert_eq!(problems(&month_first), [(2, Some("valid_to"))]);
}
