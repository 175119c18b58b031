//! Answers of the API against the schemas of its document. It knows the part of JSON Schema that the document uses, and
//! panics for any other word: nothing goes unchecked.

use serde_json::Value;

/// The `OpenAPI` document.
pub struct Document(pub Value);

impl Document {
    /// A schema of the components.
    pub fn schema(&self, name: &str) -> &Value {
        let schema = &self.0["components"]["schemas"][name];
        assert!(schema.is_object(), "no schema {name}");
        schema
    }

    /// Follows a reference inside the document.
    pub fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(path) => {
                let found = self.0.pointer(path.strip_prefix('#').unwrap());
                self.resolve(found.unwrap_or_else(|| panic!("{path} leads nowhere")))
            }
            None => value,
        }
    }

    /// What is wrong with a value, each with its place.
    pub fn problems(&self, schema: &Value, value: &Value) -> Vec<String> {
        let mut problems = Vec::new();
        self.check(schema, value, "", &mut problems);
        problems
    }

    fn check(&self, schema: &Value, value: &Value, place: &str, problems: &mut Vec<String>) {
        let schema = self.resolve(schema);
        let mut wrong = |what: String| problems.push(format!("{place}: {what} in {value}"));
        for (word, rule) in schema.as_object().unwrap() {
            match word.as_str() {
                "type" => {
                    let kinds: Vec<&str> = match rule {
                        Value::Array(kinds) => kinds.iter().map(|kind| kind.as_str().unwrap()).collect(),
                        kind => vec![kind.as_str().unwrap()],
                    };
                    if !kinds.iter().any(|kind| is_of(kind, value)) {
                        wrong(format!("is none of {kinds:?}"));
                    }
                }
                "enum" => {
                    if !rule.as_array().unwrap().contains(value) {
                        wrong(format!("is none of {rule}"));
                    }
                }
                "format" => {
                    if let (Some("date-time"), Some(text)) = (rule.as_str(), value.as_str())
                        && (text.len() != 20 || !text.ends_with('Z') || text.as_bytes()[10] != b'T')
                    {
                        wrong("is no time in UTC".to_owned());
                    }
                    if let (Some("date"), Some(text)) = (rule.as_str(), value.as_str())
                        && text.parse::<chrono::NaiveDate>().is_err()
                    {
                        wrong("is no day".to_owned());
                    }
                }
                "required" => {
                    for name in rule.as_array().unwrap() {
                        if value.is_object() && value.get(name.as_str().unwrap()).is_none() {
                            wrong(format!("lacks {name}"));
                        }
                    }
                }
                "minimum" => {
                    if value.as_i64().is_some_and(|number| number < rule.as_i64().unwrap()) {
                        wrong(format!("is below {rule}"));
                    }
                }
                "maximum" => {
                    if value.as_i64().is_some_and(|number| number > rule.as_i64().unwrap()) {
                        wrong(format!("is above {rule}"));
                    }
                }
                // Answers may have more members, and those of this version are all described.
                "properties" => {
                    for name in value.as_object().into_iter().flat_map(|members| members.keys()) {
                        if rule.get(name).is_none() {
                            wrong(format!("has an unknown member {name}"));
                        }
                    }
                }
                // Some go deeper and are judged below. The others hold for what is sent, or say nothing of the value.
                "additionalProperties" => assert!(rule == false || rule.is_object(), "{rule}"),
                "maxItems" => {
                    let most = rule.as_u64().unwrap();
                    if value.as_array().is_some_and(|items| items.len() as u64 > most) {
                        wrong(format!("has more than {most} items"));
                    }
                }
                "items" | "oneOf" | "description" | "minLength" | "maxLength" | "pattern" | "default"
                | "examples" => {}
                other => panic!("{other} is not checked"),
            }
        }
        self.check_parts(schema, value, place, problems);
    }

    fn check_parts(&self, schema: &Value, value: &Value, place: &str, problems: &mut Vec<String>) {
        for (name, member) in value.as_object().into_iter().flatten() {
            if let Some(schema) = schema["properties"].get(name) {
                self.check(schema, member, &format!("{place}/{name}"), problems);
            }
        }
        if let Some(other) = schema.get("additionalProperties").filter(|other| other.is_object()) {
            for (name, member) in value.as_object().into_iter().flatten() {
                if schema["properties"].get(name).is_none() {
                    self.check(other, member, &format!("{place}/{name}"), problems);
                }
            }
        }
        if let Some(items) = schema.get("items") {
            for (nth, item) in value.as_array().into_iter().flatten().enumerate() {
                self.check(items, item, &format!("{place}/{nth}"), problems);
            }
        }
        if let Some(choices) = schema.get("oneOf") {
            let fitting = choices.as_array().unwrap().iter();
            let fitting = fitting.filter(|choice| self.problems(choice, value).is_empty()).count();
            if fitting != 1 {
                problems.push(format!("{place}: {value} fits {fitting} choices"));
            }
        }
    }
}

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        other => panic!("{other} is no type"),
    }
}
