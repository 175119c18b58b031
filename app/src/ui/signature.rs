//! Signatures: drawn with finger, pen or mouse, and shown again. They are lines of an SVG, sharp at any size.

use domain::case::visit::Signature;
use domain::t;
use leptos::ev::PointerEvent;
use leptos::html::Div;
use leptos::prelude::*;

use crate::language::use_language;

/// A signature, as it was drawn.
#[component]
pub fn SignaturePicture(
    /// The signature.
    signature: Signature,
) -> impl IntoView {
    let language = use_language();
    view! {
        <svg class="signature" viewBox=paper() role="img" aria-label=t!(language, "visit.signature.drawn")>
            <path d=signature.path()></path>
        </svg>
    }
    .into_any()
}

/// The strokes of a signature while it is drawn.
pub type Strokes = RwSignal<Vec<Vec<(u16, u16)>>>;

/// A field to sign in. A signature is not required: the form takes a reason in words as well.
#[component]
pub fn SignaturePad(
    /// The strokes.
    strokes: Strokes,
) -> impl IntoView {
    let language = use_language();
    let pad = NodeRef::<Div>::new();
    let drawing = RwSignal::new(false);
    let full = move || {
        strokes.with_untracked(|all| all.iter().map(Vec::len).sum::<usize>() >= Signature::MOST_POINTS)
    };
    let point = move |event: &PointerEvent| {
        let pad = pad.get_untracked()?;
        Some((
            scaled(event.offset_x(), pad.client_width(), Signature::WIDTH),
            scaled(event.offset_y(), pad.client_height(), Signature::HEIGHT),
        ))
    };
    let begin = move |event: PointerEvent| {
        event.prevent_default();
        if let Some(pad) = pad.get_untracked() {
            // A line goes on when the finger leaves the field.
            let _ = pad.set_pointer_capture(event.pointer_id());
        }
        if let Some(point) = point(&event).filter(|_| !full()) {
            drawing.set(true);
            strokes.update(|all| all.push(vec![point]));
        }
    };
    let go_on = move |event: PointerEvent| {
        if !drawing.get_untracked() || full() {
            return;
        }
        let Some(point) = point(&event) else { return };
        strokes.update(|all| {
            if let Some(stroke) = all.last_mut()
                && stroke.last() != Some(&point)
            {
                stroke.push(point);
            }
        });
    };
    let end = move |_: PointerEvent| drawing.set(false);
    let path =
        move || strokes.with(|all| Signature::new(all.clone()).map(|drawn| drawn.path()).unwrap_or_default());
    view! {
        <div class="stack stack--tight">
            <p class="field__label" aria-hidden="true">{t!(language, "visit.signature.here")}</p>
            <div
                class="signature signature--pad"
                node_ref=pad
                role="img"
                aria-label=t!(language, "visit.signature.here")
                on:pointerdown=begin
                on:pointermove=go_on
                on:pointerup=end
                on:pointercancel=end
            >
                <svg viewBox=paper() aria-hidden="true"><path d=path></path></svg>
            </div>
            <div class="row">
                <button class="button button--quiet" type="button" on:click=move |_| strokes.set(Vec::new())>
                    {t!(language, "visit.signature.again")}
                </button>
            </div>
        </div>
    }
    .into_any()
}

fn paper() -> String {
    format!("0 0 {} {}", Signature::WIDTH, Signature::HEIGHT)
}

/// A point of the screen as one of the field; points outside count as its edge.
fn scaled(at: i32, length: i32, paper: u16) -> u16 {
    let place = i64::from(at.max(0)) * i64::from(paper) / i64::from(length.max(1));
    u16::try_from(place).unwrap_or(u16::MAX).min(paper)
}

#[cfg(test)]
mod tests {
    use super::scaled;

    #[test]
    fn signature_points_are_within_the_paper() {
        assert_eq!(scaled(150, 300, 600), 300);
        assert_eq!(scaled(-5, 300, 600), 0);
        assert_eq!(scaled(9000, 300, 600), 600);
        assert_eq!(scaled(1, 0, 600), 600);
    }
}
