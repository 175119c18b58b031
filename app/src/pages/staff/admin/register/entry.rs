//! The page of an entry: `/desk/admin/register/KIND/KEY`, and the form of a new one.

use desk::DeskError;
use desk::register::{
    CaseLine, CasesOf, Entry, EntryKey, Fields, ListQuery, Listed, PromiseCount, RecordedRegisterChange,
    Resolved, Within, alike, cases_of, entry, list, promises_of, register_history, suggestions,
};
use domain::actor::{Action, Subject, may};
use domain::page::Page;
use domain::register::RegisterKind;
use domain::t;
use leptos::prelude::*;
use leptos_router::components::Redirect;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::cases::{Cases, Promises};
use super::form::{EntryForm, Facts, Form};
use super::history::History;
use super::labels::label_file;
use super::lists::add_key;
use super::people::people_address;
use super::tables::table;
use super::{NEW, REGISTER, RegisterFrame, entry_address, kind_of, list_address, list_key, plural, writes};
use crate::AppError;
use crate::address::query_value;
use crate::language::use_language;
use crate::pages::PostReply;
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;
use crate::request::RequestContext;
use crate::ui::{Icon, NotFound, Notice, Tone};

/// What the address of the page says.
struct Address {
    kind: RegisterKind,
    key: String,
    /// The organisation or contract of a new entry.
    organisation: Option<i64>,
    /// Pages of open and past cases and of the history.
    open: u32,
    past: u32,
    history: u32,
    /// What was done just before.
    done: Option<&'static str>,
    /// The former name or serial that led here.
    was: Option<String>,
}

impl Address {
    fn of_page() -> Option<Self> {
        let (params, query) = (use_params_map(), use_query_map());
        let get = |name: &str| query.with_untracked(|query| query.get(name));
        let page = |name: &str| get(name).and_then(|page| page.parse().ok()).unwrap_or(1);
        let kind = params.with_untracked(|params| kind_of(&params.get("kind").unwrap_or_default()))?;
        Some(Self {
            kind,
            key: params.with_untracked(|params| params.get("id").unwrap_or_default()),
            organisation: get("organisation").and_then(|id| id.parse().ok()),
            open: page("open"),
            past: page("past"),
            history: page("history"),
            done: match get("done").as_deref() {
                Some("saved") => Some("register.done.saved"),
                Some("added") => Some("register.done.added"),
                Some("merged") => Some("register.done.merged"),
                _ => None,
            },
            was: get("was").map(|text| text.chars().take(120).collect()),
        })
    }
}

/// An entry's page, or the form of a new one.
#[component]
pub fn RegisterEntryPage() -> impl IntoView {
    let Some(address) = Address::of_page() else { return view! { <NotFound/> }.into_any() };
    let kind = address.kind;
    // The frame reads by itself, so it stands around what waits.
    let title = RwSignal::new(t!(use_language(), list_key(kind)).into_owned());
    view! {
        <RegisterFrame title=title kind=kind>
            {Suspend::new(async move {
                match read(address).await {
                    Ok(Shown::Elsewhere(path)) => view! { <Redirect path/> }.into_any(),
                    Ok(Shown::New(form)) => view! { <NewEntry form=*form title/> }.into_any(),
                    Ok(Shown::Entry(shown)) => view! { <EntryView shown=*shown title/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </RegisterFrame>
    }
    .into_any()
}

/// What a page shows.
enum Shown {
    /// The entry was merged into the one at this address.
    Elsewhere(String),
    New(Box<Form>),
    Entry(Box<Found>),
}

/// An entry with all that its page says of it.
struct Found {
    entry: Entry,
    form: Option<Form>,
    reply: PostReply,
    open: Page<CaseLine>,
    past: Page<CaseLine>,
    promises: Option<Vec<PromiseCount>>,
    related: Vec<Related>,
    /// Serials of the same organisation that differ by spelling alone.
    alike: Vec<String>,
    history: Page<RecordedRegisterChange>,
    done: Option<&'static str>,
    was: Option<String>,
}

/// The first entries of a kind that belong to an entry.
struct Related {
    kind: RegisterKind,
    /// The filter of the list.
    filter: (&'static str, String),
    listed: Listed,
    /// The list of all of them.
    all: String,
    /// The form of another one, for those who write.
    add: Option<String>,
}

async fn read(address: Address) -> Result<Shown, AppError> {
    let asked = staff_context()?;
    let reply = PostReply::of_page();
    let kind = address.kind;
    if address.key == NEW {
        return new(&asked, kind, address.organisation, reply).await.map(|form| Shown::New(Box::new(form)));
    }
    let key = EntryKey::parse(kind, &address.key).ok_or(DeskError::NotFound)?;
    let entry = match entry(&asked.desk, &asked.actor, &key).await? {
        Resolved::Entry(entry) => *entry,
        Resolved::Pointer(into) => {
            let was = query_value(&address.key).to_string();
            return Ok(Shown::Elsewhere(format!("{}?was={was}", entry_address(&into))));
        }
    };
    let (desk, actor) = (&asked.desk, &asked.actor);
    let form = if writes(&asked) {
        Some(Form {
            kind,
            preset: Fields::new(),
            suggestions: suggestions(desk, actor, Some(entry.owner.id)).await?,
            reply: reply.clone(),
            action: entry_address(&key),
            entry: Some(entry.clone()),
            missing: Vec::new(),
        })
    } else {
        None
    };
    let promises = match may(actor, Action::ReadReports, Subject::Desk) {
        Ok(()) => Some(promises_of(desk, actor, &entry).await?),
        Err(_) => None,
    };
    let entities: Vec<String> = [key.text()].into_iter().chain(entry.former.clone()).collect();
    Ok(Shown::Entry(Box::new(Found {
        open: cases_of(desk, actor, &entry, CasesOf::Open, address.open).await?,
        past: cases_of(desk, actor, &entry, CasesOf::Past, address.past).await?,
        related: related(&asked, &entry).await?,
        alike: if form.is_some() { alike(desk, actor, &entry).await? } else { Vec::new() },
        history: register_history(desk, actor, kind, &entities, address.history).await?,
        promises,
        form,
        reply,
        done: address.done,
        was: address.was,
        entry,
    })))
}

/// The form of a new entry.
async fn new(
    asked: &RequestContext,
    kind: RegisterKind,
    organisation: Option<i64>,
    reply: PostReply,
) -> Result<Form, AppError> {
    if !writes(asked) {
        return Err(AppError::NotPermitted);
    }
    let mut preset = Fields::new();
    let mut action = format!("{REGISTER}/{}/{NEW}", plural(kind));
    if let Some(id) = organisation {
        let key = EntryKey::Organisation(id);
        let Resolved::Entry(owner) = entry(&asked.desk, &asked.actor, &key).await? else {
            return Err(AppError::NotFound);
        };
        preset.extend(owner.fields.get("country").map(|country| ("country".to_owned(), country.clone())));
        action = format!("{action}?organisation={id}");
    } else if matches!(kind, RegisterKind::Contract | RegisterKind::Site) {
        return Err(AppError::NotFound);
    }
    let suggestions = suggestions(&asked.desk, &asked.actor, organisation).await?;
    for (field, all) in [("contract", &suggestions.contracts), ("site", &suggestions.sites)] {
        if let [only] = all.as_slice() {
            preset.insert(field.to_owned(), only.clone());
        }
    }
    let mut missing = Vec::new();
    if let (RegisterKind::Equipment, Some(id)) = (kind, organisation) {
        let needed =
            [(RegisterKind::Contract, &suggestions.contracts), (RegisterKind::Site, &suggestions.sites)];
        let lacking = needed.into_iter().filter(|(_, all)| all.is_empty());
        missing.extend(
            lacking.map(|(of, _)| (of, format!("{REGISTER}/{}/{NEW}?organisation={id}", plural(of)))),
        );
    }
    Ok(Form { kind, entry: None, preset, suggestions, reply, action, missing })
}

async fn related(asked: &RequestContext, entry: &Entry) -> Result<Vec<Related>, AppError> {
    let within = match &entry.key {
        EntryKey::Organisation(id) => Within::Organisation(*id),
        EntryKey::Contract(number) => Within::Contract(number.clone()),
        EntryKey::Site(id) => Within::Site(*id),
        EntryKey::Equipment(_) => return Ok(Vec::new()),
    };
    let (name, kinds): (_, &[RegisterKind]) = match &within {
        Within::Organisation(_) => {
            ("organisation", &[RegisterKind::Contract, RegisterKind::Site, RegisterKind::Equipment])
        }
        Within::Contract(_) => ("contract", &[RegisterKind::Equipment]),
        Within::Site(_) => ("site", &[RegisterKind::Equipment]),
    };
    let mut all = Vec::new();
    for kind in kinds {
        let query = ListQuery::within(*kind, within.clone());
        let add = format!("{REGISTER}/{}/{NEW}?organisation={}", plural(*kind), entry.owner.id);
        all.push(Related {
            kind: *kind,
            filter: (name, entry.key.text()),
            listed: list(&asked.desk, &asked.actor, &query).await?,
            all: format!("{}?{name}={}", list_address(*kind), query_value(&entry.key.text())),
            add: writes(asked).then_some(add),
        });
    }
    Ok(all)
}

#[component]
fn NewEntry(form: Form, title: RwSignal<String>) -> impl IntoView {
    let language = use_language();
    let heading = t!(language, add_key(form.kind)).into_owned();
    title.set(heading.clone());
    let failure = form.reply.failure.clone();
    view! {
        <h1>{heading}</h1>
        {failure.map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
        <EntryForm form/>
    }
    .into_any()
}

#[component]
fn EntryView(shown: Found, title: RwSignal<String>) -> impl IntoView {
    let language = use_language();
    let Found { entry, form, reply, open, past, promises, related, alike, history, done, was } = shown;
    let kind = entry.key.kind();
    title.set(entry.title.clone());
    let address = entry_address(&entry.key);
    let owner = (kind != RegisterKind::Organisation).then(|| {
        let to = entry_address(&EntryKey::Organisation(entry.owner.id));
        view! { <a href=to>{entry.owner.name.clone()}</a> }
    });
    let merges = form.is_some()
        && (kind == RegisterKind::Organisation || (kind == RegisterKind::Equipment && !alike.is_empty()));
    let people = match (&entry.key, &form) {
        (EntryKey::Organisation(id), Some(_)) => Some(people_address(*id)),
        _ => None,
    };
    let intake = (kind == RegisterKind::Equipment)
        .then(|| format!("/desk/intake?serial={}", query_value(&entry.title)));
    let (shared, of_open, of_history) = (address.clone(), address.clone(), address.clone());
    view! {
        <div class="row row--apart">
            <div>
                <h1 class="title--long">{entry.title.clone()}</h1>
                <p class="quiet">{t!(language, kind.name_key())} {owner.map(|owner| view! { " · " {owner} })}</p>
            </div>
            {intake.map(|to| view! {
                <div class="row">
                    <a class="button" href=label_file(&entry.title)>{t!(language, "register.label.one")}</a>
                    <a class="button" href=to><Icon name="plus"/> " " {t!(language, "staff.find.open_case")}</a>
                </div>
            })}
        </div>
        {done.map(|key| view! { <Notice tone=Tone::Good icon="check"><p>{t!(language, key)}</p></Notice> })}
        {was.map(|former| view! {
            <Notice tone=Tone::Care icon="info"><p>{t!(language, "register.was", former = former)}</p></Notice>
        })}
        {reply.failure.map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
        {match form {
            Some(form) => view! { <EntryForm form/> }.into_any(),
            None => view! { <Facts entry=entry.clone()/> }.into_any(),
        }}
        <Cases title="staff.find.open_cases" none="staff.find.none_open" page=open address=of_open name="open"/>
        {promises.map(|counts| view! { <Promises counts/> })}
        {related.into_iter().map(|related| view! { <RelatedEntries related/> }).collect_view()}
        <Cases title="register.past_cases" none="register.past_cases.none" page=past address=shared name="past"/>
        {people.map(|to| view! {
            <section class="card stack" aria-labelledby="h-people">
                <h2 id="h-people">{t!(language, "company.people")}</h2>
                <p class="note">{t!(language, "company.people_hint")}</p>
                <p><a class="button" href=to>{t!(language, "company.people.open")}</a></p>
            </section>
        })}
        {merges.then(|| view! {
            <section class="card stack" aria-labelledby="h-merge">
                <h2 id="h-merge">{t!(language, "register.merge")}</h2>
                <p class="note">{t!(language, merge_hint(kind))}</p>
                <p><a class="button" href=format!("{address}/merge")>{t!(language, "register.merge.choose")}</a></p>
            </section>
        })}
        <History page=history address=of_history/>
    }
    .into_any()
}

const fn merge_hint(kind: RegisterKind) -> &'static str {
    match kind {
        RegisterKind::Equipment => "register.merge.hint_equipment",
        RegisterKind::Organisation | RegisterKind::Contract | RegisterKind::Site => "register.merge.hint",
    }
}

/// The first contracts, sites or pieces of equipment of an entry.
#[component]
fn RelatedEntries(related: Related) -> impl IntoView {
    let language = use_language();
    let Related { kind, filter, listed, all, add } = related;
    let total = listed.paging().total;
    let is_more = listed.paging().pages > 1;
    let id = format!("h-{}", plural(kind));
    view! {
        <section class="stack" aria-labelledby=id.clone()>
            <div class="row row--apart">
                <h2 id=id.clone()>{t!(language, list_key(kind))} " " <span class="quiet">{total}</span></h2>
                {add.map(|to| view! {
                    <a class="button" href=to><Icon name="plus"/> " " {t!(language, add_key(kind))}</a>
                })}
            </div>
            {(total > 0).then(|| table(language, listed, vec![filter]))}
            {(total == 0).then(|| view! { <p class="card note">{t!(language, "register.related.none")}</p> })}
            {is_more.then(|| view! { <p><a href=all>{t!(language, "register.related.all", count = total)}</a></p> })}
        </section>
    }
    .into_any()
}
