//! The stored provider.

use domain::attachment::ContentHash;
use domain::calendar::zone::Zone;
use domain::country::Country;
use domain::mail_address::MailAddress;
use domain::provider::{
    Accent, Hotline, Hotlines, LinkDays, LogoProblem, MailSettings, Provider, ProviderName, Signature,
};

use super::{Golden, golden};

pub(super) fn goldens() -> Vec<Golden> {
    vec![
        golden!("provider", Provider, [provider(), Provider::standing().unwrap()]),
        golden!("provider_name", ProviderName, [name("Andina TI")]),
        golden!("link_days", LinkDays, [LinkDays::default()]),
        golden!("mail_settings", MailSettings, [mail(), MailSettings::default()]),
        golden!("mail_signature", Signature, [signature()]),
        golden!("accent", Accent, [accent()]),
        golden!("hotline", Hotline, [hotline()]),
        golden!("hotlines", Hotlines, [Hotlines::standing()]),
        golden!("logo_problem", LogoProblem in ALL),
    ]
}

fn provider() -> Provider {
    Provider {
        name: name("Andina TI"),
        logo: Some(ContentHash::parse(&"ab".repeat(32)).unwrap()),
        accent: Some(accent()),
        zone: Zone::parse("America/Bogota").unwrap(),
        hotlines: Hotlines::new(vec![hotline()]).unwrap(),
        link_days: LinkDays::new(365).unwrap(),
        mail: mail(),
    }
}

fn mail() -> MailSettings {
    MailSettings {
        from_name: Some(name("Soporte Andina")),
        reply_to: Some(MailAddress::parse("mesa@andina.example").unwrap()),
        signature: Some(signature()),
    }
}

fn name(text: &str) -> ProviderName {
    ProviderName::parse(text).unwrap()
}

fn signature() -> Signature {
    Signature::parse("Andina TI\nMesa de ayuda").unwrap()
}

fn accent() -> Accent {
    Accent::parse("#7a1f5c").unwrap()
}

fn hotline() -> Hotline {
    Hotline::new(Country::Ve, "0800 CPS 0000", "0800 277 0000").unwrap()
}
