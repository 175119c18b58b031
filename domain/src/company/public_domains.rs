//! Mail domains where anybody can have a mailbox. A company's people are never told by them.
//!
//! Source: the names under which each operator offers mailboxes to the public on its own pages, compiled by hand in December
//! 2026. It holds what is common where the desk's customers are; what is missing is still confirmed by an administrator alone.

/// Operators that have their name under many top-level domains: `yahoo.com`, `yahoo.com.mx`, `yahoo.es`.
const NAMES: [&str; 8] = ["yahoo", "hotmail", "outlook", "live", "msn", "gmx", "yandex", "aol"];

/// The second level under which countries register companies.
const SECOND: [&str; 4] = ["com", "co", "net", "org"];

/// Other domains, by operator.
const DOMAINS: [(&str, &[&str]); 22] = [
    ("Google", &["gmail.com", "googlemail.com"]),
    ("Microsoft", &["windowslive.com", "passport.com"]),
    ("Yahoo", &["ymail.com", "rocketmail.com", "myyahoo.com"]),
    ("Apple", &["icloud.com", "me.com", "mac.com", "privaterelay.appleid.com"]),
    ("Proton", &["proton.me", "protonmail.com", "protonmail.ch", "pm.me"]),
    ("Zoho", &["zoho.com", "zohomail.com"]),
    ("1&1", &["mail.com", "email.com", "web.de"]),
    ("Tuta", &["tutanota.com", "tutanota.de", "tutamail.com", "tuta.io", "tuta.com", "keemail.me"]),
    ("Fastmail", &["fastmail.com", "fastmail.fm"]),
    ("Mail.ru", &["mail.ru", "inbox.ru", "list.ru", "bk.ru"]),
    ("UOL, BOL", &["uol.com.br", "bol.com.br"]),
    ("iG, Globo, R7, Oi", &["ig.com.br", "globo.com", "globomail.com", "r7.com", "oi.com.br"]),
    (
        "Terra",
        &[
            "terra.com",
            "terra.es",
            "terra.com.br",
            "terra.com.co",
            "terra.com.mx",
            "terra.com.ve",
            "terra.com.pe",
            "terra.cl",
        ],
    ),
    ("Tencent", &["qq.com", "foxmail.com"]),
    ("NetEase", &["163.com", "126.com", "yeah.net"]),
    ("Hushmail", &["hushmail.com", "hush.com"]),
    ("Hey, Duck", &["hey.com", "duck.com"]),
    ("Comcast, AT&T, Verizon", &["comcast.net", "att.net", "sbcglobal.net", "verizon.net"]),
    ("CANTV", &["cantv.net"]),
    ("Telmex", &["prodigy.net.mx"]),
    ("Telefónica", &["telefonica.net", "une.net.co", "etb.net.co"]),
    (
        "Disposable mailboxes",
        &["mailinator.com", "guerrillamail.com", "10minutemail.com", "yopmail.com", "temp-mail.org"],
    ),
];

/// Whether anybody can have a mailbox at a domain, which is in lower case.
pub(super) fn is_public(domain: &str) -> bool {
    let of_name = domain.split_once('.').is_some_and(|(name, rest)| {
        // `es`, `co.uk` and `com.mx`, but not a company's own subdomain, as of `live.cumbre.com`.
        let top = rest
            .split_once('.')
            .map_or(rest, |(second, top)| if SECOND.contains(&second) { top } else { rest });
        NAMES.contains(&name) && !top.contains('.')
    });
    of_name || DOMAINS.iter().any(|(_, domains)| domains.contains(&domain))
}
