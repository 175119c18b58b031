//! What a browser says of itself, as its owner knows it again in a list.

use std::fmt;

/// Longest description of a browser that is read.
const LONGEST: usize = 512;

/// A browser and the system that it runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Device {
    browser: Option<&'static str>,
    system: Option<&'static str>,
}

/// Marks of browsers in `User-Agent`, in the order in which they count: most name others that they are like.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
    ("curl/", "curl"),
];

/// The same of systems.
const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

impl Device {
    /// Reads the header `User-Agent`, which may hold anything.
    #[must_use]
    pub fn parse(user_agent: &str) -> Self {
        let text: String = user_agent.chars().take(LONGEST).collect();
        let first = |marks: &[(&str, &'static str)]| {
            marks.iter().find(|(mark, _)| text.contains(mark)).map(|(_, name)| *name)
        };
        Self { browser: first(&BROWSERS), system: first(&SYSTEMS) }
    }
}

impl fmt::Display for Device {
    /// Empty for a browser that is not known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<&str> = [self.browser, self.system].into_iter().flatten().collect();
        f.write_str(&parts.join(" · "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn device_is_named_by_its_browser_and_its_system() {
        for (sent, named) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
                "Chrome · Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
                "Edge · Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari · iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
                "Chrome · Android",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 14.5; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox · macOS",
            ),
            ("<script>", ""),
            ("", ""),
        ] {
            assert_eq!(Device::parse(sent).to_string(), named, "{sent}");
        }
    }
}
