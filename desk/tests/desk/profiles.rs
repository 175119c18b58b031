//! Profiles of customers who sign in: what they say of themselves, and the mails that they do without.

use desk::customers::profile::{keep_profile, own_profile};
use desk::lab::integrity_check::{SchedulerState, check};
use desk::retention::{erase_case, export};
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::case::{Channel, Command, ErasureReason, MessageCommand, TerminationCommand};
use domain::country::Country;
use domain::customer_profile::{CustomerProfile, OptionalMail};
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::phone::Phone;
use domain::text::PersonName;

use crate::support::{TestDesk, a_case, both_engines, count, execute, mails, note, resolve, staff};

both_engines! {
    profile_is_kept_for_its_own_address_alone,
    declined_mails_are_not_sent_and_nothing_seems_lost,
    profile_ends_with_the_last_case_of_its_address,
}

/// The contact of `a_case`.
const LUIS: &str = "luis.pena@example.com";

fn signed_in(mail: &str) -> Actor {
    Actor::Contact(MailAddress::parse(mail).unwrap())
}

fn profile(declined: impl IntoIterator<Item = OptionalMail>) -> CustomerProfile {
    CustomerProfile {
        name: Some(PersonName::parse("Luis Peña").unwrap()),
        phone: Some(Phone::parse_with_extension(Country::Co, "601 5550103").unwrap()),
        language: Some(Language::Pt),
        declined: declined.into_iter().collect(),
    }
}

async fn profile_is_kept_for_its_own_address_alone(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let luis = signed_in("Luis.Pena@example.com");
    assert_eq!(own_profile(&at.desk, &luis).await.unwrap(), CustomerProfile::default());
    let said = profile([OptionalMail::Survey]);
    keep_profile(&at.desk, &luis, &said).await.unwrap();
    let kept = own_profile(&at.desk, &signed_in(LUIS)).await.unwrap();
    let phones = |of: &CustomerProfile| of.phone.as_ref().map(Phone::e164);
    assert_eq!((phones(&kept), &kept.name, kept.language), (phones(&said), &said.name, said.language));
    assert_eq!(kept.declined, said.declined);
    let other = own_profile(&at.desk, &signed_in("eva@example.com")).await.unwrap();
    assert_eq!(other, CustomerProfile::default());
    for actor in [Actor::Anonymous, staff(Role::Administrator), Actor::System] {
        assert!(own_profile(&at.desk, &actor).await.is_err(), "{actor:?}");
        assert!(keep_profile(&at.desk, &actor, &said).await.is_err(), "{actor:?}");
    }
}

async fn declined_mails_are_not_sent_and_nothing_seems_lost(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    keep_profile(&at.desk, &signed_in(LUIS), &profile(OptionalMail::ALL)).await.unwrap();
    let number = a_case(&at.desk).await.number;
    let agent = staff(Role::Agent);
    let update = |text: &str| Command::Message(MessageCommand::SendUpdate { text: note(text), next: None });
    let contact = Command::LogContact { channel: Channel::Phone, note: None };
    for command in [contact, update("Vamos en camino."), update("Llegamos."), resolve("Se cambió la fuente.")]
    {
        execute(&at.desk, &agent, number, command).await;
    }
    let kinds = async || mails(&at, number).await.into_iter().map(|mail| mail.kind).collect::<Vec<_>>();
    assert_eq!(kinds().await, ["opening", "resolution"], "what has to be answered is mailed");
    assert_eq!(check(&at.desk, SchedulerState::Unknown).await.unwrap().inconsistencies, []);

    keep_profile(&at.desk, &signed_in(LUIS), &profile([])).await.unwrap();
    let other = a_case(&at.desk).await.number;
    execute(&at.desk, &agent, other, update("Vamos en camino.")).await;
    let sent = mails(&at, other).await;
    assert_eq!(sent[1].kind, "news");
    assert!(sent[1].text.trim_end().ends_with("https://vigia.example/my/profile"), "{}", sent[1].text);
    assert!(!sent[0].text.contains("/my/profile"), "the opening is always mailed");
    assert_eq!(check(&at.desk, SchedulerState::Unknown).await.unwrap().inconsistencies, []);
}

async fn profile_ends_with_the_last_case_of_its_address(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    keep_profile(&at.desk, &signed_in(LUIS), &profile([])).await.unwrap();
    let (first, last) = (a_case(&at.desk).await.number, a_case(&at.desk).await.number);
    desk::search::catch_up(&at.desk).await.unwrap();
    let mail = MailAddress::parse(LUIS).unwrap();
    let file = export(&at.desk, &staff(Role::Administrator), &mail, &[first, last]).await.unwrap();
    let file = String::from_utf8(file).unwrap();
    assert!(file.contains("\"phone\": \"+57") && file.contains("\"language\": \"pt\""), "{file}");
    let profiles = "SELECT COUNT(*) FROM customer_profiles";
    for (number, left) in [(first, 1), (last, 0)] {
        let cancel = Command::Termination(TerminationCommand::CancelOwn { reason: None });
        execute(&at.desk, &Actor::Customer(number), number, cancel).await;
        erase_case(&at.desk, &Actor::System, number, ErasureReason::Retention).await.unwrap();
        desk::search::catch_up(&at.desk).await.unwrap();
        assert_eq!(count(&at, profiles).await, left);
    }
}
