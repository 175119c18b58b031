//! The static files: bundles under hashed names, which browsers keep for good, and a few files under plain names.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use app::parts::Part;
use app::request::{Assets, Bundle, Parts};
use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::middleware::map_response;
use axum::response::Response;
use domain::i18n::Language;
use serde::Deserialize;
use thiserror::Error;
use tower_http::services::{ServeDir, ServeFile};

/// The reason why the site cannot be served.
#[derive(Debug, Error)]
pub enum AssetsError {
    /// The folder of the bundles lacks its list; `make build` writes it.
    #[error("{path}: {error}; build the bundles first (make build)")]
    Missing {
        /// The list that is missing.
        path: PathBuf,
        /// What the operating system says.
        error: std::io::Error,
    },
    /// The list is not as the build writes it.
    #[error("{path} is damaged: {what}; build the bundles again (make build)")]
    Damaged {
        /// The list that is damaged.
        path: PathBuf,
        /// What is wrong with the list.
        what: String,
    },
}

/// The list as `tools/assets.mjs` writes it.
#[derive(Debug, Deserialize)]
struct List {
    /// The hashed name of each file.
    files: HashMap<String, String>,
    /// The hashed names of each part of a bundle.
    parts: HashMap<String, Vec<String>>,
}

/// Reads the list of bundles that the build left in the site's folder.
pub(super) fn read(site: &Path) -> Result<Assets, AssetsError> {
    let path = site.join("pkg/manifest.json");
    let text = std::fs::read(&path).map_err(|error| AssetsError::Missing { path: path.clone(), error })?;
    let damaged = |what: String| AssetsError::Damaged { path: path.clone(), what };
    let list: List = serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
    let address = |name: &str| {
        list.files
            .get(name)
            .map(|hashed| format!("/pkg/{hashed}"))
            .ok_or_else(|| damaged(format!("no {name}")))
    };
    let words = |face: &str| {
        let of = |language: Language| Ok((language, address(&format!("{face}.{}.json", language.code()))?));
        Language::ALL.into_iter().map(of).collect::<Result<BTreeMap<_, _>, _>>()
    };
    let bundle = |face: &str| {
        Ok(Bundle {
            js: address(&format!("{face}.js"))?,
            wasm: address(&format!("{face}_bg.wasm"))?,
            words: words(face)?,
            parts: None,
        })
    };
    let files = |part: Part| {
        let names = list.parts.get(part.name()).ok_or_else(|| damaged(format!("no part {}", part.name())))?;
        Ok((part, names.iter().map(|name| format!("/pkg/{name}")).collect()))
    };
    let files = Part::ALL.into_iter().map(files).collect::<Result<_, _>>()?;
    let parts = Parts { files, words: words("parts")? };
    Ok(Assets {
        css: address("vigia.css")?,
        admin_css: address("admin.css")?,
        wall_css: address("wall.css")?,
        form: bundle("form")?,
        track: bundle("track")?,
        workspace: Bundle { parts: Some(parts), ..bundle("workspace")? },
        admin: bundle("admin")?,
        wall: bundle("wall")?,
        verify_css: address("verify.css")?,
        verify: bundle("verify")?,
        kept_page: address("kept.html")?,
    })
}

/// Serves the files, compressed when they were built so.
pub(super) fn files<S: Clone + Send + Sync + 'static>(site: &Path) -> Router<S> {
    let hashed = ServeDir::new(site.join("pkg")).precompressed_br().precompressed_gzip();
    let mut router = Router::new()
        .nest_service("/pkg", hashed)
        .layer(map_response(|response| keep(response, "public, max-age=31536000, immutable")));
    let mut plain = Router::new();
    for name in plain_names(site) {
        let file = ServeFile::new(site.join(&name)).precompressed_br().precompressed_gzip();
        plain = plain.route_service(&format!("/{name}"), file);
    }
    router = router.merge(plain.layer(map_response(|response| keep(response, "public, max-age=3600"))));
    router
}

/// The files in the site's folder itself, without their compressed copies.
fn plain_names(site: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(site).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    let names = files.filter_map(|entry| entry.file_name().into_string().ok());
    let compressed =
        |name: &String| Path::new(name).extension().is_some_and(|kind| kind == "br" || kind == "gz");
    names.filter(|name| !name.starts_with('.') && !compressed(name)).collect()
}

#[expect(clippy::unused_async, reason = "`map_response` takes async functions")]
async fn keep(mut response: Response, how: &'static str) -> Response {
    if response.status().is_success() {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(how));
    }
    response
}
