//! The variables of templates: a closed set.

choices! {
    /// What the desk fills into a text. Its code stands in braces: `{number}`.
    #[derive(PartialOrd, Ord)]
    pub enum Variable: "wording.variable" {
        /// The case's number.
        Number = "number",
        /// The name of the customer's contact.
        Name = "name",
        /// The priority, such as `P2`.
        Priority = "priority",
        /// What the case is about: equipment and site as registered, else platform and country.
        About = "about",
        /// The platform.
        Platform = "platform",
        /// The country of the site.
        Country = "country",
        /// The location in the customer's words.
        Location = "location",
        /// The serial number.
        Serial = "serial",
        /// When the case was opened, in the site's time.
        Opened = "opened",
        /// The name of the agent who writes.
        Agent = "agent",
        /// The name of the provider.
        Provider = "provider",
    }
}

impl Variable {
    /// Whether its value is text that the customer typed. It does not go out to an address that nobody has verified.
    #[must_use]
    pub const fn is_typed(self) -> bool {
        matches!(self, Self::Name | Self::Location | Self::Serial)
    }

    /// The variable as it stands in a text: `{number}`.
    #[must_use]
    pub fn in_braces(self) -> String {
        format!("{{{}}}", self.code())
    }
}
