//! What was changed of the account of a member of the staff.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::actor::Role;

/// An entry of the history of an account. Stored as JSON: names of variants and fields stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonChange {
    /// Added by the command line, with a password.
    Added {
        /// What they were added as.
        role: Role,
    },
    /// Invited by mail.
    Invited {
        /// What they were invited as.
        role: Role,
    },
    /// The invitation was sent once more; the link before it leads nowhere.
    InvitedAgain,
    /// The invitation was withdrawn.
    InvitationWithdrawn,
    /// They took the invitation and chose a password.
    Joined,
    /// Another name.
    Renamed {
        /// The name before.
        from: String,
        /// The name since.
        to: String,
    },
    /// Another mail address to sign in with.
    MailChanged {
        /// The address before.
        from: String,
        /// The address since.
        to: String,
    },
    /// Another role.
    RoleChanged {
        /// The role before.
        from: Role,
        /// The role since.
        to: Role,
    },
    /// Given a composed role in place of the one before.
    ComposedRoleGiven {
        /// Its name then.
        name: String,
    },
    /// A composed role was taken away; the standing one that it is like counts since.
    ComposedRoleTaken {
        /// Its name then.
        name: String,
    },
    /// Put out of service.
    Deactivated,
    /// Taken back into service.
    Reactivated,
    /// Another password.
    PasswordChanged,
    /// A new password by a mailed link.
    PasswordReset,
    /// Signs in with a second factor since then.
    SecondFactorSet,
    /// Signs in with the password alone since then.
    SecondFactorRemoved,
    /// Has new recovery codes.
    RecoveryCodesMade,
    /// Can sign in with another passkey.
    PasskeyAdded {
        /// As its owner named it.
        name: String,
    },
    /// Removed one of their passkeys.
    PasskeyRemoved {
        /// As its owner had named it.
        name: String,
    },
    /// An administrator removed all of their passkeys.
    PasskeysRemoved {
        /// How many there were.
        count: u64,
    },
    /// Can sign in by an identity provider.
    IdentityLinked {
        /// The provider's name then.
        provider: String,
    },
    /// Signs in by an identity provider no more.
    IdentityUnlinked {
        /// The provider's name then.
        provider: String,
    },
    /// Came by an identity provider, one of whose groups has a role.
    JoinedByGroup {
        /// The provider's name then.
        provider: String,
        /// The role of the group.
        role: Role,
    },
    /// Another role by the groups of an identity provider.
    RoleByGroup {
        /// The provider's name then.
        provider: String,
        /// The role before.
        from: Role,
        /// The role since.
        to: Role,
    },
    /// Other working hours, or none.
    WorkingHoursChanged,
    /// Another telephone extension, or none.
    ExtensionChanged {
        /// The extension before.
        from: Option<String>,
        /// The extension since.
        to: Option<String>,
    },
    /// An absence was entered.
    AbsenceEntered {
        /// Its first local day.
        from: NaiveDate,
        /// Its last local day.
        to: NaiveDate,
    },
    /// An absence was removed.
    AbsenceRemoved {
        /// Its first local day.
        from: NaiveDate,
        /// Its last local day.
        to: NaiveDate,
    },
}

impl PersonChange {
    /// Whether the owner of the account is mailed about it: it changes how they sign in, and may not be their doing.
    #[must_use]
    pub const fn is_told(&self) -> bool {
        match self {
            Self::PasswordChanged
            | Self::PasswordReset
            | Self::SecondFactorSet
            | Self::SecondFactorRemoved
            | Self::RecoveryCodesMade
            | Self::PasskeyAdded { .. }
            | Self::PasskeyRemoved { .. }
            | Self::PasskeysRemoved { .. }
            | Self::IdentityLinked { .. }
            | Self::IdentityUnlinked { .. } => true,
            Self::Added { .. }
            | Self::Invited { .. }
            | Self::InvitedAgain
            | Self::InvitationWithdrawn
            | Self::Joined
            | Self::Renamed { .. }
            | Self::MailChanged { .. }
            | Self::RoleChanged { .. }
            | Self::ComposedRoleGiven { .. }
            | Self::ComposedRoleTaken { .. }
            | Self::JoinedByGroup { .. }
            | Self::RoleByGroup { .. }
            | Self::Deactivated
            | Self::Reactivated
            | Self::WorkingHoursChanged
            | Self::ExtensionChanged { .. }
            | Self::AbsenceEntered { .. }
            | Self::AbsenceRemoved { .. } => false,
        }
    }
}
