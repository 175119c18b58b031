//! The wire format: JSON as text, in the body of a POST or embedded in a page.
//!
//! `server_fn`'s own JSON reads bytes, while resources and event streams read text: every type would be compiled twice. Its
//! client is also larger than this one. Bundles are smaller this way (docs/decisions/0002).

use std::future::Future;

use http::Method;
use leptos::prelude::Resource;
use leptos::server::codee::{Decoder, Encoder};
use serde::Serialize;
use serde::de::{DeserializeOwned, Error as _};
use server_fn::client::Client;
use server_fn::codec::Post;
use server_fn::error::FromServerFnError;
use server_fn::server::Server;
use server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType, Http, Protocol};

/// The encoding of arguments and results of server functions.
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
        serde_json::from_str(std::str::from_utf8(&bytes).map_err(serde_json::Error::custom)?)
    }
}

/// The server's side.
type Answering = Http<Json, Json>;

/// The protocol of every server function.
#[derive(Debug, Clone, Copy)]
pub struct Wire;

impl<I, O, C, S, E> Protocol<I, O, C, S, E> for Wire
where
    Answering: Protocol<I, O, C, S, E>,
    I: Serialize + Send,
    O: DeserializeOwned + Send,
    C: Client<E>,
    S: Server<E>,
    E: FromServerFnError,
{
    const METHOD: Method = Method::POST;

    fn run_server<F, Fut>(
        request: S::Request,
        server_fn: F,
    ) -> impl Future<Output = Result<S::Response, E>> + Send
    where
        F: Fn(I) -> Fut + Send,
        Fut: Future<Output = Result<O, E>> + Send,
    {
        <Answering as Protocol<I, O, C, S, E>>::run_server(request, server_fn)
    }

    #[cfg(not(feature = "hydrate"))]
    fn run_client(path: &str, input: I) -> impl Future<Output = Result<O, E>> + Send {
        <Answering as Protocol<I, O, C, S, E>>::run_client(path, input)
    }

    #[cfg(feature = "hydrate")]
    fn run_client(path: &str, input: I) -> impl Future<Output = Result<O, E>> + Send {
        send_wrapper::SendWrapper::new(browser::ask(path.to_owned(), input))
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::window;
    use serde::Serialize;
    use serde::de::DeserializeOwned;
    use server_fn::Bytes;
    use server_fn::error::{FromServerFnError, ServerFnErrorErr};
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{Headers, RequestInit, Response};

    /// The answer of the server.
    enum Answer {
        /// The result.
        Given(String),
        /// The error.
        Refused(String),
    }

    /// Calls a server function. The part that is compiled for each of them is small.
    pub(super) async fn ask<I, O, E>(path: String, input: I) -> Result<O, E>
    where
        I: Serialize,
        O: DeserializeOwned,
        E: FromServerFnError,
    {
        let garbled = |error: serde_json::Error| {
            E::from_server_fn_error(ServerFnErrorErr::Deserialization(error.to_string()))
        };
        let asked = serde_json::to_string(&input).map_err(garbled)?;
        match post(path, asked).await {
            Ok(Answer::Given(text)) => serde_json::from_str(&text).map_err(garbled),
            Ok(Answer::Refused(text)) => Err(E::de(Bytes::from(text))),
            Err(_) => Err(E::from_server_fn_error(ServerFnErrorErr::Request(String::new()))),
        }
    }

    async fn post(path: String, asked: String) -> Result<Answer, JsValue> {
        let headers = Headers::new()?;
        headers.set("content-type", "application/json")?;
        headers.set("accept", "application/json")?;
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_headers(&headers);
        init.set_body(&JsValue::from_str(&asked));
        let response: Response =
            JsFuture::from(window().fetch_with_str_and_init(&path, &init)).await?.dyn_into()?;
        let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
        Ok(if response.ok() { Answer::Given(text) } else { Answer::Refused(text) })
    }
}

/// Data of a page: read once on the server, and embedded in the page for the browser.
pub type PageResource<T> = Resource<T, JsonInPage>;

/// Reads the data of a page, and again in the browser when `source` changes.
pub fn sent<S, T, F>(
    source: impl Fn() -> S + Send + Sync + 'static,
    read: impl Fn(S) -> F + Send + Sync + 'static,
) -> PageResource<T>
where
    S: Clone + PartialEq + Send + Sync + 'static,
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    F: Future<Output = T> + Send + 'static,
{
    PageResource::new_with_options(source, read, false)
}

/// JSON with `'` for `"`, and the other way round. A page holds it in double quotes, where each `"` would be escaped:
/// escaping thousands of them took a tenth of a page's time.
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
    fn page_resource_round_trips() {
        let value = ("Panadería \"O'Higgins\" \\ '".to_owned(), Some(7), Vec::<String>::new());
        let sent = JsonInPage::encode(&value).unwrap();
        assert_eq!(sent, r#"['Panadería \'O"Higgins\' \\ "',7,[]]"#);
        assert_eq!(
            <JsonInPage as Decoder<(String, Option<i32>, Vec<String>)>>::decode(&sent).unwrap(),
            value
        );
    }
}
