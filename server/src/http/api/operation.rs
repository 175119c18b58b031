//! Operations: each route of the API with its description, so that neither exists without the other.

use axum::routing::MethodRouter;
use domain::actor::Action;
use serde_json::{Map, Value, json};

use super::super::AppState;

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

/// A route with its description.
pub(super) struct Operation {
    pub(super) method: Method,
    /// Below `/api/v1`, with its parameters in braces, as axum and `OpenAPI` both write them.
    pub(super) path: &'static str,
    /// What the token must grant; `None` for any token.
    pub(super) action: Option<Action>,
    pub(super) handler: MethodRouter<AppState>,
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
            id,
            tag,
            summary,
            about: String::new(),
            parameters: Vec::new(),
            body: None,
            answers: Map::new(),
        }
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
    pub(super) fn body(mut self, schema: &str, example: Value) -> Self {
        let mut media = json!({ "schema": reference(schema) });
        media["example"] = example;
        self.body = Some(json!({ "required": true, "content": { "application/json": media } }));
        self
    }

    /// The answer when it is done.
    pub(super) fn answers(mut self, status: u16, words: &str, schema: &str) -> Self {
        let mut answer = json!({
            "description": words,
            "headers": pace(),
            "content": { "application/json": { "schema": reference(schema) } },
        });
        if schema == "Case" || schema == "CaseVersion" {
            answer["headers"]["ETag"] = json!({ "$ref": "#/components/headers/ETag" });
        }
        self.answers.insert(status.to_string(), answer);
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
        let needs = grant.map_or_else(
            || "Any token may call it.".to_owned(),
            |grant| format!("Needs the permission `{}`.", grant.code()),
        );
        let mut answers = self.answers.clone();
        answers.insert("default".to_owned(), json!({ "$ref": "#/components/responses/Problem" }));
        let mut described = json!({
            "operationId": self.id,
            "tags": [self.tag],
            "summary": self.summary,
            "description": if self.about.is_empty() { needs } else { format!("{} {needs}", self.about) },
            "parameters": parameters,
            "responses": answers,
        });
        if let Some(body) = &self.body {
            described["requestBody"] = body.clone();
        }
        described
    }
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
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
