//! Pages of long lists.

use serde::{Deserialize, Serialize};

/// Position of a page in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paging {
    /// Rows of the whole list.
    pub total: i64,
    /// The page, from 1 on.
    pub page: u32,
    /// Pages of the list, at least 1.
    pub pages: u32,
}

impl Paging {
    /// Rows of a page.
    pub const ROWS: u32 = 50;

    /// The page `wanted` of a list of `total` rows; the last one when it does not exist.
    ///
    /// ```
    /// use domain::page::Paging;
    ///
    /// let paging = Paging::of(120, 3);
    /// assert_eq!((paging.pages, paging.span()), (3, Some((101, 120))));
    /// assert_eq!(Paging::of(120, 9), paging);
    /// ```
    #[must_use]
    pub fn of(total: i64, wanted: u32) -> Self {
        let pages = u32::try_from((total.max(1) - 1) / i64::from(Self::ROWS) + 1).unwrap_or(u32::MAX);
        Self { total, page: wanted.clamp(1, pages), pages }
    }

    /// Rows of the list before this page.
    #[must_use]
    pub fn offset(self) -> i64 {
        i64::from(self.page.saturating_sub(1)) * i64::from(Self::ROWS)
    }

    /// The first and the last row of this page, counted from 1. `None` for an empty list.
    #[must_use]
    pub fn span(self) -> Option<(i64, i64)> {
        let first = self.offset() + 1;
        (self.total > 0).then(|| (first, (first + i64::from(Self::ROWS) - 1).min(self.total)))
    }

    /// The page before this one.
    #[must_use]
    pub fn before(self) -> Option<u32> {
        (self.page > 1).then(|| self.page - 1)
    }

    /// The page after this one.
    #[must_use]
    pub fn after(self) -> Option<u32> {
        (self.page < self.pages).then(|| self.page + 1)
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows of this page.
    pub rows: Vec<T>,
    /// Position of the page.
    pub paging: Paging,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_hold_every_row_once() {
        for (total, pages) in [(0, 1), (1, 1), (50, 1), (51, 2), (100, 2), (101, 3)] {
            let all: Vec<Paging> = (1..=pages).map(|page| Paging::of(total, page)).collect();
            assert!(all.iter().all(|paging| paging.pages == pages && paging.total == total), "{all:?}");
            let rows: Vec<i64> =
                all.iter().filter_map(|paging| paging.span()).flat_map(|(from, to)| from..=to).collect();
            assert_eq!(rows, (1..=total).collect::<Vec<_>>(), "{all:?}");
        }
    }

    #[test]
    fn page_beyond_the_ends_is_clamped() {
        let paging = |wanted| Paging::of(120, wanted);
        assert_eq!((paging(0).page, paging(9).page), (1, 3));
        assert_eq!((paging(1).before(), paging(1).after()), (None, Some(2)));
        assert_eq!((paging(3).before(), paging(3).after()), (Some(2), None));
        assert_eq!((paging(3).offset(), paging(3).span()), (100, Some((101, 120))));
    }
}
