//! Enums whose every variant has a code.

/// Declares an enum of plain choices. Each variant has a code, which is its name on the wire.
///
/// The list of all choices and `from_code` follow from the declaration, so neither can miss a variant. With a key after
/// the enum's name, each choice also has a name in the language files: the key, a dot, the code.
///
/// ```
/// domain::choices! {
///     /// What brought a customer to the desk.
///     #[derive(PartialOrd, Ord)]
///     pub enum Way: "channel" {
///         /// By telephone.
///         Telephone = "phone",
///         /// By mail.
///         Mail = "mail",
///     }
/// }
///
/// assert_eq!(Way::ALL.map(Way::code), ["phone", "mail"]);
/// assert_eq!(Way::from_code("mail"), Some(Way::Mail));
/// assert_eq!(Way::Telephone.name_key(), "channel.phone");
/// ```
#[macro_export]
macro_rules! choices {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident $(: $key:literal)? { $($(#[$vmeta:meta])* $variant:ident = $code:literal),+ $(,)? }
    ) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ::serde::Serialize, ::serde::Deserialize)]
        $(#[$meta])*
        $vis enum $name {
            $($(#[$vmeta])* #[serde(rename = $code)] $variant),+
        }

        impl $name {
            /// All choices, in the order in which they are offered.
            $vis const ALL: [Self; [$($code),+].len()] = [$(Self::$variant),+];

            /// The choice's code in forms, in the database and on the wire.
            #[must_use]
            $vis const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The choice of a code.
            #[must_use]
            $vis fn from_code(code: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|choice| choice.code() == code)
            }
        }

        $crate::choices!(@names ($vis) $name [$($key)?] $($variant = $code),+);
    };
    (@names ($vis:vis) $name:ident [] $($variant:ident = $code:literal),+) => {};
    (@names ($vis:vis) $name:ident [$key:literal] $($variant:ident = $code:literal),+) => {
        impl $name {
            /// The key of the choice's name in the language files.
            #[must_use]
            $vis const fn name_key(self) -> &'static str {
                match self { $(Self::$variant => concat!($key, ".", $code)),+ }
            }
        }
    };
}
