//! Layout of a document: lines wrapped to their columns, page breaks, and the part to which each line belongs.

use domain::t;
use pdf_writer::types::StructRole;

use super::glyphs::Face;
use super::tags::{PartId, Parts};
use super::{Body, Document, Section};
use crate::provider::LogoPixels;

/// A4 in points.
pub(super) const WIDTH: f32 = 595.0;
pub(super) const HEIGHT: f32 = 842.0;
const MARGIN: f32 = 56.0;
/// Left edge of values; labels end a little before.
const VALUES: f32 = 216.0;
const GAP: f32 = 12.0;
/// Lowest line of the text, above the foot.
const BOTTOM: f32 = 84.0;
const FOOT: f32 = 48.0;
/// The largest size of a logo.
const LOGO_WIDTH: f32 = 160.0;
const LOGO_HEIGHT: f32 = 40.0;

const TITLE: Style = Style { face: Face::Bold, size: 17.0, height: 24.0 };
const HEADING: Style = Style { face: Face::Bold, size: 11.5, height: 18.0 };
const TEXT: Style = Style { face: Face::Regular, size: 10.0, height: 14.0 };
const LABEL: Style = Style { face: Face::Bold, size: 10.0, height: 14.0 };
const SMALL: Style = Style { face: Face::Regular, size: 8.0, height: 11.0 };

/// Style and height of a line.
#[derive(Debug, Clone, Copy)]
struct Style {
    face: Face,
    size: f32,
    height: f32,
}

/// A placed line; `y` is its lower edge.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) face: Face,
    pub(super) size: f32,
    pub(super) x: f32,
    pub(super) y: f32,
    /// The part of the text to which it belongs; `None` for page furniture such as the page number.
    pub(super) part: Option<PartId>,
}

/// The lines of a page.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Page {
    pub(super) lines: Vec<Line>,
}

impl Page {
    /// The marked-content ids of lines that belong to a part, from 0 in order, each with its part.
    pub(super) fn marks(&self) -> impl Iterator<Item = (i32, PartId)> {
        (0..).zip(self.lines.iter().filter_map(|line| line.part))
    }
}

/// A document after layout.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LaidOutDocument {
    pub(super) pages: Vec<Page>,
    pub(super) parts: Parts,
    /// The place of the logo on the first page.
    pub(super) logo: Option<PlacedLogo>,
}

/// The place of a logo in points, by its lower left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PlacedLogo {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) width: f32,
    pub(super) height: f32,
}

/// Pages under construction.
struct PageBuilder {
    parts: Parts,
    pages: Vec<Page>,
    page: Page,
    /// Upper edge of the next line.
    y: f32,
}

impl PageBuilder {
    fn new() -> Self {
        Self { parts: Parts::new(), pages: Vec::new(), page: Page::default(), y: HEIGHT - MARGIN }
    }

    /// Makes room for a logo at the top of the page.
    fn logo(&mut self, logo: &LogoPixels) -> PlacedLogo {
        #[expect(clippy::cast_precision_loss, reason = "some hundred pixels")]
        let (wide, high) = (logo.width.max(1) as f32, logo.height.max(1) as f32);
        let scale = (LOGO_WIDTH / wide).min(LOGO_HEIGHT / high);
        let (width, height) = (wide * scale, high * scale);
        self.y -= height;
        let placed = PlacedLogo { x: MARGIN, y: self.y, width, height };
        self.y -= GAP;
        placed
    }

    fn turn(&mut self) {
        self.pages.push(std::mem::take(&mut self.page));
        self.y = HEIGHT - MARGIN;
    }

    /// Begins the next page unless this height fits.
    fn make_room(&mut self, height: f32) {
        if self.y - height < BOTTOM && !self.page.lines.is_empty() {
            self.turn();
        }
    }

    fn put(&mut self, style: Style, part: PartId, x: f32, text: String) {
        let Style { face, size, height } = style;
        let y = self.y - height + (height - size) / 2.0 + 1.0;
        self.page.lines.push(Line { text, face, size, x, y, part: Some(part) });
    }

    /// A text over the whole width, as a part of `within`.
    fn text(&mut self, style: Style, role: StructRole, within: PartId, text: &str) {
        let part = self.parts.add(role, within);
        for line in wrap(style, text, WIDTH - 2.0 * MARGIN) {
            self.make_room(style.height);
            self.put(style, part, MARGIN, line);
            self.y -= style.height;
        }
    }

    /// A label beside its value, on one page if they fit.
    fn row(&mut self, table: PartId, label: &str, value: &str) {
        let row = self.parts.add(StructRole::TR, table);
        let head = self.parts.add(StructRole::TH, row);
        let cell = self.parts.add(StructRole::TD, row);
        let labels = wrap(LABEL, label, VALUES - GAP - MARGIN);
        let values = wrap(TEXT, value, WIDTH - MARGIN - VALUES);
        let count = labels.len().max(values.len());
        let mut labels = labels.into_iter();
        let mut values = values.into_iter();
        self.make_room((0..count.min(WHOLE)).map(|_| TEXT.height).sum());
        for _ in 0..count {
            self.make_room(TEXT.height);
            if let Some(label) = labels.next() {
                self.put(LABEL, head, MARGIN, label);
            }
            if let Some(value) = values.next() {
                self.put(TEXT, cell, VALUES, value);
            }
            self.y -= TEXT.height;
        }
    }

    fn section(&mut self, section: &Section) {
        self.y -= GAP;
        // A title never ends a page.
        self.make_room(HEADING.height + 2.0 * TEXT.height);
        let part = self.parts.add(StructRole::Sect, Parts::WHOLE);
        self.text(HEADING, StructRole::H2, part, &section.title);
        match &section.body {
            Body::Text(text) => self.text(TEXT, StructRole::P, part, text),
            Body::Rows(rows) => {
                let table = self.parts.add(StructRole::Table, part);
                for (label, value) in rows {
                    self.row(table, label, value);
                }
            }
        }
    }
}

/// The most lines of a row that must stay on one page.
const WHOLE: usize = 6;

/// Lays out a document.
pub(super) fn lay_out(document: &Document) -> LaidOutDocument {
    let mut paper = PageBuilder::new();
    let logo = document.logo.as_ref().map(|logo| paper.logo(logo));
    paper.text(TITLE, StructRole::H1, Parts::WHOLE, &document.title);
    for text in &document.lead {
        paper.text(TEXT, StructRole::P, Parts::WHOLE, text);
    }
    for section in &document.sections {
        paper.section(section);
    }
    paper.turn();
    let PageBuilder { parts, mut pages, .. } = paper;
    let of = pages.len();
    for (place, page) in pages.iter_mut().enumerate() {
        let text = t!(document.language, "letter.account.page", page = place + 1, of = of);
        let x = WIDTH - MARGIN - SMALL.face.width(&text, SMALL.size);
        for (text, x) in [(document.foot.clone(), MARGIN), (text, x)] {
            page.lines.push(Line { text, face: SMALL.face, size: SMALL.size, x, y: FOOT, part: None });
        }
    }
    LaidOutDocument { pages, parts, logo }
}

/// Breaks a text into lines of at most `room` points: at its own breaks, between words, and within a word that is too
/// long.
fn wrap(style: Style, text: &str, room: f32) -> Vec<String> {
    text.lines().flat_map(|line| wrap_line(style, line, room)).collect()
}

fn wrap_line(style: Style, text: &str, room: f32) -> Vec<String> {
    let fits = |text: &str| style.face.width(text, style.size) <= room;
    let mut lines = vec![String::new()];
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if fits(&longer) {
            *line = longer;
        } else {
            if !line.is_empty() {
                lines.push(String::new());
            }
            cut(&mut lines, word, fits);
        }
    }
    lines
}

/// Adds a word to an empty last line, cut where it does not fit.
fn cut(lines: &mut Vec<String>, word: &str, fits: impl Fn(&str) -> bool) {
    let mut line = lines.pop().unwrap_or_default();
    for letter in word.chars() {
        line.push(letter);
        if !fits(&line) && line.chars().nth(1).is_some() {
            line.pop();
            lines.push(std::mem::take(&mut line));
            line.push(letter);
        }
    }
    lines.push(line);
}

#[cfg(test)]
mod tests {
    use domain::calendar::ZoneView;
    use domain::i18n::Language;
    use domain::time::Instant;
    use proptest::prelude::*;

    use super::*;

    fn document(rows: Vec<(String, String)>) -> Document {
        let zone = ZoneView { name: "UTC".into(), offset_s: 0, changes: Vec::new() };
        let sections = vec![Section { title: "Pausas".into(), body: Body::Rows(rows) }];
        Document {
            title: "Caso".into(),
            language: Language::Es,
            author: "Vigía".into(),
            logo: None,
            lead: Vec::new(),
            sections,
            foot: "VE26".into(),
            made: zone.local(Instant(0)),
        }
    }

    #[test]
    fn long_lists_continue_on_further_pages_without_loss() {
        let rows = (0..300).map(|n| (format!("Pausa {n}"), format!("del {n} al {n}"))).collect();
        let LaidOutDocument { pages, parts, .. } = lay_out(&document(rows));
        assert!(pages.len() > 5);
        let values = pages.iter().flat_map(|page| &page.lines).filter(|line| line.text.starts_with("del "));
        assert_eq!(values.count(), 300);
        let cells = parts.roles().filter(|role| *role == StructRole::TD).count();
        assert_eq!(cells, 300, "one cell a row, on however many pages it stands");
    }

    proptest! {
        #[test]
        fn every_line_is_within_the_page(texts in proptest::collection::vec(("\\PC{0,200}", "\\PC{0,400}"), 0..40)) {
            for page in lay_out(&document(texts)).pages {
                for line in page.lines {
                    let right = line.x + line.face.width(&line.text, line.size);
                    prop_assert!(line.x >= MARGIN && right <= WIDTH - MARGIN + 0.1, "{line:?}");
                    prop_assert!(line.y >= FOOT && line.y <= HEIGHT - MARGIN, "{line:?}");
                    prop_assert!(line.y >= BOTTOM || line.size < 9.0, "{line:?}");
                }
            }
        }

        #[test]
        fn wrapping_loses_no_word(text in "[a-zñ ]{0,300}") {
            let wrapped = wrap(TEXT, &text, 120.0).concat().replace(' ', "");
            prop_assert_eq!(wrapped, text.replace(' ', ""));
        }
    }
}
