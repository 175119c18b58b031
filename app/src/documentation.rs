//! The page that documents the API: its `OpenAPI` document to read, drawn by the server alone. Technical English, as the command
//! line's help is.

use leptos::prelude::*;
use serde_json::Value;

use crate::request::Assets;
use crate::shell::{OfProvider, title};
use crate::ui::Logo;

/// The document of the page.
pub fn documentation_shell(assets: Assets, document: Value) -> AnyView {
    let heading = "API";
    let version = text(&document["info"]["version"]);
    let about = prose(&document["info"]["description"]);
    let server = text(&document["servers"][0]["url"]);
    let chapters = chapters(&document).into_iter().map(|(tag, operations)| {
        let operations: Vec<_> =
            operations.into_iter().map(|operation| article(&document, operation)).collect();
        view! {
            <section class="stack">
                <h2>{tag}</h2>
                {operations}
            </section>
        }
    });
    let chapters: Vec<_> = chapters.collect();
    let codes = document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"].as_array();
    let codes: Vec<_> = codes
        .into_iter()
        .flatten()
        .map(|code| {
            let code = text(code);
            let id = code.clone();
            view! { <li id=id><code>{code}</code></li> }
        })
        .collect();
    let schemas = document["components"]["schemas"].as_object();
    let schemas: Vec<_> = schemas
        .into_iter()
        .flatten()
        .map(|(name, schema)| {
            view! {
                <details class="card" id=format!("schema-{name}")>
                    <summary>{name.clone()}</summary>
                    <pre tabindex="0"><code>{pretty(schema)}</code></pre>
                </details>
            }
        })
        .collect();
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <title inner_html=title(heading)></title>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href=assets.css/>
                <OfProvider/>
            </head>
            <body>
                <main class="wrap page stack">
                    <span class="site__logo"><Logo/></span>
                    <h1>{heading} " " {version}</h1>
                    <p class="lead">{about}</p>
                    <p>
                        "Base address: " <code>{server}</code> ". The document for generators: "
                        <a href="/api/v1/openapi.json">"openapi.json"</a> "."
                    </p>
                    <p>
                        "Each request carries the token of an integration: " <code>"Authorization: Bearer vigia_…"</code>
                    </p>
                    {chapters}
                    {webhooks(&document)}
                    <section class="stack">
                        <h2>"Codes of problems"</h2>
                        <ul>{codes}</ul>
                    </section>
                    <section class="stack">
                        <h2>"Schemas"</h2>
                        {schemas}
                    </section>
                </main>
            </body>
        </html>
    }
    .into_any()
}

/// An operation with its place.
struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    about: &'a Value,
}

/// The operations by their chapters, in the order in which chapters are first named.
fn chapters(document: &Value) -> Vec<(String, Vec<Operation<'_>>)> {
    let mut chapters: Vec<(String, Vec<Operation<'_>>)> = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, about) in item.as_object().into_iter().flatten() {
            let tag = text(&about["tags"][0]);
            let operation = Operation { method, path, about };
            match chapters.iter_mut().find(|(name, _)| *name == tag) {
                Some((_, operations)) => operations.push(operation),
                None => chapters.push((tag, vec![operation])),
            }
        }
    }
    chapters
}

fn article(document: &Value, Operation { method, path, about }: Operation<'_>) -> AnyView {
    let parameters = about["parameters"].as_array().into_iter().flatten().map(|parameter| {
        let parameter = resolved(document, parameter);
        let required = if parameter["required"] == true { ", required" } else { "" };
        let place = format!(" ({}{required}): ", text(&parameter["in"]));
        view! { <li><code>{text(&parameter["name"])}</code> {place} {prose(&parameter["description"])}</li> }
    });
    let parameters: Vec<_> = parameters.collect();
    let example = about.get("requestBody").map(|body| {
        let media = body["content"].as_object().into_iter().flat_map(|content| content.values()).next();
        let example = media.map(|media| pretty(&media["example"]));
        view! {
            <p>"Body, for example:"</p>
            <pre tabindex="0"><code>{example}</code></pre>
        }
    });
    let answers =
        about["responses"].as_object().into_iter().flatten().filter(|(status, _)| *status != "default");
    let answers: Vec<_> = answers
        .map(|(status, answer)| {
            let content = &answer["content"];
            let json = &content["application/json"]["schema"]["$ref"];
            let schema = text(if json.is_string() {
                json
            } else {
                &content["text/event-stream"]["x-event-data"]["$ref"]
            });
            let schema = schema.rsplit('/').next().unwrap_or_default().to_owned();
            let address = format!("#schema-{schema}");
            let link = (!schema.is_empty()).then(|| view! { <a href=address>{schema}</a> });
            view! { <p><code>{status.clone()}</code> " " {prose(&answer["description"])} " " {link}</p> }
        })
        .collect();
    let line = format!("{} {path}", method.to_uppercase());
    view! {
        <article class="card stack" id=text(&about["operationId"])>
            <h3>{text(&about["summary"])}</h3>
            <p><code>{line}</code></p>
            <p>{prose(&about["description"])}</p>
            <ul>{parameters}</ul>
            {example}
            {answers}
        </article>
    }
    .into_any()
}

/// What webhooks are told: all of them by the same request.
fn webhooks(document: &Value) -> Option<AnyView> {
    let all = document["webhooks"].as_object()?;
    let first = &all.values().next()?["post"];
    let headers = first["parameters"].as_array().into_iter().flatten();
    let headers: Vec<_> = headers
        .map(|header| view! { <li><code>{text(&header["name"])}</code> ": " {prose(&header["description"])}</li> })
        .collect();
    let kinds: Vec<_> = all
        .iter()
        .map(|(kind, item)| view! { <li><code>{kind.clone()}</code> ": " {prose(&item["post"]["summary"])}</li> })
        .collect();
    let body = pretty(&first["requestBody"]["content"]["application/json"]["schema"]);
    let section = view! {
        <section class="stack" id="webhooks">
            <h2>"Webhooks"</h2>
            <p>{prose(&first["description"])}</p>
            <ul>{headers}</ul>
            <p>"By "<code>"type"</code>":"</p>
            <ul>{kinds}</ul>
            <details class="card">
                <summary>"Schema of the body"</summary>
                <pre tabindex="0"><code>{body}</code></pre>
            </details>
        </section>
    };
    Some(section.into_any())
}

/// The value that a reference leads to.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let pointer = value["$ref"].as_str().and_then(|path| path.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A description, with code between backticks.
fn prose(value: &Value) -> Vec<AnyView> {
    let pieces = value.as_str().unwrap_or_default().split('`').map(str::to_owned);
    let is_code = [false, true].into_iter().cycle();
    let drawn = pieces.zip(is_code).map(|(piece, is_code)| {
        if is_code { view! { <code>{piece}</code> }.into_any() } else { piece.into_any() }
    });
    drawn.collect()
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
