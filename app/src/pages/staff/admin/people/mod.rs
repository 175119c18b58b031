//! Who works here: the list, one account, and invitations. Plain forms: the page that comes back says what was done.

mod api;
mod history;
mod invite;
mod person;

#[cfg(feature = "ssr")]
pub use api::{post_factor_roles, post_invite, post_person};
pub use invite::InvitePage;
pub use person::PersonPage;

use domain::actor::{Action, Role};
use domain::i18n::Language;
use domain::t;
use domain::time::Instant;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use self::api::{AccountState, People, PersonLine, read_people};
use super::{AdminFrame, Section};
use crate::language::use_language;
use crate::pages::PostReply;
use crate::pages::staff::frame::{Failed, may_do};
use crate::ui::{Icon, Notice, Tone};

/// The list of the staff: `/desk/admin/people`.
#[component]
pub fn PeoplePage() -> impl IntoView {
    let language = use_language();
    let people = Resource::new(|| (), |()| read_people());
    let query = use_query_map();
    let done = move || match query.with(|query| query.get("done")).as_deref() {
        Some("invited") => Some("admin.people.done.invited"),
        Some("factor_roles") => Some("admin.factor.done.required"),
        _ => None,
    };
    view! {
        <AdminFrame title="admin.people.title" section=Section::People>
            {move || done().map(|done| view! {
                <Notice tone=Tone::Good icon="check"><p>{t!(language, done)}</p></Notice>
            })}
            <Suspense>
                {move || Suspend::new(async move {
                    match people.await {
                        Ok((people, reply)) => view! { <List people reply/> }.into_any(),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Suspense>
        </AdminFrame>
    }
    .into_any()
}

#[component]
fn List(people: People, reply: PostReply) -> impl IntoView {
    let language = use_language();
    let People { lines, factor_roles, reader, now } = people;
    let chosen = chosen_roles(factor_roles, &reply);
    let invites = may_do(&reader, Action::Administer);
    let rows = lines.into_iter().map(|person| row(language, person, now)).collect_view();
    view! {
        {reply.failure.map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
        {invites.then(|| view! {
            <p><a class="button button--main" href="/desk/admin/people/invite"><Icon name="plus"/> {t!(language, "admin.people.invite")}</a></p>
        })}
        <div class="card tablewrap tablewrap--stacks" tabindex="0" role="region" aria-label=t!(language, "admin.people.caption")>
            <table class="table">
                <caption class="sr">{t!(language, "admin.people.caption")}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t!(language, "admin.people.name")}</th>
                        <th scope="col">{t!(language, "admin.people.role")}</th>
                        <th scope="col">{t!(language, "admin.people.mail")}</th>
                        <th scope="col">{t!(language, "admin.people.state")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {invites.then(|| view! { <FactorRoles chosen/> })}
    }
    .into_any()
}

/// The roles whose boxes are checked: those that were stored, or that were checked when saving failed.
fn chosen_roles(stored: Vec<Role>, reply: &PostReply) -> Vec<Role> {
    if reply.failure.is_none() {
        return stored;
    }
    Role::ALL.into_iter().filter(|role| reply.typed.contains_key(role.code())).collect()
}

/// Which roles need a second factor.
#[component]
fn FactorRoles(chosen: Vec<Role>) -> impl IntoView {
    let language = use_language();
    let boxes = Role::ALL.map(|role| {
        view! {
            <label class="check">
                <input type="checkbox" name=role.code() value="yes" checked=chosen.contains(&role)/>
                {t!(language, role.name_key())}
            </label>
        }
    });
    view! {
        <form class="card stack" method="post" action="/desk/admin/people" aria-labelledby="h-factor">
            <h2 id="h-factor">{t!(language, "admin.factor.required")}</h2>
            <p class="note">{t!(language, "admin.factor.required_hint")}</p>
            <fieldset>
                <legend class="sr">{t!(language, "admin.people.role")}</legend>
                <div class="row">{boxes.collect_view()}</div>
            </fieldset>
            <div class="row"><button class="button" type="submit">{t!(language, "admin.account.save")}</button></div>
        </form>
    }
    .into_any()
}

/// How an account stands: shape, word and colour.
fn state(language: Language, state: AccountState, now: Instant) -> impl IntoView {
    let (look, icon, word) = match state {
        AccountState::Active => ("met", "check", "admin.people.state.active"),
        AccountState::Invited { until } if now < until => ("running", "mail", "admin.people.state.invited"),
        AccountState::Invited { .. } => ("warning", "warning", "admin.people.state.expired"),
        AccountState::Ended => ("void", "void", "admin.people.state.ended"),
    };
    view! { <span class="state" data-state=look><Icon name=icon/> " " {t!(language, word)}</span> }
}

/// The role of a person: the composed one, where they have one.
fn role_words(language: Language, person: &PersonLine) -> String {
    person.composed.clone().unwrap_or_else(|| t!(language, person.role.name_key()).into_owned())
}

fn row(language: Language, person: PersonLine, now: Instant) -> impl IntoView {
    let role = role_words(language, &person);
    view! {
        <tr>
            <th scope="row"><a class="cover" href=format!("/desk/admin/people/{}", person.id)>{person.name}</a></th>
            <td data-label=t!(language, "admin.people.role")>{role}</td>
            <td data-label=t!(language, "admin.people.mail")>{person.mail}</td>
            <td data-label=t!(language, "admin.people.state")>{state(language, person.state, now)}</td>
        </tr>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use domain::actor::{PersonId, Staff};

    use super::*;

    #[test]
    fn failed_save_of_the_required_roles_is_told_and_keeps_what_was_checked() {
        let reader = Staff {
            id: PersonId(1),
            name: "Lucía Ferrer".to_owned(),
            role: Role::Administrator,
            composed: None,
        };
        let people = || People {
            lines: Vec::new(),
            factor_roles: vec![Role::Agent],
            reader: reader.clone(),
            now: Instant(0),
        };
        let drawn = |reply| Owner::new().with(|| view! { <List people=people() reply/> }.to_html());
        let is_checked = |page: &str, role: Role| {
            let (_, rest) = page.split_once(&format!("name=\"{}\"", role.code())).unwrap();
            rest.split_once('>').unwrap().0.contains("checked")
        };
        let typed = [("supervisor".to_owned(), "yes".to_owned())].into();
        let failed = drawn(PostReply { typed, problems: Vec::new(), failure: Some("Otra vez".to_owned()) });
        assert!(failed.contains("Otra vez"), "{failed}");
        assert!(is_checked(&failed, Role::Supervisor) && !is_checked(&failed, Role::Agent), "{failed}");
        let stored = drawn(PostReply::default());
        assert!(is_checked(&stored, Role::Agent) && !is_checked(&stored, Role::Supervisor), "{stored}");
    }
}
