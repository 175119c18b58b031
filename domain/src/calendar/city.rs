//! The city that a time zone is named after, in the reader's language.

use super::ZoneView;
use crate::i18n::Language;
use crate::t;

/// Cities that are spelt otherwise than in their zone's IANA name, with the keys of their names.
const CITIES: [(&str, &str); 7] = [
    ("America/Bahia_Banderas", "letter.place.bahia_banderas"),
    ("America/Bogota", "letter.place.bogota"),
    ("America/Cancun", "letter.place.cancun"),
    ("America/Ciudad_Juarez", "letter.place.ciudad_juarez"),
    ("America/Mazatlan", "letter.place.mazatlan"),
    ("America/Merida", "letter.place.merida"),
    ("America/Mexico_City", "letter.place.mexico_city"),
];

impl ZoneView {
    /// The city of the zone; for a zone without a row of its own, the last part of its IANA name.
    #[must_use]
    pub fn city(&self, language: Language) -> String {
        match CITIES.iter().find(|(zone, _)| *zone == self.name) {
            Some((_, key)) => t!(language, key).into_owned(),
            None => self.name.rsplit('/').next().unwrap_or(&self.name).replace('_', " "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::country::Country;

    fn city(zone: &str, language: Language) -> String {
        ZoneView { name: zone.to_owned(), offset_s: 0, changes: Vec::new() }.city(language)
    }

    #[test]
    fn cities_of_all_served_zones_are_spelt_as_in_spanish() {
        let zones = Country::ALL.into_iter().flat_map(Country::zones);
        let cities: Vec<_> = zones.map(|zone| city(zone, Language::Es)).collect();
        let expected = [
            "Caracas",
            "Bogotá",
            "Bahía de Banderas",
            "Cancún",
            "Chihuahua",
            "Ciudad Juárez",
            "Hermosillo",
            "Matamoros",
            "Mazatlán",
            "Mérida",
            "Ciudad de México",
            "Monterrey",
            "Ojinaga",
            "Tijuana",
        ];
        assert_eq!(cities, expected);
    }

    #[test]
    fn city_follows_the_language_of_its_reader() {
        let names =
            [Language::Es, Language::En, Language::Pt].map(|language| city("America/Mexico_City", language));
        assert_eq!(names, ["Ciudad de México", "Mexico City", "Cidade do México"]);
        assert_eq!(city("America/Sao_Paulo", Language::En), "Sao Paulo");
        assert_eq!(city("UTC", Language::En), "UTC");
    }
}
