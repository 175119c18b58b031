//! The lines that mail programs write before a quotation: "El lunes … escribió:", or a block of header lines.

use super::line::Line;

/// Most lines over which a program wraps an attribution.
const MAX_WRAPPED: usize = 4;
/// Most lines of a block of headers.
const MAX_BLOCK: usize = 12;
/// Longest attribution, in bytes.
const MAX_LENGTH: usize = 400;

/// By what the desk is recognised in an attribution.
#[derive(Debug, Clone, Copy)]
pub(super) struct Desk<'a> {
    /// Its addresses, in lower case.
    pub(super) addresses: &'a [String],
    /// Its names, in lower case.
    pub(super) names: &'a [String],
}

impl Desk<'_> {
    /// Whether a text names the desk. An address may have a tag: `soporte+VE…@vigia.example`.
    fn is_named(&self, lower: &str) -> bool {
        self.addresses.iter().any(|address| contains_address(lower, address))
            || self.names.iter().any(|name| lower.contains(name.as_str()))
    }
}

fn contains_address(lower: &str, address: &str) -> bool {
    let Some((local, host)) = address.rsplit_once('@') else { return false };
    lower.contains(address)
        || lower
            .split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '[' | ']' | ':' | ','))
            .any(|word| {
                word.rsplit_once('@')
                    .is_some_and(|(own, own_host)| own_host == host && own.split('+').next() == Some(local))
            })
}

/// What introduces a quotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Introduction {
    /// How many lines it has.
    pub(super) lines: usize,
    /// Whether it names the desk as the author.
    pub(super) names_desk: bool,
    /// Whether it is a block of header lines.
    pub(super) is_block: bool,
}

/// The introduction that begins at a line, if there is one.
pub(super) fn introduction(lines: &[Line<'_>], at: usize, desk: &Desk<'_>) -> Option<Introduction> {
    block(lines, at, desk).or_else(|| sentence(lines, at, desk))
}

/// Words with which attributions begin.
const STARTERS: [&str; 14] =
    ["el", "em", "on", "no", "le", "am", "il", "op", "den", "a", "às", "at", "en", "dia"];
/// Words with which they end.
const VERBS: [&str; 12] = [
    "escribió",
    "escribio",
    "escreveu",
    "wrote",
    "escrito",
    "écrit",
    "schrieb",
    "scritto",
    "ha",
    "écrivit",
    "enviou",
    "envió",
];

/// "El lun, 2 mar 2026 a las 10:15, Soporte (<soporte@…>) escribió:", wrapped over some lines.
fn sentence(lines: &[Line<'_>], at: usize, desk: &Desk<'_>) -> Option<Introduction> {
    let first = lines.get(at)?;
    if !begins_sentence(first) {
        return None;
    }
    let mut whole = String::new();
    for (count, line) in lines[at..].iter().take(MAX_WRAPPED).enumerate() {
        let is_another = count > 0 && (line.depth != first.depth || begins_sentence(line));
        if line.is_blank() || is_another || whole.len() > MAX_LENGTH {
            return None;
        }
        whole.push_str(line.content.trim());
        let trimmed = whole.trim_end_matches(|c: char| c.is_whitespace() || c == '-' || c == '–' || c == '_');
        let has_verb = line.words.last().is_some_and(|word| VERBS.contains(&word.as_str()));
        let lower = trimmed.to_lowercase();
        let names_desk = desk.is_named(&lower);
        if (trimmed.ends_with(':') && (has_verb || names_desk)) || (has_verb && trimmed.len() < whole.len()) {
            return Some(Introduction { lines: count + 1, names_desk, is_block: false });
        }
        // An address that is wrapped behind its bracket goes on without a blank.
        if !whole.ends_with('<') && !whole.ends_with('(') {
            whole.push(' ');
        }
    }
    None
}

/// Whether a line may begin an attribution: it has a date's digit, and begins with a preposition or with the date.
fn begins_sentence(line: &Line<'_>) -> bool {
    let outside: String =
        line.content.split_whitespace().filter(|word| !word.contains('@')).collect::<Vec<_>>().join(" ");
    let has_digit = outside.chars().any(|c| c.is_ascii_digit());
    let first = line.words.first().map(String::as_str).unwrap_or_default();
    let is_date = first.starts_with(|c: char| c.is_ascii_digit());
    let has_address = line.content.contains('@');
    has_digit && (is_date || STARTERS.contains(&first) || has_address)
}

/// The header lines of a block, by what they name.
const LABELS: [(&str, char); 44] = [
    ("de", 'f'),
    ("from", 'f'),
    ("von", 'f'),
    ("da", 'f'),
    ("remitente", 'f'),
    ("remetente", 'f'),
    ("sender", 'f'),
    ("enviado", 'd'),
    ("enviados", 'd'),
    ("enviada", 'd'),
    ("enviadas", 'd'),
    ("enviado el", 'd'),
    ("enviado em", 'd'),
    ("enviada em", 'd'),
    ("enviado a las", 'd'),
    ("sent", 'd'),
    ("fecha", 'd'),
    ("fecha y hora", 'd'),
    ("data", 'd'),
    ("date", 'd'),
    ("gesendet", 'd'),
    ("envoyé", 'd'),
    ("inviato", 'd'),
    ("para", 't'),
    ("to", 't'),
    ("destinatario", 't'),
    ("destinatário", 't'),
    ("a", 't'),
    ("an", 't'),
    ("à", 't'),
    ("cc", 'c'),
    ("cco", 'c'),
    ("bcc", 'c'),
    ("con copia", 'c'),
    ("com cópia", 'c'),
    ("asunto", 's'),
    ("assunto", 's'),
    ("subject", 's'),
    ("betreff", 's'),
    ("objet", 's'),
    ("oggetto", 's'),
    ("reply-to", 'r'),
    ("responder a", 'r'),
    ("importancia", 'i'),
];

/// A block of header lines, with the rule or the words that programs put before it.
fn block(lines: &[Line<'_>], at: usize, desk: &Desk<'_>) -> Option<Introduction> {
    let depth = lines.get(at)?.depth;
    let mut next = at;
    if is_separator(lines[at].content) {
        next += 1;
        while lines.get(next).is_some_and(|line| line.depth == depth && line.is_blank()) && next - at <= 3 {
            next += 1;
        }
    }
    let first = next;
    let mut kinds = Vec::new();
    let mut names_desk = false;
    while let Some(line) = lines.get(next).filter(|line| next - first < MAX_BLOCK && line.depth == depth) {
        let kind = label(line.content);
        if line.is_blank() || (kind.is_none() && kinds.len() < 2) {
            break;
        }
        match kind {
            Some(kind) => kinds.push(kind),
            // A value that is wrapped: of the receivers or of the subject alone.
            None if matches!(kinds.last(), Some('t' | 'c' | 's')) && kinds.len() < 4 => {}
            None => break,
        }
        names_desk |= kind == Some('f') && desk.is_named(&line.content.to_lowercase());
        next += 1;
    }
    kinds.sort_unstable();
    kinds.dedup();
    let is_whole = kinds.contains(&'f') && kinds.len() >= 3;
    is_whole.then_some(Introduction { lines: next - at, names_desk, is_block: true })
}

/// What a header line names.
fn label(content: &str) -> Option<char> {
    let plain = content.trim_start_matches(['*', '_', ' ', '\t', '\u{a0}']);
    let (name, _) = plain.split_once(':')?;
    let name = name.trim_matches(['*', '_', ' ', '\u{a0}']).to_lowercase();
    LABELS.iter().find(|(label, _)| *label == name).map(|(_, kind)| *kind)
}

/// A rule, or "-----Mensaje original-----".
pub(super) fn is_separator(content: &str) -> bool {
    const ORIGINAL: [&str; 6] = [
        "mensaje original",
        "mensagem original",
        "original message",
        "mensaje anterior",
        "original appointment",
        "mensagem anterior",
    ];
    let content = content.trim();
    let is_rule = |c: char| matches!(c, '_' | '-' | '=' | '*' | '–' | '—');
    if content.chars().count() >= 5 && content.chars().all(is_rule) {
        return true;
    }
    let inner = content.trim_matches(|c: char| is_rule(c) || c.is_whitespace()).to_lowercase();
    ORIGINAL.contains(&inner.as_str())
}

/// The words before a message that is passed on: all of it is content.
pub(super) fn is_forward_mark(content: &str) -> bool {
    const MARKS: [&str; 11] = [
        "forwarded message",
        "mensaje reenviado",
        "mensagem encaminhada",
        "mensagem reencaminhada",
        "begin forwarded message",
        "inicio del mensaje reenviado",
        "comienzo del mensaje reenviado",
        "início da mensagem encaminhada",
        "início da mensagem reencaminhada",
        "mensaje remitido",
        "original forwarded message",
    ];
    let inner = content
        .trim()
        .trim_matches(|c: char| matches!(c, '-' | '_' | ':' | '–') || c.is_whitespace())
        .to_lowercase();
    MARKS.contains(&inner.as_str())
}
