//! Signatures by Standard Webhooks: HMAC-SHA256 over id, time and body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::time::Instant;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The secret as the receiver's library takes it.
pub(super) fn shown(secret: &[u8]) -> String {
    format!("whsec_{}", STANDARD.encode(secret))
}

/// The signature of a body under one secret. `None` never comes about: HMAC takes keys of any length.
fn signed(secret: &[u8], id: &str, at: Instant, body: &str) -> Option<String> {
    let mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    let mac = mac.chain_update(id).chain_update(".").chain_update(at.0.to_string()).chain_update(".");
    Some(format!("v1,{}", STANDARD.encode(mac.chain_update(body).finalize().into_bytes())))
}

/// The value of `webhook-signature`: a signature under each secret, separated by blanks.
pub(super) fn signatures(secrets: &[[u8; 32]], id: &str, at: Instant, body: &str) -> String {
    secrets.iter().filter_map(|secret| signed(secret, id, at, body)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Standard Webhooks' own libraries.
    #[test]
    fn signature_is_that_of_the_standard() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        assert_eq!(shown(&secret), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signature = signed(
            &secret,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            Instant(1_614_265_330),
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signature.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn each_secret_signs() {
        let both = signatures(&[[1; 32], [2; 32]], "msg_1", Instant(1), "{}");
        let parts: Vec<&str> = both.split(' ').collect();
        assert_eq!(
            parts,
            [
                signed(&[1; 32], "msg_1", Instant(1), "{}").unwrap(),
                signed(&[2; 32], "msg_1", Instant(1), "{}").unwrap()
            ]
        );
    }
}
