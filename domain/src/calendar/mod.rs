//! Calendars and business time: opening hours, and how much of a target is used up.
//!
//! Two steps keep time zones out of the browser. On the server (feature `zones`), `layout` lays out a
//! [`week::Calendar`] in the site's zone as open spans in UTC. Everything else, on both sides, works on such [`spans`].
//!
//! ```
//! use chrono::Weekday;
//! use domain::calendar::layout::lay_out;
//! use domain::calendar::week::{CalendarId, WeekHours, Window};
//! use domain::calendar::zone::Zone;
//! use domain::calendar::{Calendar, Due};
//! use domain::country::Country;
//! use domain::time::{Instant, Span};
//!
//! let mornings = [Weekday::Mon, Weekday::Tue].map(|weekday| Window { weekday, opens_s: 8 * 3600, closes_s: 12 * 3600 });
//! let hours = WeekHours::new(&mornings).unwrap();
//! let calendar = Calendar::new(CalendarId(1), 1, "Mañanas", hours, Some(Country::Ve), Vec::new()).unwrap();
//!
//! let monday_at_eight = Instant(1_795_435_200);
//! let week = Span::new(monday_at_eight.plus(-86_400), monday_at_eight.plus(6 * 86_400));
//! let spans = lay_out(&calendar, Zone::parse("America/Caracas").unwrap(), week);
//!
//! // Six hours of business time: four of Monday, two of Tuesday.
//! let tuesday_at_ten = monday_at_eight.plus(26 * 3600);
//! assert_eq!(spans.due(monday_at_eight, 6 * 3600, &[]), Due::At(tuesday_at_ten));
//! ```

mod city;
pub mod explain;
pub mod format;
pub mod holidays;
#[cfg(feature = "zones")]
pub mod layout;
mod month;
mod service_hours;
pub mod spans;
pub mod week;
#[cfg(feature = "zones")]
pub mod zone;
pub mod zone_view;

// The types that other rooms use.
pub use explain::{Stretch, Why};
pub use format::{DurationStyle, MomentStyle, beside, day, duration};
pub use month::{Month, Period};
pub use service_hours::ServiceHours;
pub use spans::{Due, NamedClosure, Spans};
pub use week::{Calendar, Closure};
pub use zone_view::{LocalTime, ZoneView};
