//! A document as a PDF: a title, some lines, and sections of labels and values, on as many A4 pages as that takes. Pure.
//!
//! The letters are Helvetica's, which every reader of PDF brings along, in the `WinAnsi` encoding: it holds every letter of
//! Spanish, English and Portuguese (docs/decisions/0014).

mod layout;
mod letters;

use domain::calendar::LocalTime;
use domain::words::Language;
use pdf_writer::{Content, Date, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

use layout::{Page, lay_out};
use letters::{Face, win_ansi};

/// What a document says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) title: String,
    pub(crate) language: Language,
    /// Who writes it.
    pub(crate) author: String,
    /// What stands below the title.
    pub(crate) lead: Vec<String>,
    pub(crate) sections: Vec<Section>,
    /// What stands at the foot of each page, beside its number.
    pub(crate) foot: String,
    /// When it came about, by the clocks of the place that it tells of.
    pub(crate) made: LocalTime,
}

/// Labels and values under a title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) title: String,
    /// Values may hold line feeds.
    pub(crate) rows: Vec<(String, String)>,
}

const REGULAR: Name<'static> = Name(b"F1");
const BOLD: Name<'static> = Name(b"F2");

/// Writes a document. The same document always gives the same bytes.
pub(crate) fn write(document: &Document) -> Vec<u8> {
    let pages = lay_out(document);
    let mut next = 1;
    let mut reference = || {
        let reference = Ref::new(next);
        next += 1;
        reference
    };
    let (catalog, tree, info) = (reference(), reference(), reference());
    let (regular, bold) = (reference(), reference());
    let places: Vec<(Ref, Ref)> = pages.iter().map(|_| (reference(), reference())).collect();
    let mut pdf = Pdf::new();
    let mut root = pdf.catalog(catalog);
    root.pages(tree).lang(TextStr(document.language.code()));
    root.viewer_preferences().display_doc_title(true);
    root.finish();
    let mut about = pdf.document_info(info);
    about.title(TextStr(&document.title)).author(TextStr(&document.author)).producer(TextStr("Vigía"));
    about.creation_date(date(&document.made));
    about.finish();
    for (font, name) in [(regular, Face::Regular), (bold, Face::Bold)] {
        pdf.type1_font(font).base_font(Name(name.name())).encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    let count = i32::try_from(places.len()).unwrap_or(i32::MAX);
    pdf.pages(tree).kids(places.iter().map(|(page, _)| *page)).count(count);
    for (page, (place, stream)) in pages.iter().zip(places) {
        let mut written = pdf.page(place);
        written.parent(tree).media_box(Rect::new(0.0, 0.0, layout::WIDTH, layout::HEIGHT)).contents(stream);
        written.resources().fonts().pair(REGULAR, regular).pair(BOLD, bold);
        written.finish();
        pdf.stream(stream, &draw(page));
    }
    pdf.finish()
}

fn draw(page: &Page) -> Vec<u8> {
    let mut content = Content::new();
    for line in &page.lines {
        let face = match line.face {
            Face::Regular => REGULAR,
            Face::Bold => BOLD,
        };
        content.begin_text().set_font(face, line.size).next_line(line.x, line.y);
        content.show(Str(&win_ansi(&line.text))).end_text();
    }
    content.finish().to_vec()
}

fn date(made: &LocalTime) -> Date {
    let year = u16::try_from(made.year).unwrap_or(0);
    let (hours, minutes) = (made.offset_s / 3600, made.offset_s.unsigned_abs() / 60 % 60);
    Date::new(year)
        .month(made.month)
        .day(made.day)
        .hour(made.hour)
        .minute(made.minute)
        .second(made.second)
        .utc_offset_hour(i8::try_from(hours).unwrap_or(0))
        .utc_offset_minute(u8::try_from(minutes).unwrap_or(0))
}
