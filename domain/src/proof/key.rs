//! The desk's key: Ed25519. It signs proofs, and its public half verifies them.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use super::chain;
use crate::hex::{hex, unhex};

/// Bytes of a signature.
pub(super) const SIGNATURE_BYTES: usize = 64;
/// Bytes of either half of the key.
pub(super) const KEY_BYTES: usize = 32;
/// Names what is signed, so that a signature of the desk's key counts for proofs alone.
const CONTEXT: &[u8] = b"vigia proof 1\n";
/// Digits of a fingerprint: 128 bits.
const FINGERPRINT_DIGITS: usize = 32;
/// Digits of each of its groups.
const GROUP_DIGITS: usize = 4;

/// What is signed for a text.
fn message(text: &[u8]) -> Vec<u8> {
    [CONTEXT, text].concat()
}

/// The secret half of the desk's key.
#[derive(Clone)]
pub struct ProofKey(SigningKey);

impl std::fmt::Debug for ProofKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProofKey")
    }
}

impl ProofKey {
    /// The key of a seed of 32 random bytes.
    #[must_use]
    pub fn of_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// Its public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    pub(super) fn sign(&self, text: &[u8]) -> [u8; SIGNATURE_BYTES] {
        self.0.sign(&message(text)).to_bytes()
    }
}

/// The public half of a desk's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; KEY_BYTES]);

impl PublicKey {
    /// The key of 64 lower-case hexadecimal digits; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(Self(unhex(text)?.try_into().ok()?))
    }

    /// The key as 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn written(&self) -> String {
        hex(&self.0)
    }

    /// A short form for people to compare: eight groups of four digits, from a digest of the key.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let digest = chain::digest(&["vigia proof key 1", &self.written()]);
        let digits: Vec<char> = digest.chars().take(FINGERPRINT_DIGITS).collect();
        digits
            .chunks(GROUP_DIGITS)
            .map(|group| group.iter().collect::<String>())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Whether the key signed a text. Each text has one signature that counts: other encodings of it are refused.
    pub(super) fn signed(&self, text: &[u8], signature: &[u8; SIGNATURE_BYTES]) -> bool {
        let signature = Signature::from_bytes(signature);
        VerifyingKey::from_bytes(&self.0)
            .is_ok_and(|key| key.verify_strict(&message(text), &signature).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signature_counts_for_its_key_and_text_alone() {
        let (key, other) = (ProofKey::of_seed(&[7; 32]), ProofKey::of_seed(&[8; 32]));
        let signature = key.sign(b"text");
        assert!(key.public().signed(b"text", &signature));
        assert!(!key.public().signed(b"texT", &signature));
        assert!(!other.public().signed(b"text", &signature));
    }

    #[test]
    fn fingerprint_is_eight_groups_and_differs_for_each_key() {
        let (one, other) = (ProofKey::of_seed(&[7; 32]).public(), ProofKey::of_seed(&[8; 32]).public());
        let groups: Vec<String> = one.fingerprint().split(' ').map(str::to_owned).collect();
        assert_eq!((groups.len(), groups.iter().all(|group| group.len() == 4)), (8, true));
        assert_ne!(one.fingerprint(), other.fingerprint());
        assert_eq!(PublicKey::parse(&one.written()), Some(one));
        assert_eq!(PublicKey::parse(&one.written().to_uppercase()), None);
    }
}
