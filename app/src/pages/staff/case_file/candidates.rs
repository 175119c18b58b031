//! The people whom a case can be assigned to, in words. On the server alone, so that no bundle grows by them.

use desk::cases::candidates::CaseKind;
use domain::i18n::Language;
use domain::t;
use domain::workforce::Candidate;

use super::api::{CandidateChoice, Candidates};

/// The candidates in words: those of teams for such cases, then everybody else.
pub(super) fn offered(language: Language, kind: CaseKind, found: Vec<Candidate>) -> Vec<Candidates> {
    let choice = |Candidate { person, team, presence, .. }: Candidate| {
        let told = presence.as_ref().map(|presence| presence.message(language));
        let away = presence.is_some_and(|presence| !presence.availability.is_at_work());
        let words = [Some(person.name.clone()), told.clone(), team.map(|team| team.as_str().to_owned())];
        let caution = told
            .filter(|_| away)
            .map(|told| t!(language, "workforce.assign.caution", name = person.name, state = told));
        CandidateChoice {
            person,
            label: words.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            caution,
        }
    };
    let (fitting, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|one| one.team.is_some());
    if fitting.is_empty() {
        return vec![Candidates { label: String::new(), people: others.into_iter().map(choice).collect() }];
    }
    let (platform, country) = (t!(language, kind.platform.name_key()), t!(language, kind.country.name_key()));
    let fits = t!(language, "workforce.assign.fits", platform = platform, country = country);
    let parts = [(fits, fitting), (t!(language, "workforce.assign.others").into_owned(), others)];
    let parts = parts.into_iter().filter(|(_, people)| !people.is_empty());
    parts
        .map(|(label, people)| Candidates { label, people: people.into_iter().map(choice).collect() })
        .collect()
}
