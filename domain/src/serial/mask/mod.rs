//! Masks: formats of serials and contract numbers, as data.
//!
//! | sign | meaning |
//! | --- | --- |
//! | `A` `9` `X` `H` | one letter, digit, letter or digit, hexadecimal digit |
//! | `[...]` | one of a set, with ranges |
//! | `'text'` | exactly this text |
//! | `{n}` `{m,n}` | the sign before it, n or m to n times |
//! | `<name:...>` | a part with a name |
//! | `-` `~` | a printed hyphen (usual, possible), not part of the compact form |
//! | `\|` | or |
//!
//! A mask is laid out as rows of fixed length, one for each choice. Matching, finding the first wrong character,
//! correcting look-alikes and completing are each a walk along a row.

mod check;
mod compile;

use thiserror::Error;

pub use check::CheckProblem;

/// A compiled mask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    rows: Vec<Row>,
    names: Vec<String>,
}

/// A row of fixed length: one way to fill a mask.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    slots: Vec<Slot>,
}

/// One character of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Permitted characters as bits: digits at 0 to 9, letters at 10 to 35.
    set: u64,
    /// The named part to which it belongs.
    name: Option<u8>,
    /// Whether it is quoted in the mask.
    literal: bool,
    /// Whether a hyphen is printed before it.
    hyphen: bool,
}

/// Why a mask cannot be compiled, with the position (in characters, from 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MaskError {
    /// A sign that the language lacks, or one at the wrong position.
    #[error("unexpected sign at {0}")]
    Unexpected(usize),
    /// The mask ends inside a quote, set, part or count.
    #[error("the mask ends too early")]
    Unfinished,
    /// There are too many rows, or too long ones.
    #[error("the mask is too large")]
    TooLarge,
    /// The mask is empty.
    #[error("the mask is empty")]
    Empty,
}

const ALL_DIGITS: u64 = (1 << 10) - 1;
const ALL_LETTERS: u64 = ((1 << 26) - 1) << 10;
const ALL_HEX: u64 = (1 << 16) - 1;

impl Mask {
    /// Compiles a mask.
    ///
    /// # Errors
    /// When it is not in the language above, or too large.
    pub fn compile(source: &str) -> Result<Self, MaskError> {
        compile::mask(source)
    }

    /// The rows, in the order of the mask.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The row that fits a whole compact text.
    #[must_use]
    pub fn matching(&self, compact: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.takes(compact))
    }

    /// The characters of a named part in a text that fits `row`.
    #[must_use]
    pub fn part(&self, row: &Row, compact: &str, name: &str) -> Option<String> {
        let wanted = self.names.iter().position(|known| known == name)?;
        let part: String = row
            .slots
            .iter()
            .zip(compact.chars())
            .filter(|(slot, _)| slot.name.is_some_and(|index| usize::from(index) == wanted))
            .map(|(_, character)| character)
            .collect();
        (!part.is_empty()).then_some(part)
    }

    /// The names of its parts, in the order in which they begin.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The name of the part that a slot belongs to.
    #[must_use]
    pub fn name_of(&self, slot: &Slot) -> Option<&str> {
        slot.name.and_then(|index| self.names.get(usize::from(index))).map(String::as_str)
    }
}

impl Row {
    /// The characters of the row.
    #[must_use]
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// Number of characters of the compact form.
    #[must_use]
    pub fn length(&self) -> usize {
        self.slots.len()
    }

    /// Whether the row fits the whole text.
    #[must_use]
    pub fn takes(&self, compact: &str) -> bool {
        compact.len() == self.slots.len() && self.first_wrong(compact).is_none()
    }

    /// The first wrong character, from 0; lengths are not compared.
    #[must_use]
    pub fn first_wrong(&self, compact: &str) -> Option<usize> {
        self.slots.iter().zip(compact.chars()).position(|(slot, character)| !slot.takes(character))
    }

    /// The text with its printed hyphens; `_` stands for missing characters at the end.
    #[must_use]
    pub fn printed(&self, compact: &str) -> String {
        let mut text = String::new();
        let mut characters = compact.chars();
        for slot in &self.slots {
            if slot.hyphen && !text.is_empty() {
                text.push('-');
            }
            text.push(characters.next().unwrap_or('_'));
        }
        text.extend(characters);
        text
    }

    /// The printed pattern: `CPS-VE-######-##`.
    #[must_use]
    pub fn pattern(&self) -> String {
        self.printed(&self.slots.iter().map(|slot| slot.sign()).collect::<String>())
    }

    /// Number of texts that fit, as a binary logarithm in thousandths: the lower, the more a match means.
    #[must_use]
    pub fn breadth(&self) -> u32 {
        self.slots.iter().map(|slot| thousandths_of_bits(slot.set.count_ones())).sum()
    }

    /// The text or its beginning, with each wrong character replaced by a look-alike. `None` when a character has no
    /// look-alike, or more than `most` would change. A text that fits is returned unchanged.
    #[must_use]
    pub fn with_look_alikes(&self, compact: &str, most: usize) -> Option<String> {
        if compact.len() > self.slots.len() {
            return None;
        }
        let mut changes = 0;
        let mended = self
            .slots
            .iter()
            .zip(compact.chars())
            .map(|(slot, character)| {
                if slot.takes(character) {
                    return Some(character);
                }
                changes += 1;
                look_alikes(character).chars().find(|other| slot.takes(*other))
            })
            .collect::<Option<String>>()?;
        (changes <= most).then_some(mended)
    }
}

impl Slot {
    /// Whether the character fits.
    #[must_use]
    pub fn takes(self, character: char) -> bool {
        bit(character).is_some_and(|bit| self.set & bit != 0)
    }

    /// Whether only some of the letters or digits fit, as in a set.
    #[must_use]
    pub const fn is_narrow(self) -> bool {
        !matches!(self.set, ALL_DIGITS | ALL_LETTERS | ALL_HEX) && self.set != (ALL_DIGITS | ALL_LETTERS)
    }

    /// Whether the mask has exactly this character.
    #[must_use]
    pub const fn is_literal(self) -> bool {
        self.literal
    }

    /// The character in the mask, `#` for digits, `A` for letters, `*` for others.
    #[must_use]
    pub fn sign(self) -> char {
        let written = ('0'..='9').chain('A'..='Z').find(|character| self.literal && self.takes(*character));
        written.unwrap_or(match self.set {
            set if set & ALL_LETTERS == 0 => '#',
            set if set & ALL_DIGITS == 0 => 'A',
            _ => '*',
        })
    }
}

/// Look-alikes of a character: digits for letters and letters for digits.
const fn look_alikes(character: char) -> &'static str {
    match character {
        'O' | 'Q' => "0",
        'I' | 'L' => "1",
        'Z' => "2",
        'S' => "5",
        'G' => "6",
        'B' => "8",
        '0' => "OQ",
        '1' => "IL",
        '2' => "Z",
        '5' => "S",
        '6' => "G",
        '8' => "B",
        _ => "",
    }
}

const fn bit(character: char) -> Option<u64> {
    match character {
        '0'..='9' => Some(1 << (character as u32 - '0' as u32)),
        'A'..='Z' => Some(1 << (character as u32 - 'A' as u32 + 10)),
        _ => None,
    }
}

/// A binary logarithm in thousandths: exact where the sets of masks need it, close elsewhere.
fn thousandths_of_bits(count: u32) -> u32 {
    let whole = count.max(1).ilog2();
    let fraction = count.max(1) * 1000 / (1 << whole) - 1000;
    whole * 1000 + fraction
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn mask_matches_signs_counts_choices_and_parts() {
        let mask = Mask::compile("<id:'02'|'03'><item:A{2}>-9{2,3}~[A-CX]H").unwrap();
        assert_eq!(mask.rows().iter().map(Row::length).collect::<Vec<_>>(), [8, 9, 8, 9]);
        for (text, fits) in
            [("02AB12CF", true), ("03AB123X0", true), ("04AB12CF", false), ("02AB12DF", false)]
        {
            assert_eq!(mask.matching(text).is_some(), fits, "{text}");
        }
        let row = mask.matching("03AB123X0").unwrap();
        assert_eq!(mask.part(row, "03AB123X0", "item").as_deref(), Some("AB"));
        assert_eq!(mask.part(row, "03AB123X0", "other"), None);
        assert_eq!(row.printed("03AB123X0"), "03AB-123X0");
        assert_eq!(row.printed("03AB"), "03AB-_____");
    }

    #[test]
    fn mask_accepts_look_alikes_in_both_directions() {
        let mask = Mask::compile("A{3}9{2}").unwrap();
        let row = &mask.rows()[0];
        assert_eq!(row.with_look_alikes("F0CO9", 2).as_deref(), Some("FOC09"));
        assert_eq!(row.with_look_alikes("F0CO9", 1), None);
        assert_eq!(row.with_look_alikes("FOC0X", 2), None);
    }

    #[test]
    fn mask_error_names_its_position() {
        for (source, error) in [
            ("", MaskError::Empty),
            ("A?", MaskError::Unexpected(1)),
            ("A>", MaskError::Unexpected(1)),
            ("'AB", MaskError::Unfinished),
            ("<x:A", MaskError::Unfinished),
            ("<x:A>{2}", MaskError::Unexpected(0)),
            ("[B-A]", MaskError::Unexpected(1)),
            ("[]", MaskError::Empty),
            ("A{3,2}", MaskError::Unexpected(5)),
            ("A{65}", MaskError::Unexpected(4)),
            ("A{1,9}9{1,9}", MaskError::TooLarge),
            ("'é'", MaskError::Unexpected(1)),
        ] {
            assert_eq!(Mask::compile(source), Err(error), "{source}");
        }
    }

    #[test]
    fn mask_that_is_too_large_is_refused_before_it_is_laid_out() {
        let long = format!("'{}'{{0,64}}", "A".repeat(20_000));
        let wide = vec!["9{0,63}"; 2_000].join("|");
        for source in [long, wide] {
            assert_eq!(Mask::compile(&source), Err(MaskError::TooLarge));
        }
    }

    #[test]
    fn mask_of_many_empty_pieces_is_compiled_without_copying_its_rows_for_each() {
        let hostile = format!("{}A{{57}}{}", "A{0,1}".repeat(6), "''".repeat(50_000));
        assert_eq!(Mask::compile(&hostile).map(|mask| mask.rows().len()), Ok(64));
    }

    proptest! {
        #[test]
        fn no_mask_panics(source in "[A9XH'<>:a|~{}0-9,\\[\\]-]{0,24}|.{0,20}", text in "[0-9A-Z]{0,12}|.{0,8}") {
            if let Ok(mask) = Mask::compile(&source) {
                for row in mask.rows() {
                    let _ = (row.printed(&text), row.first_wrong(&text), row.with_look_alikes(&text, 3), row.breadth());
                }
                prop_assert_eq!(mask.matching(&text).is_some(), mask.rows().iter().any(|row| row.takes(&text)));
            }
        }
    }
}
