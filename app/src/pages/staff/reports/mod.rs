//! Reports for those who watch over the desk: each a page whose filter stands in its address, and a file of the same.

mod api;
mod pauses;

#[cfg(feature = "ssr")]
pub use api::pauses_csv;
pub use pauses::PausesReportPage;
