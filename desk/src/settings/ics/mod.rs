//! Use-cases: closures of a calendar as an iCalendar file (RFC 5545), written and read.
//!
//! A closure is a whole-day event. A closure of a part of the day is an event in floating time, which is wall time at the
//! customer's site. So no closure is lost on the way out and back. A file only adds: closures that it lacks stay.

mod events;
mod read;
mod write;

use domain::actor::{Action, Actor, Subject as Of, may};
use domain::calendar::week::{Closure, DayPart};

use super::fields::Fields;
use super::quantities::Hours;
use super::versions::Versions;
use crate::{Desk, DeskError};

pub use read::{ClosuresRead, IcsProblem, IcsReason, read_closures};

/// The largest file of closures, in bytes: more than [`domain::calendar::week::CLOSURES_MAX`] events need.
pub const ICS_BYTES_MAX: usize = 1024 * 1024;

/// The closures of a calendar in force, as an iCalendar file.
///
/// # Errors
/// [`DeskError::NotFound`] when there is no such calendar. See [`DeskError`].
pub async fn export_closures(desk: &Desk, actor: &Actor, id: i64) -> Result<String, DeskError> {
    may(actor, Action::ReadSettings, Of::Desk)?;
    let mut reader = desk.store().reader().await?;
    let current = Versions::read(&mut reader).await?.in_force(desk.now());
    reader.done();
    let found = current.calendars.into_iter().find(|version| version.id == id);
    Ok(write::closures(&found.ok_or(DeskError::NotFound)?.content, desk.now()))
}

/// Puts closures into the fields of a calendar. One that is there changes nothing. One of the same part of the same day
/// takes the note of the file. Any other is a new row. Gives the number of rows that are new or changed.
pub fn add_closures(fields: &mut Fields, closures: &[Closure]) -> usize {
    let place = |key: &String| key.strip_prefix("closures.")?.split('.').next()?.parse::<usize>().ok();
    let rows = fields.keys().filter_map(place).max().map_or(0, |last| last + 1);
    let key = |row: usize, part: &str| format!("closures.{row}.{part}");
    let text = |fields: &Fields, row: usize, part: &str| {
        fields.get(&key(row, part)).map(|text| text.trim().to_owned()).unwrap_or_default()
    };
    let mut free: Vec<usize> = (0..rows).collect();
    // What is there as it is stands first, so that of two closures of a day each keeps its own note.
    let mut take = |fields: &Fields, is_same: &dyn Fn(&Fields, usize) -> bool| {
        let found = free.iter().position(|row| is_same(fields, *row));
        found.map(|at| free.remove(at))
    };
    let is_of_day = |fields: &Fields, row: usize, closure: &Closure| {
        text(fields, row, "date") == closure.date.to_string()
            && text(fields, row, "hours") == written_hours(closure.part)
    };
    let mut left = Vec::new();
    for closure in closures {
        let is_there = |fields: &Fields, row: usize| {
            is_of_day(fields, row, closure) && text(fields, row, "name") == closure.name
        };
        if take(fields, &is_there).is_none() {
            left.push(closure);
        }
    }
    let mut next = rows;
    for closure in &left {
        let row = take(fields, &|fields, row| is_of_day(fields, row, closure)).unwrap_or_else(|| {
            next += 1;
            next - 1
        });
        fields.insert(key(row, "date"), closure.date.to_string());
        fields.insert(key(row, "name"), closure.name.clone());
        let hours = written_hours(closure.part);
        if !hours.is_empty() {
            fields.insert(key(row, "hours"), hours);
        }
    }
    left.len()
}

/// A part of a day as a form has it; empty for the whole day.
fn written_hours(part: DayPart) -> String {
    if part == DayPart::WHOLE {
        return String::new();
    }
    Hours { opens_s: part.from_s(), closes_s: part.to_s() }.into()
}
