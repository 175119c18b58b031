//! What crosses the wire, and how: JSON, read as text, in the body of a POST or along with a page.
//!
//! `server_fn`'s own JSON reads bytes, while resources and event streams read text, and every type that is read from
//! both is compiled twice. Read one way, the browser's bundles are a tenth smaller (docs/decisions/0002).

use std::future::Future;

use leptos::prelude::Resource;
use leptos::server::codee::{Decoder, Encoder};
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

/// What a page needs from the server: read there once, and sent along with the page to the browser.
pub type Sent<T> = Resource<T, JsonInPage>;

/// Reads what a page needs, and again in the browser whenever `source` changes.
pub fn sent<S, T, F>(
    source: impl Fn() -> S + Send + Sync + 'static,
    read: impl Fn(S) -> F + Send + Sync + 'static,
) -> Sent<T>
where
    S: Clone + PartialEq + Send + Sync + 'static,
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    F: Future<Output = T> + Send + 'static,
{
    Sent::new_with_options(source, read, false)
}

/// JSON with `'` for `"`, and the other way round. A page holds it as a string in double quotes, where each of the same
/// kind is escaped by itself: there are thousands of them, and escaping them was a tenth of the work for a page.
#[derive(Debug, Clone, Copy)]
pub struct JsonInPage;

impl<T: Serialize> Encoder<T> for JsonInPage {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(value: &T) -> Result<String, Self::Error> {
        serde_json::to_string(value).map(swap_quotes)
    }
}

impl<T: DeserializeOwned> Decoder<T> for JsonInPage {
    type Error = serde_json::Error;
    type Encoded = str;

    fn decode(text: &str) -> Result<T, Self::Error> {
        serde_json::from_str(&swap_quotes(text.to_owned()))
    }
}

fn swap_quotes(text: String) -> String {
    let mut bytes = text.into_bytes();
    for byte in &mut bytes {
        *byte = match *byte {
            b'"' => b'\'',
            b'\'' => b'"',
            other => other,
        };
    }
    // One ASCII byte for another: it stays UTF-8.
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_with_a_page_comes_back_as_it_was() {
        let value = ("Panadería \"O'Higgins\" \\ '".to_owned(), Some(7), Vec::<String>::new());
        let sent = JsonInPage::encode(&value).unwrap();
        assert_eq!(sent, r#"['Panadería \'O"Higgins\' \\ "',7,[]]"#);
        assert_eq!(
            <JsonInPage as Decoder<(String, Option<i32>, Vec<String>)>>::decode(&sent).unwrap(),
            value
        );
    }
}
