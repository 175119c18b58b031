//! The rows of what is taken out, in an order that foreign keys allow.

use std::collections::BTreeMap;

use domain::actor::Actor;
use domain::audit::AuditEvent;
use domain::case_number::CaseNumber;
use domain::register::RegisterKind;
use domain::time::Instant;
use sqlx::Row;

use super::Removal;
use crate::access::demonstration::STAFF;
use crate::audit::{self, Noted, histories};
use crate::lab::demo::DISPLAY;
use crate::search;
use crate::store::{StoreError, Tx};

/// What every table says of one case.
const OF_A_CASE: [&str; 32] = [
    "DELETE FROM cases_to_index WHERE case_number = $1",
    "DELETE FROM case_documents WHERE case_number = $1",
    "DELETE FROM case_mailboxes WHERE case_number = $1",
    "DELETE FROM participants WHERE case_number = $1",
    "DELETE FROM unwanted_mails WHERE case_number = $1",
    "DELETE FROM visits WHERE case_number = $1",
    "DELETE FROM visit_files WHERE case_number = $1",
    "DELETE FROM message_files WHERE case_number = $1",
    "DELETE FROM surveys WHERE case_number = $1",
    "DELETE FROM survey_workers WHERE case_number = $1",
    "DELETE FROM warnings WHERE case_number = $1",
    "DELETE FROM notices WHERE case_number = $1",
    "DELETE FROM pause_overlaps WHERE case_number = $1",
    "DELETE FROM overlaps_to_bring_in WHERE case_number = $1",
    "DELETE FROM promises WHERE case_number = $1",
    "DELETE FROM promises_to_bring_in WHERE case_number = $1",
    "DELETE FROM milestones WHERE case_number = $1",
    "DELETE FROM ranks_to_bring_in WHERE case_number = $1",
    "DELETE FROM outbox WHERE case_number = $1",
    "DELETE FROM inbound_mails WHERE case_number = $1",
    "DELETE FROM webhook_deliveries WHERE case_number = $1",
    "DELETE FROM whatsapp_conversations WHERE case_number = $1",
    "DELETE FROM whatsapp_messages WHERE case_number = $1",
    "DELETE FROM calls WHERE case_number = $1",
    "DELETE FROM call_contacts WHERE case_number = $1",
    "DELETE FROM call_requests WHERE case_number = $1",
    "DELETE FROM alerts WHERE case_number = $1",
    "DELETE FROM erasures WHERE case_number = $1",
    "DELETE FROM erased_contents WHERE case_number = $1",
    "DELETE FROM chains_to_bring_in WHERE case_number = $1",
    "DELETE FROM case_events WHERE case_number = $1",
    "DELETE FROM cases WHERE number = $1",
];

/// What every table says of one account.
const OF_A_PERSON: [&str; 18] = [
    "DELETE FROM sessions WHERE person_id = $1",
    "DELETE FROM kept_forms WHERE person_id = $1",
    "DELETE FROM account_notices WHERE person_id = $1",
    "DELETE FROM trusted_devices WHERE person_id = $1",
    "DELETE FROM passkey_challenges WHERE person_id = $1",
    "DELETE FROM passkeys WHERE person_id = $1",
    "DELETE FROM person_identities WHERE person_id = $1",
    "DELETE FROM known_browsers WHERE person_id = $1",
    "DELETE FROM account_links WHERE person_id = $1",
    "DELETE FROM sign_in_steps WHERE person_id = $1",
    "DELETE FROM recovery_codes WHERE person_id = $1",
    "DELETE FROM second_factors WHERE person_id = $1",
    "DELETE FROM notices WHERE person_id = $1",
    "DELETE FROM working_hours WHERE person_id = $1",
    "DELETE FROM absences WHERE person_id = $1",
    "DELETE FROM person_changes WHERE person_id = $1",
    "DELETE FROM calls WHERE person_id = $1",
    "DELETE FROM call_requests WHERE person_id = $1",
];

pub(super) async fn delete(
    tx: &mut Tx,
    removal: &Removal,
    actor: &Actor,
    now: Instant,
) -> Result<(), StoreError> {
    note_numbers(tx, removal).await?;
    note_removal(tx, removal, actor, now).await?;
    for number in &removal.cases {
        let words = search::words_of(tx, *number).await?;
        for text in OF_A_CASE {
            sqlx::query(text).bind(number.as_compact()).execute(tx.connection()).await?;
        }
        search::forget_unused(tx, words).await?;
    }
    for member in STAFF {
        sqlx::query("DELETE FROM outbox WHERE case_number = '' AND recipient = $1")
            .bind(member.mail)
            .execute(tx.connection())
            .await?;
    }
    register(tx, removal).await?;
    people(tx, removal).await?;
    sqlx::query("DELETE FROM displays WHERE name = $1").bind(DISPLAY).execute(tx.connection()).await?;
    Ok(())
}

/// Writes down what is left of the histories, so that seals can be verified still.
async fn note_removal(tx: &mut Tx, removal: &Removal, actor: &Actor, now: Instant) -> Result<(), StoreError> {
    let remains = histories::remains(tx, &removal.cases).await?;
    let (entries, digest) = histories::digest_of_remains(&remains);
    let cases = u64::try_from(removal.cases.len()).unwrap_or(u64::MAX);
    let event = AuditEvent::CasesRemoved { cases, entries, digest };
    let id = audit::record(tx, &Noted::of(actor, now, event)).await?;
    histories::keep_remains(tx, remains, id).await
}

/// Writes down which numbers are no more, so that a series without them is whole.
async fn note_numbers(tx: &mut Tx, removal: &Removal) -> Result<(), StoreError> {
    let mut series: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    let mut note = |name: String, count: i64, last: i64| {
        let (removed, highest) = series.entry(name).or_default();
        *removed += count;
        *highest = last.max(*highest);
    };
    for number in &removal.cases {
        let name = format!("{} {}", number.country().code(), number.year());
        note(name, 1, i64::from(number.sequence()));
        let (count, last) = counted(
            tx,
            "SELECT COUNT(*), COALESCE(MAX(seq), 0) FROM case_events WHERE case_number = $1",
            number,
        )
        .await?;
        note("feed".to_owned(), count, last);
        let (count, last) =
            counted(tx, "SELECT COUNT(*), COALESCE(MAX(id), 0) FROM outbox WHERE case_number = $1", number)
                .await?;
        note("outbox".to_owned(), count, last);
    }
    for member in STAFF {
        let text =
            "SELECT COUNT(*), COALESCE(MAX(id), 0) FROM outbox WHERE case_number = '' AND recipient = $1";
        let row = sqlx::query(text).bind(member.mail).fetch_one(tx.connection()).await?;
        note("outbox".to_owned(), row.try_get(0)?, row.try_get(1)?);
    }
    for (name, (removed, highest)) in series {
        sqlx::query(
            "INSERT INTO removed_numbers (series, removed, highest) VALUES ($1, $2, $3)
             ON CONFLICT (series) DO UPDATE SET removed = removed_numbers.removed + excluded.removed,
                 highest = CASE WHEN excluded.highest > removed_numbers.highest THEN excluded.highest
                                ELSE removed_numbers.highest END",
        )
        .bind(name)
        .bind(removed)
        .bind(highest)
        .execute(tx.connection())
        .await?;
    }
    Ok(())
}

async fn counted(tx: &mut Tx, text: &'static str, number: &CaseNumber) -> Result<(i64, i64), StoreError> {
    let row = sqlx::query(text).bind(number.as_compact()).fetch_one(tx.connection()).await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

async fn register(tx: &mut Tx, removal: &Removal) -> Result<(), StoreError> {
    for serial in &removal.equipment {
        term(tx, RegisterKind::Equipment, serial).await?;
        for text in
            ["DELETE FROM former_serials WHERE equipment = $1", "DELETE FROM equipment WHERE serial = $1"]
        {
            sqlx::query(text).bind(serial).execute(tx.connection()).await?;
        }
    }
    for number in &removal.contracts {
        term(tx, RegisterKind::Contract, number).await?;
        sqlx::query("DELETE FROM contracts WHERE number = $1").bind(number).execute(tx.connection()).await?;
    }
    for id in &removal.sites {
        term(tx, RegisterKind::Site, &id.to_string()).await?;
        sqlx::query("DELETE FROM travel_times WHERE site_id = $1 OR other_site_id = $1")
            .bind(*id)
            .execute(tx.connection())
            .await?;
        for text in ["DELETE FROM former_sites WHERE into_id = $1", "DELETE FROM sites WHERE id = $1"] {
            sqlx::query(text).bind(*id).execute(tx.connection()).await?;
        }
    }
    for id in &removal.organisations {
        term(tx, RegisterKind::Organisation, &id.to_string()).await?;
        for text in [
            "DELETE FROM company_members WHERE organisation_id = $1",
            "DELETE FROM composed_role_organisations WHERE organisation_id = $1",
            "DELETE FROM company_domains WHERE organisation_id = $1",
            "DELETE FROM former_organisations WHERE into_id = $1",
            "DELETE FROM organisations WHERE id = $1",
        ] {
            sqlx::query(text).bind(*id).execute(tx.connection()).await?;
        }
    }
    search::changed(tx).await
}

/// What an entity of the register is found by, and what was changed of it.
async fn term(tx: &mut Tx, kind: RegisterKind, entity: &str) -> Result<(), StoreError> {
    search::forget_terms(tx, kind, entity).await?;
    sqlx::query("DELETE FROM register_changes WHERE kind = $1 AND entity = $2")
        .bind(kind.code())
        .bind(entity)
        .execute(tx.connection())
        .await?;
    Ok(())
}

async fn people(tx: &mut Tx, removal: &Removal) -> Result<(), StoreError> {
    for mail in removal.people.iter().chain(&removal.people_kept) {
        let row = sqlx::query("SELECT id FROM people WHERE mail = $1")
            .bind(mail)
            .fetch_one(tx.connection())
            .await?;
        let id: i64 = row.try_get(0)?;
        // Whoever stays is named by histories, and signs in no more.
        let is_kept = removal.people_kept.contains(mail);
        for text in OF_A_PERSON.into_iter().filter(|text| !is_kept || !text.contains("person_changes")) {
            sqlx::query(text).bind(id).execute(tx.connection()).await?;
        }
        let text = if is_kept {
            "UPDATE people SET active = 0, invited_utc_s = NULL WHERE id = $1"
        } else {
            "DELETE FROM people WHERE id = $1"
        };
        sqlx::query(text).bind(id).execute(tx.connection()).await?;
    }
    Ok(())
}
