//! Calendars and business time: when the desk is open, and how much of a promise is used up.
//!
//! Two steps keep time zones out of the browser. On the server (feature `zones`) [`layout`] lays a [`week::Calendar`]
//! with the zone of a site out as open stretches in UTC; everything else, on both sides, works on such [`spans`] alone.

pub mod explain;
pub mod format;
pub mod holidays;
#[cfg(feature = "zones")]
pub mod layout;
pub mod spans;
pub mod week;
#[cfg(feature = "zones")]
pub mod zone;
pub mod zone_view;

// The words that the rest of the desk speaks of business time with.
pub use explain::{Stretch, Why};
pub use format::{DurationStyle, MomentStyle, beside, day, duration};
pub use spans::{Due, NamedClosure, Spans};
pub use week::{Calendar, Closure};
pub use zone_view::{LocalTime, ZoneView};
