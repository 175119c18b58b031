//! Service hours: calendars laid out as open spans, cached by calendar version and zone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::calendar::week::Calendar;
use domain::calendar::{ServiceHours, layout::lay_out, zone::Zone};
use domain::case::{ServiceHoursRef, StoodUnder};
use domain::time::{Instant, Span};
use sqlx::{AnyConnection, Row};

use crate::Desk;
use crate::store::StoreError;

const DAY_S: i64 = 24 * 3600;
/// How far back a layout reaches, in seconds: no case is open for longer. [`ServiceHoursCache::hours_since`] reaches further for one that
/// ended long ago.
const PAST_S: i64 = 3 * 366 * DAY_S;
/// How far ahead, in seconds: more than any target and all pauses together.
const FUTURE_S: i64 = 400 * DAY_S;
/// A layout is renewed when less than this is left ahead, in seconds.
const RENEW_S: i64 = 200 * DAY_S;
/// The part for a display: from a day ago to two weeks and a day ahead, in seconds.
const DISPLAY_PAST_S: i64 = DAY_S;
const DISPLAY_FUTURE_S: i64 = 15 * DAY_S;

/// The cached layouts.
#[derive(Debug, Default)]
pub(crate) struct ServiceHoursCache(Mutex<HashMap<ServiceHoursRef, Layout>>);

#[derive(Debug, Clone)]
struct Layout {
    hours: Arc<ServiceHours>,
    until: Instant,
}

impl Desk {
    /// The service hours of a case, laid out around now.
    ///
    /// # Errors
    /// When the calendar cannot be read, or the zone is unknown.
    pub async fn hours(&self, kept: &ServiceHoursRef) -> Result<Arc<ServiceHours>, StoreError> {
        if let Some(hours) = self.shelf().laid(kept, self.now()) {
            return Ok(hours);
        }
        let mut reader = self.store().reader().await?;
        let calendar = load(&mut reader, kept).await?;
        self.shelf().lay(kept, &calendar, self.now())
    }

    /// The same within a transaction.
    pub(crate) async fn hours_with(
        &self,
        connection: &mut AnyConnection,
        kept: &ServiceHoursRef,
    ) -> Result<Arc<ServiceHours>, StoreError> {
        self.shelf().hours(connection, kept, self.now()).await
    }

    /// The same for a case that was opened at a time, however long ago.
    pub(crate) async fn hours_since(
        &self,
        connection: &mut AnyConnection,
        kept: &ServiceHoursRef,
        opened_at: Instant,
    ) -> Result<Arc<ServiceHours>, StoreError> {
        self.shelf().hours_since(connection, kept, self.now(), opened_at).await
    }

    /// The service hours of the coming days, small enough for a browser.
    #[must_use]
    pub fn hours_for_display(&self, hours: &ServiceHours) -> ServiceHours {
        hours_around(hours, self.now())
    }
}

/// The part of service hours in which what is shown at a time lies.
pub(crate) fn hours_around(hours: &ServiceHours, at: Instant) -> ServiceHours {
    let span = Span::new(at.plus(-DISPLAY_PAST_S), at.plus(DISPLAY_FUTURE_S));
    ServiceHours { spans: hours.spans.window(span), zone: hours.zone.clone() }
}

impl ServiceHoursCache {
    /// The hours that count for a case, laid out around `now`.
    pub(crate) async fn hours(
        &self,
        connection: &mut AnyConnection,
        kept: &ServiceHoursRef,
        now: Instant,
    ) -> Result<Arc<ServiceHours>, StoreError> {
        match self.laid(kept, now) {
            Some(hours) => Ok(hours),
            None => self.lay(kept, &load(connection, kept).await?, now),
        }
    }

    /// The same for a case that was opened at a time, which may lie before a layout begins. Then they are laid out anew from
    /// there, and not cached: the figures of a case do not change with the years.
    pub(crate) async fn hours_since(
        &self,
        connection: &mut AnyConnection,
        kept: &ServiceHoursRef,
        now: Instant,
        opened_at: Instant,
    ) -> Result<Arc<ServiceHours>, StoreError> {
        let hours = self.hours(connection, kept, now).await?;
        let known = hours.spans.known();
        if known.from <= opened_at {
            return Ok(hours);
        }
        let zone = zone_of(kept)?;
        let span = Span::new(opened_at.plus(-DAY_S), known.to);
        let calendar = load(connection, kept).await?;
        Ok(Arc::new(ServiceHours { spans: lay_out(&calendar, zone, span), zone: zone.view(span) }))
    }

    fn laid(&self, kept: &ServiceHoursRef, now: Instant) -> Option<Arc<ServiceHours>> {
        let on_shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let laid = on_shelf.get(kept)?;
        (laid.until.since(now) > RENEW_S).then(|| Arc::clone(&laid.hours))
    }

    fn lay(
        &self,
        kept: &ServiceHoursRef,
        calendar: &Calendar,
        now: Instant,
    ) -> Result<Arc<ServiceHours>, StoreError> {
        let zone = zone_of(kept)?;
        let hours = Arc::new(around(now, calendar, zone));
        let laid = Layout { hours: Arc::clone(&hours), until: now.plus(FUTURE_S) };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(kept.clone(), laid);
        Ok(hours)
    }
}

/// The zone that service hours name.
pub(crate) fn zone_of(kept: &ServiceHoursRef) -> Result<Zone, StoreError> {
    Zone::parse(&kept.zone).map_err(|error| StoreError::inconsistent("cases", error))
}

/// The hours of a calendar in a zone, as far around `now` as any case needs.
pub(crate) fn around(now: Instant, calendar: &Calendar, zone: Zone) -> ServiceHours {
    let span = Span::new(now.plus(-PAST_S), now.plus(FUTURE_S));
    ServiceHours { spans: lay_out(calendar, zone, span), zone: zone.view(span) }
}

/// Adds the calendars' names to breaches before a correction.
pub(crate) async fn name_hours(
    connection: &mut AnyConnection,
    all: Vec<&mut StoodUnder>,
) -> Result<(), StoreError> {
    for under in all {
        let row = sqlx::query("SELECT name FROM calendars WHERE id = $1 AND version = $2")
            .bind(under.hours.calendar.0)
            .bind(i64::from(under.hours.version))
            .fetch_optional(&mut *connection)
            .await?;
        under.calendar = row.map(|row| row.try_get(0)).transpose()?;
    }
    Ok(())
}

pub(crate) async fn load(
    connection: &mut AnyConnection,
    kept: &ServiceHoursRef,
) -> Result<Calendar, StoreError> {
    let row = sqlx::query("SELECT document FROM calendars WHERE id = $1 AND version = $2")
        .bind(kept.calendar.0)
        .bind(i64::from(kept.version))
        .fetch_optional(connection)
        .await?
        .ok_or_else(|| StoreError::inconsistent("calendars", format!("{kept:?} is missing")))?;
    let document: String = row.try_get(0)?;
    serde_json::from_str(&document).map_err(|error| StoreError::inconsistent("calendars", error))
}
