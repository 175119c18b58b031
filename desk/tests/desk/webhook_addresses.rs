//! Addresses of webhooks, as an attacker writes them: what is judged is what would be connected to.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use desk::webhooks::{Egress, ReceiverUrl, Resolve, UrlProblem};

/// Addresses that the desk does not connect to, in every spelling that browsers and systems know.
const REFUSED: &[&str] = &[
    // This machine.
    "https://127.0.0.1",
    "https://127.0.0.1:8443/hook",
    "https://127.0.0.1.",
    "https://127.1",
    "https://127.0.1",
    "https://127.255.255.254",
    "https://2130706433",
    "https://0x7f000001",
    "https://0x7F000001",
    "https://0x7f.1",
    "https://0x7f.0x0.0x0.0x1",
    "https://017700000001",
    "https://0177.1",
    "https://0177.0.0.01",
    "https://0177.0x0.0.1",
    "https://%31%32%37.0.0.1",
    "https://１２７.０.０.１",
    "https://①②⑦.⓪.⓪.①",
    "https://127。0。0。1",
    "https://127．0．0．1",
    "https:127.0.0.1",
    "https:/127.0.0.1",
    "https:///127.0.0.1",
    "https:\\\\127.0.0.1",
    "https://127.0.0.1\\@9.9.9.9",
    "https://127.0.0.1#@public.example",
    "https://127.0.0.1?@public.example",
    "HTTPS://127.0.0.1",
    "https://localhost",
    "https://LOCALHOST",
    "https://LoCaLhOsT.",
    "https://ｌｏｃａｌｈｏｓｔ",
    "https://localhost:443/x",
    "https://app.localhost",
    "https://127.0.0.1.nip.example",
    "https://six.example",
    "http://localhost",
    "http://127.0.0.1",
    "http://[::1]",
    // No address.
    "https://0",
    "https://0.0.0.0",
    "https://0x0",
    "https://00.0",
    "https://0.1.2.3",
    "https://[::]",
    "https://[0:0:0:0:0:0:0:0]",
    // Private networks.
    "https://10.0.0.1",
    "https://10.255.255.255",
    "https://10.1",
    "https://167772161",
    "https://0xa000001",
    "https://012.0.0.1",
    "https://0x0a.0.0.1",
    "https://172.16.0.1",
    "https://172.31.255.254",
    "https://2886729729",
    "https://0xac100001",
    "https://0254.020.0.1",
    "https://192.168.0.1",
    "https://192.168.255.255",
    "https://192.168.257",
    "https://3232235521",
    "https://0xc0a80001",
    "https://0300.0250.0.1",
    "https://intranet.example",
    "https://INTRANET.example.",
    // Metadata of clouds, and link-local.
    "https://169.254.169.254",
    "https://169.254.169.254/latest/meta-data/",
    "https://2852039166",
    "https://0xa9fea9fe",
    "https://0251.0376.0251.0376",
    "https://169.254.43518",
    "https://169.16689662",
    "https://169.254.0.1",
    "https://metadata.example/computeMetadata/v1/",
    "https://100.100.100.200/latest/meta-data/",
    "https://192.0.0.192/opc/v1/instance/",
    "https://168.63.129.16",
    "https://[fd00:ec2::254]",
    // Between providers and customers.
    "https://100.64.0.1",
    "https://100.127.255.254",
    "https://1681915905",
    "https://0144.0100.0.1",
    // Documentation, benchmarks, relays, sinks.
    "https://192.0.0.1",
    "https://192.0.2.1",
    "https://198.51.100.7",
    "https://203.0.113.9",
    "https://198.18.0.1",
    "https://198.19.255.254",
    "https://192.88.99.1",
    "https://192.31.196.1",
    "https://192.175.48.1",
    // Multicast, reserved, broadcast.
    "https://224.0.0.1",
    "https://239.255.255.250",
    "https://240.0.0.1",
    "https://255.255.255.255",
    "https://4294967295",
    "https://0xffffffff",
    "https://037777777777",
    // IPv6: this machine, and addresses of IPv4 in it.
    "https://[::1]",
    "https://[::1]:8443/hook",
    "https://[0:0:0:0:0:0:0:1]",
    "https://[0000::0001]",
    "https://[::2]",
    "https://[::ffff:127.0.0.1]",
    "https://[::FFFF:127.0.0.1]",
    "https://[::ffff:7f00:1]",
    "https://[0:0:0:0:0:ffff:7f00:1]",
    "https://[::ffff:10.0.0.1]",
    "https://[::ffff:a00:1]",
    "https://[::ffff:169.254.169.254]",
    "https://[::ffff:a9fe:a9fe]",
    "https://[::ffff:0.0.0.0]",
    "https://[::127.0.0.1]",
    "https://[::7f00:1]",
    "https://[::10.0.0.1]",
    "https://[::ffff:0:127.0.0.1]",
    "https://[::ffff:0:7f00:1]",
    "https://mapped.example",
    // IPv6: translation and tunnels.
    "https://[64:ff9b::127.0.0.1]",
    "https://[64:ff9b::7f00:1]",
    "https://[64:ff9b::10.0.0.1]",
    "https://[64:ff9b::192.168.1.1]",
    "https://[64:ff9b::169.254.169.254]",
    "https://[64:ff9b::a9fe:a9fe]",
    "https://[64:ff9b::0]",
    "https://[64:ff9b:1::7f00:1]",
    "https://[64:ff9b:1::a00:1]",
    "https://[64:ff9b:1:abcd::9.9.9.9]",
    "https://[2002:7f00:1::]",
    "https://[2002:a00:1::1]",
    "https://[2002:c0a8:1::]",
    "https://[2002:a9fe:a9fe::]",
    "https://[2002:909:909::1]",
    "https://[2001::7f00:1]",
    "https://[2001:0:909:909::1]",
    "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
    "https://[2001:10::1]",
    "https://[2001:20::1]",
    "https://nat64.example",
    // IPv6: local, documentation, multicast, not given out.
    "https://[fc00::1]",
    "https://[fd00::1]",
    "https://[fdff:ffff::1]",
    "https://[fe80::1]",
    "https://[fe80::a9fe:a9fe]",
    "https://[febf::1]",
    "https://[fec0::1]",
    "https://[ff02::1]",
    "https://[ff05::1:3]",
    "https://[ff0e::1]",
    "https://[2001:db8::1]",
    "https://[3fff::1]",
    "https://[100::1]",
    "https://[1::1]",
    "https://[4000::1]",
    "https://[5f00::1]",
    "https://[8000::1]",
    // One answer of several is enough.
    "https://both.example",
    "https://both-in-six.example",
];

/// What is no address of a receiver at all.
const MALFORMED: &[&str] = &[
    "",
    "127.0.0.1",
    "//127.0.0.1",
    "localhost:8080",
    "ftp://public.example",
    "file:///etc/passwd",
    "file://localhost/etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "dict://127.0.0.1:11211/stat",
    "ldap://127.0.0.1",
    "data:text/plain,x",
    "javascript:fetch('/')",
    "jar:https://public.example!/",
    "blob:https://public.example/1",
    "ws://127.0.0.1",
    "wss://public.example",
    "https://",
    "https://[::1",
    "https://[::1%25lo]",
    "https://[fe80::1%25eth0]",
    "https://[::ffff:127.0.0.1.]",
    "https://[127.0.0.1]",
    "https://1.2.3.4.5",
    "https://256.1.1.1",
    "https://127.0.0.256",
    "https://0x100000000",
    "https://4294967296",
    "https://127.0.0.1:99999",
    "https://public.example:0",
    "https://public.example:x",
    "https://pub lic.example",
    "https://public\u{9}.example",
    "https://public.example\r\nHost: 127.0.0.1/",
    "https://%00.example",
    "https://127.0.0.1%2f",
    "https://127.0.0.1%23.public.example",
];

const CREDENTIALS: &[&str] = &[
    "https://user@public.example",
    "https://user:word@public.example",
    "https://:word@public.example",
    "https://public.example@127.0.0.1",
    "https://public.example:443@127.0.0.1",
    "https://9.9.9.9%20@127.0.0.1",
    "https:user@127.0.0.1",
    "https://public.example%2f@127.0.0.1",
];

const PLAIN: &[&str] =
    &["http://9.9.9.9", "http://public.example", "http://public.example:443", "http://[2620:fe::fe]"];

const UNKNOWN: &[&str] =
    &["https://unknown.example", "https://nothing.example", "https://0x7f.0.0.1.example"];

const TAKEN: &[&str] = &[
    "https://9.9.9.9",
    "https://9.9.9.9:8443/a?b=c#d",
    "https://0x09090909",
    "https://public.example",
    "https://PUBLIC.example./",
    "https://public.example:8443",
    "https://11.0.0.1",
    "https://100.63.255.255",
    "https://100.128.0.1",
    "https://169.253.255.255",
    "https://172.15.255.255",
    "https://172.32.0.1",
    "https://192.167.255.255",
    "https://198.20.0.1",
    "https://223.255.255.255",
    "https://[2620:fe::fe]",
    "https://[2a00:1450:4001::1]:8443/",
    "https://[64:ff9b::9.9.9.9]",
    "https://[::ffff:9.9.9.9]",
];

/// Names of the test: what a resolver of the attacker answers.
fn names() -> Resolve {
    Arc::new(|name| {
        let name = name.trim_end_matches('.').to_owned();
        let found: &[&str] = match name.as_str() {
            "localhost" | "app.localhost" | "127.0.0.1.nip.example" => &["127.0.0.1"],
            "six.example" => &["::1"],
            "mapped.example" => &["::ffff:10.0.0.1"],
            "nat64.example" => &["64:ff9b::10.0.0.1"],
            "intranet.example" => &["10.0.0.5"],
            "metadata.example" => &["169.254.169.254"],
            "both.example" => &["9.9.9.9", "10.0.0.5"],
            "both-in-six.example" => &["9.9.9.9", "fd00::5"],
            "public.example" => &["9.9.9.9", "2620:fe::fe"],
            "nothing.example" => &[],
            _ => return Box::pin(async { Err(io::Error::other("no such name")) }),
        };
        let found: Vec<IpAddr> = found.iter().map(|address| address.parse().unwrap()).collect();
        Box::pin(async move { Ok(found) })
    })
}

async fn judged(typed: &str) -> Result<(), UrlProblem> {
    let egress = Egress::default().resolving(names());
    egress.addresses(&ReceiverUrl::parse(typed)?).await.map(drop)
}

#[tokio::test]
async fn no_spelling_leads_to_an_address_that_is_not_public() {
    let table = [
        (REFUSED, Err(UrlProblem::AddressRefused)),
        (MALFORMED, Err(UrlProblem::Malformed)),
        (CREDENTIALS, Err(UrlProblem::Credentials)),
        (PLAIN, Err(UrlProblem::Plain)),
        (UNKNOWN, Err(UrlProblem::NameUnknown)),
        (TAKEN, Ok(())),
    ];
    let mut wrong = Vec::new();
    let mut tried = 0;
    for (urls, expected) in table {
        for url in urls {
            tried += 1;
            let found = judged(url).await;
            if found != expected {
                wrong.push((url, found, expected));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(tried >= 200, "{tried}");
}

#[tokio::test]
async fn what_is_saved_is_what_is_judged() {
    for url in TAKEN {
        let saved = ReceiverUrl::parse(url).unwrap();
        assert_eq!(ReceiverUrl::parse(saved.as_str()).as_ref(), Ok(&saved), "{url}");
        assert_eq!(judged(saved.as_str()).await, Ok(()), "{url}");
    }
}
