//! The register: organisations, contracts, sites and equipment, as lists and one by one.

use std::fmt::Write as _;

use app::AppError;
use axum::Extension;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use desk::register::{
    Entry, EntryKey, ListQuery, Listed, OrganisationLine, Resolved, SiteLine, WALK_ROWS_MAX, Walked, Within,
    entry, walk,
};
use domain::actor::Action;
use domain::country::Country;
use domain::priority::Platform;
use domain::register::RegisterKind;
use domain::search::{Force, FoundContract, FoundEquipment};
use domain::t;
use serde_json::{Value, json};

use super::super::AppState;
use super::caller::Caller;
use super::cases::Pairs;
use super::input::{Parameters, WORDS_MAX};
use super::json::answer;
use super::operation::{Method, Operation};
use super::problem::ApiError;
use super::schema::{
    codes, country, day, integer, object, page, path, query, reference, string, text_or_null,
};

const TAG: &str = "Register";

/// Rows of a page, unless another number is asked for.
const ROWS: u32 = 50;

/// The operations of the register.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        list(
            RegisterKind::Organisation,
            ("/organisations", "listOrganisations", "List organisations"),
            "OrganisationPage",
        ),
        one(
            RegisterKind::Organisation,
            ("/organisations/{organisation}", "readOrganisation", "Read an organisation"),
            "Organisation",
        ),
        list(RegisterKind::Contract, ("/contracts", "listContracts", "List contracts"), "ContractPage")
            .parameter("register_organisation")
            .parameter("register_force"),
        one(RegisterKind::Contract, ("/contracts/{contract}", "readContract", "Read a contract"), "Contract"),
        list(RegisterKind::Site, ("/sites", "listSites", "List sites"), "SitePage")
            .parameter("register_organisation"),
        one(RegisterKind::Site, ("/sites/{site}", "readSite", "Read a site"), "Site"),
        list(RegisterKind::Equipment, ("/equipment", "listEquipment", "List equipment"), "EquipmentPage")
            .about(
                "In the order of serials. Of an organisation, of a contract or of a site: one of the three at a time.",
            )
            .parameter("register_organisation")
            .parameter("register_contract")
            .parameter("register_site")
            .parameter("register_platform"),
        one(
            RegisterKind::Equipment,
            ("/equipment/{serial}", "readEquipment", "Read a piece of equipment"),
            "Equipment",
        ),
    ]
}

fn list(
    kind: RegisterKind,
    (path, id, summary): (&'static str, &'static str, &'static str),
    schema: &str,
) -> Operation {
    let handler: MethodRouter<AppState> =
        get(async move |Extension(caller): Extension<Caller>, Query(pairs): Pairs| {
            answer_list(&caller, kind, pairs).await
        });
    Operation::new((Method::Get, path), handler, (id, TAG, summary))
        .needs(Action::ReadRegister)
        .about("In the order of their keys, so that what comes or goes meanwhile hides and repeats nothing.")
        .parameter("register_q")
        .parameter("register_country")
        .parameter("limit")
        .parameter("register_cursor")
        .answers(200, "A page of the list.", schema)
}

fn one(
    kind: RegisterKind,
    (path, id, summary): (&'static str, &'static str, &'static str),
    schema: &str,
) -> Operation {
    let handler: MethodRouter<AppState> = get(
        async move |Extension(caller): Extension<Caller>, Path(key): Path<String>, Query(pairs): Pairs| {
            Parameters::new(pairs, caller.language).done()?;
            answer_one(&caller, kind, &key).await
        },
    );
    Operation::new((Method::Get, path), handler, (id, TAG, summary))
        .needs(Action::ReadRegister)
        .about("A key of an entry that was merged into another one leads to that one.")
        .answers(200, "The entry.", schema)
}

/// Parameters of the register.
pub(super) fn parameters() -> Value {
    let text = |most: usize| json!({ "type": "string", "minLength": 1, "maxLength": most });
    // Without words, and without a number, all entries are meant.
    let words = json!({ "type": "string", "maxLength": WORDS_MAX });
    let contract = json!({ "type": "string" });
    let id = json!({ "type": "integer", "minimum": 1 });
    json!({
        "register_q": query("q", "Words, or parts of numbers and serials: every one must match.", &words),
        "register_country": query("country", "Entries of one country; of equipment that of its site.", &country()),
        "register_cursor": query(
            "cursor",
            "`next` of the page before.",
            &json!({ "type": "string", "pattern": "^k([0-9a-f]{2}){1,200}$" }),
        ),
        "register_organisation": query("organisation", "Entries of one organisation, by id.", &id),
        "register_contract": query("contract", "Equipment under one contract, by number.", &contract),
        "register_site": query("site", "Equipment of one site, by id.", &id),
        "register_platform": query(
            "platform",
            "Equipment of one platform.",
            &codes(&Platform::ALL.map(Platform::code)),
        ),
        "register_force": query(
            "force",
            "Contracts in force today, not yet or no more, on the local day of their country's capital.",
            &codes(&Force::ALL.map(Force::code)),
        ),
        "path_organisation": path("organisation", "Id of an organisation.", &id, &json!(1)),
        "path_contract": path(
            "contract",
            "Number of a contract as registered.",
            &text(80),
            &json!("CPS-VE-004213-58"),
        ),
        "path_site": path("site", "Id of a site.", &id, &json!(1)),
        "path_serial": path("serial", "Serial of a piece of equipment as registered.", &text(80), &json!("FOC2614A1B2")),
    })
}

/// Schemas of the register.
pub(super) fn schemas() -> Value {
    let mut all = json!({
        "OrganisationName": object(&["id", "name"], json!({ "id": integer(), "name": string() })),
        "OrganisationPage": page("organisations", "ListedOrganisation"),
        "ContractPage": page("contracts", "ListedContract"),
        "SitePage": page("sites", "ListedSite"),
        "EquipmentPage": page("equipment", "ListedEquipment"),
    });
    for (name, required, members) in listed_schemas().into_iter().chain(whole_schemas()) {
        all[name] = object(required, members);
    }
    all
}

type Schema = (&'static str, &'static [&'static str], Value);

fn listed_schemas() -> [Schema; 4] {
    let organisation = reference("OrganisationName");
    let platform = codes(&Platform::ALL.map(Platform::code));
    [
        (
            "ListedOrganisation",
            &["id", "name", "country", "contracts", "equipment"],
            json!({
                "id": integer(),
                "name": string(),
                "country": country(),
                "contracts": { "type": "integer", "description": "Number of its contracts." },
                "equipment": { "type": "integer", "description": "Number of its pieces of equipment." },
            }),
        ),
        (
            "ListedContract",
            &["number", "organisation", "valid_from", "valid_to", "plan", "force"],
            json!({
                "number": string(),
                "organisation": organisation.clone(),
                "valid_from": day(),
                "valid_to": day(),
                "plan": string(),
                "force": codes(&Force::ALL.map(Force::code)),
            }),
        ),
        (
            "ListedSite",
            &["id", "name", "address", "country", "organisation", "equipment"],
            json!({
                "id": integer(),
                "name": string(),
                "address": string(),
                "country": country(),
                "organisation": organisation.clone(),
                "equipment": { "type": "integer", "description": "Number of its pieces of equipment." },
            }),
        ),
        (
            "ListedEquipment",
            &["serial", "model", "platform", "contract", "site", "address", "country", "organisation"],
            json!({
                "serial": string(),
                "model": { "type": "string", "description": "Maker and model." },
                "platform": platform,
                "contract": string(),
                "site": string(),
                "address": string(),
                "country": country(),
                "organisation": organisation,
            }),
        ),
    ]
}

fn whole_schemas() -> [Schema; 4] {
    let organisation = reference("OrganisationName");
    let former = |kind: Value| json!({ "type": "array", "items": kind, "description": "Keys of entries that were merged into it." });
    let contact = object(
        &["name", "phone", "mail"],
        json!({ "name": text_or_null(), "phone": text_or_null(), "mail": text_or_null() }),
    );
    [
        (
            "Organisation",
            &["id", "name", "country", "former", "version"],
            json!({
                "id": integer(),
                "name": string(),
                "country": country(),
                "former": former(integer()),
                "version": integer(),
            }),
        ),
        (
            "Contract",
            &["number", "country", "organisation", "plan", "valid_from", "valid_to", "contact", "version"],
            json!({
                "number": string(),
                "country": country(),
                "organisation": organisation.clone(),
                "plan": text_or_null(),
                "valid_from": day(),
                "valid_to": day(),
                "contact": contact,
                "version": integer(),
            }),
        ),
        (
            "Site",
            &["id", "name", "address", "country", "zone", "organisation", "former", "version"],
            json!({
                "id": integer(),
                "name": string(),
                "address": string(),
                "country": country(),
                "zone": string(),
                "organisation": organisation.clone(),
                "former": former(integer()),
                "version": integer(),
            }),
        ),
        (
            "Equipment",
            &[
                "serial",
                "manufacturer",
                "model",
                "platform",
                "contract",
                "site",
                "organisation",
                "former",
                "version",
            ],
            json!({
                "serial": string(),
                "manufacturer": text_or_null(),
                "model": text_or_null(),
                "platform": codes(&Platform::ALL.map(Platform::code)),
                "contract": string(),
                "site": object(&["id", "name"], json!({ "id": integer(), "name": string() })),
                "organisation": organisation,
                "former": former(string()),
                "version": integer(),
            }),
        ),
    ]
}

/// A page of a list.
async fn answer_list(
    caller: &Caller,
    kind: RegisterKind,
    pairs: Vec<(String, String)>,
) -> Result<Response, ApiError> {
    let mut asked = Parameters::new(pairs, caller.language);
    let query = ListQuery {
        text: asked.words("q"),
        country: asked.choice("country", Country::from_code, &Country::ALL.map(Country::code)),
        force: match kind {
            RegisterKind::Contract => asked.choice("force", Force::from_code, &Force::ALL.map(Force::code)),
            _ => None,
        },
        platform: match kind {
            RegisterKind::Equipment => {
                asked.choice("platform", Platform::from_code, &Platform::ALL.map(Platform::code))
            }
            _ => None,
        },
        within: within(&mut asked, kind),
        ..ListQuery::all(kind)
    };
    let rows = asked.number("limit", 1, WALK_ROWS_MAX, ROWS);
    let after = cursor(&mut asked, kind);
    asked.done()?;
    let Walked { listed, next } = walk(&caller.desk, &caller.actor, &query, after.as_ref(), rows).await?;
    let (name, rows): (&str, Vec<Value>) = match &listed {
        Listed::Organisations(page) => ("organisations", page.rows.iter().map(organisation).collect()),
        Listed::Contracts(page) => ("contracts", page.rows.iter().map(contract).collect()),
        Listed::Sites(page) => ("sites", page.rows.iter().map(site).collect()),
        Listed::Equipment(page) => ("equipment", page.rows.iter().map(equipment).collect()),
    };
    let mut value = json!({ "next": next.as_ref().map(written_cursor) });
    value[name] = rows.into();
    Ok(answer(StatusCode::OK, value))
}

/// The entry to which those of a list belong: the only one of the parameters that the kind has.
fn within(asked: &mut Parameters, kind: RegisterKind) -> Option<Within> {
    let id = |asked: &mut Parameters, name: &str| {
        let typed = asked.take(name)?;
        let id = typed.parse::<i64>().ok().filter(|id| *id > 0);
        if id.is_none() {
            let words = t!(asked.fields.language(), "api.number", least = 1, most = i64::MAX);
            asked.fields.wrong(name, words);
        }
        id
    };
    if kind == RegisterKind::Organisation {
        return None;
    }
    let organisation = id(asked, "organisation").map(Within::Organisation);
    let (contract, site) = match kind {
        RegisterKind::Equipment => {
            let contract = asked.take("contract");
            let key = contract.as_ref().and_then(|text| EntryKey::parse(RegisterKind::Contract, text));
            if contract.is_some() && key.is_none() {
                let words = t!(asked.fields.language(), "api.not_found").into_owned();
                asked.fields.wrong("contract", words);
            }
            (key.map(|key| Within::Contract(key.text())), id(asked, "site").map(Within::Site))
        }
        _ => (None, None),
    };
    let mut all: Vec<_> = [("organisation", organisation), ("contract", contract), ("site", site)]
        .into_iter()
        .filter_map(|(name, within)| Some((name, within?)))
        .collect();
    // Two would be read as one of them, and show more than was asked for.
    for (name, _) in all.iter().skip(1) {
        let words = t!(asked.fields.language(), "api.one_of_them").into_owned();
        asked.fields.wrong(name, words);
    }
    if all.is_empty() { None } else { Some(all.swap_remove(0).1) }
}

/// A cursor as programs send it back: a key may hold any character, so its bytes are written in figures.
fn written_cursor(key: &EntryKey) -> String {
    key.text().bytes().fold("k".to_owned(), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn cursor(asked: &mut Parameters, kind: RegisterKind) -> Option<EntryKey> {
    let sent = asked.take("cursor")?;
    let key = read_cursor(&sent).and_then(|text| EntryKey::parse(kind, &text));
    if key.is_none() {
        let words = t!(asked.fields.language(), "api.cursor").into_owned();
        asked.fields.wrong("cursor", words);
    }
    key
}

fn read_cursor(sent: &str) -> Option<String> {
    let figures = sent.strip_prefix('k').filter(|figures| !figures.is_empty())?;
    if !figures.bytes().all(|figure| figure.is_ascii_hexdigit()) {
        return None;
    }
    let pairs = figures.as_bytes().chunks(2);
    let bytes = pairs.map(|pair| {
        let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
        u8::from_str_radix(pair, 16).ok()
    });
    String::from_utf8(bytes.collect::<Option<Vec<u8>>>()?).ok()
}

/// One entry, or the one into which it was merged.
async fn answer_one(caller: &Caller, kind: RegisterKind, key: &str) -> Result<Response, ApiError> {
    let absent = ApiError::App(AppError::NotFound);
    let key = EntryKey::parse(kind, key).ok_or(absent.clone())?;
    let found = match entry(&caller.desk, &caller.actor, &key).await? {
        Resolved::Entry(found) => found,
        Resolved::Pointer(into) => match entry(&caller.desk, &caller.actor, &into).await? {
            Resolved::Entry(found) => found,
            Resolved::Pointer(_) => return Err(absent),
        },
    };
    Ok(answer(StatusCode::OK, whole(&found)))
}

fn organisation(line: &OrganisationLine) -> Value {
    json!({
        "id": line.id,
        "name": line.name,
        "country": line.country.code(),
        "contracts": line.contracts,
        "equipment": line.equipment,
    })
}

fn contract(line: &FoundContract) -> Value {
    json!({
        "number": line.number,
        "organisation": { "id": line.customer.id, "name": line.customer.name },
        "valid_from": line.from.to_string(),
        "valid_to": line.to.to_string(),
        "plan": line.plan,
        "force": line.force.code(),
    })
}

fn site(line: &SiteLine) -> Value {
    json!({
        "id": line.id,
        "name": line.name,
        "address": line.address,
        "country": line.country.code(),
        "organisation": { "id": line.organisation_id, "name": line.organisation },
        "equipment": line.equipment,
    })
}

fn equipment(line: &FoundEquipment) -> Value {
    let entry = &line.registered;
    json!({
        "serial": line.serial,
        "model": entry.model,
        "platform": entry.platform.code(),
        "contract": entry.contract,
        "site": entry.site,
        "address": entry.address,
        "country": entry.country.code(),
        "organisation": { "id": entry.organisation_id, "name": entry.organisation },
    })
}

/// A whole entry, whose fields have the names of its form.
fn whole(entry: &Entry) -> Value {
    let field = |name: &str| entry.fields.get(name).map(String::as_str).unwrap_or_default();
    let optional = |name: &str| Some(field(name)).filter(|text| !text.is_empty());
    let owner = json!({ "id": entry.owner.id, "name": entry.owner.name });
    let ids = || entry.former.iter().filter_map(|id| id.parse::<i64>().ok()).collect::<Vec<_>>();
    let version = entry.version;
    match &entry.key {
        EntryKey::Organisation(id) => json!({
            "id": id,
            "name": field("name"),
            "country": field("country"),
            "former": ids(),
            "version": version,
        }),
        EntryKey::Contract(number) => json!({
            "number": number,
            "country": field("country"),
            "organisation": owner,
            "plan": optional("plan"),
            "valid_from": field("valid_from"),
            "valid_to": field("valid_to"),
            "contact": {
                "name": optional("contact_name"),
                "phone": optional("contact_phone"),
                "mail": optional("contact_mail"),
            },
            "version": version,
        }),
        EntryKey::Site(id) => json!({
            "id": id,
            "name": field("name"),
            "address": field("address"),
            "country": field("country"),
            "zone": field("zone"),
            "organisation": owner,
            "former": ids(),
            "version": version,
        }),
        EntryKey::Equipment(serial) => json!({
            "serial": serial,
            "manufacturer": optional("manufacturer"),
            "model": optional("model"),
            "platform": field("platform"),
            "contract": field("contract"),
            "site": { "id": field("site_id").parse::<i64>().unwrap_or_default(), "name": field("site") },
            "organisation": owner,
            "former": entry.former,
            "version": version,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursor_holds_any_key_and_nothing_else_is_read() {
        for text in ["17", "CPS-VE-004213-58", "ñandú 7/б"] {
            let key = EntryKey::Contract(text.to_owned());
            assert_eq!(read_cursor(&written_cursor(&key)).as_deref(), Some(text));
        }
        for sent in ["", "k", "c31", "k3", "k3g", "kñ", "kff", "k+1"] {
            assert_eq!(read_cursor(sent), None, "{sent}");
        }
    }
}
