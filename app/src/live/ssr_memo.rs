//! What an element shows: it moves in the browser, and stands still on the server.

use leptos::prelude::*;

/// A value that is read again, in the browser, whenever something that it was read from changes.
///
/// The server draws a page once. There it is the value and nothing else: memos and subscriptions for each figure of a list
/// would be made, asked once, and taken apart again.
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
    /// Reads it, given what it was before.
    pub fn new(read: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Self {
        #[cfg(feature = "hydrate")]
        let inner = Memo::new(read);
        #[cfg(not(feature = "hydrate"))]
        let inner = std::sync::Arc::new(read(None));
        Self(inner)
    }

    /// Looks at it; in the browser whoever does so in a view is run again when it changes.
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

    /// A part of it, which moves less often.
    pub fn part<U: PartialEq + Send + Sync + 'static>(
        &self,
        part: impl Fn(&T) -> U + Send + Sync + 'static,
    ) -> SsrMemo<U> {
        let whole = self.clone();
        SsrMemo::new(move |_| whole.with(&part))
    }

    /// What a view shows of it.
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
