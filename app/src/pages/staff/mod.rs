//! The staff's workspace: sign-in, queue, case file, intake by telephone.

mod agenda;
mod api;
mod case_file;
mod frame;
mod fresh;
mod intake;
mod queue;
mod sign_in;
mod visit_api;

pub use agenda::AgendaPage;
pub use case_file::CaseFilePage;
pub(crate) use case_file::site_time;
pub use intake::IntakePage;
pub use queue::QueuePageView;
pub use sign_in::SignInPage;
