//! What stands below an author's words: signatures, the words of a device, notices of companies and scanners.
//!
//! Only what a program writes, or an author's own name behind a mark or a farewell, is taken away. Anything else stays.

use super::line::{Line, words};
use super::quotation::Mark;

/// Most lines of a signature behind its mark.
const MAX_SIGNATURE: usize = 12;

/// Most pieces that are taken away below each other.
const MAX_PIECES: usize = 12;
/// Most lines of a notice.
const MAX_NOTICE: usize = 40;

/// Marks the ends of the author's words.
pub(super) fn mark(lines: &[Line<'_>], marks: &mut [Mark], sender: &str) {
    let name = words(sender);
    let mut at = 0;
    while at < lines.len() {
        if marks[at] != Mark::Own {
            at += 1;
            continue;
        }
        let end = (at..lines.len()).find(|end| marks[*end] != Mark::Own).unwrap_or(lines.len());
        let kept = kept(&lines[at..end], &name);
        for one in &mut marks[at + kept..end] {
            *one = Mark::Signature;
        }
        at = end;
    }
}

/// How many lines of the author's words stay.
fn kept(lines: &[Line<'_>], name: &[String]) -> usize {
    let mut end = lines.len();
    for _ in 0..MAX_PIECES {
        while end > 0 && lines[end - 1].is_blank() {
            end -= 1;
        }
        let shorter = notice(&lines[..end])
            .or_else(|| device(&lines[..end]))
            .or_else(|| delimited(&lines[..end], name))
            .or_else(|| farewell(&lines[..end], name));
        match shorter {
            Some(start) => end = start,
            None => break,
        }
    }
    end
}

/// The beginning of the paragraph at the end.
fn last_paragraph(lines: &[Line<'_>]) -> usize {
    let from = lines.len().saturating_sub(MAX_NOTICE);
    (from..lines.len()).rev().find(|at| lines[*at].is_blank()).map_or(from, |blank| blank + 1)
}

/// A notice at the end: the last line, or the whole last paragraph where it is one notice that was wrapped.
fn notice(lines: &[Line<'_>]) -> Option<usize> {
    let last = lines.len().checked_sub(1)?;
    let start = last_paragraph(lines);
    let paragraph: String = lines[start..].iter().map(|line| line.content).collect::<Vec<_>>().join(" ");
    if is_notice(lines[last].content) {
        return Some(last);
    }
    // Wrapped: the first line already speaks as a notice does.
    let first = words(lines[start].content);
    let kinds =
        NOTICE_WORDS.iter().filter(|kind| first.iter().any(|word| kind.contains(&word.as_str()))).count();
    (start < last && kinds >= 2 && is_notice(&paragraph)).then_some(start)
}

/// Words of notices, by what they speak of. A notice has words of several of these.
const NOTICE_WORDS: [&[&str]; 6] = [
    &[
        "confidencial",
        "confidencialidad",
        "confidencialidade",
        "confidential",
        "confidentiality",
        "privilegiada",
        "privileged",
        "reservada",
        "sigilosa",
    ],
    &[
        "destinatario",
        "destinatário",
        "destinatarios",
        "destinatários",
        "recipient",
        "addressee",
        "dirigido",
        "endereçada",
        "intended",
    ],
    &["error", "erro", "mistake", "equivocación", "engano"],
    &[
        "bórrelo",
        "elimínelo",
        "borrarlo",
        "eliminarlo",
        "elimine",
        "destruirlo",
        "apague",
        "exclua",
        "delete",
        "destroy",
        "eliminar",
        "apagar",
        "prohibida",
        "proibida",
        "prohibited",
        "prohibido",
    ],
    &["mensaje", "mensagem", "message", "correo", "email", "mail"],
    &[
        "anexos",
        "adjuntos",
        "attachments",
        "archivos",
        "arquivos",
        "exclusivo",
        "exclusiva",
        "exclusivamente",
        "exclusively",
        "uso",
    ],
];
/// Beginnings of lines that are notices whole.
const NOTICE_STARTS: [&str; 14] = [
    "antes de imprimir este",
    "antes de imprimir, ",
    "antes de imprimir pense",
    "antes de imprimir piense",
    "please consider the environment",
    "think before you print",
    "piense en el medio ambiente antes",
    "pense no meio ambiente antes",
    "libre de virus",
    "virus-free",
    "livre de vírus",
    "este correo electrónico ha sido comprobado en busca de virus",
    "este e-mail foi verificado em termos de vírus",
    "this email has been checked for viruses",
];

/// Whether a text is a notice: a known beginning, or a long text with words of four kinds.
fn is_notice(text: &str) -> bool {
    const LEAST_LENGTH: usize = 80;
    const LEAST_KINDS: usize = 4;
    let lower = text.trim().to_lowercase();
    if NOTICE_STARTS.iter().any(|start| lower.starts_with(start)) {
        return true;
    }
    let own = words(&lower);
    let kinds =
        NOTICE_WORDS.iter().filter(|kind| own.iter().any(|word| kind.contains(&word.as_str()))).count();
    lower.len() >= LEAST_LENGTH && kinds >= LEAST_KINDS
}

/// Beginnings of the line that a device adds.
const DEVICE_STARTS: [&[&str]; 15] = [
    &["enviado", "desde"],
    &["enviado", "do"],
    &["enviado", "de"],
    &["enviado", "via"],
    &["enviado", "vía"],
    &["enviado", "con"],
    &["enviado", "com"],
    &["enviado", "a", "partir"],
    &["enviada", "do"],
    &["sent", "from"],
    &["sent", "with"],
    &["sent", "via"],
    &["obtener", "outlook"],
    &["obter", "o", "outlook"],
    &["get", "outlook"],
];
/// Words of such a line. A line with any other word is the author's.
const DEVICE_WORDS: [&str; 71] = [
    "mi",
    "meu",
    "my",
    "un",
    "um",
    "a",
    "an",
    "o",
    "de",
    "del",
    "do",
    "da",
    "dos",
    "con",
    "com",
    "para",
    "for",
    "on",
    "the",
    "partir",
    "dispositivo",
    "móvil",
    "movil",
    "móvel",
    "celular",
    "teléfono",
    "telefone",
    "smartphone",
    "phone",
    "mobile",
    "device",
    "inteligente",
    "iphone",
    "ipad",
    "ipod",
    "mac",
    "galaxy",
    "samsung",
    "android",
    "ios",
    "outlook",
    "yahoo",
    "mail",
    "correo",
    "email",
    "huawei",
    "xiaomi",
    "redmi",
    "motorola",
    "moto",
    "lg",
    "nokia",
    "windows",
    "proton",
    "protonmail",
    "secure",
    "seguro",
    "gmail",
    "spark",
    "zoho",
    "blackberry",
    "claro",
    "movistar",
    "tigo",
    "vivo",
    "tim",
    "oi",
    "telcel",
    "app",
    "aplicación",
    "aplicativo",
];

/// The line of a device at the end.
fn device(lines: &[Line<'_>]) -> Option<usize> {
    let last = lines.len().checked_sub(1)?;
    let line = &lines[last];
    let without_link = line.content.split(['<', '[', '(']).next().unwrap_or_default();
    let without_link = without_link.split("http").next().unwrap_or_default();
    let own = words(without_link);
    let start = DEVICE_STARTS.iter().find(|start| {
        own.len() > start.len() && own.iter().zip(start.iter()).all(|(word, known)| word == known)
            || (own.len() == start.len()
                && start.contains(&"outlook")
                && own.iter().zip(start.iter()).all(|(a, b)| a == b))
    })?;
    let is_known = |word: &String| {
        DEVICE_WORDS.contains(&word.as_str()) || (word.len() <= 4 && word.chars().any(|c| c.is_ascii_digit()))
    };
    (own[start.len()..].iter().all(is_known) && !line.content.contains('?')).then_some(last)
}

/// A signature behind its mark: it begins with the author's name, is empty, or is a notice.
fn delimited(lines: &[Line<'_>], name: &[String]) -> Option<usize> {
    let from = lines.len().saturating_sub(MAX_SIGNATURE);
    let mark =
        (from..lines.len()).rev().find(|at| matches!(lines[*at].content.trim(), "--" | "—" | "- -"))?;
    let first = lines[mark + 1..].iter().find(|line| !line.is_blank());
    let is_signature = first.is_none_or(|first| begins_with_name(first, name) || is_notice(first.content));
    is_signature.then_some(mark)
}

/// Whether a line is the author's name, alone or before a mark that divides.
fn begins_with_name(line: &Line<'_>, name: &[String]) -> bool {
    if name.is_empty() || line.words.len() < name.len() || line.words[..name.len()] != *name {
        return false;
    }
    line.words.len() == name.len() || line.content.contains(['|', '·', '–', '•', '/'])
}

/// Words by which letters end.
const FAREWELLS: [&str; 29] = [
    "saludos",
    "saludo",
    "un saludo",
    "saludos cordiales",
    "cordial saludo",
    "cordialmente",
    "atentamente",
    "atte",
    "gracias",
    "muchas gracias",
    "gracias y saludos",
    "slds",
    "atenciosamente",
    "att",
    "cordiais saudações",
    "saudações",
    "obrigado",
    "obrigada",
    "abraço",
    "abraços",
    "grato",
    "grata",
    "regards",
    "best regards",
    "kind regards",
    "best",
    "thanks",
    "sincerely",
    "many thanks",
];

/// A farewell and the author's name at the end. Thanks stay, and the name below them goes.
fn farewell(lines: &[Line<'_>], name: &[String]) -> Option<usize> {
    let last = lines.len().checked_sub(1)?;
    if name.is_empty() || lines[last].words != *name {
        return None;
    }
    let before = (0..last).rev().find(|at| !lines[*at].is_blank())?;
    let said = lines[before].words.join(" ");
    FAREWELLS.contains(&said.as_str()).then_some(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept_of(text: &str) -> String {
        let lines: Vec<Line<'_>> = text.lines().map(Line::read).collect();
        let kept = kept(&lines, &words("Ana Pardo"));
        lines[..kept].iter().map(|line| line.raw).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_programs_write_below_is_taken_away() {
        for below in [
            "-- \nAna Pardo\nJefe de planta\nCel. 300",
            "--\nAna Pardo | Móveis Sul",
            "Enviado desde mi iPhone",
            "Obter o Outlook para Android<https://enlace.example/a>",
            "Enviado do meu Galaxy",
            "Enviado con Proton Mail secure email.",
            "Cordialmente,\nAna Pardo",
            "--\n\nAVISO DE CONFIDENCIALIDAD: Este mensaje y sus anexos son para uso exclusivo de su destinatario. Si lo recibió por error, bórrelo.\nAntes de imprimir este mensaje, piense en el medio ambiente.",
            "Get Outlook for iOS",
        ] {
            assert_eq!(kept_of(&format!("Sí.\n\n{below}\n")), "Sí.", "{below}");
        }
    }

    #[test]
    fn own_words_that_look_like_a_signature_stay() {
        for own in [
            "Saludos, equipo.\n\nAna Pardo es ahora la responsable.",
            "Enviado el informe a gerencia, nos piden el acta.",
            "Enviado desde mi correo no llega a la impresora",
            "Quedó así:\n--\nEstado: OK\n--\nIgual no imprime.",
            "¿Quién recibe?\n\nAna Pardo",
            "Recibí por error un mensaje confidencial.",
            "--\nAna Pardo ya no trabaja aquí",
        ] {
            assert_eq!(kept_of(own), own);
        }
    }
}
