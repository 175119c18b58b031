//! Service hours: a calendar laid out at a site.

use serde::{Deserialize, Serialize};

use super::{Spans, ZoneView};
use crate::time::{Instant, Span};

/// Service hours as displays use them: open spans of the days around now, and the site's local time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServiceHours {
    /// When the calendar is open.
    pub spans: Spans,
    /// The site's local time.
    pub zone: ZoneView,
}

impl ServiceHours {
    /// The end of the `days`-th local date on which the calendar is open, counted from the day after `at`. It looks a
    /// year ahead: for a calendar that is never open, every day counts.
    #[must_use]
    pub fn business_days_after(&self, at: Instant, days: u32) -> Instant {
        const DAY_S: i64 = 86_400;
        const LOOK_DAYS: i64 = 366;
        let midnight = |day: i64| {
            let about = Instant(day * DAY_S - i64::from(self.zone.offset_s(at)));
            Instant(day * DAY_S - i64::from(self.zone.offset_s(about)))
        };
        let first = (at.0 + i64::from(self.zone.offset_s(at))).div_euclid(DAY_S) + 1;
        let mut left = days;
        for day in first..first + LOOK_DAYS {
            let date = Span::new(midnight(day), midnight(day + 1));
            if left > 0 && self.spans.open_seconds(date) > 0 {
                left -= 1;
            }
            if left == 0 {
                return if days == 0 { date.from } else { date.to };
            }
        }
        midnight(first + i64::from(days))
    }
}
