//! The rules of each kind's form.

use domain::country::Country;
use domain::register::{RegisterKind, differ_by_spelling};
use domain::serial::Serial;
use domain::sla_plan::Kept;
use domain::time::Instant;
use sqlx::Row;

use super::EntryKey;
use super::edit::{SaveError, Saved};
use super::entry::{Entry, Owner};
use super::fields::{FieldProblem, Fields, Reading};
use crate::contracts::plans::{choices, known_plans};
use crate::contracts::register::local_date;
use crate::formats::NumberFormats;
use crate::import::cells::{not_a_choice, retired_plan};
use crate::import::{CellProblem, Doubt};
use crate::store::{StoreError, Tx};

/// The field with the id of a piece of equipment's site. No form shows it.
pub(super) const SITE_ID: &str = "site_id";

/// Values of the fields in the order of the form, as the register keeps them.
pub(super) type Values = Vec<(&'static str, String)>;

/// The values of a form. `found` is the entry that it is about; `None` for a new one.
pub(super) async fn parse(
    tx: &mut Tx,
    kind: RegisterKind,
    found: Option<&Entry>,
    owner: &Owner,
    typed: &Fields,
    (saved, now, formats): (Saved, Instant, &NumberFormats),
) -> Result<Values, SaveError> {
    let mut reading = Reading::new(typed, formats);
    let values = match kind {
        RegisterKind::Organisation => organisation(tx, &mut reading, found).await?,
        RegisterKind::Contract => contract(tx, &mut reading, found, now).await?,
        RegisterKind::Site => site(tx, &mut reading, found, owner).await?,
        RegisterKind::Equipment => equipment(tx, &mut reading, found, now).await?,
    };
    let values = match values {
        Some(values) if reading.problems.is_empty() => values,
        _ => return Err(SaveError::Fields(reading.problems)),
    };
    if saved == Saved::Asked && !reading.doubts.is_empty() {
        return Err(SaveError::Doubtful(reading.doubts));
    }
    Ok(values)
}

/// A field of the entry that is not changed after it was added.
fn kept(found: &Entry, field: &str) -> String {
    found.fields.get(field).cloned().unwrap_or_default()
}

fn country_of(found: &Entry) -> Result<Country, StoreError> {
    let code = kept(found, "country");
    Country::from_code(&code).ok_or_else(|| StoreError::inconsistent("organisations", code))
}

async fn organisation(
    tx: &mut Tx,
    reading: &mut Reading<'_>,
    found: Option<&Entry>,
) -> Result<Option<Values>, StoreError> {
    let name = reading.name("name");
    let country = match found {
        Some(found) => Some(country_of(found)?),
        None => reading.country(),
    };
    let (Some(name), Some(country)) = (name, country) else { return Ok(None) };
    let own = found.map_or(0, |found| found.owner.id);
    let other = sqlx::query("SELECT id FROM organisations WHERE name = $1 AND country = $2 AND id <> $3")
        .bind(name.clone())
        .bind(country.code())
        .bind(own)
        .fetch_optional(tx.connection())
        .await?;
    if other.is_some() {
        reading.refuse("name", FieldProblem::Taken);
    }
    let merged = sqlx::query(
        "SELECT o.name FROM former_organisations f JOIN organisations o ON o.id = f.into_id
         WHERE f.name = $1 AND f.country = $2 AND f.into_id <> $3",
    )
    .bind(name.clone())
    .bind(country.code())
    .bind(own)
    .fetch_optional(tx.connection())
    .await?;
    if let Some(row) = merged {
        reading.refuse("name", FieldProblem::Merged { into: row.try_get(0)? });
    }
    Ok(Some(vec![("name", name), ("country", country.code().to_owned())]))
}

async fn contract(
    tx: &mut Tx,
    reading: &mut Reading<'_>,
    found: Option<&Entry>,
    now: Instant,
) -> Result<Option<Values>, StoreError> {
    let (number, country) = match found {
        Some(found) => (Some(kept(found, "number")), Some(country_of(found)?)),
        None => new_contract(tx, reading).await?,
    };
    let plan = reading.name("plan");
    let plans = known_plans(tx.connection(), now).await?;
    let held = found.map(|found| kept(found, "plan"));
    let plan = plan.and_then(|typed| {
        let known = plans.iter().find(|plan| plan.name.to_lowercase() == typed.to_lowercase());
        let Some(plan) = known else {
            reading.refuse("plan", not_a_choice(&typed, choices(&plans)));
            return None;
        };
        if !plan.status.is_choice(Kept::of(held.as_ref(), &plan.name)) {
            reading.refuse("plan", retired_plan(&plan.name, choices(&plans)));
            return None;
        }
        Some(plan.name.clone())
    });
    let (from, to) = (reading.day("valid_from"), reading.day("valid_to"));
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        reading.refuse("valid_to", CellProblem::EndsBeforeItBegins);
    }
    let contact = reading.contact(country.unwrap_or(Country::HOME));
    let (Some(number), Some(country), Some(plan)) = (number, country, plan) else { return Ok(None) };
    let (Some(from), Some(to), Some([name, phone, mail])) = (from, to, contact) else { return Ok(None) };
    Ok(Some(vec![
        ("number", number),
        ("country", country.code().to_owned()),
        ("plan", plan),
        ("valid_from", from.to_string()),
        ("valid_to", to.to_string()),
        ("contact_name", name),
        ("contact_phone", phone),
        ("contact_mail", mail),
    ]))
}

async fn new_contract(
    tx: &mut Tx,
    reading: &mut Reading<'_>,
) -> Result<(Option<String>, Option<Country>), StoreError> {
    let (number, country) = (reading.new_contract("number"), reading.country());
    let written = number.as_ref().and_then(|number| reading.formats.contracts.country_of(number));
    if let (Some(written), Some(country)) = (written, country)
        && written != country
    {
        reading.refuse("country", CellProblem::CountryOfNumber(written));
    }
    let Some(number) = number.map(|number| number.as_str().to_owned()) else { return Ok((None, country)) };
    let other = sqlx::query("SELECT 1 FROM contracts WHERE number = $1")
        .bind(number.clone())
        .fetch_optional(tx.connection())
        .await?;
    if other.is_some() {
        reading.refuse("number", FieldProblem::Taken);
    }
    Ok((Some(number), country))
}

async fn site(
    tx: &mut Tx,
    reading: &mut Reading<'_>,
    found: Option<&Entry>,
    owner: &Owner,
) -> Result<Option<Values>, StoreError> {
    let (name, address) = (reading.name("name"), reading.address());
    let (country, zone) = (reading.country(), reading.zone());
    let (Some(name), Some(address), Some(country), Some(zone)) = (name, address, country, zone) else {
        return Ok(None);
    };
    let is_known = found
        .is_some_and(|found| kept(found, "zone") == zone.name() && kept(found, "country") == country.code());
    if !is_known {
        reading.doubt_zone(zone, country);
    }
    let own = match found.map(|found| &found.key) {
        Some(EntryKey::Site(id)) => *id,
        _ => 0,
    };
    let other = sqlx::query("SELECT 1 FROM sites WHERE organisation_id = $1 AND name = $2 AND id <> $3")
        .bind(owner.id)
        .bind(name.clone())
        .bind(own)
        .fetch_optional(tx.connection())
        .await?;
    if other.is_some() {
        reading.refuse("name", FieldProblem::Taken);
    }
    Ok(Some(vec![
        ("name", name),
        ("address", address),
        ("country", country.code().to_owned()),
        ("zone", zone.name().to_owned()),
    ]))
}

async fn equipment(
    tx: &mut Tx,
    reading: &mut Reading<'_>,
    found: Option<&Entry>,
    now: Instant,
) -> Result<Option<Values>, StoreError> {
    let serial = reading.serial();
    let (manufacturer, model) = (reading.name("manufacturer"), reading.optional_name("model"));
    let platform = reading.platform();
    let (contract, site) = (reading.contract("contract"), reading.name("site"));
    if let Some(serial) = &serial {
        is_free(tx, reading, serial, found).await?;
        let is_known = found.is_some_and(|found| kept(found, "serial") == serial.as_str());
        if !is_known {
            doubt_zeros(tx, reading, serial, found).await?;
        }
        if let (Some(maker), Some(platform), false) = (&manufacturer, platform, is_known) {
            reading.doubt_serial(serial, (maker, platform), local_date(Country::HOME.capital_zone(), now)?);
        }
    }
    let (Some(contract), Some(site)) = (contract, site) else { return Ok(None) };
    let owner = sqlx::query(
        "SELECT o.id, o.name FROM contracts c JOIN organisations o ON o.id = c.organisation_id WHERE c.number = $1",
    )
    .bind(contract.as_str())
    .fetch_optional(tx.connection())
    .await?;
    let Some(owner) = owner else {
        reading.refuse("contract", CellProblem::UnknownContract(contract.as_str().to_owned()));
        return Ok(None);
    };
    let (organisation, name): (i64, String) = (owner.try_get(0)?, owner.try_get(1)?);
    let known = sqlx::query("SELECT CAST(id AS TEXT) FROM sites WHERE organisation_id = $1 AND name = $2")
        .bind(organisation)
        .bind(site.clone())
        .fetch_optional(tx.connection())
        .await?;
    let Some(known) = known else {
        reading.refuse("site", FieldProblem::NoSuchSite { organisation: name });
        return Ok(None);
    };
    let (Some(serial), Some(manufacturer)) = (serial, manufacturer) else { return Ok(None) };
    let (Some(model), Some(platform)) = (model, platform) else { return Ok(None) };
    Ok(Some(vec![
        ("serial", serial.as_str().to_owned()),
        ("manufacturer", manufacturer),
        ("model", model),
        ("platform", platform.code().to_owned()),
        ("contract", contract.as_str().to_owned()),
        ("site", site),
        (SITE_ID, known.try_get(0)?),
    ]))
}

/// Doubts a serial that differs from another only by leading zeros, as the import does.
async fn doubt_zeros(
    tx: &mut Tx,
    reading: &mut Reading<'_>,
    serial: &Serial,
    found: Option<&Entry>,
) -> Result<(), StoreError> {
    let own = found.map(|found| kept(found, "serial")).unwrap_or_default();
    let row = sqlx::query(
        "SELECT serial FROM equipment WHERE LTRIM(serial, '0') = $1 AND serial <> $2 AND serial <> $3
         ORDER BY serial LIMIT 1",
    )
    .bind(serial.as_str().trim_start_matches('0').to_owned())
    .bind(serial.as_str())
    .bind(own)
    .fetch_optional(tx.connection())
    .await?;
    if let Some(row) = row {
        reading.doubt("serial", Doubt::LeadingZeros { known: row.try_get(0)? });
    }
    Ok(())
}

/// Refuses a serial that another piece of equipment has, or had under another spelling.
async fn is_free(
    tx: &mut Tx,
    reading: &mut Reading<'_>,
    serial: &Serial,
    found: Option<&Entry>,
) -> Result<(), StoreError> {
    let own = found.map(|found| kept(found, "serial")).unwrap_or_default();
    if own == serial.as_str() {
        return Ok(());
    }
    let taken = sqlx::query("SELECT 1 FROM equipment WHERE serial = $1")
        .bind(serial.as_str())
        .fetch_optional(tx.connection())
        .await?;
    if taken.is_some() {
        reading.refuse("serial", FieldProblem::Taken);
    }
    let former = sqlx::query("SELECT equipment FROM former_serials WHERE serial = $1 AND equipment <> $2")
        .bind(serial.as_str())
        .bind(own)
        .fetch_optional(tx.connection())
        .await?;
    if let Some(row) = former {
        let into: String = row.try_get(0)?;
        // A serial that was corrected to quite another one is free, once that is confirmed.
        if Serial::parse(&into).is_ok_and(|into| differ_by_spelling(serial, &into)) {
            reading.refuse("serial", FieldProblem::Merged { into });
        } else {
            reading.doubt("serial", Doubt::CorrectedTo { serial: into });
        }
    }
    Ok(())
}
