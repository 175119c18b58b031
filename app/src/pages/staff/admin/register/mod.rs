//! The register in the browser: lists of organisations, contracts, sites and equipment, a page for each entry, merges. The
//! staff reads; administrators write. The server alone draws these pages (`docs/decisions/0041`).

mod cases;
mod entry;
mod fields;
mod form;
mod history;
mod labels;
mod lists;
mod merge;
mod people;
mod posts;
mod tables;

use desk::register::EntryKey;
use domain::actor::{Action, Subject, may};
use domain::calendar::MomentStyle;
use domain::i18n::Language;
use domain::register::RegisterKind;
use domain::t;
use domain::time::{Instant, Span};
use leptos::prelude::*;

pub use entry::RegisterEntryPage;
pub use labels::labels_pdf;
pub use lists::{RegisterListPage, RegisterPage};
pub use merge::RegisterMergePage;
pub use people::{RegisterPeoplePage, post_company};
pub use posts::{post_register_entry, post_register_merge};

use super::settings::centre_zone;
use super::{Section, SectionLinks};
use crate::address::query_value;
use crate::language::use_language;
use crate::pages::staff::frame::{Here, StaffFrame};
use crate::request::{RequestContext, request_context};

/// The address of the register: its organisations.
const REGISTER: &str = "/desk/admin/register";
/// The last part of the address of a new entry.
const NEW: &str = "new";

/// The name of a kind in addresses.
const fn plural(kind: RegisterKind) -> &'static str {
    match kind {
        RegisterKind::Organisation => "organisations",
        RegisterKind::Contract => "contracts",
        RegisterKind::Site => "sites",
        RegisterKind::Equipment => "equipment",
    }
}

/// The kind of a name in an address.
fn kind_of(name: &str) -> Option<RegisterKind> {
    RegisterKind::ALL.into_iter().find(|kind| plural(*kind) == name)
}

/// The key of the name of a kind's list.
const fn list_key(kind: RegisterKind) -> &'static str {
    match kind {
        RegisterKind::Organisation => "staff.find.customers",
        RegisterKind::Contract => "staff.find.contracts",
        RegisterKind::Site => "staff.find.sites",
        RegisterKind::Equipment => "staff.find.equipment",
    }
}

/// The address of a kind's list.
fn list_address(kind: RegisterKind) -> String {
    match kind {
        RegisterKind::Organisation => REGISTER.to_owned(),
        kind => format!("{REGISTER}/{}", plural(kind)),
    }
}

/// The address of an entry's page.
fn entry_address(key: &EntryKey) -> String {
    format!("{REGISTER}/{}/{}", plural(key.kind()), query_value(&key.text()))
}

/// Whether the reader changes the register.
fn writes(asked: &RequestContext) -> bool {
    may(&asked.actor, Action::Import, Subject::Desk).is_ok()
}

/// A page of the register: the frame of the staff's pages, with the way to the kinds. Who may see the administration gets
/// the way to its other subjects as well.
#[component]
fn RegisterFrame(
    /// What the browser's tab says. The page of an entry learns it from the entry.
    #[prop(into)]
    title: Signal<String>,
    /// The kind whose list is open, or to whose list the entry belongs.
    kind: RegisterKind,
    children: Children,
) -> impl IntoView {
    let language = use_language();
    let sees = |asked: RequestContext| may(&asked.actor, Action::ReadPeople, Subject::Desk).is_ok();
    let administers = request_context().is_ok_and(sees);
    let here = if administers { Here::Administration } else { Here::Search };
    let kinds = RegisterKind::ALL.map(|other| {
        let current = (other == kind).then_some("page");
        view! { <a href=list_address(other) aria-current=current>{t!(language, list_key(other))}</a> }
    });
    view! {
        <StaffFrame title=title class="stack" here=here>
            {administers.then(|| view! { <SectionLinks section=Section::Register/> })}
            <nav class="filters" aria-label=t!(language, "register.kinds")>{kinds.collect_view()}</nav>
            {children()}
        </StaffFrame>
    }
    .into_any()
}

/// A moment in the zone of the contact centre.
pub(super) fn moment(language: Language, at: Instant) -> String {
    let zone = centre_zone().map(|zone| zone.view(Span::new(at, at.plus(1))));
    zone.map(|zone| zone.format(at, language, MomentStyle::Long)).unwrap_or_default()
}
