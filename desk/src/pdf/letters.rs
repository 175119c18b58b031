//! Letters of Helvetica: how they are written down, and how wide they are.

/// A cut of Helvetica.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    Regular,
    Bold,
}

/// Widths from the space to the tilde, in thousandths of the size (Adobe's metrics of the standard fonts).
#[rustfmt::skip]
const REGULAR: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];
#[rustfmt::skip]
const BOLD: [u16; 95] = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
    975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
    333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611,
    611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
];
/// As wide as any letter but the dashes: a line of letters that are not in the tables never leaves the page.
const WIDE: u16 = 1000;

impl Face {
    /// The font's name in a document.
    pub(super) const fn name(self) -> &'static [u8] {
        match self {
            Self::Regular => b"Helvetica",
            Self::Bold => b"Helvetica-Bold",
        }
    }

    /// How wide a text is at a size, in points.
    pub(super) fn width(self, text: &str, size: f32) -> f32 {
        text.chars().map(|letter| f32::from(self.width_of(letter))).sum::<f32>() * size / 1000.0
    }

    fn width_of(self, letter: char) -> u16 {
        let table = match self {
            Self::Regular => &REGULAR,
            Self::Bold => &BOLD,
        };
        let place = u32::from(alike(letter)).checked_sub(32).and_then(|place| usize::try_from(place).ok());
        place.and_then(|place| table.get(place)).copied().unwrap_or(WIDE)
    }
}

/// A letter that is as wide.
const fn alike(letter: char) -> char {
    match letter {
        'À'..='Å' => 'A',
        'Ç' => 'C',
        'È'..='Ë' => 'E',
        // An accent makes a small i as wide as a capital one.
        'Ì'..='Ï' | 'ì'..='ï' => 'I',
        'Ñ' => 'N',
        'Ò'..='Ö' => 'O',
        'Ù'..='Ü' => 'U',
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ñ' => 'n',
        'ò'..='ö' => 'o',
        'ù'..='ü' => 'u',
        '¡' => '!',
        '¿' => '?',
        '·' | '\u{A0}' | '\u{202F}' => ' ',
        '×' => '+',
        '–' => '0',
        'º' | 'ª' | '°' | '’' | '‘' => '*',
        letter => letter,
    }
}

/// A text in the encoding `WinAnsi`; what it does not hold is a question mark.
pub(super) fn win_ansi(text: &str) -> Vec<u8> {
    text.chars().map(byte).collect()
}

fn byte(letter: char) -> u8 {
    match letter {
        ' '..='~' | '\u{A0}'..='\u{FF}' => u8::try_from(u32::from(letter)).unwrap_or(b'?'),
        '\u{202F}' | '\u{2009}' => b' ',
        '€' => 0x80,
        '…' => 0x85,
        'Š' => 0x8A,
        'Œ' => 0x8C,
        'Ž' => 0x8E,
        '‘' => 0x91,
        '’' => 0x92,
        '“' => 0x93,
        '”' => 0x94,
        '•' => 0x95,
        '–' => 0x96,
        '—' => 0x97,
        '™' => 0x99,
        'š' => 0x9A,
        'œ' => 0x9C,
        'ž' => 0x9E,
        'Ÿ' => 0x9F,
        _ => b'?',
    }
}

#[cfg(test)]
mod tests {
    use domain::words::{Language, all};

    use super::*;

    #[test]
    fn every_word_of_ours_can_be_written() {
        for language in Language::ALL {
            for (key, words) in all(language).into_iter().filter(|(key, _)| key.starts_with("letter.")) {
                for letter in words.chars().filter(|letter| *letter != '\n') {
                    assert!(letter == '?' || byte(letter) != b'?', "{key}: {letter:?}");
                }
            }
        }
    }

    #[test]
    fn letters_have_the_widths_of_adobes_metrics() {
        for (face, text, width) in [
            (Face::Regular, "Ñandú", 722.0 + 556.0 * 4.0),
            (Face::Bold, "Wí~", 944.0 + 278.0 + 584.0),
            (Face::Regular, "日", 1000.0),
        ] {
            assert!((face.width(text, 1000.0) - width).abs() < 0.5, "{text}");
        }
    }
}
