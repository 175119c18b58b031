//! Photographs before the upload: upright, of limited size, without the camera's metadata.

use domain::attachment::FileProblem;
use js_sys::Promise;
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement, ImageBitmap};

/// Pixels of the longer side of an upload. Labels of equipment stay readable; 12 megapixels become less than a megabyte.
const LONGEST_SIDE: u32 = 2560;
/// Quality of JPEG, from 0 to 1.
const QUALITY: f64 = 0.85;

/// A chosen file, ready to be sent. A photograph is redrawn: its pixels are turned upright, and its place is removed. Other
/// files are sent as they are.
///
/// # Errors
/// [`FileProblem::Heic`] where this browser cannot read such a photograph.
pub(crate) async fn prepared(name: &str, content: &Blob) -> Result<Blob, FileProblem> {
    let kind = content.type_();
    let is_heic = is_heic(name, &kind);
    if !is_heic && !kind.starts_with("image/") {
        return Ok(content.clone());
    }
    // Screenshots have sharp edges, which JPEG blurs.
    let sent_as = if kind == "image/png" { "image/png" } else { "image/jpeg" };
    match drawn_again(content, sent_as).await {
        Some(drawn) => Ok(drawn),
        None if is_heic => Err(FileProblem::Heic),
        // The server reports what is wrong with it.
        None => Ok(content.clone()),
    }
}

/// Whether a file is a HEIC photograph by its media type, or by its name where the system gives no type.
fn is_heic(name: &str, kind: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    kind.contains("heic") || kind.contains("heif") || matches!(ending.as_deref(), Some("heic" | "heif"))
}

/// Width and height in pixels, with the longer side at most [`LONGEST_SIDE`].
fn scaled(width: u32, height: u32) -> (u32, u32) {
    let longest = width.max(height);
    if longest <= LONGEST_SIDE {
        return (width, height);
    }
    let scale = |side: u32| {
        let side = u64::from(side) * u64::from(LONGEST_SIDE) / u64::from(longest);
        u32::try_from(side).unwrap_or(LONGEST_SIDE).max(1)
    };
    (scale(width), scale(height))
}

/// The picture, decoded and encoded again; `None` when this browser cannot.
async fn drawn_again(content: &Blob, kind: &str) -> Option<Blob> {
    let read = window().create_image_bitmap_with_blob(content).ok()?;
    let picture: ImageBitmap = JsFuture::from(read).await.ok()?.dyn_into().ok()?;
    let (width, height) = scaled(picture.width(), picture.height());
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(width);
    canvas.set_height(height);
    let brush: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    // JPEG has no transparency: what is behind a drawing is paper.
    if kind == "image/jpeg" {
        brush.set_fill_style_str("white");
        brush.fill_rect(0.0, 0.0, f64::from(width), f64::from(height));
    }
    brush
        .draw_image_with_image_bitmap_and_dw_and_dh(&picture, 0.0, 0.0, f64::from(width), f64::from(height))
        .ok()?;
    picture.close();
    written(&canvas, kind).await
}

/// The content of a canvas as a file.
async fn written(canvas: &HtmlCanvasElement, kind: &str) -> Option<Blob> {
    let promise = Promise::new(&mut |resolve, _| {
        let given = Closure::once_into_js(move |blob: JsValue| {
            let _ = resolve.call1(&JsValue::NULL, &blob);
        });
        let _ = canvas.to_blob_with_type_and_encoder_options(
            given.unchecked_ref(),
            kind,
            &JsValue::from_f64(QUALITY),
        );
    });
    JsFuture::from(promise).await.ok()?.dyn_into().ok()
}

#[cfg(test)]
mod tests {
    use super::{is_heic, scaled};

    #[test]
    fn a_photograph_is_scaled_by_its_longer_side_and_never_enlarged() {
        assert_eq!(scaled(4032, 3024), (2560, 1920));
        assert_eq!(scaled(3024, 4032), (1920, 2560));
        assert_eq!(scaled(800, 600), (800, 600));
        assert_eq!(scaled(2560, 1), (2560, 1));
        assert_eq!(scaled(100_000, 3), (2560, 1));
    }

    #[test]
    fn heic_is_detected_by_type_or_name() {
        assert!(is_heic("IMG_0142.HEIC", ""));
        assert!(is_heic("foto", "image/heif"));
        assert!(!is_heic("heic.jpg", "image/jpeg"));
    }
}
