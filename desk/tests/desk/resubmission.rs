//! Repeated submissions of a form, on every engine.

use desk::cases::open::{OpenCase, OpenCaseError, open_case};
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::case::{Command, Origin, TrackingCommand};
use domain::intake::IntakeForm;

use crate::support::{TestDesk, a_form, an_opening, both_engines, execute, reason, staff};

both_engines! {
    equal_resubmission_returns_the_same_case_for_every_phone_format,
    different_content_under_the_same_key_opens_no_case,
    repetition_after_the_link_was_renewed_says_so_and_gives_no_link,
}

const KEY: &str = "sent-more-than-once";

fn wish(form: &IntakeForm) -> OpenCase {
    OpenCase { report: form.report().unwrap(), ..an_opening(KEY) }
}

fn form() -> IntakeForm {
    a_form(&desk::lab::demo::CARACAS)
}

async fn equal_resubmission_returns_the_same_case_for_every_phone_format(engine: Engine) {
    for phone in ["0212 555 0142", "+58 (212) 555-01-42", "+1 212 555 0123", "0414-5550142"] {
        let test = TestDesk::with_register(engine).await;
        let form = IntakeForm { contact_phone: phone.into(), ..form() };
        let first = open_case(&test.desk, &Actor::Anonymous, wish(&form)).await.unwrap();
        let again = open_case(&test.desk, &Actor::Anonymous, wish(&form)).await.unwrap();
        assert_eq!(first, again, "{phone}");
    }
}

async fn different_content_under_the_same_key_opens_no_case(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let first = open_case(desk, &Actor::Anonymous, wish(&form())).await.unwrap();
    let others = [
        IntakeForm { contact_phone: "+58 212 555 0143".into(), ..form() },
        IntakeForm { reporter: "Pedro Mora".into(), contact_mail: "pedro@example.com".into(), ..form() },
        IntakeForm { fault: "Ahora falla también el segundo conmutador.".into(), ..form() },
        IntakeForm { urgency: "low".into(), ..form() },
    ];
    for other in &others {
        let sent = open_case(desk, &Actor::Anonymous, wish(other)).await;
        assert!(matches!(sent, Err(OpenCaseError::SentBefore(known)) if known == first.number));
    }
    let by_telephone = OpenCase { origin: Origin::Telephone, ..wish(&form()) };
    let taken = open_case(desk, &staff(Role::Agent), by_telephone).await;
    assert!(matches!(taken, Err(OpenCaseError::SentBefore(_))), "another way in is another intent");
    let next = open_case(desk, &Actor::Anonymous, an_opening("the-next-of-all")).await.unwrap();
    assert_eq!(next.number.sequence(), first.number.sequence() + 1, "no number was lost");
}

async fn repetition_after_the_link_was_renewed_says_so_and_gives_no_link(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let first = open_case(desk, &Actor::Anonymous, wish(&form())).await.unwrap();
    assert!(!first.is_renewed);
    let renew = Command::Tracking(TrackingCommand::Renew { reason: reason("Lo reenvió"), undelivered: 0 });
    execute(desk, &staff(Role::Agent), first.number, renew).await;
    let again = open_case(desk, &Actor::Anonymous, wish(&form())).await.unwrap();
    assert_eq!((again.number, again.is_renewed), (first.number, true));
    assert_eq!(again.tracking, first.tracking, "the link that counts is not given to who has the key");
}
