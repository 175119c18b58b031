//! The desk's own telephone lines, as the letter prints them.

use domain::country::Country;

/// A line: the words people remember, and the digits that they press (ITU-T E.161).
struct Line {
    country: Country,
    shown: &'static str,
    dialled: &'static str,
}

/// Mexico's 01 before toll-free numbers has not been connected since August 2020, so it is not printed
/// (`facts/phones.md`).
const LINES: [Line; 4] = [
    Line { country: Country::Ve, shown: "0800 CPS 0000", dialled: "0800 277 0000" },
    Line { country: Country::Ve, shown: "0501 CPS 0000", dialled: "0501 277 0000" },
    Line { country: Country::Co, shown: "0180001 CPS TI", dialled: "018000 127784" },
    Line { country: Country::Mx, shown: "800 CPS MEX 0", dialled: "800 277 6390" },
];

/// Every line with the country that it is called from, those of `home` first. Toll-free numbers are seldom reached from
/// abroad, and who travels needs the others.
pub(super) fn all(home: Country) -> impl Iterator<Item = (Country, String)> {
    let (mine, others): (Vec<_>, Vec<_>) = LINES.iter().partition(|line| line.country == home);
    let printed = |line: &Line| (line.country, format!("{} ({})", line.shown, line.dialled));
    mine.into_iter().chain(others).map(printed)
}
