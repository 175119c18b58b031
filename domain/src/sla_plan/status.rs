//! Whether contracts can choose a plan.

choices! {
    /// Whether contracts can choose a plan. It is no term of the plan: cases under its contracts are opened as before.
    #[derive(Default)]
    pub enum PlanStatus {
        /// Every contract can choose it.
        #[default]
        Active = "active",
        /// Contracts that have it keep it until they are changed. No other contract can choose it.
        Retired = "retired",
    }
}

impl PlanStatus {
    /// Whether a contract can be registered with the plan. `kept` says whether it has the plan already.
    #[must_use]
    pub const fn is_choice(self, kept: Kept) -> bool {
        matches!((self, kept), (Self::Active, _) | (Self::Retired, Kept::Same))
    }
}

/// The plan of a contract before it is registered anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// The contract has this plan already.
    Same,
    /// The contract is new, or has another plan.
    Other,
}

impl Kept {
    /// Compares the plan that a contract has with the one that is chosen.
    #[must_use]
    pub fn of<T: PartialEq>(held: Option<&T>, chosen: &T) -> Self {
        if held == Some(chosen) { Self::Same } else { Self::Other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retired_plan_stays_with_its_contracts_alone() {
        assert!(PlanStatus::Active.is_choice(Kept::of(None, &7)));
        assert!(PlanStatus::Active.is_choice(Kept::of(Some(&6), &7)));
        assert!(PlanStatus::Retired.is_choice(Kept::of(Some(&7), &7)));
        assert!(!PlanStatus::Retired.is_choice(Kept::of(Some(&6), &7)));
        assert!(!PlanStatus::Retired.is_choice(Kept::of(None, &7)));
    }
}
