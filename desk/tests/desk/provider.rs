//! The provider: as a file and as a form, in versions, in mails and in the closing report.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use desk::access::displays::list_displays;
use desk::outbox::{ReplyAddresses, Sender, Settings, Transport, deliver_due};
use desk::provider::{LOOK_EVERY, logo_png};
use desk::reports::this_month;
use desk::settings::{
    Fields, Outcome, PROVIDER_ID, Request, SettingsFile, SettingsReport, Subject, apply, change_entry, entry,
    export, history, planned, store_logo,
};
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::country::Country;
use domain::mail_address::MailAddress;
use domain::provider::LogoProblem;
use domain::time::Instant;

use crate::support::{START, TestDesk, a_case, both_engines, staff};

both_engines! {
    standing_provider_is_exported_and_applied_without_a_change,
    provider_with_everything_comes_back_as_it_was_exported,
    what_a_file_leaves_out_has_its_standing_value,
    wrong_values_are_told_by_line_and_key_all_at_once,
    planned_provider_that_was_overtaken_is_announced_no_more,
    months_of_all_countries_begin_in_the_zone_of_the_centre,
    versions_before_the_one_in_force_stay_out_of_memory,
    provider_counts_from_its_day_on,
    earlier_provider_is_taken_up_again,
    file_older_than_another_change_of_the_provider_is_refused,
    form_of_the_provider_names_its_logo_by_hash,
    unused_logos_are_forgotten_after_a_week,
    another_process_notices_a_change,
    mails_carry_name_logo_signature_and_address_for_answers,
    supervisors_read_the_provider_and_change_nothing,
}

/// A PNG of one red pixel.
const PIXEL: &[u8] = &[
    0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0,
    0, 1, 8, 2, 0, 0, 0, 0x90, 0x77, 0x53, 0xDE, 0, 0, 0, 12, b'I', b'D', b'A', b'T', 0x78, 0x9C, 0x63, 0xF8,
    0xCF, 0xC0, 0, 0, 3, 1, 1, 0, 0xC9, 0xFE, 0x92, 0xEF, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xAE, 0x42,
    0x60, 0x82,
];

fn data_url(bytes: &[u8]) -> String {
    format!("data:image/png;base64,{}", STANDARD.encode(bytes))
}

/// A provider with a value for every key.
pub(crate) fn whole() -> String {
    format!(
        "name = \"Andina TI\"\nlogo = \"{}\"\naccent = \"#7A1F5C\"\ntime_zone = \"America/Bogota\"\nlink_days = 180\n
[mail]\nfrom_name = \"Soporte Andina\"\nreply_to = \"mesa@andina.example\"\nsignature = \"Andina TI\\nMesa de ayuda\"\n
[[hotlines]]\ncountry = \"CO\"\nwords = \"01 8000 127784\"\ndigits = \"018000 127784\"\n
[[hotlines]]\ncountry = \"VE\"\nwords = \"0800 CPS 0000\"\ndigits = \"0800 277 0000\"\n",
        data_url(PIXEL)
    )
}

fn file(text: &str) -> Vec<SettingsFile> {
    vec![SettingsFile { subject: Subject::Provider, text: text.to_owned() }]
}

async fn exported(at: &TestDesk, moment: Instant) -> String {
    let files = export(&at.desk, &Actor::System, moment).await.unwrap();
    files.into_iter().find(|file| file.subject == Subject::Provider).unwrap().text
}

async fn applied(at: &TestDesk, text: &str) -> SettingsReport {
    let request = Request::Apply { effective_from: at.desk.now() };
    apply(&at.desk, &Actor::System, file(text), request).await.unwrap()
}

fn name(at: &TestDesk) -> String {
    at.desk.brand().provider.name.as_str().to_owned()
}

async fn standing_provider_is_exported_and_applied_without_a_change(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let text = exported(&at, at.desk.now()).await;
    assert!(text.contains("version = 0\nname = \"Vigía\"\ntime_zone = \"America/Caracas\""), "{text}");
    let report = applied(&at, &text).await;
    assert_eq!((report.changes, report.problems, report.unchanged), (vec![], vec![], 1));
    assert_eq!(at.desk.brand().provider.hotlines.as_slice().len(), 4);
    assert_eq!(
        history(&at.desk, &Actor::System)
            .await
            .unwrap()
            .iter()
            .filter(|it| it.subject == Subject::Provider)
            .count(),
        1
    );
}

async fn provider_with_everything_comes_back_as_it_was_exported(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let report = applied(&at, &whole()).await;
    assert_eq!((report.outcome, &report.problems), (Outcome::Written, &vec![]));
    let keys: Vec<_> = report.changes[0].fields.iter().flatten().map(|change| change.key.as_str()).collect();
    for key in ["name", "logo", "accent", "time_zone", "mail.from_name", "hotlines.0", "hotlines.3"] {
        assert!(keys.contains(&key), "{key} in {keys:?}");
    }
    assert_eq!(name(&at), "Andina TI");
    let text = exported(&at, at.desk.now()).await;
    assert!(
        text.contains("accent = \"#7a1f5c\"") && text.contains("logo = \"data:image/png;base64,"),
        "{text}"
    );
    for text in [text, whole()] {
        let again = applied(&at, &text).await;
        assert_eq!((again.changes, again.problems), (vec![], vec![]), "{text}");
    }
    // Another desk takes the file with its picture.
    let other = TestDesk::open(engine).await;
    let text = exported(&at, at.desk.now()).await.replace("version = 1\n", "");
    assert_eq!(applied(&other, &text).await.outcome, Outcome::Written);
    assert_eq!(other.desk.brand(), at.desk.brand());
}

async fn what_a_file_leaves_out_has_its_standing_value(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let lines = |at: &TestDesk| at.desk.brand().provider.hotlines.as_slice().len();
    let report = applied(&at, "name = \"Andina TI\"\n").await;
    let keys: Vec<_> = report.changes[0].fields.iter().flatten().map(|change| change.key.as_str()).collect();
    assert_eq!((report.problems, keys, lines(&at)), (vec![], vec!["name"], 4));
    // None at all is said, and comes back so from an export and from a form.
    applied(&at, "name = \"Andina TI\"\nhotlines = []\n[mail]\nfrom_name = \"Soporte\"\n").await;
    assert_eq!(lines(&at), 0);
    let text = exported(&at, at.desk.now()).await;
    assert!(text.contains("hotlines = []"), "{text}");
    let again = applied(&at, &text).await;
    assert_eq!((again.changes, again.problems), (vec![], vec![]));
    let administrator = staff(Role::Administrator);
    let request = || Request::Apply { effective_from: at.desk.now() };
    let fields = async || {
        entry(&at.desk, &administrator, Subject::Provider, PROVIDER_ID, at.desk.now()).await.unwrap()
    };
    let sent = async |fields: Fields| {
        change_entry(&at.desk, &administrator, Subject::Provider, fields, request()).await.unwrap().1
    };
    let unchanged = sent(fields().await).await;
    assert_eq!((unchanged.changes, unchanged.problems), (vec![], vec![]));
    applied(&at, "").await;
    assert_eq!((lines(&at), &*name(&at)), (4, "Vigía"));
    let mut emptied = fields().await;
    emptied.retain(|key, _| !key.starts_with("hotlines."));
    assert_eq!(sent(emptied).await.outcome, Outcome::Written);
    assert_eq!(lines(&at), 0, "a form shows every line: no row is no line");
}

async fn planned_provider_that_was_overtaken_is_announced_no_more(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let reader = staff(Role::Supervisor);
    let later = at.desk.now().plus(30 * 86_400);
    let request = Request::Apply { effective_from: later };
    apply(&at.desk, &Actor::System, file(&whole()), request).await.unwrap();
    assert_eq!(planned(&at.desk, &reader, Subject::Provider).await.unwrap(), Some(later));
    applied(&at, "name = \"Otra\"\n").await;
    assert_eq!(planned(&at.desk, &reader, Subject::Provider).await.unwrap(), None);
    at.clock.advance(31 * 86_400);
    assert_eq!(name(&at), "Otra", "it would never have come");
}

async fn months_of_all_countries_begin_in_the_zone_of_the_centre(engine: Engine) {
    let at = TestDesk::open(engine).await;
    // 2026-12-31, 12:00 UTC: fourteen hours east it is January.
    at.clock.advance(1_798_718_400 - at.desk.now().0);
    let before = this_month(&at.desk, None).unwrap();
    applied(&at, "time_zone = \"Pacific/Kiritimati\"\n").await;
    assert_ne!(this_month(&at.desk, None).unwrap(), before);
    assert_eq!(this_month(&at.desk, Some(Country::Ve)).unwrap(), before, "a country has its own");
}

async fn versions_before_the_one_in_force_stay_out_of_memory(engine: Engine) {
    let at = TestDesk::open(engine).await;
    applied(&at, &whole()).await;
    let later = at.desk.now().plus(86_400);
    let request = Request::Apply { effective_from: later };
    apply(&at.desk, &Actor::System, file("name = \"Otra\"\n"), request).await.unwrap();
    // A document that nobody needs any more is not read, at a start neither.
    at.clock.advance(86_401);
    let mut connection = at.connection().await;
    let broken = "UPDATE provider SET document = '{}' WHERE version = 1";
    sqlx::query(broken).execute(&mut connection).await.unwrap();
    let other = at.another().await;
    assert_eq!((other.brand().provider.name.as_str(), &*name(&at)), ("Otra", "Otra"));
}

async fn wrong_values_are_told_by_line_and_key_all_at_once(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let text = "name = \"\"\nlogo = \"data:image/svg+xml;base64,PHN2Zy8+\"\naccent = \"#f2b705\"\ntime_zone = \"Caracas\"
[mail]\nreply_to = \"nobody\"\nsignature = \"1\\n2\\n3\\n4\\n5\"
[[hotlines]]\ncountry = \"ZZ\"\nwords = \"1\"\ndigits = \"1\"
[[hotlines]]\ncountry = \"VE\"\nwords = \"0800 CPS 0000\"\ndigits = \"0800 277 0001\"\n";
    let report = applied(&at, text).await;
    let told: Vec<_> = report.problems.iter().map(|problem| (problem.line, problem.key.as_str())).collect();
    assert_eq!(
        told,
        [
            (1, "name"),
            (2, "logo"),
            (3, "accent"),
            (4, "time_zone"),
            (6, "mail.reply_to"),
            (7, "mail.signature"),
            (9, "hotlines[1].country"),
            (14, "hotlines[2].words"),
        ]
    );
    let words = report.message(domain::i18n::Language::En);
    for part in ["1.57:1", "at least 4.5:1", "no SVG", "08002770000", "08002770001"] {
        assert!(words.contains(part), "{part} in {words}");
    }
    let fields: Vec<_> = report.problems.iter().map(desk::settings::FileProblem::field).collect();
    assert_eq!(fields[6..], ["hotlines.0.country", "hotlines.1.words"]);
    let unreadable =
        applied(&at, "name = \"Andina TI\"\ncolour = \"red\"\ntime_zone = \"America/Caracas\"").await;
    assert_eq!((unreadable.problems[0].line, &*unreadable.problems[0].key), (2, "colour"));
    assert_eq!(name(&at), "Vigía");
}

async fn provider_counts_from_its_day_on(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let request = Request::Apply { effective_from: at.desk.now().plus(86_400) };
    apply(&at.desk, &Actor::System, file(&whole()), request).await.unwrap();
    assert_eq!(name(&at), "Vigía");
    at.clock.advance(86_400);
    assert_eq!(name(&at), "Andina TI");
    assert_eq!(at.desk.brand().provider.zone.name(), "America/Bogota");
}

async fn earlier_provider_is_taken_up_again(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let before = exported(&at, at.desk.now()).await;
    at.clock.advance(60);
    applied(&at, &whole()).await;
    at.clock.advance(60);
    let earlier = exported(&at, START).await;
    assert_eq!(earlier, before.replace("version = 0\n", ""));
    assert_eq!(applied(&at, &earlier).await.outcome, Outcome::Written);
    assert_eq!(name(&at), "Vigía");
    let versions = history(&at.desk, &Actor::System).await.unwrap();
    let named: Vec<_> =
        versions.iter().filter(|it| it.subject == Subject::Provider).map(|it| &*it.name).collect();
    assert_eq!(named, ["Vigía", "Andina TI", "Vigía"]);
    // The form of an earlier state rests on the newest version.
    let fields = entry(&at.desk, &Actor::System, Subject::Provider, PROVIDER_ID, Instant(0)).await.unwrap();
    assert_eq!((&*fields["name"], &*fields["version"]), ("Vigía", "2"));
}

async fn file_older_than_another_change_of_the_provider_is_refused(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let mine = exported(&at, at.desk.now()).await.replace("Vigía", "Andina");
    applied(&at, &whole()).await;
    let report = applied(&at, &mine).await;
    assert_eq!((report.outcome, &*report.problems[0].key), (Outcome::Refused, "version"));
    assert_eq!(name(&at), "Andina TI");
}

async fn form_of_the_provider_names_its_logo_by_hash(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let administrator = staff(Role::Administrator);
    let read = async || {
        entry(&at.desk, &administrator, Subject::Provider, PROVIDER_ID, at.desk.now()).await.unwrap()
    };
    let sent = async |fields: Fields| {
        let request = Request::Apply { effective_from: at.desk.now() };
        change_entry(&at.desk, &administrator, Subject::Provider, fields, request).await.unwrap()
    };
    let unchanged = sent(read().await).await.1;
    assert_eq!((unchanged.changes, unchanged.problems), (vec![], vec![]));
    let refused = store_logo(&at.desk, &administrator, b"<svg/>".to_vec()).await.unwrap();
    assert_eq!(refused, Err(LogoProblem::UnknownKind));
    let hash = store_logo(&at.desk, &administrator, PIXEL.to_vec()).await.unwrap().unwrap();
    let mut fields = read().await;
    fields.insert("logo".to_owned(), hash.as_str().to_owned());
    // A row without words and digits is no line, whatever country stands in it.
    fields.insert("hotlines.9.country".to_owned(), "VE".to_owned());
    let (tidied, report) = sent(fields).await;
    assert_eq!((report.outcome, tidied.contains_key("hotlines.4.country")), (Outcome::Written, false));
    let brand = at.desk.brand();
    assert_eq!(brand.logo.as_ref().unwrap().hash, hash);
    assert_eq!(logo_png(&at.desk, &hash).await.unwrap(), brand.logo.as_ref().unwrap().png);
    let mut unknown = read().await;
    unknown.insert("logo".to_owned(), "a".repeat(64));
    assert_eq!(sent(unknown).await.1.problems[0].field(), "logo");
    let mut removed = read().await;
    removed.insert("logo".to_owned(), String::new());
    assert_eq!(sent(removed).await.1.outcome, Outcome::Written);
    assert_eq!(at.desk.brand().logo, None);
    assert!(logo_png(&at.desk, &hash).await.is_ok(), "mails that were sent name it");
}

async fn unused_logos_are_forgotten_after_a_week(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let administrator = staff(Role::Administrator);
    let used = {
        applied(&at, &whole()).await;
        at.desk.brand().logo.as_ref().unwrap().hash.clone()
    };
    let picture = |red: u8| {
        let mut png = Vec::new();
        let encoder = image::codecs::png::PngEncoder::new(&mut png);
        image::ImageEncoder::write_image(encoder, &[red, 0, 0], 1, 1, image::ExtendedColorType::Rgb8)
            .unwrap();
        png
    };
    let unused = store_logo(&at.desk, &administrator, picture(1)).await.unwrap().unwrap();
    at.clock.advance(8 * 86_400);
    let newer = store_logo(&at.desk, &administrator, picture(2)).await.unwrap().unwrap();
    assert!(logo_png(&at.desk, &unused).await.is_err());
    assert!(logo_png(&at.desk, &newer).await.is_ok() && logo_png(&at.desk, &used).await.is_ok());
}

async fn another_process_notices_a_change(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let other = at.another().await;
    applied(&at, &whole()).await;
    assert!(LOOK_EVERY.as_secs() <= 5, "a page of another node is as old as that");
    assert_eq!(other.brand().provider.name.as_str(), "Vigía");
    other.refresh_brand().await.unwrap();
    assert_eq!(other.brand(), at.desk.brand());
}

fn only_mail(folder: &Path) -> String {
    let file = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    std::fs::read_to_string(file).unwrap().replace("=\r\n", "")
}

async fn mails_carry_name_logo_signature_and_address_for_answers(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    applied(&at, &whole()).await;
    a_case(&at.desk).await;
    let folder = tempfile::tempdir().unwrap();
    let sender = Sender {
        name: "Vigía".into(),
        address: MailAddress::parse("mesa@vigia.example").unwrap(),
        replies: ReplyAddresses::Shared,
    };
    let transport = Transport::Folder { path: folder.path().to_owned(), sender };
    assert_eq!(deliver_due(&at.desk, &transport, &Settings::default()).await.unwrap(), 1);
    let mail = only_mail(folder.path());
    let hash = at.desk.brand().logo.as_ref().unwrap().hash.as_str().to_owned();
    for part in [
        "From: \"Soporte Andina\" <mesa@vigia.example>",
        "Reply-To: \"Soporte Andina\" <mesa@andina.example>",
        "multipart/related",
        &format!("Content-ID: <{hash}@logo>"),
        &format!("cid:{hash}@logo"),
        "Mesa de ayuda",
        "Puede responder a este correo, o escribirnos",
        "#7a1f5c",
        "Colombia: 018000 127784",
    ] {
        assert!(mail.contains(part), "{part} in {mail}");
    }
    assert!(!mail.contains("0501 277 0000"), "a line of the letter that the provider has not");
}

async fn supervisors_read_the_provider_and_change_nothing(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let supervisor = staff(Role::Supervisor);
    let fields = entry(&at.desk, &supervisor, Subject::Provider, PROVIDER_ID, at.desk.now()).await.unwrap();
    let request = Request::DryRun { effective_from: at.desk.now() };
    assert!(change_entry(&at.desk, &supervisor, Subject::Provider, fields, request).await.is_err());
    assert!(store_logo(&at.desk, &supervisor, PIXEL.to_vec()).await.is_err());
    let agent = staff(Role::Agent);
    assert!(entry(&at.desk, &agent, Subject::Provider, PROVIDER_ID, at.desk.now()).await.is_err());
    assert!(list_displays(&at.desk, &agent, 1).await.is_err());
    assert!(at.desk.brand().provider.hotlines.of(Country::Mx).is_some());
}
