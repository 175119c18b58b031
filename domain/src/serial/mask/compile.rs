//! The compiler of masks.

use super::{ALL_DIGITS, ALL_HEX, ALL_LETTERS, Mask, MaskError, Row, Slot, bit};

const MAX_ROWS: usize = 64;
const MAX_LENGTH: usize = 64;
const MAX_DEPTH: usize = 8;

pub(super) fn mask(source: &str) -> Result<Mask, MaskError> {
    let mut compiler = Compiler { signs: source.chars().collect(), at: 0, names: Vec::new() };
    let rows = compiler.choice(None, 0)?;
    if compiler.at < compiler.signs.len() {
        return Err(MaskError::Unexpected(compiler.at));
    }
    if rows.iter().any(|row| row.slots.is_empty()) {
        return Err(MaskError::Empty);
    }
    Ok(Mask { rows, names: compiler.names })
}

struct Compiler {
    signs: Vec<char>,
    at: usize,
    names: Vec<String>,
}

impl Compiler {
    fn peek(&self) -> Option<char> {
        self.signs.get(self.at).copied()
    }

    fn next(&mut self) -> Result<char, MaskError> {
        let sign = self.peek().ok_or(MaskError::Unfinished)?;
        self.at += 1;
        Ok(sign)
    }

    fn eat(&mut self, sign: char) -> bool {
        let there = self.peek() == Some(sign);
        self.at += usize::from(there);
        there
    }

    /// Sequences separated by `|`, up to the end or a closing `>`.
    fn choice(&mut self, name: Option<u8>, depth: usize) -> Result<Vec<Row>, MaskError> {
        let mut rows = self.sequence(name, depth)?;
        while self.eat('|') {
            rows.extend(self.sequence(name, depth)?);
            if rows.len() > MAX_ROWS {
                return Err(MaskError::TooLarge);
            }
        }
        Ok(rows)
    }

    fn sequence(&mut self, name: Option<u8>, depth: usize) -> Result<Vec<Row>, MaskError> {
        let mut rows = vec![Row::default()];
        let mut hyphen = false;
        while let Some(sign) = self.peek() {
            match sign {
                '|' | '>' => break,
                '-' | '~' => {
                    self.at += 1;
                    hyphen = sign == '-';
                    continue;
                }
                _ => {}
            }
            let start = self.at;
            let mut piece = self.piece(name, depth)?;
            let counts = self.counts()?;
            if hyphen {
                piece.iter_mut().filter_map(|row| row.slots.first_mut()).for_each(|slot| slot.hyphen = true);
                hyphen = false;
            }
            if counts != (1, 1) && self.signs.get(start) == Some(&'<') {
                return Err(MaskError::Unexpected(start));
            }
            // A piece without characters changes nothing, and a mask may have any number of them.
            if piece.len() > 1
                || counts.0 != counts.1
                || piece.iter().any(|row| row.slots.len() * counts.1 > 0)
            {
                rows = joined(&rows, &piece, counts)?;
            }
        }
        Ok(rows)
    }

    /// One sign, quote, set or named part.
    fn piece(&mut self, name: Option<u8>, depth: usize) -> Result<Vec<Row>, MaskError> {
        let start = self.at;
        let slot = |set| Slot { set, name, literal: false, hyphen: false };
        let row = |slots| vec![Row { slots }];
        Ok(match self.next()? {
            'A' => row(vec![slot(ALL_LETTERS)]),
            '9' => row(vec![slot(ALL_DIGITS)]),
            'X' => row(vec![slot(ALL_LETTERS | ALL_DIGITS)]),
            'H' => row(vec![slot(ALL_HEX)]),
            '[' => row(vec![slot(self.set()?)]),
            '\'' => {
                let mut slots = Vec::new();
                while !self.eat('\'') {
                    let set = bit(self.next()?).ok_or(MaskError::Unexpected(self.at - 1))?;
                    slots.push(Slot { literal: true, ..slot(set) });
                }
                row(slots)
            }
            '<' if depth < MAX_DEPTH => {
                let name = self.name()?;
                let rows = self.choice(Some(name), depth + 1)?;
                if !self.eat('>') {
                    return Err(MaskError::Unfinished);
                }
                rows
            }
            _ => return Err(MaskError::Unexpected(start)),
        })
    }

    /// The rest of a set after its opening bracket.
    fn set(&mut self) -> Result<u64, MaskError> {
        let mut set = 0;
        while !self.eat(']') {
            let at = self.at;
            let first = bit(self.next()?).ok_or(MaskError::Unexpected(at))?;
            let last = if self.eat('-') {
                bit(self.next()?).filter(|last| *last >= first).ok_or(MaskError::Unexpected(at))?
            } else {
                first
            };
            // All bits from the first to the last.
            set |= (last | (last - 1)) & !(first - 1);
        }
        if set == 0 { Err(MaskError::Empty) } else { Ok(set) }
    }

    /// The name of a part, with its colon.
    fn name(&mut self) -> Result<u8, MaskError> {
        let mut name = String::new();
        loop {
            match self.next()? {
                ':' => break,
                sign if sign.is_ascii_lowercase() || sign == '_' => name.push(sign),
                _ => return Err(MaskError::Unexpected(self.at - 1)),
            }
        }
        let index = self.names.iter().position(|known| *known == name).unwrap_or(self.names.len());
        if index == self.names.len() {
            self.names.push(name);
        }
        u8::try_from(index).map_err(|_| MaskError::TooLarge)
    }

    /// `{n}` or `{m,n}`; once when there is none.
    fn counts(&mut self) -> Result<(usize, usize), MaskError> {
        if !self.eat('{') {
            return Ok((1, 1));
        }
        let least = self.number()?;
        let most = if self.eat(',') { self.number()? } else { least };
        let at = self.at;
        match self.next()? {
            '}' if least <= most && most <= MAX_LENGTH => Ok((least, most)),
            _ => Err(MaskError::Unexpected(at)),
        }
    }

    fn number(&mut self) -> Result<usize, MaskError> {
        let at = self.at;
        let mut number = 0_usize;
        while let Some(digit) = self.peek().and_then(|sign| sign.to_digit(10)) {
            number = (number * 10 + digit as usize).min(1000);
            self.at += 1;
        }
        if self.at == at { Err(MaskError::Unexpected(at)) } else { Ok(number) }
    }
}

/// Every row followed by every piece, repeated within the counts.
fn joined(rows: &[Row], pieces: &[Row], (least, most): (usize, usize)) -> Result<Vec<Row>, MaskError> {
    let mut all = Vec::new();
    for row in rows {
        for piece in pieces {
            for times in least..=most {
                // Before it is laid out: a mask may come from a form.
                if all.len() == MAX_ROWS || row.slots.len() + piece.slots.len() * times > MAX_LENGTH {
                    return Err(MaskError::TooLarge);
                }
                let mut slots = row.slots.clone();
                for time in 0..times {
                    // A hyphen before a repeated sign is printed once.
                    let again = |slot: &Slot| Slot { hyphen: slot.hyphen && time == 0, ..*slot };
                    slots.extend(piece.slots.iter().map(again));
                }
                all.push(Row { slots });
            }
        }
    }
    Ok(all)
}
