//! The form on a customer's page. All around it is plain HTML that nothing takes over: no router, no resources, no frame
//! are needed in the browser, and none are loaded (docs/decisions/0002).
//!
//! The server draws the form into an element of its own, with what it was drawn from beside it; the browser reads that
//! and takes over what is inside the element.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::api::FormStart;
use super::{CaseForm, FormFor};

/// The id of the element that carries what the form was drawn from.
const CARRIER: &str = "form-start";
/// The id of the element whose content is the form.
const PLACE: &str = "form-place";

/// What the customer's form is drawn from, on the server and again in the browser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct HydrationData {
    /// The last part of the link to the case that the new one takes up; empty when there is none.
    follows: String,
    start: FormStart,
}

impl HydrationData {
    fn draw(self) -> AnyView {
        let leave = Callback::new(|to: String| {
            // A browser that goes nowhere says so itself.
            let _ = window().location().assign(&to);
        });
        let Self { follows, start } = self;
        view! { <CaseForm who=FormFor::Customer start follows leave/> }.into_any()
    }
}

/// The customer's form, or why there is none. Stands in a `<main class="intake">`.
#[cfg(feature = "ssr")]
#[component]
pub(in crate::pages::portal) fn CustomersForm(
    /// The case that the new one takes up: the last part of its link.
    #[prop(optional, into)]
    follows: String,
) -> impl IntoView {
    use super::api::{Fill, start_form};
    use super::embed::embedded;
    use crate::ui::Problem;

    Suspend::new(async move {
        match start_form(FormFor::Customer, follows.clone(), Fill::default()).await {
            Ok(start) => {
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

/// Takes the form of this page over; a page without one is left as it is.
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
