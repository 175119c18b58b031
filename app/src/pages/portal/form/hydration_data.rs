//! The form on a customer's page. Only the form is hydrated: its browser needs no router, no resources and no frame
//! (docs/decisions/0002).
//!
//! The server draws the form into an element of its own, with its data in another one. The browser reads the data and
//! hydrates the element.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::api::FormStart;
use super::{CaseForm, FormFor};

/// The id of the element with the form's data.
const CARRIER: &str = "form-start";
/// The id of the element around the form.
const PLACE: &str = "form-place";

/// The data of the customer's form, on the server and in the browser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct HydrationData {
    /// The last part of the previous case's link; empty when there is none.
    follows: String,
    start: FormStart,
}

impl HydrationData {
    fn draw(self) -> AnyView {
        let leave = Callback::new(|to: String| {
            // A browser that refuses to leave the page tells the reader itself.
            let _ = window().location().assign(&to);
        });
        let Self { follows, start } = self;
        view! { <CaseForm who=FormFor::Customer start follows leave/> }.into_any()
    }
}

/// The customer's form, or the reason why there is none. Stands in a `<main class="intake">`.
#[cfg(feature = "ssr")]
#[component]
pub(in crate::pages::portal) fn CustomersForm(
    /// The last part of the previous case's link.
    #[prop(optional, into)]
    follows: String,
) -> impl IntoView {
    use super::api::{Fill, start_form};
    use super::embed::embedded;
    use super::label::Label;
    use crate::ui::Problem;

    let label = Label::of_page();
    Suspend::new(async move {
        match start_form(FormFor::Customer, follows.clone(), Fill::default()).await {
            Ok(start) => {
                let start = start.with_label(&label);
                let carried = HydrationData { follows, start };
                view! {
                    <script type="application/json" id=CARRIER inner_html=embedded(&carried)></script>
                    <div id=PLACE>{carried.draw()}</div>
                }
                .into_any()
            }
            Err(error) => view! { <Problem error/> }.into_any(),
        }
    })
}

/// Hydrates the form of this page; does nothing on a page without one.
#[cfg(feature = "hydrate")]
pub fn take_form_over() {
    use wasm_bindgen::JsCast;

    let carried = super::embed::carried::<HydrationData>(CARRIER);
    let place = document().get_element_by_id(PLACE).and_then(|place| place.dyn_into().ok());
    if let (Some(carried), Some(place)) = (carried, place) {
        crate::takeover::take_over(place, move || {
            crate::language::provide_language();
            carried.draw()
        });
    }
}
