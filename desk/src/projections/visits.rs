//! Visits as rows, for agendas and bookings.

use domain::case::Case;
use domain::case::visit::Visit;

use crate::store::{StoreError, Tx};

/// The booked windows of a visit in its row.
pub(crate) struct HeldRow {
    /// The windows, as JSON.
    pub(crate) held: Option<String>,
    /// Beginning of the first.
    pub(crate) from: Option<i64>,
    /// End of the last.
    pub(crate) to: Option<i64>,
}

impl HeldRow {
    pub(crate) fn of(visit: &Visit) -> Result<Self, StoreError> {
        let windows = visit.holds().map(|(_, windows)| windows).filter(|windows| !windows.is_empty());
        let Some(windows) = windows else { return Ok(Self { held: None, from: None, to: None }) };
        let json =
            serde_json::to_string(&windows).map_err(|error| StoreError::inconsistent("visits", error))?;
        Ok(Self {
            held: Some(json),
            from: windows.iter().map(|window| window.from.0).min(),
            to: windows.iter().map(|window| window.to.0).max(),
        })
    }
}

/// Projects the latest visit of a case; earlier ones do not change.
pub(crate) async fn update_row(tx: &mut Tx, case: &Case) -> Result<(), StoreError> {
    let Some(visit) = case.visits().latest() else { return Ok(()) };
    let window = visit.appointment().map(|appointment| appointment.window);
    let HeldRow { held, from, to } = HeldRow::of(visit)?;
    sqlx::query(
        "INSERT INTO visits (case_number, visit, technician_id, stage, from_utc_s, to_utc_s, held, held_from_utc_s,
                             held_to_utc_s)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (case_number, visit) DO UPDATE
         SET technician_id = excluded.technician_id, stage = excluded.stage,
             from_utc_s = excluded.from_utc_s, to_utc_s = excluded.to_utc_s, held = excluded.held,
             held_from_utc_s = excluded.held_from_utc_s, held_to_utc_s = excluded.held_to_utc_s",
    )
    .bind(case.opening.number.as_compact())
    .bind(i64::from(visit.id.0))
    .bind(visit.technician.id.0)
    .bind(visit.stage.code())
    .bind(window.map(|window| window.from.0))
    .bind(window.map(|window| window.to.0))
    .bind(held)
    .bind(from)
    .bind(to)
    .execute(tx.connection())
    .await?;
    Ok(())
}
