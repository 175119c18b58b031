//! The embedded fonts of a document, with only the glyphs that it uses (ISO 32000-1, 9.7.4: fonts of type 0 over
//! TrueType).

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Name, Pdf, Rect, Ref, Str};
use subsetter::GlyphRemapper;

use super::Refs;
use super::glyphs::{Alphabet, Face};

const IDENTITY: SystemInfo<'static> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// Writes both faces. Gives the font of each, in the order of [`Face::ALL`].
pub(super) fn write(pdf: &mut Pdf, refs: &mut Refs, alphabet: &Alphabet) -> [Ref; 2] {
    let letters = refs.next();
    let mut map = UnicodeCmap::new(Name(b"Letters"), IDENTITY);
    for (code, letter) in alphabet.coded() {
        map.pair(code, letter);
    }
    pdf.cmap(letters, &map.finish());
    Face::ALL.map(|face| write_face(pdf, refs, face, alphabet, letters))
}

/// Its name in a document, with the six letters of a subset.
const fn name(face: Face) -> Name<'static> {
    match face {
        Face::Regular => Name(b"VIGIAR+LiberationSans"),
        Face::Bold => Name(b"VIGIAB+LiberationSans-Bold"),
    }
}

fn write_face(pdf: &mut Pdf, refs: &mut Refs, face: Face, alphabet: &Alphabet, letters: Ref) -> Ref {
    let [font, cid_font, descriptor, file, map] = std::array::from_fn(|_| refs.next());
    let name = name(face);
    pdf.type0_font(font)
        .base_font(name)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(cid_font)
        .to_unicode(letters);
    let mut cid = pdf.cid_font(cid_font);
    cid.subtype(CidFontType::Type2).base_font(name).system_info(IDENTITY).font_descriptor(descriptor);
    cid.cid_to_gid_map_stream(map).default_width(0.0);
    cid.widths().consecutive(1, alphabet.letters().map(|letter| face.glyph(letter).width));
    drop(cid);
    describe(pdf, descriptor, face, file);
    let (bytes, glyphs) = glyphs(face, alphabet);
    pdf.stream(file, &bytes).pair(Name(b"Length1"), i32::try_from(bytes.len()).unwrap_or(i32::MAX));
    let glyphs: Vec<u8> = std::iter::once(0).chain(glyphs).flat_map(u16::to_be_bytes).collect();
    pdf.stream(map, &glyphs);
    font
}

/// The font with the glyphs of an alphabet, and the glyph of each letter.
fn glyphs(face: Face, alphabet: &Alphabet) -> (Vec<u8>, Vec<u16>) {
    let whole: Vec<u16> = alphabet.letters().map(|letter| face.glyph(letter).id).collect();
    let mut chosen = GlyphRemapper::new();
    let glyphs = whole.iter().map(|glyph| chosen.remap(*glyph)).collect();
    match subsetter::subset(face.file(), 0, &chosen) {
        Ok(bytes) => (bytes, glyphs),
        // It does not occur with these fonts. The whole font serves as well.
        Err(_) => (face.file().to_vec(), whole),
    }
}

fn describe(pdf: &mut Pdf, descriptor: Ref, face: Face, file: Ref) {
    let mut written = pdf.font_descriptor(descriptor);
    written.name(name(face)).flags(FontFlags::SYMBOLIC).italic_angle(0.0).font_file2(file);
    // In thousandths of the size, with stems as in Helvetica.
    written.stem_v(if face == Face::Bold { 140.0 } else { 88.0 });
    if let Some(font) = face.font() {
        let scaled = |units: i16| f32::from(units) * 1000.0 / f32::from(font.units_per_em());
        let all = font.global_bounding_box();
        written.bbox(Rect::new(scaled(all.x_min), scaled(all.y_min), scaled(all.x_max), scaled(all.y_max)));
        written.ascent(scaled(font.ascender())).descent(scaled(font.descender()));
        written.cap_height(scaled(font.capital_height().unwrap_or_else(|| font.ascender())));
    }
}
