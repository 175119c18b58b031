//! How server functions are spoken to: JSON in the body of a POST, read as text.
//!
//! `server_fn`'s own JSON reads bytes, while resources and event streams read text, and every type that is read from
//! both is compiled twice. Read one way, the browser's bundles are a tenth smaller (docs/decisions/0002).

use serde::Serialize;
use serde::de::{DeserializeOwned, Error};
use server_fn::codec::Post;
use server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType};

/// The encoding of what server functions take, give and fail with.
pub type Json = Post<JsonText>;

/// JSON, as text.
#[derive(Debug, Clone, Copy)]
pub struct JsonText;

impl ContentType for JsonText {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for JsonText {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for JsonText {
    type Error = serde_json::Error;

    fn encode(output: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_string(output).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for JsonText {
    type Error = serde_json::Error;

    fn decode(bytes: Bytes) -> Result<T, Self::Error> {
        serde_json::from_str(std::str::from_utf8(&bytes).map_err(Error::custom)?)
    }
}
