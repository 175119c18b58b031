//! Forms of the administration that wait for a fresh sign-in.

use desk::DeskError;
use desk::access::kept_forms::{KEPT_S, KeptFields, keep_form, kept_form};
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::i18n::Language;

use crate::support::{TestDesk, add_staff, both_engines, count};

both_engines! {
    form_waits_for_the_person_who_typed_it,
    secrets_of_a_form_are_not_stored,
    newest_forms_of_a_person_wait,
}

fn fields(pairs: &[(&str, &str)]) -> KeptFields {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

async fn form_waits_for_the_person_who_typed_it(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let ana = add_staff(desk, "Ana Rivas", "ana@vigia.example", Role::Administrator, Language::Es).await;
    let other = add_staff(desk, "Luis Mora", "luis@vigia.example", Role::Administrator, Language::Es).await;
    let (ana, other) = (Actor::Staff(ana), Actor::Staff(other));
    let typed = fields(&[("name", "Marta «Salas»"), ("line", "uno"), ("line", "dos")]);
    let secret = keep_form(desk, &ana, typed.clone()).await.unwrap();
    for _ in 0..2 {
        assert_eq!(
            kept_form(desk, &ana, &secret).await.unwrap().as_ref(),
            Some(&typed),
            "as often as it is loaded"
        );
    }
    assert_eq!(kept_form(desk, &other, &secret).await.unwrap(), None);
    assert_eq!(kept_form(desk, &ana, "0000").await.unwrap(), None);
    let stranger = Actor::Anonymous;
    assert!(matches!(keep_form(desk, &stranger, typed).await, Err(DeskError::NotPermitted(_))));
    assert!(matches!(kept_form(desk, &stranger, &secret).await, Err(DeskError::NotPermitted(_))));

    test.clock.advance(KEPT_S);
    assert_eq!(kept_form(desk, &ana, &secret).await.unwrap(), None);
    keep_form(desk, &ana, fields(&[("name", "Otra")])).await.unwrap();
    assert_eq!(count(&test, "SELECT COUNT(*) FROM kept_forms").await, 1, "the former one is gone");
}

async fn secrets_of_a_form_are_not_stored(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let ana = add_staff(desk, "Ana Rivas", "ana@vigia.example", Role::Administrator, Language::Es).await;
    let ana = Actor::Staff(ana);
    let typed = fields(&[
        ("name", "Sala"),
        ("code", "482913"),
        ("password", "yegua"),
        ("new", "yegua"),
        ("current", "yegua"),
        ("secret", "yegua"),
        ("access_token", "yegua"),
        ("app_secret", "yegua"),
        ("public_client", "yes"),
    ]);
    let secret = keep_form(desk, &ana, typed).await.unwrap();
    let kept = fields(&[("name", "Sala"), ("public_client", "yes")]);
    assert_eq!(kept_form(desk, &ana, &secret).await.unwrap(), Some(kept));
    let stored = "SELECT COUNT(*) FROM kept_forms WHERE fields LIKE '%yegua%' OR fields LIKE '%482913%'";
    assert_eq!(count(&test, stored).await, 0);
}

async fn newest_forms_of_a_person_wait(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let ana = add_staff(desk, "Ana Rivas", "ana@vigia.example", Role::Administrator, Language::Es).await;
    let luis = add_staff(desk, "Luis Mora", "luis@vigia.example", Role::Administrator, Language::Es).await;
    let (ana, luis) = (Actor::Staff(ana), Actor::Staff(luis));
    let typed = fields(&[("name", "Sala")]);
    let (first, of_luis) = (
        keep_form(desk, &ana, typed.clone()).await.unwrap(),
        keep_form(desk, &luis, typed.clone()).await.unwrap(),
    );
    let mut last = String::new();
    for _ in 0..20 {
        test.clock.advance(1);
        last = keep_form(desk, &ana, typed.clone()).await.unwrap();
    }
    assert_eq!(count(&test, "SELECT COUNT(*) FROM kept_forms").await, 21);
    assert_eq!(kept_form(desk, &ana, &first).await.unwrap(), None);
    assert!(kept_form(desk, &ana, &last).await.unwrap().is_some());
    assert!(kept_form(desk, &luis, &of_luis).await.unwrap().is_some(), "one person's forms end no other's");
}
