//! Who works here.

mod api;

use domain::i18n::Language;
use domain::t;
use leptos::prelude::*;

use self::api::{PersonLine, Service, read_people};
use super::{AdminFrame, Section};
use crate::language::use_language;
use crate::pages::staff::frame::Failed;
use crate::ui::Icon;

/// The list of the staff: `/desk/admin/people`.
#[component]
pub fn PeoplePage() -> impl IntoView {
    let people = Resource::new(|| (), |()| read_people());
    view! {
        <AdminFrame title="admin.people.title" section=Section::People>
            <Suspense>
                {move || Suspend::new(async move {
                    match people.await {
                        Ok(people) => view! { <List people/> }.into_any(),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Suspense>
        </AdminFrame>
    }
    .into_any()
}

#[component]
fn List(people: Vec<PersonLine>) -> impl IntoView {
    let language = use_language();
    let rows = people.into_iter().map(|person| row(language, person)).collect_view();
    view! {
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
    }
    .into_any()
}

fn row(language: Language, person: PersonLine) -> impl IntoView {
    let (look, icon, word) = match person.service {
        Service::Active => ("met", "check", "admin.people.state.active"),
        Service::Ended => ("void", "void", "admin.people.state.ended"),
    };
    view! {
        <tr>
            <th scope="row">{person.name}</th>
            <td data-label=t!(language, "admin.people.role")>{t!(language, person.role.name_key())}</td>
            <td data-label=t!(language, "admin.people.mail")>{person.mail}</td>
            <td data-label=t!(language, "admin.people.state")>
                <span class="state" data-state=look><Icon name=icon/> " " {t!(language, word)}</span>
            </td>
        </tr>
    }
}
