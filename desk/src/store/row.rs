//! Rows of a query as structs.
//!
//! A macro of our own, because `sqlx`'s derive compiles both database drivers, SQLite's C included, once more for the
//! compiler's side.

/// Declares a struct that is read from the columns of the same names.
macro_rules! row {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($field_vis:vis $field:ident: $type:ty),+ $(,)? }) => {
        $(#[$meta])*
        $vis struct $name {
            $($field_vis $field: $type),+
        }

        impl sqlx::FromRow<'_, sqlx::any::AnyRow> for $name {
            fn from_row(row: &sqlx::any::AnyRow) -> Result<Self, sqlx::Error> {
                Ok(Self { $($field: sqlx::Row::try_get(row, stringify!($field))?),+ })
            }
        }
    };
}

pub(crate) use row;
