//! What a mail server found out about a mail's author: `Authentication-Results` (RFC 8601).

use super::headers::Headers;

/// Whether the server with the name `server` found by DMARC (RFC 7489) that the author's domain has sent the mail.
///
/// Fields of other servers are not believed, since anybody can write one. A server takes out what comes in under its own
/// name (RFC 8601, section 5). A mail with several authors is not genuine.
pub(super) fn is_genuine(headers: &Headers, server: &str) -> bool {
    let authors = headers.mailboxes("from");
    let [author] = authors.as_slice() else { return false };
    let Some((_, domain)) = author.address.rsplit_once('@') else { return false };
    headers.all("authentication-results").any(|field| passes(field, server, domain))
}

fn passes(field: &str, server: &str, domain: &str) -> bool {
    let plain = without_comments(field);
    let mut parts = plain.split(';');
    let name = parts.next().and_then(|first| first.split_whitespace().next()).unwrap_or_default();
    name.eq_ignore_ascii_case(server) && parts.any(|part| is_pass(part, domain))
}

/// Whether a result is that of DMARC, passed, for the domain.
fn is_pass(result: &str, domain: &str) -> bool {
    let result = result.to_ascii_lowercase();
    let mut words = result.split_whitespace();
    let of_domain = |word: &str| word.strip_prefix("header.from=") == Some(domain);
    words.next() == Some("dmarc=pass") && words.any(of_domain)
}

/// A field without comments and quoted strings, whose words are no results, and without spaces around `=`.
fn without_comments(field: &str) -> String {
    let (mut depth, mut is_quoted, mut is_escaped) = (0_usize, false, false);
    let mut plain = String::with_capacity(field.len());
    for c in field.chars() {
        if std::mem::take(&mut is_escaped) {
            continue;
        }
        match c {
            '\\' if depth > 0 || is_quoted => is_escaped = true,
            '"' if depth == 0 => is_quoted = !is_quoted,
            '(' if !is_quoted => depth += 1,
            ')' if !is_quoted => depth = depth.saturating_sub(1),
            _ if depth == 0 && !is_quoted => plain.push(c),
            _ => {}
        }
    }
    plain.split('=').map(str::trim).collect::<Vec<_>>().join("=")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(results: &[&str]) -> bool {
        let lines: Vec<String> =
            results.iter().map(|field| format!("Authentication-Results: {field}\r\n")).collect();
        let mail = format!("{}From: Ana <ana@cumbre.example>\r\n\r\n", lines.concat());
        is_genuine(&Headers::parse(mail.as_bytes()), "mx.vigia.example")
    }

    #[test]
    fn author_is_genuine_by_dmarc_of_the_own_server_alone() {
        for fields in [
            &["mx.vigia.example; dmarc=pass header.from=cumbre.example"][..],
            &[
                "MX.vigia.example 1; spf=fail smtp.mailfrom=x.example;\r\n\tdmarc = pass (p=reject; dis=none) header.from = Cumbre.Example",
            ],
            &[
                "other.example; dmarc=fail header.from=cumbre.example",
                "mx.vigia.example; dkim=pass; dmarc=pass policy.x=1 header.from=cumbre.example",
            ],
        ] {
            assert!(found(fields), "{fields:?}");
        }
        for fields in [
            &[][..],
            &["mx.vigia.example; none"],
            &["mx.vigia.example; dmarc=fail header.from=cumbre.example"],
            &["mx.vigia.example; dmarc=passed header.from=cumbre.example"],
            &["mx.vigia.example; dmarc=pass"],
            &["mx.vigia.example; dmarc=pass header.from=andina.example"],
            &["mx.vigia.example; spf=pass smtp.mailfrom=cumbre.example; dkim=pass header.d=cumbre.example"],
            &["mx.other.example; dmarc=pass header.from=cumbre.example"],
            &["mx.vigia.example.other.example; dmarc=pass header.from=cumbre.example"],
            &["mx.vigia.example; spf=none reason=\"; dmarc=pass header.from=cumbre.example\""],
            &["mx.vigia.example; spf=none (; dmarc=pass header.from=cumbre.example)"],
            &["(mx.vigia.example;) other.example; dmarc=pass header.from=cumbre.example"],
        ] {
            assert!(!found(fields), "{fields:?}");
        }
    }

    #[test]
    fn mail_of_two_authors_is_not_genuine() {
        let field = "Authentication-Results: mx.vigia.example; dmarc=pass header.from=cumbre.example";
        for from in [
            "From: a@cumbre.example, b@andina.example",
            "From: a@cumbre.example\r\nFrom: b@andina.example",
            "Subject: x",
        ] {
            let headers = Headers::parse(format!("{field}\r\n{from}\r\n\r\n").as_bytes());
            assert!(!is_genuine(&headers, "mx.vigia.example"), "{from}");
        }
    }
}
