//! The proof of a case.

use axum::Extension;
use axum::extract::{Path, Query};
use axum::response::Response;
use axum::routing::get;
use desk::proof::prove;
use domain::actor::Action;
use domain::attachment::Shown;

use super::super::files::bytes;
use super::super::verify::file_name;
use super::caller::Caller;
use super::cases::Pairs;
use super::input::{Parameters, case_number};
use super::operation::{Method, Operation};
use super::problem::ApiError;

/// The operation of proofs.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            (Method::Get, "/cases/{number}/proof"),
            get(proof),
            ("readProof", "Cases", "Download the proof of a case"),
        )
        .needs(Action::ReadCase)
        .about(
            "One signed file with history, plans, calendars and the figures that were told, internal notes among them. The \
             page `/verify` calculates every figure from it again and needs no server. Each byte is signed: keep the file \
             as it is.",
        )
        .downloads("The file, JSON.", &["application/json"]),
    ]
}

/// The proof of a case.
async fn proof(
    Extension(caller): Extension<Caller>,
    Path(number): Path<String>,
    Query(pairs): Pairs,
) -> Result<Response, ApiError> {
    let number = case_number(&number)?;
    Parameters::new(pairs, caller.language).done()?;
    let file = prove(&caller.desk, &caller.actor, number).await?;
    Ok(bytes("application/json", Shown::AsDownload, &file_name(number), file.into_bytes()))
}
