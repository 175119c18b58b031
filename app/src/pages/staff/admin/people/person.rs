//! One account: how it stands, what an administrator changes of it, what its owner has in hand, and its history.

use domain::actor::Action;
use domain::calendar::MomentStyle;
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::api::{AccountState, Holding, PersonAct, PersonDetail, RoleOffer, SHOWN_FIELDS, read_person};
use super::history::AccountHistory;
use super::invite::RoleChoice;
use super::{role_words, state};
use crate::address::case_address;
use crate::language::use_language;
use crate::pages::PostReply;
use crate::pages::staff::admin::{AdminFrame, Section};
use crate::pages::staff::extension::ExtensionField;
use crate::pages::staff::frame::{Failed, may_do};
use crate::ui::{FieldKind, Icon, Notice, TextField, Tone};

/// The page of an account: `/desk/admin/people/ID`.
#[component]
pub fn PersonPage() -> impl IntoView {
    let language = use_language();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let person = Resource::new(move || id.get(), read_person);
    let query = use_query_map();
    let done = move || query.with(|query| PersonAct::from_code(&query.get("done").unwrap_or_default()));
    view! {
        <AdminFrame title="admin.people.title" section=Section::People>
            {move || done().map(|done| view! {
                <Notice tone=Tone::Good icon="check"><p>{t!(language, done.done_key())}</p></Notice>
            })}
            <Suspense>
                {move || Suspend::new(async move {
                    match person.await {
                        Ok((person, reply)) => view! { <Person person reply/> }.into_any(),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Suspense>
        </AdminFrame>
    }
    .into_any()
}

#[component]
fn Person(person: PersonDetail, reply: PostReply) -> impl IntoView {
    let language = use_language();
    let keeps = may_do(&person.reader, Action::Administer);
    let PersonDetail { line, history, zone, now, .. } = person.clone();
    view! {
        <div class="row row--apart">
            <h2>{line.name.clone()}</h2>
            {state(language, line.state, now)}
        </div>
        {reply.failure.clone().map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
        <div class="cards">
            {if keeps {
                view! {
                    <AccountForm person=person.clone() reply=reply.clone()/>
                    <ExtensionForm person=person.clone() reply/>
                }
                .into_any()
            } else {
                view! { <Facts person=person.clone()/> }.into_any()
            }}
            {(!person.roles.is_empty()).then(|| view! { <ComposedRoles person=person.clone()/> })}
            <Work person=person.clone()/>
            <InHand person=person.clone()/>
            {keeps.then(|| view! { <ServiceForm person/> })}
            <section class="card stack" aria-labelledby="h-history">
                <h3 id="h-history">{t!(language, "admin.people.history")}</h3>
                <AccountHistory entries=history zone/>
            </section>
        </div>
    }
    .into_any()
}

/// What supervisors read.
#[component]
fn Facts(person: PersonDetail) -> impl IntoView {
    let language = use_language();
    let (line, extension) = (person.line, person.extension);
    let role = role_words(language, &line);
    view! {
        <section class="card" aria-label=t!(language, "admin.account.who")>
            <dl class="facts">
                <div><dt>{t!(language, "admin.people.role")}</dt><dd>{role}</dd></div>
                <div class="facts__wide"><dt>{t!(language, "admin.people.mail")}</dt><dd>{line.mail}</dd></div>
                {(!extension.is_empty()).then(|| view! {
                    <div><dt>{t!(language, "admin.extension.title")}</dt><dd>{extension}</dd></div>
                })}
            </dl>
        </section>
    }
    .into_any()
}

/// Name, address and role.
#[component]
fn AccountForm(person: PersonDetail, reply: PostReply) -> impl IntoView {
    let language = use_language();
    let line = person.line;
    let composed = line.composed.clone();
    // The form of the extension brings back its own field alone.
    let is_back = reply.typed.contains_key("name");
    let shown = |name: &str, kept: String| if is_back { reply.text(name) } else { kept };
    let stored = [line.name.clone(), line.mail.clone(), line.role.code().to_owned()];
    // What was shown when the form was filled in stays so when it comes back.
    let was_shown = SHOWN_FIELDS.into_iter().zip(stored).map(|((_, name), stored)| {
        let value = reply.typed.get(name).cloned().unwrap_or(stored);
        view! { <input type="hidden" name=name value=value/> }
    });
    let was_shown = was_shown.collect_view();
    let role = if is_back { domain::actor::Role::from_code(&reply.text("role")) } else { Some(line.role) };
    view! {
        <form class="card stack" method="post" action=format!("/desk/admin/people/{}", line.id) aria-labelledby="h-account" novalidate>
            <h3 id="h-account">{t!(language, "admin.people.account")}</h3>
            {was_shown}
            <TextField name="name" kind=FieldKind::Text label=t!(language, "admin.people.name") value=shown("name", line.name) problem=reply.problem("name")/>
            <TextField
                name="mail"
                kind=FieldKind::Mail
                label=t!(language, "admin.people.mail")
                hint=t!(language, "admin.people.mail_hint").into_owned()
                value=shown("mail", line.mail)
                problem=reply.problem("mail")
            />
            {composed.map(|name| view! {
                <p class="note">
                    {t!(language, "admin.people.composed", name = name)} " "
                    <a href="/desk/admin/roles" rel="external">{t!(language, "admin.roles.title")}</a>
                </p>
            })}
            <RoleChoice chosen=role problem=reply.problem("role")/>
            <div class="row">
                <button class="button button--main" type="submit" name="act" value=PersonAct::Save.code()>
                    {t!(language, "admin.account.save")}
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// The composed roles, each with the button that gives it or takes it away. What became of it is told on the page of the role.
#[component]
fn ComposedRoles(person: PersonDetail) -> impl IntoView {
    let language = use_language();
    let id = person.line.id;
    let line = move |role: RoleOffer| {
        let (act, words) = match role.holding {
            Holding::Held => ("take", t!(language, "admin.people.take_role")),
            Holding::NotHeld => ("give", t!(language, "admin.people.give_role")),
        };
        let told = format!("{words} · {}", role.name);
        view! {
            <li class="row row--apart">
                <span>{role.name}</span>
                <form method="post" action=format!("/desk/admin/roles/{}", role.id)>
                    <input type="hidden" name="person" value=id.to_string()/>
                    <button class="button button--quiet" type="submit" name="act" value=act aria-label=told>{words}</button>
                </form>
            </li>
        }
    };
    let lines = person.roles.into_iter().map(line).collect_view();
    view! {
        <section class="card stack" aria-labelledby="h-roles">
            <h3 id="h-roles">{t!(language, "admin.roles.title")}</h3>
            <p class="note">{t!(language, "admin.people.roles_hint")}</p>
            <ul class="lines">{lines}</ul>
        </section>
    }
    .into_any()
}

/// The telephone extension.
#[component]
fn ExtensionForm(person: PersonDetail, reply: PostReply) -> impl IntoView {
    let language = use_language();
    view! {
        <form class="card stack" method="post" action=format!("/desk/admin/people/{}", person.line.id) aria-labelledby="h-extension" novalidate>
            <h3 id="h-extension">{t!(language, "admin.extension.title")}</h3>
            <ExtensionField extension=person.extension reply/>
            <div class="row">
                <button class="button" type="submit" name="act" value=PersonAct::Extension.code()>
                    {t!(language, "admin.account.save")}
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// Whether they are at work, and the way to working hours and absences.
#[component]
fn Work(person: PersonDetail) -> impl IntoView {
    let language = use_language();
    view! {
        <section class="card stack" aria-labelledby="h-work">
            <h3 id="h-work">{t!(language, "admin.people.work")}</h3>
            <p>{person.presence}</p>
            <p>
                <a class="button" href=format!("/desk/admin/schedules/{}", person.line.id) rel="external">
                    {t!(language, "admin.people.schedule")}
                </a>
            </p>
        </section>
    }
    .into_any()
}

/// Invitation, service, and the way out of it.
#[component]
fn ServiceForm(person: PersonDetail) -> impl IntoView {
    let language = use_language();
    let (hint, acts): (&str, &[(PersonAct, &str)]) = match person.line.state {
        AccountState::Active => {
            ("admin.people.deactivate_hint", &[(PersonAct::Deactivate, "admin.people.deactivate")])
        }
        AccountState::Invited { .. } => (
            "admin.people.invited_hint",
            &[
                (PersonAct::InviteAgain, "admin.people.invite_again"),
                (PersonAct::Withdraw, "admin.people.withdraw"),
            ],
        ),
        AccountState::Ended if person.has_joined => {
            ("admin.people.reactivate_hint", &[(PersonAct::Reactivate, "admin.people.reactivate")])
        }
        AccountState::Ended => {
            ("admin.people.never_joined_hint", &[(PersonAct::InviteAgain, "admin.people.invite_again")])
        }
    };
    let buttons = acts.iter().map(|(act, words)| {
        view! { <button class="button" type="submit" name="act" value=act.code()>{t!(language, *words)}</button> }
    });
    view! {
        <form class="card stack" method="post" action=format!("/desk/admin/people/{}", person.line.id) aria-labelledby="h-service">
            <h3 id="h-service">{t!(language, "admin.people.service")}</h3>
            <p class="note">{t!(language, hint)}</p>
            <div class="row">{buttons.collect_view()}</div>
            {person.ways_in.code.then(|| view! {
                <p class="note">{t!(language, "admin.factor.reset_hint")}</p>
                <div class="row">
                    <button class="button" type="submit" name="act" value=PersonAct::RemoveFactor.code()>
                        {t!(language, "admin.factor.reset")}
                    </button>
                </div>
            })}
            {person.ways_in.passkeys.then(|| view! {
                <p class="note">{t!(language, "admin.factor.passkeys_hint")}</p>
                <div class="row">
                    <button class="button" type="submit" name="act" value=PersonAct::RemovePasskeys.code()>
                        {t!(language, "admin.factor.passkeys")}
                    </button>
                </div>
            })}
            {person.ways_in.identities.then(|| view! {
                <p class="note">{t!(language, "admin.factor.identities_hint")}</p>
                <div class="row">
                    <button class="button" type="submit" name="act" value=PersonAct::RemoveIdentities.code()>
                        {t!(language, "admin.factor.identities")}
                    </button>
                </div>
            })}
        </form>
    }
    .into_any()
}

/// Open cases and coming visits, to be handed on.
#[component]
fn InHand(person: PersonDetail) -> impl IntoView {
    let language = use_language();
    let PersonDetail { cases, visits, zone, .. } = person;
    if cases.is_empty() && visits.is_empty() {
        return view! {
            <section class="card stack" aria-labelledby="h-hand">
                <h3 id="h-hand">{t!(language, "admin.people.in_hand")}</h3>
                <p class="note">{t!(language, "admin.people.in_hand.none")}</p>
            </section>
        }
        .into_any();
    }
    let case_lines = cases.into_iter().map(|(number, suggested)| {
        let suggested = suggested.map(|name| {
            view! { " " <span class="quiet">{t!(language, "admin.people.in_hand.suggested", name = name)}</span> }
        });
        view! { <li><a class="number" href=case_address(number) rel="external">{number.grouped()}</a> {suggested}</li> }
    });
    let visit_lines = visits.into_iter().map(|(number, from)| {
        let when = match from {
            Some(at) => zone.format(at, language, MomentStyle::Short),
            None => t!(language, "admin.people.in_hand.no_window").into_owned(),
        };
        view! {
            <li>
                <Icon name="place"/> " "
                <a class="number" href=case_address(number) rel="external">{number.grouped()}</a> " · " {when}
            </li>
        }
    });
    view! {
        <section class="card stack" aria-labelledby="h-hand">
            <h3 id="h-hand">{t!(language, "admin.people.in_hand")}</h3>
            <p class="note">{t!(language, "admin.people.in_hand.hint")}</p>
            <ul class="stack stack--tight">{case_lines.collect_view()} {visit_lines.collect_view()}</ul>
        </section>
    }
    .into_any()
}
