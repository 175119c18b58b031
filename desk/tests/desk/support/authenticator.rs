//! A device with a passkey, as software: it answers challenges as browsers send the answers on (`WebAuthn`, attestation "none").

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::{KeyPair, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::PUBLIC_URL;

/// The owner is there, and has unlocked the device.
const VERIFIED: u8 = 0b0000_0101;
/// A key comes along.
const WITH_KEY: u8 = 0b0100_0000;

/// A device with one passkey.
pub struct Authenticator {
    key: KeyPair,
    id: Vec<u8>,
    handle: String,
    /// The counter of the last answer; zero for ever on devices that have none.
    pub counter: u32,
    /// What a device says of its owner.
    pub flags: u8,
    /// The address that the browser stands on.
    pub origin: String,
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A byte string of CBOR, shorter than 256 bytes.
fn cbor_bytes(bytes: &[u8]) -> Vec<u8> {
    [&[0x58, u8::try_from(bytes.len()).unwrap()][..], bytes].concat()
}

/// A text of CBOR, shorter than 24 bytes.
fn cbor_text(text: &str) -> Vec<u8> {
    [&[0x60 + u8::try_from(text.len()).unwrap()][..], text.as_bytes()].concat()
}

impl Authenticator {
    /// A passkey by the options of a page, and the answer to them.
    pub fn create(options: &str) -> (Self, String) {
        let options: Value = serde_json::from_str(options).unwrap();
        assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
        assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
        let key = KeyPair::generate().unwrap();
        let id = Sha256::digest(key.public_key_raw())[..16].to_vec();
        let device = Self {
            key,
            id,
            handle: options["user"]["id"].as_str().unwrap().to_owned(),
            counter: 1,
            flags: VERIFIED,
            origin: PUBLIC_URL.to_owned(),
        };
        let mut data = device.data(options["rp"]["id"].as_str().unwrap(), WITH_KEY);
        data.extend([0; 16]);
        data.extend(u16::try_from(device.id.len()).unwrap().to_be_bytes());
        data.extend(&device.id);
        data.extend(device.cose_key());
        let attestation = [
            vec![0xa3],
            cbor_text("fmt"),
            cbor_text("none"),
            cbor_text("attStmt"),
            vec![0xa0],
            cbor_text("authData"),
            cbor_bytes(&data),
        ]
        .concat();
        let client = device.client("webauthn.create", &options);
        let answer = json!({
            "id": encoded(&device.id), "rawId": encoded(&device.id), "type": "public-key",
            "response": { "attestationObject": encoded(attestation), "clientDataJSON": encoded(client) },
        });
        (device, answer.to_string())
    }

    /// The answer to a challenge. The counter goes on, if there is one.
    pub fn answer(&mut self, options: &str) -> String {
        self.counter += u32::from(self.counter > 0);
        let options: Value = serde_json::from_str(options).unwrap();
        let client = self.client("webauthn.get", &options);
        let data = self.data(options["rpId"].as_str().unwrap(), 0);
        let signed = [data.clone(), Sha256::digest(&client).to_vec()].concat();
        let signature = self.key.sign(&signed).unwrap();
        json!({
            "id": encoded(&self.id), "rawId": encoded(&self.id), "type": "public-key",
            "response": {
                "authenticatorData": encoded(data), "clientDataJSON": encoded(client),
                "signature": encoded(signature), "userHandle": self.handle,
            },
        })
        .to_string()
    }

    /// What forms name the passkey by.
    pub fn id(&self) -> String {
        encoded(&self.id)
    }

    fn client(&self, kind: &str, options: &Value) -> Vec<u8> {
        let data = json!({ "type": kind, "challenge": options["challenge"], "origin": self.origin });
        data.to_string().into_bytes()
    }

    fn data(&self, rp_id: &str, more: u8) -> Vec<u8> {
        let mut data = Sha256::digest(rp_id).to_vec();
        data.push(self.flags | more);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// The public key as COSE has it: a map of curve and point, for ES256.
    fn cose_key(&self) -> Vec<u8> {
        let point = self.key.public_key_raw();
        assert_eq!((point.len(), point[0]), (65, 4), "an uncompressed point");
        [
            vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21],
            cbor_bytes(&point[1..33]),
            vec![0x22],
            cbor_bytes(&point[33..]),
        ]
        .concat()
    }
}
