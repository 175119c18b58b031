//! Parts of schemas, as the document writes them.

use domain::country::Country;
use domain::priority::Priority;
use serde_json::{Value, json};

/// A text that is one of some codes.
pub(super) fn codes(codes: &[&str]) -> Value {
    json!({ "type": "string", "enum": codes })
}

/// An object of answers. Its `required` members are always there. Others may come with a later version, so that the schema
/// is open.
pub(super) fn object(required: &[&str], members: Value) -> Value {
    let mut object = json!({ "type": "object", "required": required });
    object["properties"] = members;
    object
}

/// An object of requests. It has no members but these: a misspelt one is refused.
pub(super) fn closed(required: &[&str], members: Value) -> Value {
    let mut closed = object(required, members);
    closed["additionalProperties"] = false.into();
    closed
}

/// A text.
pub(super) fn string() -> Value {
    json!({ "type": "string" })
}

/// A text, or none.
pub(super) fn text_or_null() -> Value {
    json!({ "type": ["string", "null"] })
}

/// A time by RFC 3339.
pub(super) fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

/// A time, or none.
pub(super) fn time_or_null() -> Value {
    json!({ "type": ["string", "null"], "format": "date-time" })
}

/// A whole number.
pub(super) fn integer() -> Value {
    json!({ "type": "integer" })
}

/// The id of an entry, in a body. JavaScript reads greater numbers otherwise than they were written.
pub(super) fn id() -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": 9_007_199_254_740_991_i64 })
}

/// A schema of one type, or none: a member of a request that is read as absent when it is `null`.
pub(super) fn or_null(mut schema: Value) -> Value {
    if let Some(codes) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        codes.push(Value::Null);
    }
    schema["type"] = json!([schema["type"].take(), "null"]);
    schema
}

/// A schema by its name.
pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// A list of a schema.
pub(super) fn list_of(name: &str) -> Value {
    json!({ "type": "array", "items": reference(name) })
}

/// A whole number, or none.
pub(super) fn integer_or_null() -> Value {
    json!({ "type": ["integer", "null"] })
}

/// A choice.
pub(super) fn boolean() -> Value {
    json!({ "type": "boolean" })
}

/// A day by RFC 3339, without a time.
pub(super) fn day() -> Value {
    json!({ "type": "string", "format": "date" })
}

/// A schema, or none.
pub(super) fn reference_or_null(name: &str) -> Value {
    json!({ "oneOf": [reference(name), { "type": "null" }] })
}

/// A country.
pub(super) fn country() -> Value {
    codes(&Country::ALL.map(Country::code))
}

/// A priority.
pub(super) fn priority() -> Value {
    codes(&Priority::ALL.map(Priority::code))
}

/// A page of a list, whose `next` is the cursor of the page after it.
pub(super) fn page(rows: &str, of: &str) -> Value {
    let mut members = json!({ "next": text_or_null() });
    members[rows] = list_of(of);
    object(&[rows, "next"], members)
}

/// A parameter of a query.
pub(super) fn query(name: &str, words: &str, schema: &Value) -> Value {
    json!({ "name": name, "in": "query", "description": words, "schema": schema })
}

/// A parameter of a path.
pub(super) fn path(name: &str, words: &str, schema: &Value, example: &Value) -> Value {
    json!({
        "name": name,
        "in": "path",
        "required": true,
        "description": words,
        "schema": schema,
        "example": example,
    })
}
