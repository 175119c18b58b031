//! Sites of the register, and travel times between them.

use serde::{Deserialize, Serialize};

use crate::text::folded;

/// Id of a site in the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SiteId(pub i64);

/// A site of the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Id in the register.
    pub id: SiteId,
    /// Its name, unique within its organisation.
    pub name: String,
    /// Address, the city last.
    pub address: String,
}

impl Site {
    /// The city: the part after the last comma of the address; `None` without a comma.
    #[must_use]
    pub fn city(&self) -> Option<&str> {
        city_of(&self.address)
    }

    /// The name, with the city unless the name contains it.
    #[must_use]
    pub fn label(&self) -> String {
        match self.city() {
            Some(city) if !folded(&self.name).contains(&folded(city)) => format!("{}, {city}", self.name),
            _ => self.name.clone(),
        }
    }
}

/// The city of an address: the part after its last comma.
#[must_use]
pub fn city_of(address: &str) -> Option<&str> {
    let (_, city) = address.rsplit_once(',')?;
    Some(city.trim()).filter(|city| !city.is_empty())
}

/// Place of a visit, as far as the register knows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Whereabouts {
    /// The site, when it is registered.
    pub site: Option<SiteId>,
    /// City of the site, if known.
    pub city: Option<String>,
}

impl From<&Site> for Whereabouts {
    fn from(site: &Site) -> Self {
        Self { site: Some(site.id), city: site.city().map(str::to_owned) }
    }
}

/// Travel times in minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Travel {
    /// Within a city, unless the pair of sites has its own time.
    pub same_city_min: u32,
    /// Between other places.
    pub other_city_min: u32,
    /// Pairs of sites with their own time, in either direction.
    pub pairs: Vec<(SiteId, SiteId, u32)>,
}

impl Default for Travel {
    /// Half an hour within a city, three hours between cities.
    fn default() -> Self {
        Self { same_city_min: 30, other_city_min: 180, pairs: Vec::new() }
    }
}

impl Travel {
    /// Minutes from one place to another; 0 within a site. A place without a city counts as another city.
    #[must_use]
    pub fn minutes(&self, from: &Whereabouts, to: &Whereabouts) -> u32 {
        if let (Some(from), Some(to)) = (from.site, to.site) {
            if from == to {
                return 0;
            }
            let is_theirs = |&&(one, other, _): &&(SiteId, SiteId, u32)| {
                (one, other) == (from, to) || (one, other) == (to, from)
            };
            if let Some((_, _, minutes)) = self.pairs.iter().find(is_theirs) {
                return *minutes;
            }
        }
        match (&from.city, &to.city) {
            (Some(from), Some(to)) if folded(from) == folded(to) => self.same_city_min,
            _ => self.other_city_min,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(id: i64, name: &str, address: &str) -> Site {
        Site { id: SiteId(id), name: name.to_owned(), address: address.to_owned() }
    }

    #[test]
    fn a_site_is_called_by_its_name_and_its_city() {
        let label = |name, address| site(1, name, address).label();
        assert_eq!(label("Planta Norte", "Av. Libertador 12, Maracaibo"), "Planta Norte, Maracaibo");
        assert_eq!(label("Planta Maracaibo", "Av. Libertador 12, Maracaibo"), "Planta Maracaibo");
        assert_eq!(label("Torre Bogota", "Carrera 7, Bogotá"), "Torre Bogota", "accents make no difference");
        assert_eq!(label("Depósito", "Galpón 14"), "Depósito");
        assert_eq!(site(1, "A", "Calle 3,").city(), None);
    }

    #[test]
    fn travel_is_told_by_pairs_and_else_by_cities() {
        let of = |site: &Site| Whereabouts::from(site);
        let tower = of(&site(1, "Torre", "Av. Urdaneta, Caracas"));
        let store = of(&site(2, "Depósito", "La Urbina, CARACAS"));
        let plant = of(&site(3, "Planta", "Av. Libertador, Maracaibo"));
        let unknown = Whereabouts::default();
        let mut travel = Travel::default();
        assert_eq!(travel.minutes(&tower, &tower), 0);
        assert_eq!(travel.minutes(&tower, &store), 30);
        assert_eq!(travel.minutes(&tower, &plant), 180);
        assert_eq!(travel.minutes(&tower, &unknown), 180, "nobody knows that it is near");
        assert_eq!(travel.minutes(&unknown, &unknown), 180);
        travel.pairs.push((SiteId(1), SiteId(2), 75));
        assert_eq!((travel.minutes(&tower, &store), travel.minutes(&store, &tower)), (75, 75));
    }
}
