//! Responses of IMAP (RFC 3501, 9051), as far as the desk asks for them. What it does not know it passes over.
//!
//! Nothing is read by recursion: a server may send any depth of parentheses.

use super::wire::Raw;

/// Most capabilities that are kept.
const MAX_CAPABILITIES: usize = 200;
/// Most characters of a server's words that are kept.
const MAX_TEXT: usize = 300;

/// A response.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Response {
    /// The server waits for more of a command.
    GoOn,
    /// The end of a command.
    Done {
        /// The command's tag.
        tag: String,
        /// How it went.
        status: Status,
        /// The server's words with their code.
        text: String,
    },
    /// A status that belongs to no command.
    Told(Status, String),
    /// What the server can do, in capitals.
    Capabilities(Vec<String>),
    /// How many mails the folder has.
    Exists(u32),
    /// A mail is gone.
    Expunged,
    /// UIDs that were searched for.
    Found(Vec<u32>),
    /// What a mail is.
    Fetched(Fetched),
    /// Anything else.
    Other,
}

/// A status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// It was done, or is told.
    Ok,
    /// It was refused.
    No,
    /// It was not understood.
    Bad,
    /// The server ends the connection.
    Bye,
    /// The connection is signed in from the beginning.
    PreAuth,
}

/// What a server says of a mail.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Fetched {
    /// Its UID.
    pub(super) uid: Option<u32>,
    /// Its size in bytes.
    pub(super) size: Option<u64>,
    /// The mail itself.
    pub(super) content: Option<Vec<u8>>,
}

impl Status {
    fn parse(word: &[u8]) -> Option<Self> {
        const KNOWN: [(&str, Status); 5] = [
            ("OK", Status::Ok),
            ("NO", Status::No),
            ("BAD", Status::Bad),
            ("BYE", Status::Bye),
            ("PREAUTH", Status::PreAuth),
        ];
        KNOWN.iter().find(|(name, _)| word.eq_ignore_ascii_case(name.as_bytes())).map(|(_, status)| *status)
    }
}

impl Response {
    /// Reads a response. What cannot be read is [`Response::Other`].
    pub(super) fn parse(raw: Raw) -> Self {
        let Raw { line, literals } = raw;
        let (first, rest) = cut(&line);
        let (second, after) = cut(rest);
        match (first, Status::parse(second)) {
            (b"+", _) => Self::GoOn,
            (b"*", Some(status)) => Self::Told(status, text(after)),
            (b"*", None) => untagged(second, after, literals),
            (tag, Some(status @ (Status::Ok | Status::No | Status::Bad))) => {
                Self::Done { tag: String::from_utf8_lossy(tag).into_owned(), status, text: text(after) }
            }
            _ => Self::Other,
        }
    }
}

/// What stands in brackets before a server's words: the code's name in capitals, and its argument.
pub(super) fn code(text: &str) -> Option<(String, &str)> {
    let (inner, _) = text.strip_prefix('[')?.split_once(']')?;
    let (name, argument) = inner.split_once(' ').unwrap_or((inner, ""));
    Some((name.to_ascii_uppercase(), argument))
}

/// The first word, and what follows its space.
fn cut(line: &[u8]) -> (&[u8], &[u8]) {
    match line.iter().position(|byte| *byte == b' ') {
        Some(at) => (&line[..at], &line[at + 1..]),
        None => (line, &[]),
    }
}

/// A server's words on one line, printable and not long.
fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_TEXT).collect()
}

fn untagged(word: &[u8], rest: &[u8], literals: Vec<Vec<u8>>) -> Response {
    if word.eq_ignore_ascii_case(b"CAPABILITY") {
        return Response::Capabilities(capabilities(&String::from_utf8_lossy(rest)));
    }
    if word.eq_ignore_ascii_case(b"SEARCH") {
        return Response::Found(rest.split(|byte| *byte == b' ').filter_map(number).collect());
    }
    let Some(count) = number::<u32>(word) else { return Response::Other };
    let (name, after) = cut(rest);
    if name.eq_ignore_ascii_case(b"EXISTS") {
        Response::Exists(count)
    } else if name.eq_ignore_ascii_case(b"EXPUNGE") {
        Response::Expunged
    } else if name.eq_ignore_ascii_case(b"FETCH") {
        fetched(after, literals).map_or(Response::Other, Response::Fetched)
    } else {
        Response::Other
    }
}

/// The words of a list of capabilities.
pub(super) fn capabilities(list: &str) -> Vec<String> {
    list.split_whitespace().take(MAX_CAPABILITIES).map(str::to_ascii_uppercase).collect()
}

fn number<T: std::str::FromStr>(word: &[u8]) -> Option<T> {
    let digits = std::str::from_utf8(word).ok()?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// A part of a list.
#[derive(Debug, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    /// A word or a quoted text.
    Word(Vec<u8>),
    Literal(Vec<u8>),
}

/// The parts of a list, in their order.
struct Tokens<'a> {
    rest: &'a [u8],
    literals: std::vec::IntoIter<Vec<u8>>,
}

impl Tokens<'_> {
    fn advance(&mut self, by: usize) -> Vec<u8> {
        let (word, rest) = self.rest.split_at(by.min(self.rest.len()));
        self.rest = rest;
        word.to_vec()
    }

    fn quoted(&mut self) -> Token {
        let (mut word, mut is_escaped, mut length) = (Vec::new(), false, 1);
        for byte in &self.rest[1..] {
            length += 1;
            match byte {
                _ if std::mem::take(&mut is_escaped) => word.push(*byte),
                b'\\' => is_escaped = true,
                b'"' => break,
                byte => word.push(*byte),
            }
        }
        self.advance(length);
        Token::Word(word)
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        while self.rest.first() == Some(&b' ') {
            self.rest = &self.rest[1..];
        }
        match self.rest.first()? {
            b'(' => {
                self.advance(1);
                Some(Token::Open)
            }
            b')' => {
                self.advance(1);
                Some(Token::Close)
            }
            b'"' => Some(self.quoted()),
            b'{' => {
                let end = self.rest.iter().position(|byte| *byte == b'}')?;
                self.advance(end + 1);
                self.literals.next().map(Token::Literal)
            }
            _ => {
                let end =
                    self.rest.iter().position(|byte| b" ()\"{".contains(byte)).unwrap_or(self.rest.len());
                Some(Token::Word(self.advance(end)))
            }
        }
    }
}

/// Names and values between the outermost parentheses.
fn fetched(list: &[u8], literals: Vec<Vec<u8>>) -> Option<Fetched> {
    let mut tokens = Tokens { rest: list, literals: literals.into_iter() };
    if tokens.next()? != Token::Open {
        return None;
    }
    let mut fetched = Fetched::default();
    loop {
        let name = match tokens.next()? {
            Token::Close => return Some(fetched),
            Token::Word(name) => name.to_ascii_uppercase(),
            Token::Open | Token::Literal(_) => return None,
        };
        match (name.as_slice(), tokens.next()?) {
            (_, Token::Open) => pass_over(&mut tokens)?,
            (b"UID", Token::Word(word)) => fetched.uid = number(&word),
            (b"RFC822.SIZE", Token::Word(word)) => fetched.size = number(&word),
            (b"BODY[]", Token::Literal(content)) => fetched.content = Some(content),
            // An empty or a very short mail may be sent as a quoted text.
            (b"BODY[]", Token::Word(word)) if word != b"NIL" => fetched.content = Some(word),
            (_, Token::Close) => return None,
            _ => {}
        }
    }
}

/// Passes over a list whose parenthesis was read.
fn pass_over(tokens: &mut Tokens<'_>) -> Option<()> {
    let mut depth = 1_usize;
    while depth > 0 {
        match tokens.next()? {
            Token::Open => depth += 1,
            Token::Close => depth -= 1,
            Token::Word(_) | Token::Literal(_) => {}
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str, literals: &[&str]) -> Response {
        let literals = literals.iter().map(|one| one.as_bytes().to_vec()).collect();
        Response::parse(Raw { line: line.as_bytes().to_vec(), literals })
    }

    #[test]
    fn responses_are_told_apart() {
        let done =
            |status, text: &str| Response::Done { tag: "A7".to_owned(), status, text: text.to_owned() };
        for (line, response) in [
            ("+ idling", Response::GoOn),
            ("+", Response::GoOn),
            ("A7 OK done", done(Status::Ok, "done")),
            ("A7 no [TRYCREATE] none", done(Status::No, "[TRYCREATE] none")),
            ("A7 BAD", done(Status::Bad, "")),
            ("* BYE \u{1b}[31mend", Response::Told(Status::Bye, " [31mend".to_owned())),
            ("* 23 EXISTS", Response::Exists(23)),
            ("* 3 expunge", Response::Expunged),
            ("* SEARCH 2 84 882", Response::Found(vec![2, 84, 882])),
            ("* SEARCH", Response::Found(Vec::new())),
            ("* CAPABILITY IMAP4rev1 idle", Response::Capabilities(vec!["IMAP4REV1".into(), "IDLE".into()])),
            ("* LIST () \"/\" INBOX", Response::Other),
            ("* 99999999999 EXISTS", Response::Other),
            ("* -1 EXISTS", Response::Other),
            ("A7 PREAUTH x", Response::Other),
            ("", Response::Other),
            ("*", Response::Other),
        ] {
            assert_eq!(read(line, &[]), response, "{line}");
        }
    }

    #[test]
    fn mail_is_read_from_among_other_values() {
        let whole = Fetched { uid: Some(5), size: Some(12), content: Some(b"a\r\n".to_vec()) };
        let line = "* 1 FETCH (FLAGS (\\Seen (x)) UID 5 X {1} RFC822.SIZE 12 ENVELOPE (\"a \\\") b\" NIL) BODY[] {3})";
        assert_eq!(read(line, &["?", "a\r\n"]), Response::Fetched(whole));
        let short = Fetched { uid: Some(5), size: None, content: Some(Vec::new()) };
        assert_eq!(read("* 1 FETCH (UID 5 BODY[] \"\")", &[]), Response::Fetched(short));
        let none = Fetched { uid: Some(5), ..Fetched::default() };
        assert_eq!(read("* 1 FETCH (UID 5 BODY[] NIL)", &[]), Response::Fetched(none));
    }

    #[test]
    fn broken_lists_are_passed_over() {
        let deep = format!("* 1 FETCH (BODYSTRUCTURE {})", "(".repeat(60_000));
        for line in [
            deep.as_str(),
            "* 1 FETCH",
            "* 1 FETCH (",
            "* 1 FETCH (UID",
            "* 1 FETCH (UID 5",
            "* 1 FETCH (UID)",
            "* 1 FETCH ((UID 5))",
            "* 1 FETCH (BODY[] {3}",
            "* 1 FETCH (BODY[] \"abc",
            "* 1 FETCH (BODY[] \"\\",
            "* 1 FETCH UID 5",
        ] {
            assert_eq!(read(line, &[]), Response::Other);
        }
    }

    #[test]
    fn code_stands_before_the_words() {
        assert_eq!(code("[UIDVALIDITY 38505] valid"), Some(("UIDVALIDITY".to_owned(), "38505")));
        assert_eq!(code("[trycreate] none"), Some(("TRYCREATE".to_owned(), "")));
        assert_eq!(code("done [x]"), None);
        assert_eq!(code("[x"), None);
    }
}
