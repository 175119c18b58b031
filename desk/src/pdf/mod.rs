//! Documents as PDF: a title, some lines, and sections of labels and values, on A4 pages; and sheets of labels. Pure.
//!
//! Fonts are embedded, and each piece is tagged: headings, paragraphs, tables of rows (docs/decisions/0014).

mod fonts;
mod glyphs;
mod labels;
mod layout;
mod tags;
mod xmp;

use domain::calendar::LocalTime;
use domain::i18n::Language;
use pdf_writer::types::{ArtifactType, TabOrder};
use pdf_writer::{Content, Date, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

use crate::provider::LogoPixels;
use glyphs::{Alphabet, Face};
pub(crate) use labels::{Label, LabelLayout, write_labels};
use layout::{LaidOutDocument, Page, PlacedLogo, lay_out};

/// Content of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) title: String,
    pub(crate) language: Language,
    /// The author.
    pub(crate) author: String,
    /// The author's logo above the title, if they have one.
    pub(crate) logo: Option<LogoPixels>,
    /// Lines below the title.
    pub(crate) lead: Vec<String>,
    pub(crate) sections: Vec<Section>,
    /// The foot of each page, beside its number.
    pub(crate) foot: String,
    /// Time of its creation, in the site's local time.
    pub(crate) made: LocalTime,
}

/// A section with a title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) title: String,
    pub(crate) body: Body,
}

/// Content of a section. Texts and values may have line feeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Body {
    /// Labels with their values.
    Rows(Vec<(String, String)>),
    /// A paragraph.
    Text(String),
}

/// Object numbers that are not in use yet.
struct Refs(i32);

impl Refs {
    fn next(&mut self) -> Ref {
        self.0 += 1;
        Ref::new(self.0)
    }
}

const REGULAR: Name<'static> = Name(b"F1");
const BOLD: Name<'static> = Name(b"F2");
const LOGO: Name<'static> = Name(b"Logo");

/// How hard pixels are compressed, from 0 to 10: a logo is small.
const COMPRESSION: u8 = 6;

/// Writes a document. Equal documents give equal bytes.
pub(crate) fn write(document: &Document) -> Vec<u8> {
    let LaidOutDocument { pages, parts, logo } = lay_out(document);
    let lines = pages.iter().flat_map(|page| &page.lines);
    let alphabet = Alphabet::of(lines.map(|line| line.text.as_str()));
    let mut refs = Refs(0);
    let [catalog, tree, info, metadata] = std::array::from_fn(|_| refs.next());
    let pages: Vec<(&Page, Ref)> = pages.iter().map(|page| (page, refs.next())).collect();
    let mut pdf = Pdf::new();
    let structure = parts.write(&mut pdf, &mut refs, &pages);
    let mut root = pdf.catalog(catalog);
    root.pages(tree).lang(TextStr(document.language.code()));
    root.viewer_preferences().display_doc_title(true);
    root.mark_info().marked(true);
    root.metadata(metadata);
    root.pair(Name(b"StructTreeRoot"), structure);
    root.finish();
    pdf.metadata(metadata, xmp::packet(document).as_bytes()).finish();
    let mut about = pdf.document_info(info);
    about.title(TextStr(&document.title)).author(TextStr(&document.author)).producer(TextStr("Vigía"));
    about.creation_date(date(&document.made));
    about.finish();
    let [regular, bold] = fonts::write(&mut pdf, &mut refs, &alphabet);
    let picture = document.logo.as_ref().map(|logo| write_logo(&mut pdf, &mut refs, logo));
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    pdf.pages(tree).kids(pages.iter().map(|(_, place)| *place)).count(count);
    for (number, (page, place)) in (0..).zip(&pages) {
        let stream = refs.next();
        let mut written = pdf.page(*place);
        written.parent(tree).media_box(Rect::new(0.0, 0.0, layout::WIDTH, layout::HEIGHT)).contents(stream);
        written.struct_parents(number).tab_order(TabOrder::StructureOrder);
        let placed = logo.filter(|_| number == 0);
        let mut resources = written.resources();
        resources.fonts().pair(REGULAR, regular).pair(BOLD, bold);
        if let (Some(_), Some(picture)) = (placed, picture) {
            resources.x_objects().pair(LOGO, picture);
        }
        resources.finish();
        written.finish();
        pdf.stream(stream, &draw(page, placed, &alphabet));
    }
    pdf.finish()
}

/// Writes the pixels of a logo.
fn write_logo(pdf: &mut Pdf, refs: &mut Refs, logo: &LogoPixels) -> Ref {
    let place = refs.next();
    let pixels = miniz_oxide::deflate::compress_to_vec_zlib(&logo.rgb, COMPRESSION);
    let side = |pixels: u32| i32::try_from(pixels).unwrap_or(i32::MAX);
    let mut picture = pdf.image_xobject(place, &pixels);
    picture.filter(Filter::FlateDecode);
    picture.width(side(logo.width)).height(side(logo.height));
    picture.color_space().device_rgb();
    picture.bits_per_component(8);
    picture.finish();
    place
}

fn draw(page: &Page, logo: Option<PlacedLogo>, alphabet: &Alphabet) -> Vec<u8> {
    let mut content = Content::new();
    if let Some(PlacedLogo { x, y, width, height }) = logo {
        // Page furniture: the author's name is in the metadata.
        let mut begun = content.begin_marked_content_with_properties(Name(b"Artifact"));
        begun.properties().artifact().kind(ArtifactType::Pagination);
        begun.finish();
        content.save_state().transform([width, 0.0, 0.0, height, x, y]).x_object(LOGO).restore_state();
        content.end_marked_content();
    }
    let mut marks = page.marks();
    for line in &page.lines {
        // The mark leads to the part, so the tag needs no more.
        if let Some((mark, _)) = line.part.and_then(|_| marks.next()) {
            let mut begun = content.begin_marked_content_with_properties(Name(b"Span"));
            begun.properties().identify(mark);
        } else {
            let mut begun = content.begin_marked_content_with_properties(Name(b"Artifact"));
            begun.properties().artifact().kind(ArtifactType::Pagination);
        }
        let face = match line.face {
            Face::Regular => REGULAR,
            Face::Bold => BOLD,
        };
        content.begin_text().set_font(face, line.size).next_line(line.x, line.y);
        content.show(Str(&alphabet.codes(&line.text))).end_text();
        content.end_marked_content();
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
