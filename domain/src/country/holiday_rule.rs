//! Rules of holidays, each with the years in which it holds.

/// One rule: date, name, and the first and last year in which it holds.
pub(crate) struct Rule {
    pub when: When,
    pub name: &'static str,
    pub first_year: i32,
    pub last_year: i32,
}

/// The date of a holiday, apart from the years of validity.
#[derive(Clone, Copy)]
pub(crate) enum When {
    Fixed {
        month: u32,
        day: u32,
    },
    /// Days from Easter Sunday.
    Easter {
        days: i64,
    },
    MondayDate {
        month: u32,
        day: u32,
    },
    MondayEaster {
        days: i64,
    },
    NthMonday {
        month: u32,
        nth: u8,
    },
    /// In years with remainder `rest` after division by six.
    SixYearly {
        month: u32,
        day: u32,
        rest: i32,
    },
    Decree {
        month: u32,
        day: u32,
    },
}

pub(super) const fn rule(when: When, name: &'static str) -> Rule {
    Rule { when, name, first_year: i32::MIN, last_year: i32::MAX }
}

pub(super) const fn fixed(month: u32, day: u32, name: &'static str) -> Rule {
    rule(When::Fixed { month, day }, name)
}

pub(super) const fn from_easter(days: i64, name: &'static str) -> Rule {
    rule(When::Easter { days }, name)
}

pub(super) const fn nth_monday(nth: u8, month: u32, name: &'static str) -> Rule {
    rule(When::NthMonday { month, nth }, name)
}

impl Rule {
    pub(super) const fn since(self, first_year: i32) -> Self {
        Self { first_year, ..self }
    }

    pub(super) const fn until(self, last_year: i32) -> Self {
        Self { last_year, ..self }
    }
}
