//! The part of the form's bundle that arrives after the form itself: the server's answers, the targets, files, and sending
//! (docs/decisions/0050).
//!
//! The form is hydrated without it. The workspace has it beside the intake, and the server draws what it draws.

use domain::intake::Field;
#[cfg(not(feature = "ssr"))]
use leptos::html;
use leptos::prelude::*;

use super::asked::{Asked, Lookup};
use super::files::FormFiles;
use super::findings::{ContractFindings, MailFindings, PhoneFindings, SerialFindings, SiteFinding};
use super::notices::DraftNotice;
use super::ready_files::{self, ChosenFiles};
use super::send::Sending;
use super::sla_preview::Targets;
use super::state::{FormState, id};
#[cfg(not(feature = "ssr"))]
use crate::effect::effect;
use crate::live::Time;
#[cfg(not(feature = "ssr"))]
use crate::parts::{Awaited, NotLoaded};

/// A form with all that belongs to it.
#[derive(Clone, Copy)]
pub(super) struct WholeForm {
    pub(super) filling: FormState,
    pub(super) asked: Asked,
    pub(super) sending: Sending,
    pub(super) time: Time,
}

/// A view of the part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// Findings about the contract.
    Contract,
    /// Findings about the serial.
    Serial,
    /// The finding that the equipment is in another country.
    Site,
    /// The finding that no area begins like the number.
    Phone,
    /// The suggestion for a mail address.
    Mail,
    /// The targets of a case that is sent now.
    Targets,
    /// The notice that a draft was restored.
    Restored,
    /// The files that were chosen.
    Files,
}

impl Piece {
    /// The field that it is about.
    const fn field(self) -> Option<Field> {
        match self {
            Self::Contract => Some(Field::Contract),
            Self::Serial => Some(Field::Serial),
            Self::Phone => Some(Field::ContactPhone),
            Self::Mail => Some(Field::ContactMail),
            Self::Site | Self::Targets | Self::Restored | Self::Files => None,
        }
    }
}

/// What the part does. Functions by their addresses, so that nothing else of the bundle names them.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "ssr", allow(dead_code, reason = "the server only draws"))]
pub struct FormPart {
    begin: fn(WholeForm),
    draw: fn(Piece, WholeForm, Lookup) -> AnyView,
    pub(super) send: fn(Sending, String),
    settle_files: fn(FormFiles),
}

impl FormPart {
    /// The part. A bundle that names this function has all its code.
    #[must_use]
    pub const fn whole() -> Self {
        Self { begin: begin_all, draw, send: super::send::open, settle_files: ready_files::settle }
    }

    /// Does what is to be done with the files of a form, unless the page is gone.
    #[cfg(not(feature = "ssr"))]
    pub(super) fn settle_files(self, files: FormFiles) {
        if files.chosen.try_with_untracked(|_| ()).is_some() {
            (self.settle_files)(files);
        }
    }
}

fn begin_all(form: WholeForm) {
    form.time.tick();
    form.asked.begin(form.filling);
    ready_files::settle(form.sending.files());
}

fn draw(piece: Piece, form: WholeForm, lookup: Lookup) -> AnyView {
    let WholeForm { filling, sending, .. } = form;
    match piece {
        Piece::Contract => view! { <ContractFindings filling lookup/> }.into_any(),
        Piece::Serial => view! { <SerialFindings filling lookup/> }.into_any(),
        Piece::Site => view! { <SiteFinding filling lookup/> }.into_any(),
        Piece::Phone => view! { <PhoneFindings filling/> }.into_any(),
        Piece::Mail => view! { <MailFindings filling/> }.into_any(),
        Piece::Targets => view! { <Targets filling lookup/> }.into_any(),
        Piece::Restored => view! { <DraftNotice draft=sending.draft() lookup/> }.into_any(),
        Piece::Files => view! { <ChosenFiles sending/> }.into_any(),
    }
}

/// The view of a piece; `None` until the part is there.
pub(super) fn drawn(piece: Piece, form: WholeForm) -> Option<AnyView> {
    let lookup = form.asked.begun.get()?;
    #[cfg(feature = "ssr")]
    let part = FormPart::whole();
    #[cfg(not(feature = "ssr"))]
    let part = at_hand()?;
    Some((part.draw)(piece, form, lookup))
}

/// The live element of a piece. What the server drew in it stays until the part draws it anew.
#[component]
pub(super) fn Found(piece: Piece, form: WholeForm) -> impl IntoView {
    let of = piece.field().map(id);
    let live = (piece == Piece::Targets).then_some("polite");
    let whole = (piece == Piece::Targets).then_some("true");
    let own = of.map(|id| format!("{id}-found"));
    #[cfg(feature = "ssr")]
    let shown = view! {
        <output class="stack stack--tight" id=own r#for=of aria-live=live aria-atomic=whole>{drawn(piece, form)}</output>
    };
    #[cfg(not(feature = "ssr"))]
    let shown = {
        let place = NodeRef::<html::Output>::new();
        effect(move |_| {
            let (place, lookup, part) = (place.get()?, form.asked.begun.get()?, at_hand()?);
            place.set_inner_html("");
            Some(leptos::mount::mount_to_renderer(&place, move || (part.draw)(piece, form, lookup)))
        });
        view! {
            <output class="stack stack--tight" id=own r#for=of aria-live=live aria-atomic=whole node_ref=place></output>
        }
    };
    shown.into_any()
}

/// Begins what the part does by itself, as soon as it is there: once the browser is idle.
#[cfg(feature = "ssr")]
pub(super) fn begin(form: WholeForm) {
    form.asked.begin(form.filling);
}

/// Begins what the part does by itself, as soon as it is there: once the browser is idle.
#[cfg(not(feature = "ssr"))]
pub(super) fn begin(form: WholeForm) {
    if let Some(part) = at_hand() {
        return (part.begin)(form);
    }
    let owner = Owner::current();
    leptos::task::spawn_local(async move {
        crate::browser::idle().await;
        let (Ok(part), Some(owner)) = (crate::browser::persistently(load).await, owner) else { return };
        owner.with(|| (part.begin)(form));
    });
}

/// Does what is to be done with the files of a form, if the part is there. Else it is done when it arrives.
pub(super) fn settle_files(files: FormFiles) {
    #[cfg(not(feature = "ssr"))]
    if let Some(part) = at_hand() {
        part.settle_files(files);
    }
    #[cfg(feature = "ssr")]
    let _ = files;
}

/// As [`settle_files`], but loads the part at once: its reader has chosen files.
pub(super) fn take_files(files: FormFiles) {
    #[cfg(not(feature = "ssr"))]
    leptos::task::spawn_local(async move {
        if let Ok(part) = load().await {
            part.settle_files(files);
        }
    });
    #[cfg(feature = "ssr")]
    let _ = files;
}

#[cfg(not(feature = "ssr"))]
pub use browser::{FormLoader, provide_form_loader, provide_form_part};
#[cfg(not(feature = "ssr"))]
pub(super) use browser::{at_hand, load};

#[cfg(not(feature = "ssr"))]
mod browser {
    use std::cell::Cell;

    use super::{Awaited, FormPart, NotLoaded};

    /// How the bundle gets the part.
    pub type FormLoader = fn() -> Awaited<FormPart>;

    thread_local! {
        static LOADER: Cell<Option<FormLoader>> = const { Cell::new(None) };
        static PART: Cell<Option<FormPart>> = const { Cell::new(None) };
    }

    /// Sets how the part is loaded.
    pub fn provide_form_loader(loader: FormLoader) {
        LOADER.set(Some(loader));
    }

    /// Sets the part itself, where it is in the same file as the form.
    pub fn provide_form_part(part: FormPart) {
        PART.set(Some(part));
    }

    /// The part, where it is there.
    pub(in super::super) fn at_hand() -> Option<FormPart> {
        PART.get()
    }

    /// The part, loaded if it is not there.
    pub(in super::super) async fn load() -> Result<FormPart, NotLoaded> {
        if let Some(part) = PART.get() {
            return Ok(part);
        }
        let part = LOADER.get().ok_or(NotLoaded)?().await?;
        PART.set(Some(part));
        Ok(part)
    }
}
