//! Live updates of a page: the server's time, and its event streams.

mod clock;
mod ssr_memo;
mod stream;

pub use clock::{Time, provide_still_time, provide_time, use_time};
pub use ssr_memo::SsrMemo;
pub use stream::{Link, Message, follow, follow_afresh, follow_from};
