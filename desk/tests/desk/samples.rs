//! Samples of mails: every kind in every language, for readers of mails alone, and never sent.

use std::collections::{BTreeMap, BTreeSet};

use desk::DeskError;
use desk::outbox::samples;
use desk::store::Engine;
use domain::actor::Role;
use domain::i18n::{Language, text};
use sqlx::Row;

use crate::support::{TestDesk, both_engines, snapshot, staff};

both_engines! {
    mail_samples_cover_every_kind_in_every_language,
    mail_samples_match_their_snapshots_in_every_language,
}

async fn mail_samples_cover_every_kind_in_every_language(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let mut subjects = BTreeSet::new();
    for language in Language::ALL {
        let all = samples(&test.desk, &staff(Role::Supervisor), language).await.unwrap();
        let names: BTreeSet<_> = all.iter().map(|sample| text(language, sample.name_key)).collect();
        assert_eq!(names.len(), all.len(), "no two kinds are called alike: {names:?}");
        let kinds: BTreeSet<_> = all.iter().map(|sample| sample.kind).collect();
        assert_eq!(kinds.len(), all.len());
        for sample in &all {
            let html_of_language = format!("<html lang=\"{}\">", language.code());
            assert!(sample.html.contains(&html_of_language), "{}", sample.kind);
            assert!(!text(language, sample.name_key).starts_with("mails."), "{}", sample.kind);
            // The staff does not call its own desk, nor does who signs in on its page.
            let for_staff = [
                "visit_staff",
                "visit_missed",
                "warning",
                "warnings",
                "invitation",
                "password_reset",
                "account_changed",
                "sign_in_code",
                "company_invitation",
            ]
            .contains(&sample.kind);
            for form in [&sample.text, &sample.html] {
                assert_eq!(form.contains("0800 CPS 0000"), !for_staff, "{}: {form}", sample.kind);
            }
            let numbered =
                ["\n1. ", "<b>1.</b>"].map(|one| sample.text.contains(one) || sample.html.contains(one));
            let several =
                ["\n2. ", "<b>2.</b>"].map(|two| sample.text.contains(two) || sample.html.contains(two));
            assert_eq!(numbered, several, "one step alone has no number: {}", sample.kind);
            assert!(!sample.text.contains("%{") && !sample.html.contains("%{"), "{}", sample.kind);
            assert!(sample.text.contains(&*text(language, "letter.answers")), "{}", sample.kind);
            // Of several cases at once none is named.
            let several = [
                "warnings",
                "links",
                "invitation",
                "password_reset",
                "account_changed",
                "sign_in_code",
                "company_invitation",
            ]
            .contains(&sample.kind);
            assert!(sample.subject.contains(" · ") || several, "{}", sample.subject);
            // The made-up case has no link.
            assert!(sample.text.contains("/…"), "{}: {}", sample.kind, sample.text);
            subjects.insert(sample.subject.clone());
        }
    }
    assert!(subjects.len() >= 12, "{subjects:?}");
    let refused = samples(&test.desk, &staff(Role::Agent), Language::Es).await;
    assert!(matches!(refused, Err(DeskError::NotPermitted(_))));
    let row =
        sqlx::query("SELECT COUNT(*) FROM outbox").fetch_one(&mut test.connection().await).await.unwrap();
    assert_eq!(row.get::<i64, _>(0), 0);
}

/// `samples` has one mail of every kind: a new kind fails until it has a snapshot.
async fn mail_samples_match_their_snapshots_in_every_language(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let mut kinds: BTreeMap<&'static str, Vec<(Language, String)>> = BTreeMap::new();
    for language in Language::ALL {
        for sample in samples(&test.desk, &staff(Role::Supervisor), language).await.unwrap() {
            let (subject, text, html) = (sample.subject, sample.text, sample.html);
            let mail = format!("Subject: {subject}\n\n----- text -----\n{text}\n----- html -----\n{html}");
            kinds.entry(sample.kind).or_default().push((language, mail));
        }
    }
    for (kind, said) in kinds {
        snapshot::holds(&format!("mail_{kind}"), &snapshot::in_each_language(&said));
    }
}
