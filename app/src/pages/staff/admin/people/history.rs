//! What was changed of an account, in words.

use domain::calendar::{MomentStyle, ZoneView, day};
use domain::i18n::Language;
use domain::person_change::PersonChange;
use domain::t;
use leptos::prelude::*;

use super::api::Entry;
use crate::language::use_language;
use crate::ui::Icon;

/// The history of an account, the newest first.
#[component]
pub(super) fn AccountHistory(entries: Vec<Entry>, zone: ZoneView) -> impl IntoView {
    let language = use_language();
    if entries.is_empty() {
        return view! { <p class="note">{t!(language, "admin.people.history.none")}</p> }.into_any();
    }
    let line = |entry: Entry| {
        let at = zone.format(entry.at, language, MomentStyle::Long);
        let at = t!(language, "admin.people.history.at", moment = at, place = zone.city(language));
        let by = entry.by.unwrap_or_else(|| t!(language, "admin.people.history.operator").into_owned());
        view! {
            <li class="line">
                <Icon name="note"/>
                <div><b>{words(language, &entry.change)}</b><p class="note">{by} " · " {at}</p></div>
            </li>
        }
    };
    let lines = entries.into_iter().map(line).collect_view();
    view! { <ul class="lines">{lines}</ul> }.into_any()
}

/// What was done.
fn words(language: Language, change: &PersonChange) -> String {
    let role = |role: &domain::actor::Role| t!(language, role.name_key()).into_owned();
    let plain = |key: &'static str| t!(language, key).into_owned();
    match change {
        PersonChange::Added { role: of } => t!(language, "admin.people.change.added", role = role(of)),
        PersonChange::Invited { role: of } => t!(language, "admin.people.change.invited", role = role(of)),
        PersonChange::InvitedAgain => plain("admin.people.change.invited_again"),
        PersonChange::InvitationWithdrawn => plain("admin.people.change.withdrawn"),
        PersonChange::Joined => plain("admin.people.change.joined"),
        PersonChange::Renamed { from, to } => {
            t!(language, "admin.people.change.renamed", from = from, to = to)
        }
        PersonChange::MailChanged { from, to } => {
            t!(language, "admin.people.change.mail", from = from, to = to)
        }
        PersonChange::RoleChanged { from, to } => {
            t!(language, "admin.people.change.role", from = role(from), to = role(to))
        }
        PersonChange::ComposedRoleGiven { name } => {
            t!(language, "admin.people.change.composed_given", name = name)
        }
        PersonChange::ComposedRoleTaken { name } => {
            t!(language, "admin.people.change.composed_taken", name = name)
        }
        PersonChange::Deactivated => plain("admin.people.change.deactivated"),
        PersonChange::Reactivated => plain("admin.people.change.reactivated"),
        PersonChange::PasswordChanged => plain("admin.people.change.password"),
        PersonChange::PasswordReset => plain("admin.people.change.reset"),
        PersonChange::SecondFactorSet => plain("admin.people.change.factor_set"),
        PersonChange::SecondFactorRemoved => plain("admin.people.change.factor_removed"),
        PersonChange::RecoveryCodesMade => plain("admin.people.change.codes"),
        PersonChange::PasskeyAdded { name } => {
            t!(language, "admin.people.change.passkey_added", name = name)
        }
        PersonChange::PasskeyRemoved { name } => {
            t!(language, "admin.people.change.passkey_removed", name = name)
        }
        PersonChange::PasskeysRemoved { count } => {
            t!(language, "admin.people.change.passkeys_removed", count = count)
        }
        PersonChange::IdentityLinked { provider } => {
            t!(language, "admin.people.change.identity_linked", provider = provider)
        }
        PersonChange::IdentityUnlinked { provider } => {
            t!(language, "admin.people.change.identity_unlinked", provider = provider)
        }
        PersonChange::JoinedByGroup { provider, role: of } => {
            t!(language, "admin.people.change.joined_by_group", provider = provider, role = role(of))
        }
        PersonChange::RoleByGroup { provider, from, to } => t!(
            language,
            "admin.people.change.role_by_group",
            provider = provider,
            from = role(from),
            to = role(to)
        ),
        PersonChange::WorkingHoursChanged => plain("admin.people.change.hours"),
        PersonChange::ExtensionChanged { to: Some(to), .. } => {
            t!(language, "admin.people.change.extension", to = to)
        }
        PersonChange::ExtensionChanged { to: None, .. } => plain("admin.people.change.no_extension"),
        PersonChange::AbsenceEntered { from, to } => {
            t!(language, "admin.people.change.absence", from = day(language, *from), to = day(language, *to))
        }
        PersonChange::AbsenceRemoved { from, to } => {
            t!(
                language,
                "admin.people.change.no_absence",
                from = day(language, *from),
                to = day(language, *to)
            )
        }
    }
}
