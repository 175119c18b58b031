//! Operations: each route of the API with its description, so that neither exists without the other.

use axum::routing::MethodRouter;
use domain::actor::Action;
use serde_json::{Map, Value, json};

use super::super::AppState;
use super::schema::reference;

/// A method of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Get,
    Post,
}

impl Method {
    /// The member of a path item.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
        }
    }
}

/// Who reaches a handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// Callers with a token.
    Token,
    /// Everybody: the handler looks for itself.
    Open,
}

/// How large a request may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    /// As large as any form without files.
    Usual,
    /// As large as a message with files. All operations of its path have the same size.
    Upload,
}

/// A route with its description.
pub(super) struct Operation {
    pub(super) method: Method,
    /// Below `/api/v1`, with its parameters in braces, as axum and `OpenAPI` both write them.
    pub(super) path: &'static str,
    /// What the token must grant; `None` for any token.
    pub(super) action: Option<Action>,
    pub(super) handler: MethodRouter<AppState>,
    /// Who reaches the handler.
    pub(super) door: Door,
    /// How large its requests may be.
    pub(super) size: Size,
    id: &'static str,
    tag: &'static str,
    summary: &'static str,
    about: String,
    parameters: Vec<Value>,
    body: Option<Value>,
    answers: Map<String, Value>,
}

impl Operation {
    /// An operation. `id` names it for generated clients, and `tag` is its chapter in the document.
    pub(super) fn new(
        (method, path): (Method, &'static str),
        handler: MethodRouter<AppState>,
        (id, tag, summary): (&'static str, &'static str, &'static str),
    ) -> Self {
        Self {
            method,
            path,
            action: None,
            handler,
            door: Door::Token,
            size: Size::Usual,
            id,
            tag,
            summary,
            about: String::new(),
            parameters: Vec::new(),
            body: None,
            answers: Map::new(),
        }
    }

    /// Reached without a token.
    pub(super) const fn open(mut self) -> Self {
        self.door = Door::Open;
        self
    }

    /// Its path takes uploads.
    pub(super) const fn of_uploads(mut self) -> Self {
        self.size = Size::Upload;
        self
    }

    /// Its chapter in the document.
    pub(super) const fn under(mut self, tag: &'static str) -> Self {
        self.tag = tag;
        self
    }

    /// What the token must grant.
    pub(super) const fn needs(mut self, action: Action) -> Self {
        self.action = Some(action);
        self
    }

    /// More about it, in whole sentences.
    pub(super) fn about(mut self, words: &str) -> Self {
        words.clone_into(&mut self.about);
        self
    }

    /// A parameter of the document's components.
    pub(super) fn parameter(mut self, name: &str) -> Self {
        self.parameters.push(json!({ "$ref": format!("#/components/parameters/{name}") }));
        self
    }

    /// A body of a schema, with an example that a test sends.
    pub(super) fn body(self, schema: &str, example: Value) -> Self {
        self.content("application/json", schema, example)
    }

    /// The same as a form.
    pub(super) fn form(self, schema: &str, example: Value) -> Self {
        self.content("application/x-www-form-urlencoded", schema, example)
    }

    /// The same as a form in several parts.
    pub(super) fn parts(self, schema: &str, example: Value) -> Self {
        self.content("multipart/form-data", schema, example)
    }

    fn content(mut self, kind: &str, schema: &str, example: Value) -> Self {
        let mut media = json!({ "schema": reference(schema) });
        media["example"] = example;
        let mut body = json!({ "required": true, "content": {} });
        body["content"][kind] = media;
        self.body = Some(body);
        self
    }

    /// The answer when it is done.
    pub(super) fn answers(mut self, status: u16, words: &str, schema: &str) -> Self {
        let mut answer = json!({
            "description": words,
            "headers": pace(),
            "content": { "application/json": { "schema": reference(schema) } },
        });
        if ["Attachments", "Case", "CaseVersion", "CaseSurvey", "Visits"].contains(&schema) {
            answer["headers"]["ETag"] = json!({ "$ref": "#/components/headers/ETag" });
        }
        self.answers.insert(status.to_string(), answer);
        self
    }

    /// A refusal that is no fault of the caller: what it means here, and what to do.
    pub(super) fn refuses(mut self, status: u16, words: &str) -> Self {
        let answer = json!({
            "description": words,
            "content": { "application/problem+json": { "schema": reference("Problem") } },
        });
        self.answers.insert(status.to_string(), answer);
        self
    }

    /// The answer as a stream of events, whose `data` has a schema.
    pub(super) fn streams(mut self, words: &str, schema: &str) -> Self {
        // `OpenAPI` 3.1 has no word for the events of a stream; 3.2 calls it `itemSchema`. Programs hold each event against a
        // `schema`, so there is none.
        let media = json!({ "x-event-data": reference(schema) });
        let answer = json!({
            "description": words,
            "headers": pace(),
            "content": { "text/event-stream": media },
        });
        self.answers.insert("200".to_owned(), answer);
        self
    }

    /// The answer as a file of one of some media types.
    pub(super) fn downloads(mut self, words: &str, types: &[&str]) -> Self {
        let content: Map<String, Value> =
            types.iter().map(|kind| ((*kind).to_owned(), json!({ "schema": {} }))).collect();
        let answer = json!({ "description": words, "headers": pace(), "content": content });
        self.answers.insert("200".to_owned(), answer);
        self
    }

    /// The operation in the document.
    pub(super) fn describe(&self) -> Value {
        let mut parameters: Vec<Value> = named(self.path)
            .map(|name| json!({ "$ref": format!("#/components/parameters/path_{name}") }))
            .collect();
        parameters.extend(self.parameters.iter().cloned());
        parameters.push(json!({ "$ref": "#/components/parameters/AcceptLanguage" }));
        let grant = self.action.and_then(Action::grant);
        let needs = match (self.door, grant) {
            (Door::Open, _) => "Needs no token.".to_owned(),
            (Door::Token, None) => "Any token may call it.".to_owned(),
            (Door::Token, Some(grant)) => format!("Needs the permission `{}`.", grant.code()),
        };
        let mut answers = self.answers.clone();
        if self.door == Door::Open {
            // Who has no token has no quota.
            for answer in answers.values_mut().filter_map(Value::as_object_mut) {
                answer.remove("headers");
            }
        }
        answers.insert("default".to_owned(), json!({ "$ref": "#/components/responses/Problem" }));
        let mut described = json!({
            "operationId": self.id,
            "tags": [self.tag],
            "summary": self.summary,
            "description": if self.about.is_empty() { needs } else { format!("{} {needs}", self.about) },
            "parameters": parameters,
            "responses": answers,
        });
        if self.door == Door::Open {
            described["security"] = json!([]);
        }
        if let Some(body) = &self.body {
            described["requestBody"] = body.clone();
        }
        described
    }
}

/// The headers of every answer to a known token.
fn pace() -> Value {
    json!({
        "RateLimit": { "$ref": "#/components/headers/RateLimit" },
        "RateLimit-Policy": { "$ref": "#/components/headers/RateLimitPolicy" },
    })
}

/// The parameters of a path.
fn named(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}
