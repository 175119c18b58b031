//! Old clients keep working: the document is held against that of the last release, `server/tests/oracles/openapi.json`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::program::document;
use crate::support::schema::Document;
use crate::support::{Demo, Server};

const RELEASED: &str = include_str!("../oracles/openapi.json");

/// Which side writes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Writer {
    /// A client: what was taken is still taken.
    Client,
    /// The desk: what was there is still there.
    Desk,
}

/// Two documents, and what breaks a client of the first one at a desk of the second one.
struct Comparison<'a> {
    before: &'a Document,
    now: &'a Document,
    /// References that are compared already: schemas may hold themselves.
    seen: BTreeSet<(Writer, String, String)>,
    broken: Vec<String>,
}

/// What of a document breaks clients of an earlier one, each with its place.
fn broken(before: &Document, now: &Document) -> Vec<String> {
    let mut comparison = Comparison { before, now, seen: BTreeSet::new(), broken: Vec::new() };
    for (path, item) in members(&before.0["paths"]) {
        for (method, operation) in members(item) {
            comparison.operation(&format!("{method} {path}"), operation, &now.0["paths"][path][method]);
        }
    }
    for (event, item) in members(&before.0["webhooks"]) {
        let (sent, sends) = (&item["post"], &now.0["webhooks"][event]["post"]);
        comparison.content(
            Writer::Desk,
            &format!("webhook {event}"),
            &sent["requestBody"],
            &sends["requestBody"],
        );
    }
    comparison.broken
}

/// The members of an object; none of anything else.
fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// The texts of a list; none of anything else.
fn texts(value: &Value) -> BTreeSet<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The types of a schema; `None` for any.
fn kinds(schema: &Value) -> Option<BTreeSet<&str>> {
    match &schema["type"] {
        Value::Null => None,
        Value::String(kind) => Some(BTreeSet::from([kind.as_str()])),
        several => Some(texts(several)),
    }
}

/// The parameters of an operation, by place and name.
fn parameters<'a>(document: &'a Document, operation: &'a Value) -> BTreeMap<(&'a str, &'a str), &'a Value> {
    let all = operation["parameters"].as_array().into_iter().flatten().map(|one| document.resolve(one));
    all.map(|one| ((one["in"].as_str().unwrap(), one["name"].as_str().unwrap()), one)).collect()
}

impl Comparison<'_> {
    fn tell(&mut self, place: &str, what: &str) {
        self.broken.push(format!("{place} {what}"));
    }

    fn operation(&mut self, place: &str, before: &Value, now: &Value) {
        if !now.is_object() {
            return self.tell(place, "is gone");
        }
        let was_open = before["security"].as_array().is_some_and(Vec::is_empty);
        if was_open && before["security"] != now["security"] {
            self.tell(place, "needs a token");
        }
        let (known, offered) = (parameters(self.before, before), parameters(self.now, now));
        for ((of, name), parameter) in &known {
            let place = format!("{place} {of} {name}");
            match offered.get(&(*of, *name)) {
                Some(now) => self.schema(Writer::Client, &place, &parameter["schema"], &now["schema"]),
                None => self.tell(&place, "is gone"),
            }
        }
        for ((of, name), parameter) in &offered {
            let was_required = known.get(&(*of, *name)).is_some_and(|known| known["required"] == true);
            if parameter["required"] == true && !was_required {
                self.tell(&format!("{place} {of} {name}"), "is required");
            }
        }
        let (body, takes) = (&before["requestBody"], &now["requestBody"]);
        if body.is_null() && takes["required"] == true {
            self.tell(place, "requires a body");
        }
        self.content(Writer::Client, &format!("{place} body"), body, takes);
        for (status, answer) in members(&before["responses"]) {
            let place = format!("{place} {status}");
            let (answer, now) = (self.before.resolve(answer), self.now.resolve(&now["responses"][status]));
            if !now.is_object() {
                self.tell(&place, "is gone");
                continue;
            }
            for (name, _) in members(&answer["headers"]).filter(|(name, _)| now["headers"][*name].is_null()) {
                self.tell(&format!("{place} header {name}"), "is gone");
            }
            self.content(Writer::Desk, &place, answer, now);
        }
    }

    /// The media types of a body or of an answer.
    fn content(&mut self, writer: Writer, place: &str, before: &Value, now: &Value) {
        for (kind, media) in members(&before["content"]) {
            let place = format!("{place} {kind}");
            let now = &now["content"][kind];
            if now.is_null() {
                self.tell(&place, "is gone");
                continue;
            }
            for schema in ["schema", "x-event-data"] {
                if !media[schema].is_null() {
                    self.schema(writer, &place, &media[schema], &now[schema]);
                }
            }
        }
    }

    fn schema(&mut self, writer: Writer, place: &str, before: &Value, now: &Value) {
        if let (Some(was), Some(is)) = (before["$ref"].as_str(), now["$ref"].as_str())
            && !self.seen.insert((writer, was.to_owned(), is.to_owned()))
        {
            return;
        }
        let (before, now) = (self.before.resolve(before), self.now.resolve(now));
        self.kind(writer, place, before, now);
        self.choices(writer, place, before, now);
        if writer == Writer::Client {
            self.bounds(place, before, now);
        }
        let (mandatory, given) = match writer {
            Writer::Client => (texts(&now["required"]), texts(&before["required"])),
            Writer::Desk => (texts(&before["required"]), texts(&now["required"])),
        };
        for name in mandatory.difference(&given) {
            let what = if writer == Writer::Client { "is required" } else { "may be absent" };
            self.tell(&format!("{place}/{name}"), what);
        }
        for (name, member) in members(&before["properties"]) {
            let place = format!("{place}/{name}");
            let now = &now["properties"][name];
            if now.is_null() {
                self.tell(&place, "is gone");
            } else {
                self.schema(writer, &place, member, now);
            }
        }
        if !before["items"].is_null() {
            self.schema(writer, &format!("{place}/*"), &before["items"], &now["items"]);
        }
    }

    fn kind(&mut self, writer: Writer, place: &str, before: &Value, now: &Value) {
        let (was, is) = (kinds(before), kinds(now));
        // What is written must be among what is expected; no type is any.
        let (written, expected) = if writer == Writer::Client { (was, is) } else { (is, was) };
        let fits = match (&written, &expected) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(written), Some(expected)) => written.is_subset(expected),
        };
        if !fits || before["format"] != now["format"] {
            self.tell(place, "has another type");
        }
    }

    fn choices(&mut self, writer: Writer, place: &str, before: &Value, now: &Value) {
        let list = |schema: &Value, word: &str| schema[word].as_array().cloned();
        match (list(before, "enum"), list(now, "enum")) {
            (Some(was), Some(is)) => {
                // Also of answers: a client may wait for it.
                for value in was.iter().filter(|value| !is.contains(value)) {
                    self.tell(place, &format!("has no {value}"));
                }
            }
            (None, Some(_)) if writer == Writer::Client => self.tell(place, "takes only some values"),
            _ => {}
        }
        match (list(before, "oneOf"), list(now, "oneOf")) {
            (Some(was), Some(is)) => {
                let null = json!({ "type": "null" });
                if is.len() < was.len()
                    || (writer == Writer::Desk && is.contains(&null) && !was.contains(&null))
                {
                    self.tell(place, "has other choices");
                }
                for (was, is) in was.iter().zip(&is) {
                    self.schema(writer, place, was, is);
                }
            }
            (None, None) => {}
            _ => self.tell(place, "has other choices"),
        }
    }

    /// Limits of what a client may send.
    fn bounds(&mut self, place: &str, before: &Value, now: &Value) {
        for (word, is_least) in
            [("minimum", true), ("minLength", true), ("maximum", false), ("maxLength", false)]
        {
            let narrower = match (before[word].as_i64(), now[word].as_i64()) {
                (_, None) => false,
                (None, Some(_)) => true,
                (Some(was), Some(is)) => {
                    if is_least {
                        is > was
                    } else {
                        is < was
                    }
                }
            };
            if narrower {
                self.tell(place, &format!("has a narrower {word}"));
            }
        }
        if !now["pattern"].is_null() && before["pattern"] != now["pattern"] {
            self.tell(place, "has another pattern");
        }
        if now["additionalProperties"] == false && before["additionalProperties"] != false {
            self.tell(place, "takes no other members");
        }
    }
}

#[test]
fn clients_of_the_last_release_keep_working() {
    let server = Server::start(Demo::Off);
    let released = Document(serde_json::from_str(RELEASED).unwrap());
    let broken = broken(&released, &document(&server));
    assert!(broken.is_empty(), "{broken:#?}");
}

/// A change of a part of the document.
type Change<'a> = &'a dyn Fn(&mut Value);

#[test]
fn change_that_breaks_a_client_is_found() {
    let released = Document(serde_json::from_str(RELEASED).unwrap());
    let changed = |pointer: &str, change: &dyn Fn(&mut Value)| {
        let mut now = Document(released.0.clone());
        let place = now.0.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} leads nowhere"));
        change(place);
        broken(&released, &now)
    };
    let remove =
        |name: &'static str| move |value: &mut Value| drop(value.as_object_mut().unwrap().remove(name));
    let push =
        |added: &'static str| move |value: &mut Value| value.as_array_mut().unwrap().push(added.into());
    let pop = |value: &mut Value| drop(value.as_array_mut().unwrap().pop());
    let set = |new: Value| move |value: &mut Value| *value = new.clone();
    let schemas = "/components/schemas";
    let breaking: [(&str, &str, Change<'_>); 12] = [
        ("get /me is gone", "/paths", &remove("/me")),
        ("is gone", &format!("{schemas}/Me/properties"), &remove("name")),
        ("may be absent", &format!("{schemas}/Me/required"), &pop),
        ("is required", &format!("{schemas}/NewNote/required"), &push("audience")),
        ("is gone", &format!("{schemas}/NewNote/properties"), &remove("audience")),
        ("has no", &format!("{schemas}/NewNote/properties/audience/enum"), &pop),
        ("has no", &format!("{schemas}/Problem/properties/code/enum"), &pop),
        (
            "has a narrower maxLength",
            &format!("{schemas}/NewNote/properties/text/maxLength"),
            &set(json!(10)),
        ),
        ("has another type", &format!("{schemas}/Me/properties/name/type"), &set(json!(["string", "null"]))),
        ("is required", "/components/parameters/IfMatchOptional/required", &set(json!(true))),
        ("needs a token", "/paths/~1token/post", &remove("security")),
        ("is gone", "/webhooks", &remove("case.opened")),
    ];
    for (told, pointer, change) in breaking {
        let broken = changed(pointer, change);
        assert!(broken.iter().any(|one| one.contains(told)), "{pointer}: {broken:?}");
    }
    let harmless: [(&str, Change<'_>); 4] = [
        (&format!("{schemas}/Me/properties"), &|value: &mut Value| {
            value["new"] = json!({ "type": "string" });
        }),
        (&format!("{schemas}/NewNote/properties"), &|value: &mut Value| {
            value["new"] = json!({ "type": "string" });
        }),
        (&format!("{schemas}/Entry/properties/origin/enum"), &push("telephone_exchange")),
        (&format!("{schemas}/NewNote/required"), &pop),
    ];
    for (pointer, change) in harmless {
        assert_eq!(changed(pointer, change), Vec::<String>::new(), "{pointer}");
    }
}
