//! What is stored of identity providers.

use domain::actor::Role;
use domain::identity_provider::{DeskSignIn, GroupRole, GroupRoles, IdentityProblem, Strangers};

use super::{Golden, golden};

pub(super) fn goldens() -> Vec<Golden> {
    let roles = GroupRoles::parse("jefes = supervisor\nmesa = agent").unwrap();
    vec![
        golden!("group_roles", GroupRoles, [roles, GroupRoles::default()]),
        golden!("group_role", GroupRole, [GroupRole { group: "mesa".into(), role: Role::Agent }]),
        golden!("strangers", Strangers in ALL),
        golden!("desk_sign_in", DeskSignIn in ALL),
        golden!("identity_problem", IdentityProblem in ALL),
    ]
}
