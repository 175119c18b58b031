//! Sheets of labels with a QR code each: for A4 sheets of adhesive labels, or one label a page for label printers.

use domain::i18n::Language;
use pdf_writer::types::ArtifactType;
use pdf_writer::{Content, Finish, Name, Pdf, Rect, Str, TextStr};
use qrcodegen::QrCode;

use super::glyphs::{Alphabet, Face};
use super::{BOLD, REGULAR, Refs, fonts};

/// Points of a millimetre.
const MM: f32 = 72.0 / 25.4;
/// Width and height of a label: Avery L7160, 63.5 x 38.1 mm.
const LABEL: (f32, f32) = (63.5 * MM, 38.1 * MM);
/// Modules of the margin around a QR code (ISO/IEC 18004).
const QUIET: i32 = 4;
/// The side of a code with its margin.
const CODE: f32 = 33.0 * MM;
/// The distance of what is printed from the label's edge: sheets are cut, and printers pull in, to about 1.5 mm.
const INSET: f32 = 2.5 * MM;
/// The smallest size of a letter, in points; longer texts are cut.
const SMALLEST: f32 = 5.5;

/// A label: what its code says, and the lines beside it. The first one is bold.
pub(crate) struct Label {
    pub(crate) code: QrCode,
    pub(crate) lines: Vec<String>,
}

/// How labels lie on pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LabelLayout {
    /// Avery L7160: 3 columns of 7 labels on A4; so many labels of the first sheet are used up.
    Sheet {
        /// Labels of the first sheet that are gone, from the top left, row by row.
        used: usize,
    },
    /// A page of the label's size for each.
    Single,
}

impl LabelLayout {
    const COLUMNS: usize = 3;
    /// Labels of a sheet.
    pub(crate) const PER_SHEET: usize = 21;
    /// Left and top margin of the sheet, and from one column to the next (Avery's measures of L7160).
    const LEFT: f32 = 7.21 * MM;
    const TOP: f32 = 15.15 * MM;
    const PITCH: f32 = 66.04 * MM;

    /// Width and height of a page.
    const fn page(self) -> (f32, f32) {
        match self {
            Self::Sheet { .. } => (210.0 * MM, 297.0 * MM),
            Self::Single => LABEL,
        }
    }

    /// The page of a label, and its lower left corner there.
    fn place(self, index: usize) -> (usize, (f32, f32)) {
        let Self::Sheet { used } = self else { return (index, (0.0, 0.0)) };
        let at = index + used.min(Self::PER_SHEET - 1);
        let (page, on_page) = (at / Self::PER_SHEET, at % Self::PER_SHEET);
        let (row, column) = (on_page / Self::COLUMNS, on_page % Self::COLUMNS);
        let (_, height) = self.page();
        let x = Self::LEFT + Self::PITCH * count(column);
        let y = height - Self::TOP - LABEL.1 * (count(row) + 1.0);
        (page, (x, y))
    }
}

/// A small number of rows, columns or modules.
fn count(number: usize) -> f32 {
    u16::try_from(number).map_or(f32::from(u16::MAX), f32::from)
}

/// Writes labels. Equal labels give equal bytes.
pub(crate) fn write_labels(
    title: &str,
    language: Language,
    layout: LabelLayout,
    labels: &[Label],
) -> Vec<u8> {
    let texts = labels.iter().flat_map(|label| label.lines.iter().map(String::as_str));
    let alphabet = Alphabet::of(texts.chain(["…"]));
    let mut refs = Refs(0);
    let [catalog, tree, info] = std::array::from_fn(|_| refs.next());
    let mut pdf = Pdf::new();
    let mut root = pdf.catalog(catalog);
    root.pages(tree).lang(TextStr(language.code()));
    root.viewer_preferences().display_doc_title(true);
    root.finish();
    pdf.document_info(info).title(TextStr(title)).producer(TextStr("Vigía"));
    let [regular, bold] = fonts::write(&mut pdf, &mut refs, &alphabet);
    let pages = labels.len().checked_sub(1).map_or(1, |last| layout.place(last).0 + 1);
    let places: Vec<_> = (0..pages).map(|_| refs.next()).collect();
    pdf.pages(tree).kids(places.iter().copied()).count(i32::try_from(pages).unwrap_or(i32::MAX));
    let (width, height) = layout.page();
    for (number, place) in places.iter().enumerate() {
        let stream = refs.next();
        let mut written = pdf.page(*place);
        written.parent(tree).media_box(Rect::new(0.0, 0.0, width, height)).contents(stream);
        written.resources().fonts().pair(REGULAR, regular).pair(BOLD, bold);
        written.finish();
        let mut content = Content::new();
        for (index, label) in labels.iter().enumerate() {
            let (page, corner) = layout.place(index);
            if page == number {
                draw(&mut content, label, corner, &alphabet);
            }
        }
        pdf.stream(stream, &content.finish());
    }
    pdf.finish()
}

fn draw(content: &mut Content, label: &Label, (x, y): (f32, f32), alphabet: &Alphabet) {
    let mut mark = content.begin_marked_content_with_properties(Name(b"Artifact"));
    mark.properties().artifact().kind(ArtifactType::Page);
    drop(mark);
    draw_code(content, &label.code, (x + INSET, y + (LABEL.1 - CODE) / 2.0));
    content.end_marked_content();
    let left = x + INSET + CODE;
    let room = LABEL.0 - CODE - 2.0 * INSET;
    let mut top = y + LABEL.1 - INSET - 8.0;
    for (number, line) in label.lines.iter().enumerate() {
        let (face, name, size) =
            if number == 0 { (Face::Bold, BOLD, 9.0) } else { (Face::Regular, REGULAR, 7.0) };
        let (text, size) = fitted(face, line, size, room);
        content.begin_text().set_font(name, size).next_line(left, top);
        content.show(Str(&alphabet.codes(&text))).end_text();
        top -= 10.5;
    }
}

/// A text and its size, so that it fits a width: smaller first, then cut.
fn fitted(face: Face, text: &str, size: f32, room: f32) -> (String, f32) {
    let width = face.width(text, size);
    if width <= room {
        return (text.to_owned(), size);
    }
    // Widths grow with the size, so this one fills the room.
    let filling = size * room / width;
    if filling >= SMALLEST {
        return (text.to_owned(), filling);
    }
    let mut cut: Vec<char> = text.chars().collect();
    let mut shown = text.to_owned();
    while face.width(&shown, SMALLEST) > room && cut.pop().is_some() {
        shown = cut.iter().collect::<String>().trim_end().to_owned() + "…";
    }
    (shown, SMALLEST)
}

/// The dark modules of a code within its margin, a rectangle for each run of a row: single modules would leave hairlines.
fn draw_code(content: &mut Content, code: &QrCode, (x, y): (f32, f32)) {
    let side = code.size();
    let module = CODE / modules(side + 2 * QUIET);
    for row in 0..side {
        let mut column = 0;
        while column < side {
            let run = (column..side).take_while(|at| code.get_module(*at, row)).count();
            if run > 0 {
                let left = x + module * modules(column + QUIET);
                let bottom = y + CODE - module * modules(row + QUIET + 1);
                content.rect(left, bottom, module * count(run), module);
            }
            column += i32::try_from(run).unwrap_or(i32::MAX).max(1);
        }
    }
    content.fill_nonzero();
}

/// A number of modules: a code has at most 177 a side.
fn modules(number: i32) -> f32 {
    i16::try_from(number).map_or(0.0, f32::from)
}

#[cfg(test)]
mod tests {
    use qrcodegen::QrCodeEcc;

    use super::*;

    fn label(text: &str) -> Label {
        Label { code: QrCode::encode_text(text, QrCodeEcc::Medium).unwrap(), lines: vec![text.to_owned()] }
    }

    #[test]
    fn labels_of_a_sheet_lie_where_avery_cuts_them() {
        let layout = LabelLayout::Sheet { used: 0 };
        let mm = |(x, y): (f32, f32)| ((x / MM * 100.0).round() / 100.0, (y / MM * 100.0).round() / 100.0);
        let (page, first) = layout.place(0);
        assert_eq!((page, mm(first)), (0, (7.21, 243.75)));
        let (page, last) = layout.place(20);
        assert_eq!((page, mm(last)), (0, (139.29, 15.15)));
        assert_eq!(layout.place(21), (1, first));
        assert_eq!(LabelLayout::Sheet { used: 20 }.place(1), (1, first));
        assert_eq!(LabelLayout::Single.place(3), (3, (0.0, 0.0)));
    }

    /// The rectangles that a file fills, in points.
    fn rectangles(pdf: &[u8]) -> Vec<[f32; 4]> {
        let text = String::from_utf8_lossy(pdf).into_owned();
        let of_line = |line: &str| {
            let numbers = line.strip_suffix(" re")?.split(' ').map(|number| number.parse().ok());
            numbers.collect::<Option<Vec<f32>>>()?.try_into().ok()
        };
        text.lines().filter_map(of_line).collect()
    }

    #[test]
    fn printed_code_is_read_by_another_reader() {
        const PIXELS: f32 = 5.0;
        let address = "https://vigia.example/?serial=FOC2614A1B2&contract=CPS-VE-004213-58";
        let pdf = write_labels("Etiquetas", Language::Es, LabelLayout::Single, &[label(address)]);
        let dark = rectangles(&pdf);
        let is_dark = |x: f32, y: f32| {
            dark.iter().any(|[left, bottom, width, height]| {
                (*left..left + width).contains(&x) && (*bottom..bottom + height).contains(&y)
            })
        };
        // As a scanner sees the printed label: light where nothing is filled.
        let side =
            |length: f32| (length * PIXELS).to_string().split('.').next().unwrap().parse::<usize>().unwrap();
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(side(LABEL.0), side(LABEL.1), |x, y| {
            let (x, y) = ((count(x) + 0.5) / PIXELS, LABEL.1 - (count(y) + 0.5) / PIXELS);
            if is_dark(x, y) { 0 } else { 255 }
        });
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1);
        assert_eq!(grids[0].decode().unwrap().1, address);
    }

    #[test]
    fn long_text_gets_smaller_and_is_cut_then() {
        let room = LABEL.0 - CODE - 2.0 * INSET;
        let (text, size) = fitted(Face::Regular, "Catalyst 9300-48P-A UPOE", 7.0, room);
        assert!(text == "Catalyst 9300-48P-A UPOE" && size < 7.0, "{text} {size}");
        let (text, size) = fitted(Face::Bold, &"W".repeat(120), 9.0, room);
        assert!(text.ends_with('…') && Face::Bold.width(&text, size) <= room, "{text}");
    }

    #[test]
    fn every_label_is_written_once() {
        let labels: Vec<Label> = (0..22).map(|number| label(&format!("FOC{number:08}"))).collect();
        for (layout, pages) in [
            (LabelLayout::Sheet { used: 0 }, 2),
            (LabelLayout::Sheet { used: 20 }, 2),
            (LabelLayout::Single, 22),
        ] {
            let pdf = write_labels("Etiquetas", Language::Es, layout, &labels);
            let text = String::from_utf8_lossy(&pdf).into_owned();
            assert!(text.starts_with("%PDF-") && text.contains(&format!("/Count {pages}")), "{layout:?}");
            assert_eq!(text.matches("BT\n").count(), 22, "{layout:?}");
        }
    }
}
