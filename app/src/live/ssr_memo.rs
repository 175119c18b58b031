//! Values of an element: reactive in the browser, plain on the server.

use leptos::prelude::*;

/// A memo in the browser, and a plain value on the server.
///
/// The server renders a page once. A memo and its subscriptions for each figure of a list would be made, read once, and
/// dropped.
pub struct SsrMemo<T: Send + Sync + 'static>(Inner<T>);

#[cfg(feature = "hydrate")]
type Inner<T> = Memo<T>;
#[cfg(not(feature = "hydrate"))]
type Inner<T> = std::sync::Arc<T>;

impl<T: Send + Sync + 'static> Clone for SsrMemo<T> {
    #[cfg_attr(feature = "hydrate", expect(clippy::clone_on_copy, reason = "on the server it is none"))]
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: PartialEq + Send + Sync + 'static> SsrMemo<T> {
    /// Computes the value from the previous one.
    pub fn new(read: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Self {
        #[cfg(feature = "hydrate")]
        let inner = Memo::new(read);
        #[cfg(not(feature = "hydrate"))]
        let inner = std::sync::Arc::new(read(None));
        Self(inner)
    }

    /// Reads the value; in the browser the reader runs again when it changes.
    pub fn with<U>(&self, look: impl FnOnce(&T) -> U) -> U {
        #[cfg(feature = "hydrate")]
        {
            self.0.with(look)
        }
        #[cfg(not(feature = "hydrate"))]
        {
            look(&self.0)
        }
    }

    /// A part of the value, which changes less often.
    pub fn part<U: PartialEq + Send + Sync + 'static>(
        &self,
        part: impl Fn(&T) -> U + Send + Sync + 'static,
    ) -> SsrMemo<U> {
        let whole = self.clone();
        SsrMemo::new(move |_| whole.with(&part))
    }

    /// A view of the value.
    pub fn show<U>(
        &self,
        show: impl Fn(&T) -> U + Send + Sync + 'static,
    ) -> impl Fn() -> U + Send + Sync + 'static {
        let whole = self.clone();
        move || whole.with(&show)
    }
}

impl<T: Clone + PartialEq + Send + Sync + 'static> From<Signal<T>> for SsrMemo<T> {
    fn from(signal: Signal<T>) -> Self {
        Self::new(move |_| signal.get())
    }
}
