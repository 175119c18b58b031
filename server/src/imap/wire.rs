//! Lines and literals of IMAP, each with a limit: a server can make the desk hold no more than it asked for.

use std::io;

use thiserror::Error;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};

use super::tls::AnyStream;

/// Most bytes of a response without its literals. A thousand UIDs have fewer.
const MAX_LINE: usize = 64 * 1024;
/// Most literals of a response.
const MAX_LITERALS: usize = 8;
/// Most bytes of a literal that nobody asked for.
const MAX_SMALL_LITERAL: usize = 16 * 1024;
/// Most bytes of all responses to one command, beside the literal that was asked for.
const MAX_ANSWER: usize = 4 * 1024 * 1024;

/// Why a response could not be read.
#[derive(Debug, Error)]
pub(super) enum WireError {
    /// The connection failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The server closed the connection.
    #[error("the server closed the connection")]
    Ended,
    /// More was sent than is taken.
    #[error("the server sent too much")]
    TooMuch,
    /// A literal is larger than the command permits. The rest of the connection cannot be read.
    #[error("the server sent a mail that is too large")]
    LiteralTooLarge,
}

/// A response as it was sent.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Raw {
    /// Its lines without their ends. A literal is left out; its `{n}` stands in its place.
    pub(super) line: Vec<u8>,
    /// Its literals.
    pub(super) literals: Vec<Vec<u8>>,
}

/// A connection that speaks IMAP.
pub(super) struct Wire {
    io: BufReader<AnyStream>,
    /// Bytes that the server may still send.
    left: usize,
    /// The largest literal.
    largest: usize,
}

impl Wire {
    pub(super) fn new(io: AnyStream) -> Self {
        Self { io: BufReader::new(io), left: MAX_ANSWER, largest: MAX_SMALL_LITERAL }
    }

    /// Begins to count anew, for a command whose answer has no literal to speak of.
    pub(super) fn expect_lines(&mut self) {
        self.expect_literal(MAX_SMALL_LITERAL);
    }

    /// Begins to count anew, for a command whose answer has a literal of at most so many bytes.
    pub(super) fn expect_literal(&mut self, largest: usize) {
        self.largest = largest;
        self.left = largest.saturating_add(MAX_ANSWER);
    }

    /// Sends a line.
    pub(super) async fn send(&mut self, line: &[u8]) -> Result<(), WireError> {
        let whole = [line, b"\r\n"].concat();
        self.io.get_mut().write_all(&whole).await?;
        self.io.get_mut().flush().await?;
        Ok(())
    }

    /// Waits until the server says something. What has begun to come in is not lost if the wait is given up.
    pub(super) async fn heard(&mut self) -> Result<(), WireError> {
        if self.io.fill_buf().await?.is_empty() { Err(WireError::Ended) } else { Ok(()) }
    }

    /// The next response.
    pub(super) async fn response(&mut self) -> Result<Raw, WireError> {
        let mut raw = Raw::default();
        loop {
            self.line(&mut raw.line).await?;
            if is_text(&raw.line) {
                return Ok(raw);
            }
            let Some(length) = literal_length(&raw.line) else { return Ok(raw) };
            if length > self.largest {
                return Err(WireError::LiteralTooLarge);
            }
            if raw.literals.len() >= MAX_LITERALS {
                return Err(WireError::TooMuch);
            }
            raw.literals.push(self.literal(length).await?);
        }
    }

    /// Appends the next line without its end.
    async fn line(&mut self, line: &mut Vec<u8>) -> Result<(), WireError> {
        let before = line.len();
        let most = MAX_LINE.saturating_sub(before).min(self.left);
        let mut limited = (&mut self.io).take(u64::try_from(most).unwrap_or(0));
        limited.read_until(b'\n', line).await?;
        let read = line.len() - before;
        self.left = self.left.saturating_sub(read);
        if line.last() != Some(&b'\n') {
            return Err(if read >= most { WireError::TooMuch } else { WireError::Ended });
        }
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(())
    }

    async fn literal(&mut self, length: usize) -> Result<Vec<u8>, WireError> {
        self.left = self.left.checked_sub(length).ok_or(WireError::TooMuch)?;
        // Grows with what comes in: an announced length alone takes no memory.
        let mut literal = Vec::new();
        let mut limited = (&mut self.io).take(u64::try_from(length).unwrap_or(0));
        limited.read_to_end(&mut literal).await?;
        if literal.len() == length { Ok(literal) } else { Err(WireError::Ended) }
    }

    /// The connection below; `None` if the server has sent what must not come before TLS.
    pub(super) fn into_stream(self) -> Option<AnyStream> {
        self.io.buffer().is_empty().then(|| self.io.into_inner())
    }
}

/// Whether a response ends in words, which may look like a literal: a status or a request to go on.
fn is_text(line: &[u8]) -> bool {
    let mut words = line.split(|byte| *byte == b' ');
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    first == b"+"
        || ["OK", "NO", "BAD", "BYE", "PREAUTH"]
            .iter()
            .any(|word| second.eq_ignore_ascii_case(word.as_bytes()))
}

/// The length in the `{n}` at the end of a line.
fn literal_length(line: &[u8]) -> Option<usize> {
    let inner = line.strip_suffix(b"}")?;
    let start = inner.iter().rposition(|byte| *byte == b'{')? + 1;
    let digits = std::str::from_utf8(&inner[start..]).ok()?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // A length beyond any number is larger than any limit.
    Some(digits.parse().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A connection on which the server has said this, and closed.
    fn said(bytes: &'static [u8]) -> Wire {
        let (ours, mut theirs) = tokio::io::duplex(64);
        tokio::spawn(async move {
            let _ = theirs.write_all(bytes).await;
        });
        Wire::new(Box::new(ours))
    }

    #[tokio::test]
    async fn response_has_its_literals_apart() {
        let mut wire = said(b"* 1 FETCH (BODY[] {3}\r\na\r\n UID 7)\r\nA1 OK done {5}\r\n");
        let raw = wire.response().await.unwrap();
        assert_eq!(raw.line, b"* 1 FETCH (BODY[] {3} UID 7)");
        assert_eq!(raw.literals, [b"a\r\n".to_vec()]);
        assert_eq!(wire.response().await.unwrap().line, b"A1 OK done {5}", "words are no literal");
        assert!(matches!(wire.response().await, Err(WireError::Ended)));
    }

    #[tokio::test]
    async fn literal_beyond_the_limit_is_not_read() {
        for length in ["16385", "4294967296", "99999999999999999999999999"] {
            let text = format!("* 1 FETCH (BODY[] {{{length}}}\r\nxxx");
            let mut wire = said(text.leak().as_bytes());
            assert!(matches!(wire.response().await, Err(WireError::LiteralTooLarge)), "{length}");
        }
        let mut wire = said(b"* 1 FETCH (BODY[] {20000}\r\nxxx");
        wire.expect_literal(20_000);
        assert!(matches!(wire.response().await, Err(WireError::Ended)), "it was cut");
    }

    #[tokio::test]
    async fn line_and_answer_have_an_end() {
        let long = "x".repeat(MAX_LINE + 10);
        assert!(matches!(said(long.leak().as_bytes()).response().await, Err(WireError::TooMuch)));
        let many = "* 1 EXISTS\r\n".repeat(MAX_ANSWER / 12 + 2);
        let mut wire = said(many.leak().as_bytes());
        let refused = loop {
            if let Err(error) = wire.response().await {
                break error;
            }
        };
        assert!(matches!(refused, WireError::TooMuch), "{refused}");
        let literals = "{1}\r\nx".repeat(MAX_LITERALS + 1);
        assert!(matches!(said(literals.leak().as_bytes()).response().await, Err(WireError::TooMuch)));
    }
}
