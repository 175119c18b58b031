//! What a channel of a chat program is told, in the form that each program documents for its incoming webhooks.
//!
//! Some words were written by customers: the company, the fault. They are made inert for each program, so that none mentions
//! a channel or makes a link. In Slack signs of emphasis still work, because none can be escaped there. Names, phones and mail
//! addresses of people are not told.

use serde::Serialize;

use super::{WebhookEvent, WebhookFormat};
use crate::i18n::Language;
use crate::t;
use crate::text::{first_words, legible};
use crate::view::CasePage;

/// The most characters of a value: a message in a channel is a notice, and the case is one tap away.
const VALUE_CHARS_MAX: usize = 300;

/// What a channel is told, in words and without any markup. Values are untrusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatNotice {
    /// What the link is called: the number of the case.
    title: String,
    /// What happened, with the priority.
    headline: String,
    /// Names and values.
    facts: Vec<(String, String)>,
    /// Where it is read on.
    link: String,
    /// The words of the link.
    open: String,
}

impl ChatNotice {
    /// What happened to a case. `page` is the case after the event, and `link` leads to it in the workspace.
    #[must_use]
    pub fn of_case(language: Language, page: &CasePage, event: WebhookEvent, link: String) -> Self {
        let report = &page.opening.report;
        let company = report.company.as_ref().map(ToString::to_string).unwrap_or_default();
        let organisation = if page.customer.is_empty() { company } else { page.customer.clone() };
        let fault =
            if event == WebhookEvent::Opened { report.fault.as_str().to_owned() } else { String::new() };
        let assignee = page.mark.assignee.as_ref().filter(|_| event == WebhookEvent::Assigned);
        let facts = [
            ("webhook.chat.organisation", organisation),
            ("webhook.chat.equipment", page.equipment.clone()),
            ("webhook.chat.fault", fault),
            ("webhook.chat.assignee", assignee.map(|assignee| assignee.name.clone()).unwrap_or_default()),
            ("webhook.chat.due", due(language, page).unwrap_or_default()),
        ];
        let told = facts.into_iter().filter(|(_, value)| !value.is_empty());
        Self {
            title: page.number.to_string(),
            headline: format!("{} · {}", page.priority.code(), t!(language, event.name_key())),
            facts: told
                .map(|(key, value)| (text(language, key), first_words(&legible(&value), VALUE_CHARS_MAX)))
                .collect(),
            link,
            open: text(language, "webhook.chat.open"),
        }
    }

    /// A test by an administrator. `link` leads to the workspace.
    #[must_use]
    pub fn test(language: Language, link: String) -> Self {
        Self {
            title: text(language, "webhook.chat.test"),
            headline: text(language, "webhook.chat.test_words"),
            facts: Vec::new(),
            link,
            open: text(language, "webhook.chat.open_desk"),
        }
    }

    /// The body for a program, to be written as JSON; `None` for the desk's own format, which has no words.
    #[must_use]
    pub fn body(&self, format: WebhookFormat) -> Option<impl Serialize + use<>> {
        match format {
            WebhookFormat::Standard => None,
            WebhookFormat::Slack => Some(ChatBody::Slack(self.slack())),
            WebhookFormat::Teams => Some(ChatBody::Teams(self.teams())),
            WebhookFormat::Mattermost => Some(ChatBody::Mattermost(self.mattermost())),
        }
    }

    fn slack(&self) -> SlackMessage {
        let text = |text: String| SlackText { kind: "mrkdwn", text, verbatim: true };
        let title = format!("*<{}|{}>*", for_slack(&self.link), for_slack(&self.title));
        let head = SlackBlock {
            kind: "section",
            text: Some(text(format!("{title} · {}", for_slack(&self.headline)))),
            fields: None,
        };
        let fields: Vec<SlackText> = self
            .facts
            .iter()
            .map(|(name, value)| text(format!("*{}*\n{}", for_slack(name), for_slack(value))))
            .collect();
        let facts =
            (!fields.is_empty()).then_some(SlackBlock { kind: "section", text: None, fields: Some(fields) });
        SlackMessage {
            text: format!("{} · {}", for_slack(&self.title), for_slack(&self.headline)),
            blocks: std::iter::once(head).chain(facts).collect(),
        }
    }

    fn teams(&self) -> TeamsMessage {
        let run =
            |text: &str, weight: &'static str| TeamsRun { kind: "TextRun", text: text.to_owned(), weight };
        let block = |inlines: Vec<TeamsRun>| TeamsBlock { kind: "RichTextBlock", inlines };
        let head = block(vec![run(&self.title, "Bolder"), run(&format!(" · {}", self.headline), "Default")]);
        let facts = self
            .facts
            .iter()
            .map(|(name, value)| block(vec![run(&format!("{name}: "), "Bolder"), run(value, "Default")]));
        let card = TeamsCard {
            schema: "http://adaptivecards.io/schemas/adaptive-card.json",
            kind: "AdaptiveCard",
            version: "1.4",
            body: std::iter::once(head).chain(facts).collect(),
            actions: [TeamsAction {
                kind: "Action.OpenUrl",
                title: self.open.clone(),
                url: self.link.clone(),
            }],
        };
        TeamsMessage {
            kind: "message",
            attachments: [TeamsAttachment {
                content_type: "application/vnd.microsoft.card.adaptive",
                content_url: None,
                content: card,
            }],
        }
    }

    fn mattermost(&self) -> MattermostMessage {
        let title = format!("**[{}]({})**", for_mattermost(&self.title), self.link);
        let head = format!("{title} · {}", for_mattermost(&self.headline));
        let facts = self
            .facts
            .iter()
            .map(|(name, value)| format!("**{}:** {}", for_mattermost(name), for_mattermost(value)));
        // Two blanks at the end of a line are a line break in its Markdown.
        let text = std::iter::once(head).chain(facts).collect::<Vec<_>>().join("  \n");
        MattermostMessage { text }
    }
}

fn text(language: Language, key: &str) -> String {
    t!(language, key).into_owned()
}

/// The first target that is due, with the time at the site and its zone.
fn due(language: Language, page: &CasePage) -> Option<String> {
    let due = |clock: &crate::case::SlaClock| {
        clock.reading(&page.hours.spans, page.now).due.map(|due| (due, clock.kind))
    };
    let (due, metric) = page.clocks.iter().filter_map(due).min_by_key(|(due, _)| *due)?;
    let moment = page.hours.zone.moment(due, language);
    Some(format!("{}: {moment}", t!(language, metric.name_key())))
}

/// A text for Slack's markup, whose special characters are three: mentions and links are made of them alone. `verbatim`
/// keeps Slack from finding links and names in the rest.
fn for_slack(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A text for Mattermost's Markdown: every sign of markup is a letter. Mentions are found apart from the markup, so that an
/// escaped one would fire all the same: their sign is another one. Addresses of the web make no link and no preview, with a
/// scheme or by `www` alone.
fn for_mattermost(text: &str) -> String {
    let text = text.replace('@', "＠").replace('<', "＜").replace("://", "：//");
    let mut inert = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '.' && ends_in_www(&inert) {
            inert.push('．');
            continue;
        }
        if "\\`*_{}[]()>#+-!|~".contains(c) {
            inert.push('\\');
        }
        inert.push(c);
    }
    inert
}

/// Whether a text ends in `www`, with digits or without.
fn ends_in_www(text: &str) -> bool {
    let name = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let end = name.len().checked_sub(3).and_then(|from| name.get(from..));
    end.is_some_and(|end| end.eq_ignore_ascii_case("www"))
}

/// The body of a request to a chat program.
#[derive(Serialize)]
#[serde(untagged)]
enum ChatBody {
    Slack(SlackMessage),
    Teams(TeamsMessage),
    Mattermost(MattermostMessage),
}

/// A message of an incoming webhook of Slack, in blocks; `text` is what notices on a phone show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct SlackMessage {
    text: String,
    blocks: Vec<SlackBlock>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct SlackBlock {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<SlackText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<Vec<SlackText>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct SlackText {
    #[serde(rename = "type")]
    kind: &'static str,
    text: String,
    verbatim: bool,
}

/// A message of a webhook of Workflows in Teams: an Adaptive Card. A `TextRun` knows no markup, so that nothing in it must be
/// escaped; a mention would need an entity beside the card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct TeamsMessage {
    #[serde(rename = "type")]
    kind: &'static str,
    attachments: [TeamsAttachment; 1],
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct TeamsAttachment {
    content_type: &'static str,
    content_url: Option<String>,
    content: TeamsCard,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct TeamsCard {
    #[serde(rename = "$schema")]
    schema: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    version: &'static str,
    body: Vec<TeamsBlock>,
    actions: [TeamsAction; 1],
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct TeamsBlock {
    #[serde(rename = "type")]
    kind: &'static str,
    inlines: Vec<TeamsRun>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct TeamsRun {
    #[serde(rename = "type")]
    kind: &'static str,
    text: String,
    weight: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct TeamsAction {
    #[serde(rename = "type")]
    kind: &'static str,
    title: String,
    url: String,
}

/// A message of an incoming webhook of Mattermost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct MattermostMessage {
    text: String,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// What a customer who means harm writes.
    const HOSTILE: &str = "<!channel> <@U1> @all @channel & [gratis](https://evil.example) **x** `y` ~canal #z WWW2.evil.example";

    fn notice() -> ChatNotice {
        ChatNotice {
            title: "VE26-004213-92".to_owned(),
            headline: "P1 · caso abierto".to_owned(),
            facts: vec![("Organización".to_owned(), HOSTILE.to_owned())],
            link: "https://desk.example/desk/cases/VE2600421392".to_owned(),
            open: "Abrir el caso".to_owned(),
        }
    }

    fn body(format: WebhookFormat) -> Value {
        serde_json::to_value(notice().body(format).unwrap()).unwrap()
    }

    #[test]
    fn message_for_slack_escapes_its_three_characters_and_asks_for_no_parsing() {
        let told = body(WebhookFormat::Slack);
        assert_eq!(told["text"], "VE26-004213-92 · P1 · caso abierto");
        let head = &told["blocks"][0]["text"];
        assert_eq!(
            head["text"],
            "*<https://desk.example/desk/cases/VE2600421392|VE26-004213-92>* · P1 · caso abierto"
        );
        let fact = &told["blocks"][1]["fields"][0];
        assert_eq!((&fact["type"], &fact["verbatim"]), (&json!("mrkdwn"), &json!(true)));
        let words = fact["text"].as_str().unwrap();
        assert!(words.starts_with("*Organización*\n&lt;!channel&gt; &lt;@U1&gt; @all"), "{words}");
        assert!(!words.contains('<') && !words.contains("& "), "{words}");
    }

    #[test]
    fn card_for_teams_shows_words_of_customers_in_runs_without_markup() {
        let told = body(WebhookFormat::Teams);
        let attachment = &told["attachments"][0];
        assert_eq!((&told["type"], &attachment["contentUrl"]), (&json!("message"), &Value::Null));
        assert_eq!(attachment["contentType"], "application/vnd.microsoft.card.adaptive");
        let card = &attachment["content"];
        assert_eq!((&card["type"], &card["version"]), (&json!("AdaptiveCard"), &json!("1.4")));
        assert_eq!(
            card["body"][1]["inlines"][1],
            json!({ "type": "TextRun", "text": HOSTILE, "weight": "Default" })
        );
        assert_eq!(card["actions"][0]["url"], "https://desk.example/desk/cases/VE2600421392");
        assert!(card.get("msteams").is_none(), "no mention");
    }

    #[test]
    fn message_for_mattermost_mentions_no_channel_and_makes_one_link() {
        let told = body(WebhookFormat::Mattermost);
        let text = told["text"].as_str().unwrap();
        let (head, fact) = text.split_once("  \n").unwrap();
        assert_eq!(
            head,
            "**[VE26\\-004213\\-92](https://desk.example/desk/cases/VE2600421392)** · P1 · caso abierto"
        );
        assert!(!fact.contains('@') && fact.contains("＠all ＠channel"), "{fact}");
        assert!(
            fact.contains("\\[gratis\\]\\(https：//evil.example\\)")
                && fact.contains("\\~canal \\#z WWW2．evil.example"),
            "{fact}"
        );
    }

    #[test]
    fn desk_own_format_has_no_words() {
        assert!(notice().body(WebhookFormat::Standard).is_none());
    }

    #[test]
    fn test_is_told_in_the_language_of_the_webhook() {
        let told = |language| {
            let notice = ChatNotice::test(language, "https://desk.example/desk".to_owned());
            serde_json::to_value(notice.body(WebhookFormat::Slack).unwrap()).unwrap()["text"].clone()
        };
        let all = Language::ALL.map(told);
        assert!(all[0] != all[1] && all[1] != all[2] && all[0] != all[2], "{all:?}");
    }
}
