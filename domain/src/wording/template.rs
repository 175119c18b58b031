//! Text with variables in braces.

use serde::{Deserialize, Serialize};

use super::{Variable, WordingProblem};
use crate::text::{first_words, legible};

/// The most characters of an unknown variable's name in a message.
const NAME_SHOWN: usize = 30;

/// Treatment of line breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// They become spaces.
    Joined,
    /// They stay.
    Kept,
}

/// What a text may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Its line breaks.
    pub lines: Lines,
    /// The most characters, braces included.
    pub most: usize,
    /// The variables that it may have.
    pub variables: &'static [Variable],
    /// Those that it must have.
    pub required: &'static [Variable],
}

/// A text with variables: `Case {number} of {name}`. A brace itself is written twice: `{{`, `}}`.
///
/// Its JSON is read without the rules of a new value: they may change, and every version that was accepted stays legible.
///
/// ```
/// use domain::wording::{Lines, Shape, Template, Variable, WordingProblem};
///
/// let shape = Shape { lines: Lines::Kept, most: 200, variables: &[Variable::Number], required: &[] };
/// let text = Template::parse("Case {number}, {{as agreed}}", &shape).unwrap();
/// assert_eq!(text.fill(|_| "VE-26-1".to_owned()), "Case VE-26-1, {as agreed}");
/// assert!(matches!(Template::parse("Dear {nmae}", &shape), Err(WordingProblem::UnknownVariable { .. })));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Template(String);

impl Template {
    /// Normalises the text and checks it. A text without a letter is `None`.
    ///
    /// # Errors
    /// When it is too long, a brace belongs to no variable, or a variable is unknown or missing.
    pub fn optional(typed: &str, shape: &Shape) -> Result<Option<Self>, WordingProblem> {
        if typed.trim().is_empty() { Ok(None) } else { Self::parse(typed, shape).map(Some) }
    }

    /// The same for a text that is not empty.
    ///
    /// # Errors
    /// As [`Self::optional`].
    pub fn parse(typed: &str, shape: &Shape) -> Result<Self, WordingProblem> {
        let legible = legible(typed);
        let text = match shape.lines {
            Lines::Joined => legible.split_whitespace().collect::<Vec<_>>().join(" "),
            Lines::Kept => legible.trim().lines().map(str::trim_end).collect::<Vec<_>>().join("\n"),
        };
        let length = text.chars().count();
        if length > shape.most {
            return Err(WordingProblem::TooLong { most: shape.most, length });
        }
        for piece in pieces(&text) {
            match piece {
                Piece::Text(_) => {}
                Piece::Brace(_) => return Err(WordingProblem::Brace),
                Piece::Named(_, name) => {
                    Variable::from_code(name)
                        .filter(|variable| shape.variables.contains(variable))
                        .ok_or_else(|| WordingProblem::UnknownVariable {
                            name: first_words(name, NAME_SHOWN),
                            known: shape.variables,
                        })?;
                }
            }
        }
        let template = Self(text);
        match shape.required.iter().find(|required| !template.has(|variable| variable == **required)) {
            Some(missing) => Err(WordingProblem::MissingVariable(*missing)),
            None => Ok(template),
        }
    }

    /// The text with the variables' values. What no variable has stays as it is written.
    #[must_use]
    pub fn fill(&self, value: impl Fn(Variable) -> String) -> String {
        let fill = |piece| match piece {
            Piece::Text(text) | Piece::Brace(text) => text.to_owned(),
            Piece::Named(written, name) => {
                Variable::from_code(name).map_or_else(|| written.to_owned(), &value)
            }
        };
        pieces(&self.0).into_iter().map(fill).collect()
    }

    /// Whether one of its variables is such.
    #[must_use]
    pub fn has(&self, such: impl Fn(Variable) -> bool) -> bool {
        pieces(&self.0).into_iter().any(|piece| match piece {
            Piece::Named(_, name) => Variable::from_code(name).is_some_and(&such),
            Piece::Text(_) | Piece::Brace(_) => false,
        })
    }

    /// The text as accepted, with its braces.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Template> for String {
    fn from(template: Template) -> Self {
        template.0
    }
}

/// A part of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    /// Text as it is.
    Text(&'a str),
    /// A variable: as written with its braces, and its name.
    Named(&'a str, &'a str),
    /// A brace that belongs to no variable.
    Brace(&'a str),
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        pieces.push(Piece::Text(before));
        // Both braces are one byte long.
        let (piece, length) = match from.as_bytes() {
            [b'{', b'{', ..] | [b'}', b'}', ..] => (Piece::Text(&from[..1]), 2),
            _ => variable(from).map_or((Piece::Brace(&from[..1]), 1), |(written, name)| {
                (Piece::Named(written, name), written.len())
            }),
        };
        pieces.push(piece);
        rest = &from[length..];
    }
    pieces.push(Piece::Text(rest));
    pieces
}

/// The variable at the beginning of a text, as written and by its name.
fn variable(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('{')?;
    let end = inner.find(['{', '}']).filter(|end| inner[*end..].starts_with('}'))?;
    Some((&text[..end + 2], inner[..end].trim()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SHAPE: Shape = Shape {
        lines: Lines::Kept,
        most: 60,
        variables: &[Variable::Number, Variable::Name],
        required: &[Variable::Number],
    };

    fn filled(text: &str) -> String {
        Template::parse(text, &SHAPE).unwrap().fill(|variable| variable.code().to_uppercase())
    }

    #[test]
    fn variables_are_filled_in_and_doubled_braces_are_braces() {
        assert_eq!(filled("Caso { number }: {name}."), "Caso NUMBER: NAME.");
        assert_eq!(filled("{{{number}}} {{name}}"), "{NUMBER} {name}");
        assert_eq!(filled("  a {number}  \r\n\r\n b "), "a NUMBER\n\n b");
    }

    #[test]
    fn wrong_texts_are_refused() {
        let problem = |text: &str| Template::parse(text, &SHAPE).unwrap_err();
        assert_eq!(problem("no number"), WordingProblem::MissingVariable(Variable::Number));
        assert_eq!(problem("{{number}}"), WordingProblem::MissingVariable(Variable::Number));
        for stray in ["{number", "{number} }", "a { b {number}"] {
            assert_eq!(problem(stray), WordingProblem::Brace, "{stray}");
        }
        for unknown in ["agent", "nmae", "", "Number"] {
            let expected =
                WordingProblem::UnknownVariable { name: unknown.to_owned(), known: SHAPE.variables };
            assert_eq!(problem(&format!("{{number}} {{{unknown}}}")), expected);
        }
        assert_eq!(problem(&"x".repeat(61)), WordingProblem::TooLong { most: 60, length: 61 });
        assert_eq!(Template::optional(" \n", &SHAPE), Ok(None));
    }

    #[test]
    fn text_on_one_line_loses_its_breaks() {
        let shape = Shape { lines: Lines::Joined, ..SHAPE };
        assert_eq!(Template::parse(" a\n{number} ", &shape).unwrap().as_str(), "a {number}");
    }

    proptest! {
        #[test]
        fn accepted_texts_are_accepted_again(text in "[a{}\\n ]{0,8}(\\{number\\})?[{}z]{0,8}") {
            if let Ok(template) = Template::parse(&text, &SHAPE) {
                prop_assert_eq!(Template::parse(template.as_str(), &SHAPE), Ok(template));
            }
        }

        #[test]
        fn text_with_doubled_braces_fills_to_itself(text in any::<String>()) {
            let doubled = Template(text.replace('{', "{{").replace('}', "}}"));
            prop_assert_eq!(doubled.fill(|_| String::new()), text);
        }

        #[test]
        fn any_stored_text_can_be_filled(text in any::<String>()) {
            let _ = Template(text).fill(|_| String::new());
        }
    }
}
