//! Use-cases: how people come to the desk, get back in, and leave: invitations, forgotten passwords, roles and service.
//!
//! `access` knows who may come in; this room writes to people, and looks at what they have in hand.

pub mod composed;
pub mod handover;
pub mod invitations;
pub mod invite_list;
pub mod keep;
pub mod links;
pub mod password_reset;
