//! Terms of a report.

use std::collections::BTreeSet;

use super::fold::{compact, from_each_part, words};
use super::{BEGINNING, LONGEST_MAIL};
use crate::case::{Contact, Report};
use crate::contract_number::ContractNumber;
use crate::text::Company;
use crate::text::folded;

/// The terms of a report, as corrected since.
pub(super) fn report_terms(report: &Report) -> BTreeSet<String> {
    let Report { reporter, contract, company, serial, location, contact, fault, .. } = report;
    let Contact { name, mail, .. } = contact;
    let (mail, mut terms) = (folded(mail.as_str()), BTreeSet::new());
    let (local, host) = mail.split_once('@').unwrap_or((&mail, ""));
    let contract = contract.as_ref().map_or("", ContractNumber::as_str);
    let company = company.as_ref().map_or("", Company::as_str);
    for text in [company, reporter.as_str(), name.as_str(), location.as_str(), fault.as_str(), local] {
        terms.extend(word_terms(text));
    }
    terms.extend([contract, serial.as_str()].into_iter().flat_map(code_terms));
    terms.extend(host_terms(host));
    terms.insert(mail.chars().take(LONGEST_MAIL).collect());
    terms.insert(format!("@{host}").chars().take(LONGEST_MAIL).collect());
    terms.extend(contact.phones().map(|phone| last_digits_first(&phone.e164())));
    terms
}

/// The words of a text. A single letter is none.
pub(super) fn word_terms(text: &str) -> Vec<String> {
    every_part(&folded(text)).filter(|term| term.chars().count() > 1).collect()
}

fn every_part(folded: &str) -> impl Iterator<Item = String> {
    words(folded).flat_map(from_each_part)
}

/// The terms of a contract number or serial: each part, each run of letters or digits, and its last characters. Runs of
/// digits count with and without leading zeros.
pub(super) fn code_terms(code: &str) -> BTreeSet<String> {
    let mut terms: BTreeSet<String> =
        every_part(&folded(code)).filter(|term| term.chars().count() > 1).collect();
    let bare: Vec<String> = terms.iter().map(|term| term.trim_start_matches('0').to_owned()).collect();
    terms.extend(bare.into_iter().filter(|term| term.chars().count() > 1));
    let whole = compact(&folded(code));
    terms.extend(from_each_run(&whole));
    if !whole.is_empty() {
        terms.insert(last_characters_first(&whole));
    }
    terms
}

/// A code from each boundary of letters and digits on, since callers read it out in such groups.
fn from_each_run(whole: &str) -> impl Iterator<Item = String> {
    let starts = whole.char_indices().scan(None, |before: &mut Option<bool>, (place, character)| {
        let is_figure = character.is_ascii_digit();
        let begins = *before != Some(is_figure);
        *before = Some(is_figure);
        Some(begins.then_some(place))
    });
    let rests = starts.flatten().filter_map(move |place| whole.get(place..));
    rests.filter(|rest| rest.chars().count() >= BEGINNING).map(str::to_owned)
}

/// The terms of a mail address besides itself: its domain, as a whole and by label, without the top-level domain.
fn host_terms(host: &str) -> BTreeSet<String> {
    let names = host.rsplit_once('.').map_or(host, |(names, _)| names);
    let parts = names.split('.').map(compact).chain([compact(host)]);
    parts.filter(|term| term.chars().count() > 1).collect()
}

/// A code as a term that is found by its last characters. No word begins with its mark.
pub(super) fn last_characters_first(compact: &str) -> String {
    std::iter::once('~').chain(compact.chars().rev()).collect()
}

/// A telephone as a term.
pub(super) fn last_digits_first(digits: &str) -> String {
    let reversed = digits.chars().rev().filter(char::is_ascii_digit);
    std::iter::once('+').chain(reversed).collect()
}
