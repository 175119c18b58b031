//! Glyphs and widths of Liberation Sans, and the alphabet of a document.

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// A face of Liberation Sans. It has the widths of Helvetica and Arial, and all Latin, Greek and Cyrillic letters
/// (`desk/fonts`, SIL Open Font License).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    Regular,
    Bold,
}

/// Replaces a letter that the font lacks.
const STAND_IN: char = '□';

type Font = Option<ttf_parser::Face<'static>>;
static REGULAR: LazyLock<Font> = LazyLock::new(|| ttf_parser::Face::parse(Face::Regular.file(), 0).ok());
static BOLD: LazyLock<Font> = LazyLock::new(|| ttf_parser::Face::parse(Face::Bold.file(), 0).ok());

/// The glyph of a letter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Glyph {
    /// Its index in the font; 0 for none.
    pub(super) id: u16,
    /// Its width in thousandths of the size.
    pub(super) width: f32,
}

impl Face {
    pub(super) const ALL: [Self; 2] = [Self::Regular, Self::Bold];

    /// The whole font.
    pub(super) const fn file(self) -> &'static [u8] {
        match self {
            Self::Regular => include_bytes!("../../fonts/LiberationSans-Regular.ttf"),
            Self::Bold => include_bytes!("../../fonts/LiberationSans-Bold.ttf"),
        }
    }

    /// The parsed font; `None` only if it were not the tested file.
    pub(super) fn font(self) -> Option<&'static ttf_parser::Face<'static>> {
        match self {
            Self::Regular => REGULAR.as_ref(),
            Self::Bold => BOLD.as_ref(),
        }
    }

    /// The glyph of a letter; an empty box for one that the font lacks.
    pub(super) fn glyph(self, letter: char) -> Glyph {
        let found = self.font().and_then(|font| {
            let id = font.glyph_index(letter).or_else(|| font.glyph_index(STAND_IN))?;
            let width = f32::from(font.glyph_hor_advance(id)?) * 1000.0 / f32::from(font.units_per_em());
            Some(Glyph { id: id.0, width: width.round() })
        });
        found.unwrap_or(Glyph { id: 0, width: 1000.0 })
    }

    /// The width of a text in points, at a size in points.
    pub(super) fn width(self, text: &str, size: f32) -> f32 {
        text.chars().map(|letter| self.glyph(letter).width).sum::<f32>() * size / 1000.0
    }
}

/// The letters of a document, each with a code that is the same in both faces. A letter drawn as a box has its own
/// code, so that copied or spoken text is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Alphabet(Vec<char>);

impl Alphabet {
    /// The alphabet of all `texts`.
    pub(super) fn of<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        Self(texts.flat_map(str::chars).collect::<BTreeSet<char>>().into_iter().collect())
    }

    /// The letters in the order of their codes, from 1.
    pub(super) fn letters(&self) -> impl Iterator<Item = char> {
        self.0.iter().copied()
    }

    /// Each letter with its code.
    pub(super) fn coded(&self) -> impl Iterator<Item = (u16, char)> {
        (1..=u16::MAX).zip(self.letters())
    }

    /// A text as codes of two bytes a letter.
    pub(super) fn codes(&self, text: &str) -> Vec<u8> {
        let code = |letter| {
            let place = self.0.binary_search(&letter).map_or(0, |place| place + 1);
            u16::try_from(place).unwrap_or(0)
        };
        text.chars().flat_map(|letter| code(letter).to_be_bytes()).collect()
    }
}

#[cfg(test)]
mod tests {
    use domain::i18n::{Language, all};

    use super::*;

    #[test]
    fn fonts_are_readable_and_embeddable() {
        for face in Face::ALL {
            let font = face.font().unwrap();
            assert!(font.is_subsetting_allowed() && font.is_outline_embedding_allowed(), "{face:?}");
            assert_ne!(face.glyph(STAND_IN).id, 0, "{face:?}");
        }
    }

    #[test]
    fn fonts_cover_all_texts_and_names_of_three_alphabets() {
        let ours = Language::ALL.into_iter().flat_map(all).filter(|(key, _)| key.starts_with("letter."));
        let mut letters: BTreeSet<char> =
            ours.flat_map(|(_, words)| words.chars().collect::<Vec<_>>()).collect();
        letters.remove(&'\n');
        letters.extend("ŁukaszŐszeŠĞạểỳțżÞðæŒßİı ΆλέξανδροςΏ ЁлкаЇжакЉубиша ’‘–—«»…\u{301}\u{30C}".chars());
        // Latin with its extensions, Greek and Cyrillic letters.
        for range in
            ['A'..='Z', 'a'..='z', 'À'..='ɏ', '\u{1E00}'..='\u{1E9B}', '\u{1EA0}'..='\u{1EF9}', 'Ѐ'..='ӿ']
        {
            letters.extend(range.filter(|letter| letter.is_alphabetic()));
        }
        letters.extend(('Ά'..='ώ').filter(|letter| letter.is_alphabetic() && *letter != '\u{3A2}'));
        for face in Face::ALL {
            let font = face.font().unwrap();
            let missing: String =
                letters.iter().filter(|letter| font.glyph_index(**letter).is_none()).collect();
            assert_eq!(missing, "", "{face:?}");
        }
    }

    #[test]
    fn glyph_widths_equal_helvetica() {
        for (face, text, width) in [
            (Face::Regular, "Ñandú", 722.0 + 556.0 * 4.0),
            (Face::Bold, "Wí~", 944.0 + 278.0 + 584.0),
            (Face::Regular, "Ł", 556.0),
        ] {
            assert!((face.width(text, 1000.0) - width).abs() < 1.5, "{text}: {}", face.width(text, 1000.0));
        }
    }

    #[test]
    fn glyph_codes_map_to_letters_and_back() {
        let alphabet = Alphabet::of(["Łódź", "日本 😀"].into_iter());
        let codes = alphabet.codes("日ź😀");
        let read = codes.chunks(2).map(|code| {
            let code = u16::from_be_bytes([code[0], code[1]]);
            alphabet.coded().find(|(known, _)| *known == code).unwrap().1
        });
        assert_eq!(read.collect::<String>(), "日ź😀");
    }
}
