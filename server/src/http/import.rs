//! The forms of imports: a file, and the steps after it.

use app::AppError;
use app::pages::staff::{bad_rows_csv, post_import_file, post_import_step};
use app::request::RequestContext;
use axum::Extension;
use axum::extract::multipart::Multipart;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use desk::import::{ImportError, ImportFile, MAX_BYTES};

use super::AppState;
use super::answer::told;
use super::posted::{Typed, show, taken};
use super::signed_in::SignedIn;

/// The largest upload: the largest file, and the form around it.
pub const IMPORT_BYTES: usize = MAX_BYTES + 64 * 1024;
/// The most parts of the form.
const MOST_PARTS: usize = 8;

/// Takes a file.
pub async fn file(
    State(site): State<AppState>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let posted = Request::from_parts(parts.clone(), body);
    let Ok(form) = Multipart::from_request(posted, &()).await else {
        return told(&AppError::Malformed, asked.language);
    };
    let (typed, file) = match parse(form).await {
        Ok(parsed) => parsed,
        Err(error) => return told(&error, asked.language),
    };
    let posted = post_import_file(&asked, typed, file).await;
    show(site, parts, posted, asked.language).await
}

/// The fields of the form, and its file; of one that is too large that it is.
async fn parse(mut form: Multipart) -> Result<(Typed, Result<ImportFile, ImportError>), AppError> {
    let mut typed = Typed::new();
    let mut file = Err(ImportError::Empty);
    for _ in 0..MOST_PARTS {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => break,
            Err(_) => return Err(AppError::Malformed),
        };
        let name = field.name().unwrap_or_default().to_owned();
        match field.file_name().map(str::to_owned) {
            Some(file_name) if name == "file" => {
                file = match field.bytes().await {
                    Ok(bytes) if bytes.len() <= MAX_BYTES => {
                        Ok(ImportFile { name: file_name, bytes: bytes.to_vec() })
                    }
                    Ok(bytes) => Err(ImportError::TooLarge { bytes: bytes.len() }),
                    // The limit of the route, or a sender that stopped: either way the rest is not read.
                    Err(_) => return Ok((typed, Err(ImportError::TooLarge { bytes: IMPORT_BYTES }))),
                };
            }
            Some(_) => {}
            None => {
                let text = field.text().await.map_err(|_| AppError::Malformed)?;
                typed.insert(name, text);
            }
        }
    }
    Ok((typed, file))
}

/// Takes a step of one import.
pub async fn step(
    State(site): State<AppState>,
    Path(id): Path<String>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    taken(site, &asked, request, |typed| post_import_step(&asked, &id, typed)).await
}

/// The wrong rows of a file, as CSV.
pub async fn bad_rows(
    Path(id): Path<String>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
) -> Response {
    match bad_rows_csv(&asked, &id).await {
        Ok(text) => {
            let headers = [
                (CONTENT_TYPE, "text/csv; charset=utf-8"),
                (CONTENT_DISPOSITION, "attachment; filename=\"import-errors.csv\""),
                (CACHE_CONTROL, "no-store"),
            ];
            (headers, text).into_response()
        }
        Err(error) => told(&error, asked.language),
    }
}
