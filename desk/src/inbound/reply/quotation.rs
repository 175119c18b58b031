//! Which lines of a mail are a quotation of the desk's.

use super::attribution::{Desk, Introduction, introduction, is_forward_mark};
use super::known::Known;
use super::line::Line;

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// The author's words, or what cannot be told apart from them.
    Own,
    /// A quotation.
    Quoted,
    /// What a program wrote before a quotation.
    Attribution,
    /// A signature, a notice, the words of a device.
    Signature,
}

/// Marks each line.
pub(super) fn marks(lines: &[Line<'_>], known: &Known, desk: &Desk<'_>) -> Vec<Mark> {
    let mut reader =
        Reader { lines, known, desk, marks: vec![Mark::Own; lines.len()], place: 0, is_inside: false };
    let mut at = 0;
    while at < lines.len() {
        if lines[at].depth == 0 && is_forward_mark(lines[at].content) {
            break;
        }
        at = reader.step(at);
    }
    reader.marks
}

struct Reader<'a, 'b> {
    lines: &'a [Line<'b>],
    known: &'a Known,
    desk: &'a Desk<'a>,
    marks: Vec<Mark>,
    /// The place in the known texts behind what was quoted last.
    place: usize,
    /// Whether a quotation of the desk has begun.
    is_inside: bool,
}

impl Reader<'_, '_> {
    /// Marks what begins at a line, and gives the line behind it.
    fn step(&mut self, at: usize) -> usize {
        if self.lines[at].is_blank() {
            return at + 1;
        }
        if let Some(found) = introduction(self.lines, at, self.desk)
            && let Some(next) = self.introduced(at, found)
        {
            return next;
        }
        if self.lines[at].depth > 0 {
            return self.marked(at);
        }
        if self.is_inside {
            if let Some(next) = self.repeated(at) {
                return next;
            }
        } else if let Some(next) = self.copied(at) {
            return next;
        }
        at + 1
    }

    /// A quotation behind an introduction; `None` if what follows is none of the desk's.
    fn introduced(&mut self, at: usize, found: Introduction) -> Option<usize> {
        let behind = at + found.lines;
        let next = (behind..self.lines.len()).find(|next| !self.lines[*next].is_blank())?;
        let own_depth = self.lines[at].depth;
        if self.lines[next].depth > own_depth && own_depth == 0 {
            let (end, is_known) = self.judged(next);
            if !found.names_desk && !is_known {
                return None;
            }
            self.set(at, behind, Mark::Attribution);
            self.set(behind, next, Mark::Attribution);
            self.quote(next, end);
            self.is_inside = true;
            return Some(self.wrapped(end));
        }
        let start = self.known_start(next);
        let is_earlier =
            (self.is_inside || (found.names_desk && found.is_block)) && self.leads_to_known(next);
        if start.is_none() && !is_earlier {
            return None;
        }
        self.set(at, start.unwrap_or(next), if self.is_inside { Mark::Quoted } else { Mark::Attribution });
        self.is_inside = true;
        Some(start.unwrap_or_else(|| self.earlier(next)))
    }

    /// The first line of a known text at a line, or behind a greeting there that is not known.
    fn known_start(&self, at: usize) -> Option<usize> {
        let is_start =
            |at: usize| self.begins(at).is_some() || self.known.found(0, &self.lines[at].words).is_some();
        if is_start(at) {
            return Some(at);
        }
        let line = &self.lines[at];
        let is_greeting = line.words.len() <= 4 && line.content.trim_end().ends_with([':', ',']);
        let next = (at + 1..self.lines.len()).find(|next| !self.lines[*next].is_blank())?;
        (is_greeting && is_start(next)).then_some(next)
    }

    /// The place in the known texts of a line that begins one of them, alone or with the lines behind it.
    fn begins(&self, at: usize) -> Option<usize> {
        const LEAST: usize = 4;
        let mut place = self.known.begins(&self.lines[at].words)?;
        let mut count = self.lines[at].words.len();
        for line in self.lines[at + 1..].iter().filter(|line| !line.is_blank()).take(3) {
            if count >= LEAST {
                break;
            }
            place = self.known.continues(place, &line.words)?;
            count += line.words.len();
        }
        (count >= LEAST).then_some(place)
    }

    /// Whether lines of an earlier mail of the thread follow, and behind its header lines a text that is known.
    fn leads_to_known(&self, from: usize) -> bool {
        if self.points_below() {
            return false;
        }
        let mut levels = 0;
        let mut at = from;
        while at < self.lines.len() {
            if let Some(found) = introduction(self.lines, at, self.desk) {
                let behind = at + found.lines;
                let next = (behind..self.lines.len()).find(|next| !self.lines[*next].is_blank());
                if next.is_some_and(|next| self.begins(next).is_some()) {
                    return true;
                }
                levels += 1;
                if levels > 20 {
                    return false;
                }
                at = behind;
            } else {
                at += 1;
            }
        }
        false
    }

    /// Whether the author's words above say that more of them stand below.
    fn points_below(&self) -> bool {
        const WORDS: [&str; 14] = [
            "abajo",
            "debajo",
            "abaixo",
            "below",
            "inline",
            "rojo",
            "vermelho",
            "red",
            "azul",
            "blue",
            "líneas",
            "linhas",
            "seguida",
            "interlineado",
        ];
        let own = self.lines.iter().zip(&self.marks).filter(|(_, mark)| **mark == Mark::Own);
        own.take(200)
            .any(|(line, _)| line.depth == 0 && line.words.iter().any(|word| WORDS.contains(&word.as_str())))
    }

    /// An earlier mail of the thread, up to the next introduction.
    fn earlier(&mut self, from: usize) -> usize {
        let end = (from..self.lines.len())
            .find(|at| introduction(self.lines, *at, self.desk).is_some())
            .unwrap_or(from);
        self.set(from, end, Mark::Quoted);
        end
    }

    /// The end of the marked lines that begin at one, up to a line without a mark. And whether most of them are known, or
    /// the desk is named in them.
    fn judged(&self, from: usize) -> (usize, bool) {
        let last = (from..self.lines.len()).find(|at| self.lines[*at].depth == 0).unwrap_or(self.lines.len());
        let (mut all, mut repeated, mut place) = (0, 0, 0);
        for line in &self.lines[from..last] {
            let count = line.words.len();
            all += count;
            let found = self
                .known
                .continues(place, &line.words)
                .filter(|_| place > 0)
                .or_else(|| self.known.begins(&line.words))
                .or_else(|| self.known.found(place, &line.words))
                .or_else(|| self.known.found(0, &line.words));
            if let Some(found) = found {
                place = found;
                repeated += count;
            }
        }
        let names_desk = (from..last.min(from + 3))
            .any(|at| introduction(self.lines, at, self.desk).is_some_and(|found| found.names_desk));
        (last, names_desk || (all > 0 && repeated * 2 >= all))
    }

    /// Lines with quotation marks that nothing introduces: a quotation where most of them are known.
    fn marked(&mut self, at: usize) -> usize {
        let (end, is_known) = self.judged(at);
        if !is_known {
            return end;
        }
        self.quote(at, end);
        self.is_inside = true;
        self.wrapped(end)
    }

    /// Marks quoted lines, and moves the place in the known texts behind them.
    fn quote(&mut self, from: usize, end: usize) {
        for at in from..end {
            let words = &self.lines[at].words;
            let begun = if self.place == 0 {
                self.known.begins(words)
            } else {
                self.known.continues(self.place, words)
            };
            if let Some(place) =
                begun.or_else(|| self.known.found(self.place, words)).or_else(|| self.known.begins(words))
            {
                self.place = place;
            }
        }
        self.set(from, end, Mark::Quoted);
    }

    /// Lines that a program wrapped without repeating the quotation mark.
    fn wrapped(&mut self, from: usize) -> usize {
        let mut at = from;
        while let Some(line) = self.lines.get(at).filter(|line| !line.is_blank() && line.depth == 0) {
            let Some(place) = self
                .known
                .continues(self.place, &line.words)
                .filter(|_| self.place > 0 && !line.words.is_empty())
            else {
                break;
            };
            self.place = place;
            self.marks[at] = Mark::Quoted;
            at += 1;
        }
        at
    }

    /// A line without a mark that repeats the known texts at their next place, or in a longer run.
    fn repeated(&mut self, at: usize) -> Option<usize> {
        let words = &self.lines[at].words;
        if words.is_empty() {
            // A rule belongs to what stands before it. A smile is an answer.
            let is_rule = self.lines[at].content.trim().chars().all(|c| "-_=*|·•[]".contains(c));
            let before = (0..at).rev().find(|before| !self.lines[*before].is_blank());
            let is_quoted = before.is_some_and(|before| self.marks[before] == Mark::Quoted);
            return (is_rule && is_quoted && self.place > 0 && self.text_goes_on()).then(|| {
                self.marks[at] = Mark::Quoted;
                at + 1
            });
        }
        let begun = self.begins(at).and_then(|_| self.known.begins(words));
        let place = self
            .known
            .continues(self.place, words)
            .or(begun)
            .or_else(|| self.known.found(self.place, words))?;
        self.place = place;
        self.marks[at] = Mark::Quoted;
        Some(at + 1)
    }

    fn text_goes_on(&self) -> bool {
        let (_, end) = self.known.text_around(self.place);
        self.place < end
    }

    /// A whole text of the desk without marks and without an introduction that is known.
    fn copied(&mut self, at: usize) -> Option<usize> {
        const LEAST: usize = 12;
        let (start, end) = self.known.text_around(self.begins(at)?);
        let mut place = start;
        for line in self.lines[at..].iter().filter(|line| !line.is_blank()) {
            let Some(next) = self.known.continues(place, &line.words) else { break };
            place = next;
        }
        if place - start < LEAST || (place - start) * 4 < (end - start) * 3 {
            return None;
        }
        self.is_inside = true;
        self.place = start;
        self.repeated(at)
    }

    fn set(&mut self, from: usize, end: usize, mark: Mark) {
        for one in &mut self.marks[from..end] {
            *one = mark;
        }
    }
}
