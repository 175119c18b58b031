//! A point in time for readers who are elsewhere: in mails, and in messages to chat programs.

use crate::calendar::format::MomentStyle;
use crate::calendar::zone_view::ZoneView;
use crate::i18n::Language;
use crate::t;
use crate::time::Instant;

impl ZoneView {
    /// The instant with its city and offset, for readers who are elsewhere: `lunes 23 de noviembre de 2026, 14:35 (hora de
    /// Caracas, UTC-04:00)`.
    #[must_use]
    pub fn moment(&self, at: Instant, language: Language) -> String {
        let local = self.local(at);
        let (hours, minutes) =
            (local.offset_s.unsigned_abs() / 3600, local.offset_s.unsigned_abs() / 60 % 60);
        let sign = if local.offset_s < 0 { '-' } else { '+' };
        t!(
            language,
            "letter.moment",
            moment = local.format(language, MomentStyle::Long),
            place = self.city(language),
            offset = format!("UTC{sign}{hours:02}:{minutes:02}"),
        )
    }
}
