//! A person's own words in a mail that answers one of the desk's.
//!
//! What is quoted is known: the desk sent it. A line is taken away only where a program says that it quotes the desk's mail.
//! Or it repeats that mail word by word in its order. What cannot be told apart stays, and a forward stays whole.

mod attribution;
mod known;
mod line;
mod quotation;
mod signature;

use known::Known;
use line::Line;
use quotation::Mark;

use super::mail::Mail;

/// Most lines that are looked at; those behind stay as they are.
const MAX_LINES: usize = 20_000;

/// What the desk knows of a conversation.
#[derive(Debug, Clone, Copy)]
pub struct Conversation<'a> {
    /// The texts that were sent in it, by the desk and by the customer.
    pub texts: &'a [String],
    /// The desk's addresses, in lower case.
    pub addresses: &'a [String],
}

/// The author's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnText {
    /// The words. Where answers stand between quoted lines, those lines stand there too, each behind `> `.
    pub text: String,
    /// Where the words stand.
    pub layout: Layout,
}

/// Where the author's words stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// There is no quotation that was recognised.
    Plain,
    /// Above or below one quotation.
    Apart,
    /// Between quoted lines.
    Between,
    /// The mail passes another on: all of it is content.
    Forward,
}

/// The author's own words, apart from what the mail quotes, from its signature and from notices.
#[must_use]
pub fn own_text(mail: &Mail, conversation: &Conversation<'_>) -> OwnText {
    if is_forward(&mail.subject()) {
        return OwnText { text: mail.text.trim().to_owned(), layout: Layout::Forward };
    }
    let lines: Vec<Line<'_>> = mail.text.lines().take(MAX_LINES).map(Line::read).collect();
    let names: Vec<String> = mail
        .recipients()
        .into_iter()
        .filter(|one| conversation.addresses.contains(&one.address) && one.name.chars().count() >= 3)
        .map(|one| one.name.to_lowercase())
        .collect();
    let desk = attribution::Desk { addresses: conversation.addresses, names: &names };
    let known = Known::new(conversation.texts);
    let mut marks = quotation::marks(&lines, &known, &desk);
    let sender = mail.from().map(|from| from.name).unwrap_or_default();
    signature::mark(&lines, &mut marks, &sender);
    let layout = layout(&lines, &marks);
    let mut text = written(&lines, &marks, layout);
    for rest in mail.text.lines().skip(MAX_LINES) {
        text.push_str(rest);
        text.push('\n');
    }
    OwnText { text: text.trim().to_owned(), layout }
}

/// Whether a subject begins as that of a forward, in the words of the mail programs of three languages.
fn is_forward(subject: &str) -> bool {
    const PREFIXES: [&str; 8] = ["fwd", "fw", "rv", "enc", "wg", "tr", "i", "reenv"];
    subject.trim_start().split_once(':').is_some_and(|(prefix, _)| {
        let prefix = prefix.trim().to_lowercase();
        PREFIXES.contains(&prefix.split('[').next().unwrap_or(&prefix))
    })
}

fn layout(lines: &[Line<'_>], marks: &[Mark]) -> Layout {
    let is_own = |at: &usize| marks[*at] == Mark::Own && !lines[*at].is_blank();
    let is_quoted = |at: &usize| marks[*at] == Mark::Quoted && !lines[*at].is_blank();
    let all = 0..lines.len();
    let (Some(first), Some(last)) = (all.clone().find(is_quoted), all.clone().rev().find(is_quoted)) else {
        return Layout::Plain;
    };
    if (first..last).any(|at| is_own(&at)) { Layout::Between } else { Layout::Apart }
}

/// The words that stay. A quoted line stays only before an answer that stands between such lines.
fn written(lines: &[Line<'_>], marks: &[Mark], layout: Layout) -> String {
    let is_own = |at: usize| marks[at] == Mark::Own && !lines[at].is_blank();
    let last_answer = (0..lines.len()).rev().find(|at| is_own(*at)).unwrap_or(0);
    let mut text = String::new();
    let mut has_blank = false;
    for (at, line) in lines.iter().enumerate() {
        let stays = match marks[at] {
            Mark::Own => true,
            Mark::Quoted => layout == Layout::Between && at < last_answer,
            Mark::Attribution | Mark::Signature => false,
        };
        if line.is_blank() || !stays {
            has_blank = true;
            continue;
        }
        if has_blank && !text.is_empty() {
            text.push('\n');
        }
        has_blank = false;
        if marks[at] == Mark::Quoted {
            text.push_str("> ");
            text.push_str(line.content.trim());
        } else {
            text.push_str(line.raw.trim_end());
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests;
