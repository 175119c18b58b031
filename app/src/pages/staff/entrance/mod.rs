//! The ways to the desk beside the sign-in: a forgotten password, and a password that is chosen by a mailed link. The server
//! alone draws these pages: they are plain forms, and no bundle is loaded for them.

mod choose;
mod code;
mod forgotten;
mod leave;
mod start;

pub use choose::{ChoosePasswordPage, post_choose_password};
pub use code::{CodePage, CodeReply, CodesReply, TRUST_ON};
pub use forgotten::{ForgottenPasswordPage, post_forgotten_password};
pub use leave::LeaveReply;
pub use start::{Credentials, StartPage, post_start};
