//! People to invite, as they are pasted from a spreadsheet: a line each, with name, mail address and role.

use std::collections::HashMap;

use domain::actor::Role;
use domain::i18n::{Language, text};
use domain::mail_address::MailAddress;
use domain::t;
use domain::text::PersonName;

use super::invitations::Invitee;

/// Most people of one list.
pub const MOST: usize = 200;

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineProblem {
    /// Counted from 1, empty lines too.
    pub line: usize,
    /// What to do, in the reader's language.
    pub words: String,
}

/// Reads a list. Columns are parted by semicolons, tabs or commas; a first line with the titles of the pages is passed over.
///
/// # Errors
/// All that is wrong, line by line. Nobody is invited then.
pub fn parse(list: &str, language: Language) -> Result<Vec<Invitee>, Vec<LineProblem>> {
    let mut invitees = Vec::new();
    let mut problems = Vec::new();
    let mut lines: HashMap<String, usize> = HashMap::new();
    for (place, line) in (1..).zip(list.lines()) {
        let cells = cells(line);
        if cells.iter().all(|cell| cell.is_empty())
            || (invitees.is_empty() && problems.is_empty() && is_title(&cells))
        {
            continue;
        }
        match invitee(&cells, language) {
            Ok(invitee) => match lines.insert(invitee.mail.as_str().to_lowercase(), place) {
                Some(other) => {
                    problems.push(LineProblem {
                        line: place,
                        words: t!(language, "people.list.twice", line = other),
                    });
                }
                None => invitees.push(invitee),
            },
            Err(words) => problems.push(LineProblem { line: place, words }),
        }
    }
    let whole = |key: &str| vec![LineProblem { line: 1, words: t!(language, key, most = MOST) }];
    match (problems.is_empty(), invitees.len()) {
        (false, _) => Err(problems),
        (true, 0) => Err(whole("people.list.empty")),
        (true, count) if count > MOST => Err(whole("people.list.too_many")),
        _ => Ok(invitees),
    }
}

/// The cells of a line, without the quotes and spaces around them.
fn cells(line: &str) -> Vec<&str> {
    let separator = [';', '\t', ','].into_iter().find(|separator| line.contains(*separator)).unwrap_or(';');
    line.split(separator).map(|cell| cell.trim().trim_matches('"').trim()).collect()
}

/// Titles of the columns: those of the pages.
const TITLES: [&str; 3] = ["admin.people.name", "admin.people.mail", "admin.people.role"];

/// Whether a line names the columns, in any language.
fn is_title(cells: &[&str]) -> bool {
    cells.len() == TITLES.len()
        && cells.iter().zip(TITLES).all(|(cell, title)| {
            let named = cell.to_lowercase();
            Language::ALL.iter().any(|language| text(*language, title).to_lowercase() == named)
        })
}

fn invitee(cells: &[&str], language: Language) -> Result<Invitee, String> {
    let &[name, mail, named] = cells else { return Err(t!(language, "people.list.columns").into_owned()) };
    Ok(Invitee {
        name: PersonName::parse(name).map_err(|problem| problem.message(language))?,
        mail: MailAddress::parse(mail).map_err(|problem| problem.message(language))?,
        role: role(named).ok_or_else(|| {
            let known: Vec<_> = Role::ALL.iter().map(|role| text(language, role.name_key())).collect();
            t!(language, "people.list.role", role = named, known = known.join(", "))
        })?,
    })
}

/// A role by its code, or by its name in any language, of which the first words will do: `Técnico`.
fn role(named: &str) -> Option<Role> {
    let wanted = named.to_lowercase();
    let begins = |name: &str| name == wanted || name.starts_with(&format!("{wanted} "));
    let is_named = |role: &Role| {
        Language::ALL.iter().any(|language| begins(&text(*language, role.name_key()).to_lowercase()))
    };
    Role::ALL.into_iter().find(|role| role.code() == wanted || is_named(role))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_is_read_as_spreadsheets_write_it() {
        let expected = [
            ("Ana Rivas", "ana@cumbre.example", Role::Agent),
            ("Luis Peña", "luis@cumbre.example", Role::Technician),
        ];
        for list in [
            "Ana Rivas;ana@cumbre.example;agent\nLuis Peña;luis@cumbre.example;technician",
            "Nombre;Correo;Rol\r\nAna Rivas ; ana@cumbre.example ; Agente\r\n\r\nLuis Peña;luis@cumbre.example;Técnico\r\n",
            "\"Ana Rivas\",\"ana@cumbre.example\",\"Agent\"\n\"Luis Peña\",\"luis@cumbre.example\",\"Technician\"",
            "Ana Rivas\tana@cumbre.example\tagent\nLuis Peña\tluis@cumbre.example\ttechnician\n",
        ] {
            let read = parse(list, Language::Es).unwrap_or_else(|problems| panic!("{list}: {problems:?}"));
            let read: Vec<_> =
                read.iter().map(|one| (one.name.as_str(), one.mail.as_str(), one.role)).collect();
            assert_eq!(read, expected, "{list}");
        }
    }

    #[test]
    fn every_bad_line_is_named_with_what_is_wrong() {
        let list = "Ana Rivas;ana@cumbre.example;agent\nLuis;luis;agent\nEva Paz;eva@cumbre.example;jefa\nEva Paz;eva@cumbre.example\nAna R;ANA@cumbre.example;agent";
        let problems = parse(list, Language::Es).unwrap_err();
        assert_eq!(problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [2, 3, 4, 5]);
        assert!(problems.iter().all(|problem| !problem.words.contains("%{")), "{problems:?}");
        assert!(problems[1].words.contains("jefa"), "{problems:?}");
        assert!(problems[3].words.contains('1'), "{problems:?}");
    }

    #[test]
    fn bad_first_line_is_not_taken_for_titles() {
        for first in ["Luis Peña;luis.cumbre.example;technican", "Luis Peña;luis;jefe", "Nombre;Correo;Cargo"]
        {
            let problems =
                parse(&format!("{first}\nAna Rivas;ana@cumbre.example;agent"), Language::Es).unwrap_err();
            assert_eq!(problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [1], "{first}");
        }
        for titles in ["Nombre;Correo;Rol", "name,mail,ROLE", "Nome\tE-mail\tFunção"] {
            let read = parse(&format!("{titles}\nAna Rivas;ana@cumbre.example;agent"), Language::Es).unwrap();
            assert_eq!(read.len(), 1, "{titles}");
        }
    }

    #[test]
    fn empty_and_endless_lists_are_refused() {
        assert_eq!(parse(" \n;;\n", Language::Es).unwrap_err().len(), 1);
        let line = |nth: usize| format!("Ana Rivas;ana{nth}@cumbre.example;agent\n");
        let list = |count: usize| (0..count).map(line).collect::<String>();
        assert_eq!(parse(&list(MOST), Language::Es).unwrap().len(), MOST);
        assert_eq!(parse(&list(MOST + 1), Language::Es).unwrap_err().len(), 1);
    }
}
