//! Identity providers: which group gives which role, what counts as two factors, and what an issuer is.

use domain::actor::Role;
use domain::identity_provider::{
    DeskSignIn, GROUP_ROLES_MAX, GroupRoles, GroupRolesProblem, Issuer, NotAnIssuer, RoleByGroups,
    proves_two_factors,
};
use proptest::prelude::*;

fn texts(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn first_group_of_the_list_counts() {
    let roles = GroupRoles::parse("jefes = supervisor\nmesa = agent\ncampo = technician").unwrap();
    assert_eq!(roles.role_of(&texts(&["mesa", "jefes"])), Some(Role::Supervisor));
    assert_eq!(roles.role_of(&texts(&["Mesa"])), None, "names are compared as they are");
    assert_eq!(roles.judge(&texts(&["campo"]), Role::Agent), RoleByGroups::Becomes(Role::Technician));
    assert_eq!(roles.judge(&texts(&["campo"]), Role::Technician), RoleByGroups::Stays);
    assert_eq!(roles.judge(&[], Role::Administrator), RoleByGroups::NotEntitled);
}

#[test]
fn provider_without_groups_says_nothing_of_roles() {
    assert_eq!(GroupRoles::default().judge(&texts(&["mesa"]), Role::Agent), RoleByGroups::Stays);
    assert_eq!(GroupRoles::default().role_of(&texts(&["mesa"])), None);
}

#[test]
fn line_without_a_role_is_named() {
    assert_eq!(GroupRoles::parse("mesa = agent\n\njefes = king"), Err(GroupRolesProblem::Line(3)));
    assert_eq!(GroupRoles::parse(" = agent"), Err(GroupRolesProblem::Line(1)));
    assert_eq!(GroupRoles::parse("agent"), Err(GroupRolesProblem::Line(1)));
    let many = "g = agent\n".repeat(GROUP_ROLES_MAX + 1);
    assert_eq!(GroupRoles::parse(&many), Err(GroupRolesProblem::TooMany));
}

#[test]
fn second_factor_of_the_provider_counts_where_it_is_accepted() {
    let accepted = texts(&["mfa", "urn:example:silver"]);
    assert!(proves_two_factors(&accepted, &texts(&["pwd", "mfa"]), None));
    assert!(proves_two_factors(&accepted, &[], Some("urn:example:silver")));
    assert!(!proves_two_factors(&accepted, &texts(&["pwd"]), Some("0")));
    assert!(!proves_two_factors(&[], &texts(&["mfa"]), Some("mfa")));
}

#[test]
fn administrators_always_keep_a_way_in_of_the_desk() {
    for rule in DeskSignIn::ALL {
        assert!(rule.allows(Role::Administrator));
    }
    assert!(!DeskSignIn::Administrators.allows(Role::Agent));
}

#[test]
fn what_is_no_issuer_is_refused() {
    for wrong in [
        "",
        "https://",
        "https:///realm",
        "login.example",
        "ftp://login.example",
        "javascript:alert(1)",
        "https://login.example/?a=b",
        "https://login.example/#a",
        "https://me@login.example",
        "https://login.example/a b",
        "https://login.example\\a",
        "https://línea.example",
    ] {
        assert_eq!(Issuer::parse(wrong), Err(NotAnIssuer), "{wrong}");
    }
}

proptest! {
    #[test]
    fn groups_that_are_written_are_read_again(
        rows in prop::collection::vec(("[a-zA-Z0-9=,_/-]{1,20}", 0..Role::ALL.len()), 0..GROUP_ROLES_MAX)
    ) {
        let lines: Vec<String> =
            rows.iter().map(|(group, role)| format!("{group} = {}", Role::ALL[*role].code())).collect();
        let roles = GroupRoles::parse(&lines.join("\n")).unwrap();
        prop_assert_eq!(GroupRoles::parse(&roles.written()).unwrap(), roles);
    }

    #[test]
    fn person_gets_no_role_that_no_group_of_theirs_has(
        rows in prop::collection::vec(("[a-e]", 0..Role::ALL.len()), 0..8),
        groups in prop::collection::vec("[a-g]", 0..4),
    ) {
        let lines: Vec<String> =
            rows.iter().map(|(group, role)| format!("{group} = {}", Role::ALL[*role].code())).collect();
        let roles = GroupRoles::parse(&lines.join("\n")).unwrap();
        let given = roles.role_of(&groups);
        let first = rows.iter().find(|(group, _)| groups.contains(group)).map(|(_, role)| Role::ALL[*role]);
        prop_assert_eq!(given, first);
    }

    #[test]
    fn any_text_is_an_issuer_or_refused(text in "\\PC*") {
        if let Ok(issuer) = Issuer::parse(&text) {
            prop_assert!(issuer.as_str().starts_with("http"));
            prop_assert!(issuer.discovery().ends_with("/.well-known/openid-configuration"));
        }
    }
}
