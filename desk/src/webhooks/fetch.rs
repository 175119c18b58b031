//! One request whose whole answer is wanted, by the same guarded way out as deliveries: identity providers are asked by it.

use std::time::Duration;

use domain::webhook::DeliveryFailure;

use super::egress::Egress;
use super::exchange::{Answer, Ask, Method, ask};
use super::receiver::ReceiverUrl;

/// The most bytes of an answer's body. The largest key sets have some ten thousand.
const ANSWER_BYTES: usize = 256 * 1024;

/// A request.
pub(crate) struct Fetch<'a> {
    pub(crate) url: &'a ReceiverUrl,
    /// The value of `Authorization`, if there is one; without control characters.
    pub(crate) authorization: Option<String>,
    /// The fields that are posted, already encoded; `None` for a GET.
    pub(crate) form: Option<&'a str>,
}

/// An answer. No redirect is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fetched {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// Sends a request within a time limit for the whole exchange, resolution included.
pub(crate) async fn fetch(
    egress: &Egress,
    request: &Fetch<'_>,
    within: Duration,
) -> Result<Fetched, DeliveryFailure> {
    let Fetch { url, authorization, form } = request;
    let mut headers = vec![("Accept", "application/json".to_owned())];
    headers.extend(authorization.iter().map(|value| ("Authorization", value.clone())));
    let method = if form.is_some() { Method::PostForm } else { Method::Get };
    let asked = Ask { method, url, headers, body: form.unwrap_or_default(), most: ANSWER_BYTES };
    fetched(ask(egress, &asked, within).await?)
}

fn fetched(answer: Answer) -> Result<Fetched, DeliveryFailure> {
    let Answer { status, body, is_whole, .. } = answer;
    match status {
        300..=399 => Err(DeliveryFailure::Redirected),
        // What was cut off is not guessed at.
        _ if !is_whole => Err(DeliveryFailure::Broken),
        _ => Ok(Fetched { status, body }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, is_whole: bool) -> Answer {
        Answer { status, body: b"{}".to_vec(), is_whole, retry_after_s: None }
    }

    #[test]
    fn answer_that_is_cut_off_or_leads_elsewhere_is_none() {
        assert_eq!(fetched(answer(200, true)), Ok(Fetched { status: 200, body: b"{}".to_vec() }));
        assert_eq!(fetched(answer(200, false)), Err(DeliveryFailure::Broken));
        assert_eq!(fetched(answer(302, true)), Err(DeliveryFailure::Redirected));
    }
}
