//! Working hours and absences of one person: `/desk/admin/schedules/ID` for supervisors, `/desk/account/absences` for
//! everybody. The server alone draws these pages: plain forms, no bundle.

mod absences;
mod hours;

use desk::people::handover::in_hand;
use desk::workforce::{
    AbsenceError, AbsenceView, TeamOf, WorkingHoursView, absences as absences_of, add_absence,
    calendar_names, presence_of, remove_absence, set_working_hours, teams_of, working_hours,
};
use domain::actor::{Action, PersonId, Subject, may};
use domain::calendar::week::CalendarId;
use domain::case_number::CaseNumber;
use domain::t;
use domain::time::Instant;
use domain::workforce::{AbsenceId, Presence};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use self::absences::AbsencesSection;
use self::hours::HoursForm;
use super::{AdminFrame, Section};
use crate::AppError;
use crate::language::use_language;
use crate::pages::staff::frame::{Failed, Here, StaffFrame};
use crate::pages::staff::session::{staff, staff_context};
use crate::pages::{PostReply, Posted, Typed};
use crate::request::RequestContext;
use crate::ui::{Icon, Notice, Tone};

/// The page of one's own absences.
const OWN: &str = "/desk/account/absences";
/// The name of the field that says what is to be done.
const ACT: &str = "act";

/// What a form of the pages does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Hours,
    Enter,
    Remove,
}

impl Act {
    const ALL: [Self; 3] = [Self::Hours, Self::Enter, Self::Remove];

    const fn code(self) -> &'static str {
        match self {
            Self::Hours => "hours",
            Self::Enter => "enter",
            Self::Remove => "remove",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.code() == code)
    }

    /// The key of what is told once it is done.
    const fn done_key(self) -> &'static str {
        match self {
            Self::Hours => "workforce.done.hours",
            Self::Enter => "workforce.done.entered",
            Self::Remove => "workforce.done.removed",
        }
    }
}

fn page_of(person: PersonId) -> String {
    format!("/desk/admin/schedules/{}", person.0)
}

/// Takes a form of a person's page.
pub async fn post_schedule(asked: &RequestContext, id: &str, typed: Typed) -> Posted {
    let Ok(person) = id.parse().map(PersonId) else { return Posted::Failed(AppError::NotFound) };
    take(asked, person, &page_of(person), typed).await
}

/// Takes a form of the page of one's own absences.
pub async fn post_own_absences(asked: &RequestContext, typed: Typed) -> Posted {
    let domain::actor::Actor::Staff(me) = &asked.actor else { return Posted::Failed(AppError::SignInFirst) };
    take(asked, me.id, OWN, typed).await
}

async fn take(asked: &RequestContext, person: PersonId, page: &str, typed: Typed) -> Posted {
    let (desk, actor, language) = (&asked.desk, &asked.actor, asked.language);
    let Some(act) = typed.get(ACT).and_then(|code| Act::from_code(code)) else {
        return Posted::Failed(AppError::Malformed);
    };
    let outcome = match act {
        Act::Hours => match hours::read(&typed, language) {
            Ok(hours) => set_working_hours(desk, actor, person, hours).await.map_err(AppError::from),
            Err(wrong) => Err(AppError::Wrong(wrong)),
        },
        Act::Enter => match absences::read(&typed, language) {
            Ok(absence) => match add_absence(desk, actor, person, absence).await {
                Ok(_) => Ok(()),
                Err(AbsenceError::Problem(problem)) => Err(absences::refused(problem, language)),
                Err(AbsenceError::Desk(error)) => Err(error.into()),
            },
            Err(wrong) => Err(AppError::Wrong(wrong)),
        },
        Act::Remove => match typed.get("absence").and_then(|id| id.parse().ok()) {
            Some(id) => remove_absence(desk, actor, person, AbsenceId(id)).await.map_err(AppError::from),
            None => Err(AppError::Malformed),
        },
    };
    match outcome {
        Ok(()) => Posted::Done(format!("{page}?done={}", act.code())),
        Err(error @ (AppError::NotFound | AppError::NotPermitted | AppError::Malformed)) => {
            Posted::Failed(error)
        }
        Err(error) => Posted::not_taken(typed, &error, language),
    }
}

/// What the pages show of a person.
struct Shown {
    person: PersonId,
    name: String,
    hours: WorkingHoursView,
    absences: Vec<AbsenceView>,
    now: Instant,
}

/// What supervisors read besides.
struct Supervised {
    presence: Option<Presence>,
    teams: Vec<TeamOf>,
    calendars: Vec<(CalendarId, String)>,
    /// Coming visits with the beginning of each.
    visits: Vec<(CaseNumber, Instant)>,
}

async fn shown(asked: &RequestContext, person: PersonId, name: String) -> Result<Shown, AppError> {
    Ok(Shown {
        person,
        name,
        hours: working_hours(&asked.desk, &asked.actor, person).await?,
        absences: absences_of(&asked.desk, &asked.actor, person).await?,
        now: asked.desk.now(),
    })
}

async fn read_schedule(id: &str) -> Result<(Shown, Supervised), AppError> {
    let asked = staff_context()?;
    let (desk, actor) = (&asked.desk, &asked.actor);
    let person = id.parse().map(PersonId).map_err(|_| AppError::NotFound)?;
    let people = desk::access::staff::people(desk, actor).await?;
    let found = people.into_iter().find(|one| one.id == person).ok_or(AppError::NotFound)?;
    may(actor, Action::ScheduleStaff, Subject::Desk).map_err(|_| AppError::NotPermitted)?;
    let visits = in_hand(desk, actor, person).await?.visits;
    let supervised = Supervised {
        presence: presence_of(desk, actor, person).await?,
        teams: teams_of(desk, actor, person).await?,
        calendars: calendar_names(desk, actor).await?,
        visits: visits.into_iter().filter_map(|(number, from)| Some((number, from?))).collect(),
    };
    Ok((shown(&asked, person, found.name.to_string()).await?, supervised))
}

/// What was done, as the page's address says it.
#[component]
fn Done() -> impl IntoView {
    let language = use_language();
    let done =
        use_query_map().with_untracked(|query| query.get("done").and_then(|code| Act::from_code(&code)));
    done.map(|act| {
        view! { <Notice tone=Tone::Good icon="check"><p>{t!(language, act.done_key())}</p></Notice> }
    })
}

/// The page of a person's working hours and absences: `/desk/admin/schedules/ID`.
#[component]
pub fn SchedulePage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id").unwrap_or_default());
    view! {
        <AdminFrame title="workforce.page.schedule" section=Section::People>
            <Done/>
            {Suspend::new(async move {
                match read_schedule(&id).await {
                    Ok((shown, supervised)) => view! { <Schedule shown supervised/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

#[component]
fn Schedule(shown: Shown, supervised: Supervised) -> impl IntoView {
    let language = use_language();
    let reply = PostReply::of_page();
    let Supervised { presence, teams, calendars, visits } = supervised;
    let Shown { person, name, hours, absences, now } = shown;
    let teams = teams.into_iter().map(|of| {
        view! { <a class="badge badge--line" href=format!("/desk/admin/teams/{}", of.id.0)>{of.team.name.as_str().to_owned()}</a> " " }
    });
    view! {
        <div class="row row--apart">
            <h2><a href=format!("/desk/admin/people/{}", person.0)>{name}</a></h2>
            <PresenceState presence/>
        </div>
        <p>{teams.collect_view()}</p>
        <HoursForm person hours=hours.clone() calendars reply=reply.clone()/>
        <AbsencesSection page=page_of(person) absences visits zone=hours.zone now reply/>
        <p class="note">{t!(language, "workforce.page.supervised")}</p>
    }
    .into_any()
}

/// Whether a person is at work: shape, word and colour.
#[component]
fn PresenceState(presence: Option<Presence>) -> impl IntoView {
    let language = use_language();
    let (look, icon) = match &presence {
        None => ("running", "check"),
        Some(presence) if presence.availability.is_at_work() => ("met", "check"),
        Some(_) => ("warning", "warning"),
    };
    let words = Presence::told(presence.as_ref(), language);
    view! { <span class="state" data-state=look><Icon name=icon/> " " {words}</span> }
}

/// The page of one's own working hours and absences: `/desk/account/absences`.
#[component]
pub fn OwnAbsencesPage() -> impl IntoView {
    let language = use_language();
    let title = t!(language, "workforce.page.own").into_owned();
    view! {
        <StaffFrame title=title.clone() class="stack" here=Here::Account>
            <h1>{title}</h1>
            <p><a href="/desk/account">{t!(language, "workforce.page.account")}</a></p>
            <Done/>
            {Suspend::new(async move {
                match read_own().await {
                    Ok(shown) => view! { <Own shown/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </StaffFrame>
    }
    .into_any()
}

async fn read_own() -> Result<Shown, AppError> {
    let (asked, me) = staff()?;
    shown(&asked, me.id, me.name).await
}

#[component]
fn Own(shown: Shown) -> impl IntoView {
    let reply = PostReply::of_page();
    let Shown { hours, absences, now, .. } = shown;
    view! {
        <hours::HoursFacts hours=hours.clone()/>
        <AbsencesSection page=OWN.to_owned() absences visits=Vec::new() zone=hours.zone now reply/>
    }
    .into_any()
}
