//! Identity providers, by which the staff signs in (`OpenID` Connect): what an administrator sets, and the rules over what a provider
//! says of a person.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::actor::Role;
use crate::text::legible;

/// The most characters of a provider's name.
pub const IDENTITY_PROVIDER_NAME_CHARS_MAX: usize = 60;
/// The most characters of an issuer, a client id, a secret, a list of scopes and the name of a claim.
pub const IDENTITY_PROVIDER_TEXT_CHARS_MAX: usize = 500;
/// The most groups of a provider that have a role.
pub const GROUP_ROLES_MAX: usize = 50;
/// The most groups of a person that are read.
pub const GROUPS_READ_MAX: usize = 1000;

/// Id of an identity provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IdentityProviderId(pub i64);

/// The name of an identity provider, on one line: what stands on the button of the sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityProviderName(String);

/// The name is empty, or longer than [`IDENTITY_PROVIDER_NAME_CHARS_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a provider's name has from 1 to {IDENTITY_PROVIDER_NAME_CHARS_MAX} characters")]
pub struct IdentityProviderNameLength;

impl IdentityProviderName {
    /// Normalises the name: on one line, words separated by single spaces.
    ///
    /// # Errors
    /// [`IdentityProviderNameLength`].
    pub fn parse(typed: &str) -> Result<Self, IdentityProviderNameLength> {
        let name = legible(typed).split_whitespace().collect::<Vec<_>>().join(" ");
        let fits = (1..=IDENTITY_PROVIDER_NAME_CHARS_MAX).contains(&name.chars().count());
        if fits { Ok(Self(name)) } else { Err(IdentityProviderNameLength) }
    }

    /// The name as accepted.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The issuer of a provider, as it calls itself. Issuers are compared as text, so it is kept as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer(String);

/// It is no address that an issuer can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an issuer is an address without query and fragment")]
pub struct NotAnIssuer;

impl Issuer {
    /// Parses an issuer: an address of the web without query and fragment (`OpenID` Connect Discovery, 3).
    ///
    /// # Errors
    /// [`NotAnIssuer`].
    ///
    /// ```
    /// use domain::identity_provider::Issuer;
    ///
    /// let issuer = Issuer::parse(" https://login.example/realms/desk/ ").unwrap();
    /// assert_eq!(issuer.as_str(), "https://login.example/realms/desk/");
    /// assert_eq!(issuer.discovery(), "https://login.example/realms/desk/.well-known/openid-configuration");
    /// assert!(Issuer::parse("login.example").is_err());
    /// ```
    pub fn parse(typed: &str) -> Result<Self, NotAnIssuer> {
        let typed = typed.trim();
        let rest = typed.strip_prefix("https://").or_else(|| typed.strip_prefix("http://"));
        let fits = typed.len() <= IDENTITY_PROVIDER_TEXT_CHARS_MAX
            && typed.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#@\\".contains(&byte));
        match rest {
            Some(rest) if fits && !rest.is_empty() && !rest.starts_with('/') => Ok(Self(typed.to_owned())),
            _ => Err(NotAnIssuer),
        }
    }

    /// The issuer as the provider calls itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address at which the provider describes itself.
    #[must_use]
    pub fn discovery(&self) -> String {
        format!("{}/.well-known/openid-configuration", self.0.trim_end_matches('/'))
    }
}

choices! {
    /// What happens to a person of the provider who is not known yet.
    pub enum Strangers: "identity.strangers" {
        /// They are refused: an account is connected by its owner.
        Refused = "refused",
        /// They get an account where one of their groups has a role.
        ByGroup = "by_group",
    }
}

choices! {
    /// Which people of the provider may sign in with a password or passkey of the desk as well.
    pub enum DeskSignIn: "identity.desk_sign_in" {
        /// All.
        Everyone = "everyone",
        /// Administrators alone, so that a provider that is out of order locks no desk up.
        Administrators = "administrators",
    }
}

impl DeskSignIn {
    /// Whether a person with a role may sign in with a password or passkey of the desk.
    #[must_use]
    pub const fn allows(self, role: Role) -> bool {
        matches!((self, role), (Self::Everyone, _) | (Self::Administrators, Role::Administrator))
    }
}

/// Roles by the provider's groups, in their order: the first group that a person has counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRoles(Vec<GroupRole>);

/// A group of the provider and its role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRole {
    /// The group, as the provider names it.
    pub group: String,
    /// The role of its members.
    pub role: Role,
}

/// Why roles by groups were not read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GroupRolesProblem {
    /// A line has no role that is known after its `=`; the number of the line, from 1.
    #[error("line {0} is no group and role")]
    Line(usize),
    /// There are more than [`GROUP_ROLES_MAX`].
    #[error("more than {GROUP_ROLES_MAX} groups")]
    TooMany,
}

impl GroupRoles {
    /// Reads a line for each group: its name, `=`, and the code of a role. Names of groups may hold `=`, as those of LDAP do.
    ///
    /// # Errors
    /// See [`GroupRolesProblem`].
    ///
    /// ```
    /// use domain::actor::Role;
    /// use domain::identity_provider::GroupRoles;
    ///
    /// let roles = GroupRoles::parse("cn=desk,ou=groups = supervisor\nhelp = agent\n").unwrap();
    /// assert_eq!(roles.role_of(&["help".into()]), Some(Role::Agent));
    /// ```
    pub fn parse(typed: &str) -> Result<Self, GroupRolesProblem> {
        let mut roles = Vec::new();
        for (place, line) in typed.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let read = line.rsplit_once('=').and_then(|(group, role)| {
                let group = legible(group).trim().to_owned();
                let fits = (1..=IDENTITY_PROVIDER_TEXT_CHARS_MAX).contains(&group.chars().count());
                let role = Role::from_code(role.trim())?;
                fits.then_some(GroupRole { group, role })
            });
            roles.push(read.ok_or(GroupRolesProblem::Line(place + 1))?);
        }
        if roles.len() > GROUP_ROLES_MAX { Err(GroupRolesProblem::TooMany) } else { Ok(Self(roles)) }
    }

    /// As [`parse`](Self::parse) reads it.
    #[must_use]
    pub fn written(&self) -> String {
        let line = |of: &GroupRole| format!("{} = {}", of.group, of.role.code());
        self.0.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// Whether no group has a role: the provider says nothing of roles then.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The role of the first group of the list that is among a person's.
    #[must_use]
    pub fn role_of(&self, groups: &[String]) -> Option<Role> {
        self.0.iter().find(|of| groups.contains(&of.group)).map(|of| of.role)
    }

    /// What a sign-in makes of the role of a person who has one.
    #[must_use]
    pub fn judge(&self, groups: &[String], now: Role) -> RoleByGroups {
        match self.role_of(groups) {
            _ if self.is_empty() => RoleByGroups::Stays,
            Some(role) if role == now => RoleByGroups::Stays,
            Some(role) => RoleByGroups::Becomes(role),
            None => RoleByGroups::NotEntitled,
        }
    }
}

choices! {
    /// Why a sign-in or connection by an identity provider failed.
    pub enum IdentityProblem: "identity.problem" {
        /// The answer was used, is too old, or is another browser's.
        Over = "over",
        /// The person did not consent, or cancelled.
        Denied = "denied",
        /// The provider refused, in words of its own, which are in the log.
        Refused = "refused",
        /// The provider does not answer, or its answer cannot be read.
        Unreachable = "unreachable",
        /// The provider is not there any more, is paused, or was not set up.
        Closed = "closed",
        /// The clocks of provider and desk differ.
        Clock = "clock",
        /// What the provider sent proves nothing.
        Proof = "proof",
        /// The provider did not ask for a proof anew, or does not say so.
        NotFresh = "not_fresh",
        /// The person is not known here.
        Unknown = "unknown",
        /// None of the person's groups has a role here.
        NoGroup = "no_group",
        /// The account is out of service.
        Inactive = "inactive",
        /// The provider gives no name or no mail address, or one that was not verified.
        NoMail = "no_mail",
        /// An account has the mail address: its owner connects it.
        MailTaken = "mail_taken",
        /// The identity is another account's, or the account has another one of this provider.
        Taken = "taken",
        /// An account of the demonstration is not connected.
        Shared = "shared",
        /// The desk failed.
        Failed = "failed",
    }
}

/// What a person's groups make of their role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleByGroups {
    /// It stays as it is.
    Stays,
    /// It is another one since then.
    Becomes(Role),
    /// No group of theirs has a role: they may not come in.
    NotEntitled,
}

/// Whether a person proved themself at the provider by what an administrator accepts as two factors. Means (`amr`, RFC 8176)
/// and class (`acr`) are compared.
#[must_use]
pub fn proves_two_factors(accepted: &[String], amr: &[String], acr: Option<&str>) -> bool {
    accepted.iter().any(|value| amr.contains(value) || acr == Some(value.as_str()))
}
