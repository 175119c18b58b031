//! Views that are built when they are drawn, once.

use leptos::prelude::*;
use leptos::tachys::html::attribute::Attribute;
use leptos::tachys::html::attribute::any_attribute::AnyAttribute;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::view::any_view::AnyViewState;
use leptos::tachys::view::{Mountable, Position, PositionState};

use crate::live::SsrMemo;
use crate::wire::PageResource;

/// The view of `resource` once it is read; a `Suspense` waits for it. The view of `draw` must not read another resource: the
/// `Suspense` would not wait for that.
pub fn when_read<T: Clone + Send + Sync + 'static>(
    resource: PageResource<T>,
    draw: fn(T) -> AnyView,
) -> impl Fn() -> Suspend<DeferredView> + Send + Sync + 'static {
    move || {
        Suspend::new(async move {
            // Cloned where it is drawn: Leptos polls this future several times.
            drop(resource.by_ref().await);
            DeferredView::new(move || resource.get_untracked().map_or_else(|| ().into_any(), draw))
        })
    }
}

/// Text that changes. Each change is drawn in a new element, so that a browser that translates pages translates it again.
pub fn changing(
    words: impl Fn() -> String + Send + Sync + 'static,
) -> impl Fn() -> DeferredView + Send + Sync + 'static {
    let words = SsrMemo::new(move |_| words());
    move || {
        let words = words.with(Clone::clone);
        DeferredView::new(move || view! { <span>{words}</span> }.into_any())
    }
}

/// A view that is built when it is drawn, and must not read a resource.
///
/// While a page waits, Leptos builds all views of a `Suspense` to find out what they wait for, and drops them before it
/// draws. A deferred view waits for nothing: it is built once, straight into the page. Items of a long list are dropped one
/// by one, so that their memory is reused while it is in the processor's cache.
pub struct DeferredView(Box<dyn FnOnce() -> AnyView + Send>);

impl DeferredView {
    /// The view that `make` builds.
    pub fn new(make: impl FnOnce() -> AnyView + Send + 'static) -> Self {
        Self(Box::new(make))
    }
}

impl Render for DeferredView {
    type State = AnyViewState;

    fn build(self) -> Self::State {
        (self.0)().build()
    }

    fn rebuild(self, state: &mut Self::State) {
        // Replaced, not updated: a browser that translates pages has put its own nodes in place of ours, and would go on
        // showing them.
        let mut old = std::mem::replace(state, self.build());
        old.insert_before_this(state);
        old.unmount();
    }
}

impl AddAnyAttr for DeferredView {
    type Output<NewAttr: Attribute> = <AnyView as AddAnyAttr>::Output<NewAttr>;

    fn add_any_attr<NewAttr: Attribute>(self, attr: NewAttr) -> Self::Output<NewAttr>
    where
        Self::Output<NewAttr>: RenderHtml,
    {
        (self.0)().add_any_attr(attr)
    }
}

impl RenderHtml for DeferredView {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self::AsyncOutput {
        self
    }

    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        (self.0)().to_html_with_buf(buf, position, escape, mark_branches, extra_attrs);
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Self::State {
        (self.0)().hydrate::<FROM_SERVER>(cursor, position)
    }

    fn into_owned(self) -> Self::Owned {
        self
    }
}
