//! Who is told about a case: its assignee, the people who stand in for an assignee who is away, or the supervisors.

use std::collections::HashMap;

use domain::actor::{PersonId, Role};
use domain::case::{AssigneePresence, InCharge};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::priority::Platform;
use domain::text::PersonName;
use domain::time::Instant;
use domain::workforce::{Availability, Presence};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::MailKind;
use super::queue::{Cause, NewMail, queue as enqueue};
use crate::Desk;
use crate::access::composed_roles::is_narrow;
use crate::mail::{AtRiskCase, Recipient, RecipientRole, warning, warnings};
use crate::provider::Brand;
use crate::store::{StoreError, Tx};
use crate::workforce::Roster;

/// Country and platform of a case: the teams that work on such cases stand in for its assignee.
pub(super) type CaseKind = (Country, Platform);

/// The people who can be told, as they are at one instant.
pub(super) struct OnDuty {
    roster: Roster,
    /// The supervisors at work; when none is, those who are not absent; when all are absent, all of them.
    supervisors: Vec<Person>,
    /// Active people by id, as far as they were looked up.
    known: HashMap<PersonId, Option<Person>>,
}

/// The people who are told about a case.
pub(super) struct Told {
    pub(super) who: InCharge,
    /// They are told at once.
    pub(super) first: Vec<Person>,
    /// The supervisors who are not among them: they are told later, if the level asks for it.
    pub(super) others: Vec<Person>,
}

impl OnDuty {
    pub(super) async fn read(desk: &Desk, tx: &mut Tx, now: Instant) -> Result<Self, StoreError> {
        let roster = Roster::read(desk, tx.connection(), now).await?;
        let supervisors = present(&roster, supervisors(tx).await?);
        Ok(Self { roster, supervisors, known: HashMap::new() })
    }

    /// The people in charge of a case of this kind.
    pub(super) async fn in_charge(
        &mut self,
        tx: &mut Tx,
        assignee: Option<PersonId>,
        (country, platform): CaseKind,
    ) -> Result<Told, StoreError> {
        // Inactive people are no assignees.
        let assignee = match assignee {
            Some(id) => self.person(tx, id).await?,
            None => None,
        };
        let who = InCharge::of(assignee.as_ref().map(|person| (person.id, self.presence(person.id))));
        let mut first = Vec::new();
        match who {
            InCharge::Assignee(_) => first.extend(assignee.clone()),
            InCharge::StandIns => {
                for id in self.roster.members_at_work(country, platform) {
                    // Whose role leaves cases out may not know of this one.
                    if !is_narrow(tx.connection(), id).await? {
                        first.extend(self.person(tx, id).await?);
                    }
                }
            }
            InCharge::Supervisors => {}
        }
        if first.is_empty() {
            first.clone_from(&self.supervisors);
        }
        if first.is_empty() {
            // A desk without supervisors and administrators.
            first.extend(assignee);
        }
        let is_first = |person: &Person| first.iter().any(|told| told.id == person.id);
        let others = self.supervisors.iter().filter(|person| !is_first(person)).cloned().collect();
        Ok(Told { who, first, others })
    }

    fn presence(&self, person: PersonId) -> AssigneePresence {
        if self.roster.availability(person).is_at_work() {
            AssigneePresence::AtWork
        } else {
            AssigneePresence::Away
        }
    }

    /// When a person is at work again; `None` for one who is at work.
    pub(super) fn away(&self, person: PersonId) -> Option<Presence> {
        self.roster.presence(person).filter(|presence| !presence.availability.is_at_work())
    }

    async fn person(&mut self, tx: &mut Tx, id: PersonId) -> Result<Option<Person>, StoreError> {
        if let Some(known) = self.known.get(&id) {
            return Ok(known.clone());
        }
        let found = person(tx, id).await?;
        self.known.insert(id, found.clone());
        Ok(found)
    }
}

/// Of these people those at work; when none is, those who are not absent; when all are absent, all.
fn present(roster: &Roster, people: Vec<Person>) -> Vec<Person> {
    let is = |wanted: fn(Availability) -> bool| {
        let found = people.iter().filter(|person| wanted(roster.availability(person.id)));
        found.cloned().collect::<Vec<_>>()
    };
    let at_work = is(Availability::is_at_work);
    if !at_work.is_empty() {
        return at_work;
    }
    let not_absent = is(|availability| !matches!(availability, Availability::Absent { .. }));
    if not_absent.is_empty() { people } else { not_absent }
}

/// A member of the staff as a recipient of mails.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) id: PersonId,
    pub(super) name: PersonName,
    mail: MailAddress,
    pub(super) language: Language,
    /// Time of their last warning mail.
    pub(super) told: Instant,
}

impl Person {
    fn read(row: &AnyRow) -> Result<Self, StoreError> {
        let id: i64 = row.try_get("id")?;
        let text = |column: &str| row.try_get::<String, _>(column);
        let wrong = |what: &str| StoreError::inconsistent("people", format!("{id}: {what}"));
        Ok(Self {
            id: PersonId(id),
            name: PersonName::parse(&text("name")?).map_err(|_| wrong("name"))?,
            mail: MailAddress::parse(&text("mail")?).map_err(|_| wrong("mail"))?,
            language: Language::from_code(&text("language")?).unwrap_or_default(),
            told: Instant(row.try_get("told_utc_s")?),
        })
    }

    /// Queues one mail with all notices to the person.
    pub(super) async fn tell(
        &self,
        desk: &Desk,
        tx: &mut Tx,
        mut cases: Vec<AtRiskCase<'_>>,
    ) -> Result<(), StoreError> {
        // Messages come after targets.
        let left_s =
            |case: &AtRiskCase<'_>| case.targets.first().map_or(i64::MAX, |it| it.reading.remaining_s);
        cases.sort_by_key(left_s);
        let address = format!("{}/desk", desk.public_url());
        let brand = desk.brand();
        let mail = if let [case] = cases.as_slice() {
            let theirs = case.assignee.is_some_and(|assignee| assignee.id == self.id);
            let on_it = if theirs { RecipientRole::Assignee } else { RecipientRole::Others };
            let reader = self.reader(on_it, &brand);
            let link = format!("{address}/cases/{}", case.number.as_compact());
            self.mail(MailKind::Warning, case.number, warning(&reader, case, link))
        } else {
            let reader = self.reader(RecipientRole::Others, &brand);
            let (Some(first), Some(composed)) = (cases.first(), warnings(&reader, &cases, address)) else {
                return Ok(());
            };
            self.mail(MailKind::Warnings, first.number, composed)
        };
        enqueue(desk, tx, mail).await
    }

    const fn reader<'r>(&'r self, on_it: RecipientRole, brand: &'r Brand) -> Recipient<'r> {
        Recipient { name: &self.name, language: self.language, on_it, brand }
    }

    pub(super) const fn mail(
        &self,
        kind: MailKind,
        case: CaseNumber,
        composed: crate::mail::Composed,
    ) -> NewMail<'_> {
        let Self { name, mail: address, language, .. } = self;
        NewMail {
            kind,
            case: Some(case),
            language: *language,
            name: Some(name),
            address,
            composed,
            calendar: None,
            document: None,
            cause: Cause::Desk,
        }
    }
}

/// The active supervisors, or the administrators while there are none.
async fn supervisors(tx: &mut Tx) -> Result<Vec<Person>, StoreError> {
    let mut roles: Vec<_> =
        Role::ALL.into_iter().filter_map(|role| role.escalation().map(|place| (place, role))).collect();
    roles.sort_unstable();
    for (_, role) in roles {
        let rows = sqlx::query(
            "SELECT id, name, mail, language, told_utc_s FROM people WHERE role = $1 AND active = 1 ORDER BY id",
        )
        .bind(role.code())
        .fetch_all(tx.connection())
        .await?;
        if !rows.is_empty() {
            return rows.iter().map(Person::read).collect();
        }
    }
    Ok(Vec::new())
}

/// An active member of the staff.
pub(super) async fn person(tx: &mut Tx, id: PersonId) -> Result<Option<Person>, StoreError> {
    let row =
        sqlx::query("SELECT id, name, mail, language, told_utc_s FROM people WHERE id = $1 AND active = 1")
            .bind(id.0)
            .fetch_optional(tx.connection())
            .await?;
    row.as_ref().map(Person::read).transpose()
}
