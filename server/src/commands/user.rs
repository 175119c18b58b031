//! `vigia user`: the staff's accounts.

use std::fmt::Write as _;

use desk::Desk;
use desk::DeskError;
use desk::Ports;
use desk::access::staff::{self, NewPerson, PeopleError, PersonView, Service};
use desk::people::keep::{Keep, KeepError, keep};
use domain::actor::Actor;
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::t;

use super::{Failure, Report};
use crate::cli::UserCommand;

/// The alphabet of generated passwords: 32 signs that are not mistaken for one another, 5 bits each.
const SIGNS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A password with its origin.
enum Password {
    /// Read from the standard input.
    Read(String),
    /// Generated; printed once.
    Generated(String),
}

impl Password {
    /// The first line of the standard input, or a generated one.
    fn obtain(from_stdin: bool) -> Result<Self, Failure> {
        if !from_stdin {
            return Ok(Self::Generated(generate(Ports::system().random())));
        }
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).map_err(Failure::Input)?;
        Ok(Self::Read(line.trim_end_matches(['\r', '\n']).to_owned()))
    }

    fn as_str(&self) -> &str {
        match self {
            Self::Read(text) | Self::Generated(text) => text,
        }
    }

    /// The line that prints a generated password.
    fn shown(&self, language: Language) -> String {
        match self {
            Self::Read(_) => String::new(),
            Self::Generated(text) => t!(language, "cli.user.password", password = text) + "\n",
        }
    }
}

/// Four groups of five signs: 100 bits, easy to read out.
fn generate(chance: [u8; 20]) -> String {
    let sign = |byte: &u8| SIGNS.get(usize::from(byte % 32)).map_or('a', |sign| char::from(*sign));
    let groups: Vec<String> = chance.chunks(5).map(|group| group.iter().map(sign).collect()).collect();
    groups.join("-")
}

/// Executes a command of accounts.
pub(super) async fn user(desk: &Desk, what: UserCommand, language: Language) -> Result<Report, Failure> {
    let actor = &Actor::System;
    let refused = |error| refused(error, language);
    let not_done = |error| not_done(error, language);
    let text = match what {
        UserCommand::Add { name, mail, role, language: reads, password_stdin } => {
            let password = Password::obtain(password_stdin)?;
            let added = t!(language, "cli.user.added", name = name.as_str(), mail = mail.as_str());
            let person =
                NewPerson { name, mail, role, language: reads, password: password.as_str().to_owned() };
            staff::add_person(desk, actor, person).await.map_err(refused)?;
            format!("{added}\n{}", password.shown(language))
        }
        UserCommand::List => list(&staff::people(desk, actor).await.map_err(not_done)?, language),
        UserCommand::Deactivate { mail } => {
            let person = find(desk, &mail).await.map_err(not_done)?;
            keep(desk, actor, person.id, vec![Keep::Deactivate])
                .await
                .map_err(|error| not_kept(error, language))?;
            t!(language, "cli.user.deactivated", mail = person.mail.as_str()) + "\n"
        }
        UserCommand::Password { mail, password_stdin } => {
            let person = find(desk, &mail).await.map_err(not_done)?;
            let password = Password::obtain(password_stdin)?;
            staff::set_password(desk, actor, person.id, password.as_str()).await.map_err(refused)?;
            let changed = t!(language, "cli.user.password_changed", mail = person.mail.as_str());
            format!("{changed}\n{}", password.shown(language))
        }
    };
    Ok(Report::fine(text))
}

/// The account with this mail address, in any case of letters.
async fn find(desk: &Desk, mail: &MailAddress) -> Result<PersonView, DeskError> {
    let everybody = staff::people(desk, &Actor::System).await?;
    let wanted = mail.as_str().to_lowercase();
    let found = everybody.into_iter().find(|person| person.mail.as_str().to_lowercase() == wanted);
    found.ok_or(DeskError::NotFound)
}

/// The accounts, one line each.
fn list(people: &[PersonView], language: Language) -> String {
    if people.is_empty() {
        return format!("{}\n", t!(language, "cli.user.nobody"));
    }
    let widest = people.iter().map(|person| person.mail.as_str().chars().count()).max().unwrap_or_default();
    let mut text = String::new();
    for PersonView { name, mail, role, service, .. } in people {
        let service = match service {
            Service::Active => t!(language, "cli.user.active"),
            Service::Invited { .. } => t!(language, "cli.user.invited"),
            Service::Ended => t!(language, "cli.user.ended"),
        };
        let (role, mail, name) = (role.code(), mail.as_str(), name.as_str());
        // Writing to a string does not fail.
        let _ = writeln!(text, "{mail:widest$}  {role:13}  {service:16}  {name}");
    }
    text
}

/// The failure of an error, in the operator's language where the operator can correct it.
fn refused(error: PeopleError, language: Language) -> Failure {
    match error {
        PeopleError::Desk(error) => not_done(error, language),
        PeopleError::MailTaken => Failure::Refused(t!(language, "cli.user.mail_taken").into_owned()),
        PeopleError::Password(problem) => Failure::Refused(problem.message(language)),
        PeopleError::Hash(error) => Failure::Refused(error.to_string()),
    }
}

/// The same of an account that was left as it is.
fn not_kept(error: KeepError, language: Language) -> Failure {
    match error {
        KeepError::Desk(error) => not_done(error, language),
        KeepError::LastAdministrator => {
            Failure::Refused(t!(language, "cli.user.last_administrator").into_owned())
        }
        error @ (KeepError::MailTaken
        | KeepError::NeverJoined
        | KeepError::ChangedMeanwhile(_)
        | KeepError::Shared(_)
        | KeepError::OwnFactor) => Failure::Refused(error.to_string()),
    }
}

fn not_done(error: DeskError, language: Language) -> Failure {
    Failure::of(error, "cli.user.not_found", language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_passwords_use_every_sign_and_no_other() {
        assert_eq!(generate([0; 20]), "aaaaa-aaaaa-aaaaa-aaaaa");
        let all: Vec<u8> = (0..=255).collect();
        let mut seen: Vec<char> = all
            .chunks_exact(20)
            .flat_map(|bytes| generate(bytes.try_into().unwrap()).chars().collect::<Vec<_>>())
            .filter(|sign| *sign != '-')
            .collect();
        seen.sort_unstable();
        seen.dedup();
        let mut signs: Vec<char> = SIGNS.iter().map(|sign| char::from(*sign)).collect();
        signs.sort_unstable();
        assert_eq!(seen, signs);
    }
}
