//! The order in which people are offered as assignees of a case, and who is suggested.

use super::schedule::{Availability, Presence};
use super::team::TeamName;
use crate::case::Assignee;

/// A person whom a case can be assigned to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The person.
    pub person: Assignee,
    /// A team of theirs that works on such cases; `None` when they are in none.
    pub team: Option<TeamName>,
    /// Whether they are at work now; `None` without working hours and absences, when they count as at work.
    pub presence: Option<Presence>,
    /// Number of open cases that they are assigned.
    pub open_cases: u32,
}

impl Candidate {
    /// Whether they are at work now.
    #[must_use]
    pub fn availability(&self) -> Availability {
        self.presence.as_ref().map_or(Availability::AtWork, |presence| presence.availability)
    }

    /// Members of fitting teams come first. Within both groups those at work precede those off work and those absent, each
    /// by name.
    fn place(&self) -> (bool, u8, String, i64) {
        let presence = match self.availability() {
            Availability::AtWork => 0,
            Availability::OffWork { .. } => 1,
            Availability::Absent { .. } => 2,
        };
        (self.team.is_none(), presence, self.person.name.to_lowercase(), self.person.id.0)
    }
}

/// The candidates in the order in which they are offered.
#[must_use]
pub fn in_order(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    candidates.sort_by_cached_key(Candidate::place);
    candidates
}

/// The candidate who is suggested: of a fitting team, at work, and with the fewest open cases. `None` when no member of
/// such a team is at work.
#[must_use]
pub fn suggested(candidates: &[Candidate]) -> Option<&Candidate> {
    let fitting = candidates.iter().filter(|one| one.team.is_some() && one.availability().is_at_work());
    fitting.min_by_key(|one| (one.open_cases, one.place()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::PersonId;
    use crate::calendar::ZoneView;
    use crate::time::Instant;

    fn candidate(id: i64, name: &str, team: Option<&str>, availability: Option<Availability>) -> Candidate {
        let zone = || ZoneView { name: "Etc/UTC".to_owned(), offset_s: 0, changes: Vec::new() };
        Candidate {
            person: Assignee { id: PersonId(id), name: name.to_owned() },
            team: team.map(|team| TeamName::parse(team).unwrap()),
            presence: availability.map(|availability| Presence { availability, zone: zone() }),
            open_cases: 0,
        }
    }

    const ABSENT: Option<Availability> = Some(Availability::Absent { until: Instant(9) });
    const OFF: Option<Availability> = Some(Availability::OffWork { returns: None });
    const AT_WORK: Option<Availability> = Some(Availability::AtWork);

    #[test]
    fn members_of_fitting_teams_at_work_come_first() {
        let team = Some("Redes");
        let ordered = in_order(vec![
            candidate(1, "Ana", None, AT_WORK),
            candidate(2, "beto", team, ABSENT),
            candidate(3, "Carla", team, OFF),
            candidate(4, "Dora", team, None),
            candidate(5, "Ana", team, AT_WORK),
            candidate(6, "Eva", None, ABSENT),
        ]);
        let ids: Vec<i64> = ordered.iter().map(|candidate| candidate.person.id.0).collect();
        assert_eq!(ids, [5, 4, 3, 2, 1, 6]);
    }

    #[test]
    fn member_at_work_with_the_fewest_cases_is_suggested() {
        let busy = Candidate { open_cases: 4, ..candidate(1, "Ana", Some("Redes"), AT_WORK) };
        let free = Candidate { open_cases: 1, ..candidate(2, "Beto", Some("Redes"), None) };
        let (absent, other) =
            (candidate(3, "Carla", Some("Redes"), ABSENT), candidate(4, "Dora", None, None));
        let all = [busy, free.clone(), absent.clone(), other.clone()];
        assert_eq!(suggested(&all), Some(&free));
        assert_eq!(suggested(&[absent, other]), None);
    }
}
