//! The staff's workspace: sign-in, queue, case file, intake by telephone.

mod api;
mod case_file;
mod frame;
mod fresh;
mod intake;
mod queue;
mod sign_in;

pub use case_file::CaseFilePage;
pub use intake::IntakePage;
pub use queue::QueuePageView;
pub use sign_in::SignInPage;
