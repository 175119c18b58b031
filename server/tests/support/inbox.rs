//! Mailboxes for tests: mails, what the desk made of them, and the folder of a server.

use std::collections::BTreeSet;

use super::Server;
use super::client::Client;

/// A mail of a stranger, which waits in the triage list.
pub fn mail(number: usize) -> String {
    format!(
        "From: Otra Persona <otra@example.com>\r\nTo: mesa@vigia.example\r\nMessage-ID: <{number}@example.com>\r\n\
         Subject: {}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nNo imprime.\r\n",
        subject(number)
    )
}

/// The subject of a mail, which is that of no other.
pub fn subject(number: usize) -> String {
    format!("Asunto-{number:04}.")
}

/// A reply of the demonstration's customer to a case, which the mailbox's server vouches for.
pub fn reply(number: usize, case: &str) -> String {
    format!(
        "Authentication-Results: mx.vigia.example; dmarc=pass header.from=cumbre.example\r\n\
         From: Ana Rivas <ana@cumbre.example>\r\nTo: mesa@vigia.example\r\nMessage-ID: <{number}@cumbre.example>\r\n\
         Subject: Re: {case}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n",
        subject(number)
    )
}

/// Variables with which a desk works at a mailbox named `name`.
pub fn variables(name: &str, keys: &[(&str, &str)]) -> Vec<(String, String)> {
    let name = name.to_uppercase();
    let keys =
        keys.iter().map(|(key, value)| (format!("VIGIA_MAIL_MAILBOXES_{name}_{key}"), (*value).to_owned()));
    keys.collect()
}

/// The same, borrowed.
pub fn borrowed(variables: &[(String, String)]) -> Vec<(&str, &str)> {
    variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// The triage list: how many mails wait, and the whole list as text.
pub fn triage(agent: &Client<'_>) -> (usize, String) {
    let (mut ids, mut whole) = (BTreeSet::new(), String::new());
    for page in 1.. {
        let text = agent.get(&format!("/desk/triage?page={page}")).text();
        let before = ids.len();
        let links = text.split("href=\"/desk/triage/").skip(1);
        ids.extend(links.filter_map(|rest| rest.split('"').next()?.parse::<u32>().ok()));
        if ids.len() == before {
            break;
        }
        whole.push_str(&text);
    }
    (ids.len(), whole)
}

/// Asserts that exactly these mails wait in the triage list, each once.
pub fn assert_waiting(agent: &Client<'_>, numbers: impl Iterator<Item = usize>) {
    let (count, whole) = triage(agent);
    let subjects: Vec<String> = numbers.map(subject).collect();
    for subject in &subjects {
        assert!(whole.contains(subject), "{subject} is lost");
    }
    assert_eq!(count, subjects.len(), "one stands twice");
}

/// The rows of a table, as a backup writes them.
pub fn rows(server: &Server, table: &str) -> Vec<String> {
    let file = server.data().join(format!("{table}.backup"));
    server.run(&["backup", &file.display().to_string()]);
    let backup = std::fs::read_to_string(&file).unwrap();
    let begins = format!("{{\"table\":\"{table}\"");
    let lines = backup.lines().skip_while(|line| !line.starts_with(&begins)).skip(1);
    lines.take_while(|line| line.starts_with('[')).map(str::to_owned).collect()
}
