//! Calendars in a file.

use chrono::{NaiveDate, Weekday};
use domain::calendar::holidays::is_holiday;
use domain::calendar::week::{
    Calendar, CalendarError, CalendarId, Closure, DayPart, NAME_CHARS_MAX, WeekHours, Window,
};
use domain::country::Country;
use serde::{Deserialize, Serialize};

use super::apply::{CalendarDraft, ChangePlan, Names, Place};
use super::file::{Document, Reason, Subject};
use super::quantities::{Date, Hours};
use super::subjects::{Rules, entries};
use super::versions::{EntryVersion, Versions};
use crate::contracts::plans::{NewCalendar, legible_name};
use crate::store::StoreError;

/// The comment above a file's calendars.
pub(super) const HEAD: &str = "\
# Calendars: when a desk's promises count. Times are wall time at the customer's site.
# id        as exported; leave it out for a new calendar. Without one, a calendar of the same name is the same one.
# version   as exported: a file that is older than the desk's own version is refused. Leave it out to write over any version.
# holidays  the country whose statutory holidays close it (VE, CO, MX); leave it out when it is open on holidays.
# worked_holidays  single holidays of that country on which it is open, as [2026-10-12]; leave it out for none.
# hours     windows of each weekday, as \"08:00-12:00\"; \"22:00-06:00\" crosses midnight; no windows: closed.
# closures  local days that are closed as well; hours make it a part of the day.
";

/// All calendars of a file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CalendarsFile {
    #[serde(default)]
    pub(super) calendar: Vec<CalendarEntry>,
}

/// A calendar of a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CalendarEntry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<i64>,
    /// The version that was read; when it is given, a later one is not written over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<i64>,
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    holidays: Option<Country>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    worked_holidays: Vec<Date>,
    hours: WeekEntry,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    closures: Vec<ClosureEntry>,
}

/// The windows of each weekday.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WeekEntry {
    monday: Vec<Hours>,
    tuesday: Vec<Hours>,
    wednesday: Vec<Hours>,
    thursday: Vec<Hours>,
    friday: Vec<Hours>,
    saturday: Vec<Hours>,
    sunday: Vec<Hours>,
}

impl WeekEntry {
    fn day(&mut self, weekday: Weekday) -> &mut Vec<Hours> {
        match weekday {
            Weekday::Mon => &mut self.monday,
            Weekday::Tue => &mut self.tuesday,
            Weekday::Wed => &mut self.wednesday,
            Weekday::Thu => &mut self.thursday,
            Weekday::Fri => &mut self.friday,
            Weekday::Sat => &mut self.saturday,
            Weekday::Sun => &mut self.sunday,
        }
    }

    fn windows(mut self) -> Vec<Window> {
        let week = std::iter::successors(Some(Weekday::Mon), |day| Some(day.succ())).take(7);
        week.flat_map(|weekday| {
            let hours = std::mem::take(self.day(weekday));
            hours.into_iter().map(move |Hours { opens_s, closes_s }| Window { weekday, opens_s, closes_s })
        })
        .collect()
    }
}

/// A closure, of a day or a part of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClosureEntry {
    date: Date,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hours: Option<Hours>,
}

impl From<&Calendar> for CalendarEntry {
    fn from(calendar: &Calendar) -> Self {
        let mut hours = WeekEntry::default();
        for Window { weekday, opens_s, closes_s } in calendar.hours.windows() {
            hours.day(weekday).push(Hours { opens_s, closes_s });
        }
        let closure = |closure: &Closure| ClosureEntry {
            date: Date(closure.date),
            name: closure.name.clone(),
            hours: (closure.part != DayPart::WHOLE)
                .then(|| Hours { opens_s: closure.part.from_s(), closes_s: closure.part.to_s() }),
        };
        Self {
            id: Some(calendar.id.0),
            version: Some(calendar.version.into()),
            name: calendar.name().to_owned(),
            holidays: calendar.observes,
            worked_holidays: calendar.worked_holidays().iter().copied().map(Date).collect(),
            hours,
            closures: calendar.closures().iter().map(closure).collect(),
        }
    }
}

impl Rules for CalendarEntry {
    const SUBJECT: Subject = Subject::Calendars;
    const HEAD: &'static str = HEAD;
    type Content = Calendar;

    fn versions(all: &Versions) -> &[EntryVersion<Calendar>] {
        &all.calendars
    }

    fn from_version(version: &EntryVersion<Calendar>, _: &Versions) -> Self {
        Self::from(&version.content)
    }

    fn version_mut(&mut self) -> &mut Option<i64> {
        &mut self.version
    }

    fn read(plan: &mut ChangePlan, document: &Document<'_>, all: &Versions) -> Result<(), StoreError> {
        plan.read_calendars(document, all)
    }
}

impl ChangePlan {
    /// Compares the calendars of a file.
    pub(super) fn read_calendars(
        &mut self,
        document: &Document<'_>,
        all: &Versions,
    ) -> Result<(), StoreError> {
        let mut entries: Vec<CalendarEntry> = entries(&self.base);
        let Some(CalendarsFile { calendar: read }) = self.read_document(document) else {
            return Ok(());
        };
        let known = Names::known(&self.base.calendars, &all.calendars, self.effective_from);
        let given = Names::given(read.iter().map(|entry| (entry.id, entry.name.as_str())));
        let places = self.places(document, &known, &given);
        for (index, (typed, place)) in read.into_iter().zip(places).enumerate() {
            let calendar = match typed.clone().checked() {
                Ok(calendar) => calendar,
                // The name was checked before.
                Err((key, _)) if key == "name" => continue,
                Err(problem) => {
                    self.problems.push(wrong(document, index, problem));
                    continue;
                }
            };
            let id = match place {
                Place::Is(at) => entries[at].id,
                Place::New => None,
                Place::Unknown => continue,
            };
            let written = entry(&calendar, id)?;
            let before = match place {
                Place::Is(at) => Some(&entries[at]),
                _ => None,
            };
            if self.compare(Subject::Calendars, &written.name, id, before, &written, all)? {
                let newest = id.and_then(|id| all.newest(Subject::Calendars, id));
                self.refuse_outdated(document, index, typed.version, newest);
                self.calendars.push(CalendarDraft { id, calendar });
            }
            match place {
                Place::Is(at) => entries[at] = written,
                _ => entries.push(written),
            }
        }
        self.calendars_then = entries;
        Ok(())
    }
}

/// A problem of a calendar with its key; closures are counted from 0.
pub(super) type CalendarProblem = (String, CalendarError);

impl CalendarEntry {
    /// The calendar to be written.
    pub(super) fn checked(self) -> Result<NewCalendar, CalendarProblem> {
        let hours = WeekHours::new(&self.hours.windows()).map_err(|error| ("hours".to_owned(), error))?;
        let closures = self.closures.into_iter().enumerate().map(|(at, closure)| closure.checked(at));
        let closures = closures.collect::<Result<Vec<_>, CalendarProblem>>()?;
        let name = legible_name(&self.name);
        let key = |error| if error == CalendarError::Name { "name" } else { "closures" };
        let checked = Calendar::new(CalendarId(0), 0, &name, hours.clone(), self.holidays, closures)
            .map_err(|error| (key(error).to_owned(), error))?;
        let checked = worked_holidays(self.holidays, &self.worked_holidays)
            .and_then(|days| checked.with_worked_holidays(days))
            .map_err(|error| ("worked_holidays".to_owned(), error))?;
        Ok(NewCalendar {
            name,
            hours,
            observes: self.holidays,
            closures: checked.closures().to_vec(),
            worked_holidays: checked.worked_holidays().to_vec(),
        })
    }
}

/// The days, if the calendar would be closed on each of them: a day that is no holiday is a slip of the pen.
fn worked_holidays(observed: Option<Country>, days: &[Date]) -> Result<Vec<NaiveDate>, CalendarError> {
    let checked = |&Date(date): &Date| match observed {
        Some(country) if is_holiday(country, date) => Ok(date),
        _ => Err(CalendarError::NoHoliday(date)),
    };
    days.iter().map(checked).collect()
}

impl ClosureEntry {
    fn checked(self, at: usize) -> Result<Closure, CalendarProblem> {
        let part = self.hours.map_or(Ok(DayPart::WHOLE), |hours| DayPart::new(hours.opens_s, hours.closes_s));
        let part = part.map_err(|error| (format!("closures.{at}.hours"), error))?;
        let name = legible_name(&self.name);
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
            return Err((format!("closures.{at}.name"), CalendarError::Name));
        }
        Ok(Closure { date: self.date.0, part, name })
    }
}

/// A calendar as an entry of a file: touching windows are joined, closures sorted.
pub(super) fn entry(calendar: &NewCalendar, id: Option<i64>) -> Result<CalendarEntry, StoreError> {
    let version = calendar.version(CalendarId(id.unwrap_or_default()), 0)?;
    Ok(CalendarEntry { id, ..CalendarEntry::from(&version) })
}

/// Describes the problem of the calendar at `index`.
pub(super) fn wrong(
    document: &Document<'_>,
    index: usize,
    (key, error): CalendarProblem,
) -> super::FileProblem {
    document.wrong(index, &key, Reason::Calendar(error))
}
