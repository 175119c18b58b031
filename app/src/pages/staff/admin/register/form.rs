//! The form of an entry, and its facts for those who only read.

use desk::register::{Entry, Fields, Suggestions};
use domain::country::Country;
use domain::i18n::Language;
use domain::priority::Platform;
use domain::register::RegisterKind;
use domain::t;
use leptos::prelude::*;

use super::fields::{Input, Need, field};
use crate::language::use_language;
use crate::pages::PostReply;
use crate::request::serial_formats;
use crate::ui::{Notice, Tone};

/// What a form is drawn from.
#[derive(Debug, Clone)]
pub(super) struct Form {
    /// The kind of the entry.
    pub(super) kind: RegisterKind,
    /// The entry; `None` for a new one.
    pub(super) entry: Option<Entry>,
    /// What stands in the fields of a new entry.
    pub(super) preset: Fields,
    pub(super) suggestions: Suggestions,
    pub(super) reply: PostReply,
    /// Where the form is sent.
    pub(super) action: String,
    /// What the customer does not have yet and the entry needs, each with where it is added.
    pub(super) missing: Vec<(RegisterKind, String)>,
}

impl Form {
    fn stored(&self, name: &str) -> String {
        let fields = self.entry.as_ref().map_or(&self.preset, |entry| &entry.fields);
        fields.get(name).cloned().unwrap_or_default()
    }

    fn field(&self, name: &'static str, input: Input, need: Need, hint: Option<&'static str>) -> AnyView {
        field(name, input, need, self.stored(name), hint, &self.reply)
    }
}

fn countries(language: Language) -> Vec<(String, String)> {
    let choice = |of: Country| (of.code().to_owned(), t!(language, of.name_key()).into_owned());
    Country::ALL.map(choice).to_vec()
}

/// The zones of all countries, and the one that is stored.
fn zones(stored: String) -> Vec<(String, String)> {
    let all =
        Country::ALL.into_iter().flat_map(|country| country.zones().iter().map(|zone| (*zone).to_owned()));
    let mut zones: Vec<String> = all.collect();
    if !stored.is_empty() && !zones.contains(&stored) {
        zones.push(stored);
    }
    zones.into_iter().map(|zone| (zone.clone(), zone.replace('_', " "))).collect()
}

fn inputs(language: Language, form: &Form) -> Vec<AnyView> {
    use Need::{Optional, Required};
    let is_new = form.entry.is_none();
    let country = || form.field("country", Input::Choice(countries(language)), Required, None);
    let plans = || {
        let mut names = form.suggestions.plans.clone();
        // A contract keeps a plan that is retired.
        let stored = form.stored("plan");
        if !stored.is_empty() && !names.contains(&stored) {
            names.insert(0, stored);
        }
        Input::Choice(names.into_iter().map(|name| (name.clone(), name)).collect())
    };
    match form.kind {
        RegisterKind::Organisation => {
            let mut all = vec![form.field("name", Input::Text, Required, None)];
            all.extend(is_new.then(country));
            all
        }
        RegisterKind::Contract => {
            let mut all = Vec::new();
            if is_new {
                all.push(form.field("number", Input::Text, Required, Some("register.hint.number")));
                all.push(country());
            }
            all.extend([
                form.field("plan", plans(), Required, Some("register.hint.plan")),
                form.field("valid_from", Input::Day, Required, None),
                form.field("valid_to", Input::Day, Required, None),
                form.field("contact_name", Input::Text, Optional, Some("register.hint.contact")),
                form.field("contact_phone", Input::Phone, Optional, None),
                form.field("contact_mail", Input::Mail, Optional, None),
            ]);
            all
        }
        RegisterKind::Site => vec![
            form.field("name", Input::Text, Required, Some("register.hint.site_name")),
            form.field("address", Input::Text, Required, None),
            country(),
            form.field("zone", Input::Choice(zones(form.stored("zone"))), Required, None),
        ],
        RegisterKind::Equipment => {
            let platforms = Platform::ALL
                .map(|of| (of.code().to_owned(), t!(language, of.name_key()).into_owned()))
                .to_vec();
            let formats = serial_formats();
            let makers = formats.manufacturers().into_iter().map(str::to_owned).collect();
            let Suggestions { contracts, sites, .. } = form.suggestions.clone();
            let serial_hint = (!is_new).then_some("register.hint.serial");
            vec![
                form.field("serial", Input::Text, Required, serial_hint),
                form.field("manufacturer", Input::Suggested(makers), Required, None),
                form.field("model", Input::Text, Optional, None),
                form.field("platform", Input::Choice(platforms), Required, None),
                form.field("contract", Input::Suggested(contracts), Required, None),
                form.field("site", Input::Suggested(sites), Required, Some("register.hint.site")),
            ]
        }
    }
}

/// The form of an entry, or of a new one.
#[component]
pub(super) fn EntryForm(form: Form) -> impl IntoView {
    let language = use_language();
    let inputs = inputs(language, &form);
    // A form that is wrong or comes late still knows what it knew. One that was told of a change knows of it.
    let known = form.reply.typed.get("version").cloned();
    let version = form.entry.as_ref().map(|entry| known.unwrap_or_else(|| entry.version.to_string()));
    let is_doubtful = form.reply.typed.contains_key("doubtful");
    let (title, button) = if version.is_some() {
        ("register.data", "register.save")
    } else {
        (super::lists::add_key(form.kind), "register.add")
    };
    view! {
        <form class="card stack settings" method="post" action=form.action.clone() aria-labelledby="h-entry" novalidate>
            <h2 id="h-entry">{t!(language, title)}</h2>
            {version.map(|version| view! { <input type="hidden" name="version" value=version/> })}
            {form.missing.into_iter().map(|(kind, address)| view! {
                <Notice tone=Tone::Care icon="info">
                    <p>
                        {t!(language, "register.missing_first")} " "
                        <a href=address>{t!(language, super::lists::add_key(kind))}</a>
                    </p>
                </Notice>
            }).collect_view()}
            <div class="pairs">{inputs}</div>
            {is_doubtful.then(|| view! {
                <Notice tone=Tone::Care icon="warning">
                    <p>{t!(language, "register.doubtful")}</p>
                    <label class="check">
                        <input type="checkbox" name="confirmed" value="yes"/>
                        {t!(language, "register.confirm")}
                    </label>
                </Notice>
            })}
            <div class="row"><button class="button button--main" type="submit">{t!(language, button)}</button></div>
        </form>
    }
    .into_any()
}

/// What is registered, for those who only read.
#[component]
pub(super) fn Facts(entry: Entry) -> impl IntoView {
    let language = use_language();
    // The title says the first field.
    let names: &[&str] = match entry.key.kind() {
        RegisterKind::Organisation => &["country"],
        RegisterKind::Contract => {
            &["country", "plan", "valid_from", "valid_to", "contact_name", "contact_phone", "contact_mail"]
        }
        RegisterKind::Site => &["address", "country", "zone"],
        RegisterKind::Equipment => &["manufacturer", "model", "platform", "contract", "site"],
    };
    let facts = names.iter().filter_map(|name| {
        let value = entry.fields.get(*name).filter(|value| !value.is_empty())?;
        let value = super::history::value(language, name, value);
        let label = t!(language, &format!("register.field.{name}")).into_owned();
        Some(view! { <div><dt>{label}</dt><dd>{value}</dd></div> })
    });
    view! {
        <section class="card" aria-labelledby="h-entry">
            <h2 id="h-entry">{t!(language, "register.data")}</h2>
            <dl class="facts">{facts.collect_view()}</dl>
        </section>
    }
    .into_any()
}
