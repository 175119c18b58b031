//! Mail domains where anybody can have a mailbox. A company's people are never told by them.
//!
//! Source: the names under which each operator offers mailboxes to the public on its own pages, compiled by hand in December
//! 2026. It holds what is common where the desk's customers are; what is missing is still confirmed by an administrator alone.

/// Operators that have their name under many top-level domains: `yahoo.com`, `yahoo.com.mx`, `yahoo.es`.
const NAMES: [&str; 8] = ["yahoo", "hotmail", "outlook", "live", "msn", "gmx", "yandex", "aol"];

/// Other domains, by operator.
const DOMAINS: [(&str, &[&str]); 16] = [
    ("Google", &["gmail.com", "googlemail.com"]),
    ("Microsoft", &["windowslive.com", "passport.com"]),
    ("Yahoo", &["ymail.com", "rocketmail.com", "myyahoo.com"]),
    ("Apple", &["icloud.com", "me.com", "mac.com"]),
    ("Proton", &["proton.me", "protonmail.com", "protonmail.ch", "pm.me"]),
    ("Zoho", &["zoho.com", "zohomail.com"]),
    ("1&1", &["mail.com", "email.com", "web.de"]),
    ("Tuta", &["tutanota.com", "tutanota.de", "tuta.io", "tuta.com"]),
    ("Fastmail", &["fastmail.com", "fastmail.fm"]),
    ("Mail.ru", &["mail.ru", "inbox.ru", "list.ru", "bk.ru"]),
    ("UOL, BOL", &["uol.com.br", "bol.com.br"]),
    (
        "Terra, iG, Globo",
        &["terra.com.br", "terra.com", "terra.es", "ig.com.br", "globo.com", "globomail.com"],
    ),
    ("CANTV", &["cantv.net"]),
    ("Telmex", &["prodigy.net.mx"]),
    ("Telefónica", &["telefonica.net", "une.net.co"]),
    (
        "Disposable mailboxes",
        &["mailinator.com", "guerrillamail.com", "10minutemail.com", "yopmail.com", "temp-mail.org"],
    ),
];

/// Whether anybody can have a mailbox at a domain, which is in lower case.
pub(super) fn is_public(domain: &str) -> bool {
    let of_name = domain.split_once('.').is_some_and(|(name, rest)| {
        // `co.uk` and `com.mx`, but not a company's subdomain of three labels and more.
        NAMES.contains(&name) && rest.split('.').count() <= 2
    });
    of_name || DOMAINS.iter().any(|(_, domains)| domains.contains(&domain))
}
