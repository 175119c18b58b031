//! Files of customers' messages: two requests, one for the address and one for the bytes, both over judged addresses.

use std::time::Duration;

use domain::attachment::MOST_BYTES;
use domain::webhook::DeliveryFailure;
use domain::whatsapp::GraphId;
use serde::Deserialize;
use thiserror::Error;

use super::super::exchange::{Answer, Ask, Method, ask};
use super::super::receiver::ReceiverUrl;
use super::send::{ANSWER_BYTES, Line};
use crate::Desk;

/// The time limit of each of the two requests.
const WITHIN: Duration = Duration::from_secs(10);

/// Why there is no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum MediaProblem {
    /// WhatsApp does not give it: it has expired, or the token is not good.
    #[error("WhatsApp does not give the file")]
    Refused,
    /// It is larger than files of messages may be.
    #[error("the file is larger than {MOST_BYTES} bytes")]
    TooLarge,
    /// WhatsApp was not reached. Another attempt may have it.
    #[error("WhatsApp was not reached")]
    Later,
}

#[derive(Deserialize)]
struct Described {
    url: String,
    #[serde(default)]
    file_size: u64,
}

/// The bytes of a file.
pub(crate) async fn fetch(desk: &Desk, line: &Line, id: &GraphId) -> Result<Vec<u8>, MediaProblem> {
    let path = format!("{}?phone_number_id={}", id.as_str(), line.phone_number_id());
    let address = line.address(&path).map_err(|_| MediaProblem::Refused)?;
    let described = asked(desk, line, &address, ANSWER_BYTES).await?;
    let described: Described = serde_json::from_slice(&described.body).map_err(|_| MediaProblem::Refused)?;
    if described.file_size > u64::try_from(MOST_BYTES).unwrap_or(u64::MAX) {
        return Err(MediaProblem::TooLarge);
    }
    let address = ReceiverUrl::parse(&described.url).map_err(|_| MediaProblem::Refused)?;
    let file = asked(desk, line, &address, MOST_BYTES).await?;
    match (file.is_whole, file.body.len() >= MOST_BYTES) {
        (true, _) => Ok(file.body),
        (false, true) => Err(MediaProblem::TooLarge),
        (false, false) => Err(MediaProblem::Later),
    }
}

/// An answer that gives what was asked for.
async fn asked(desk: &Desk, line: &Line, url: &ReceiverUrl, most: usize) -> Result<Answer, MediaProblem> {
    let asked = Ask { method: Method::Get, url, headers: line.authorization(), body: "", most };
    let answer = ask(desk.egress(), &asked, WITHIN).await.map_err(|failure| match failure {
        DeliveryFailure::AddressRefused => MediaProblem::Refused,
        _ => MediaProblem::Later,
    })?;
    match answer.status {
        200..=299 => Ok(answer),
        429 | 500..=599 => Err(MediaProblem::Later),
        _ => Err(MediaProblem::Refused),
    }
}
