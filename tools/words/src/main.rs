//! Writes the words for browsers: `words FOLDER` makes `FACE.LANGUAGE.json` in FOLDER for each face and language. A page
//! loads the one of its face and its reader's language (`domain::i18n::load`).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

use domain::i18n::{Language, all};

/// A face of the desk, with the keys that it shows.
struct Face {
    name: &'static str,
    shows: fn(&str) -> bool,
}

const FACES: [Face; 6] = [
    Face { name: "form", shows: |key| begins(key, FORMS) },
    Face { name: "track", shows: is_customers },
    Face { name: "workspace", shows: |key| begins(key, QUEUES) },
    // Loaded with the first of the workspace's parts (`app/src/parts.rs`).
    Face { name: "parts", shows: |key| is_agents(key) && !begins(key, QUEUES) },
    Face { name: "admin", shows: is_shown },
    Face { name: "wall", shows: |key| begins(key, WALLS) },
];

/// Keys of the server alone: the command line and mails.
const SERVERS: &[&str] = &[
    "api.",
    "audit.",
    "backup.",
    "brand.",
    "cause.",
    "cli.",
    "company.",
    "doctor.",
    "entry.",
    "grant.",
    "import.",
    "inbound.",
    "integration.",
    "letter.",
    "lost.",
    "monitoring.",
    "my.",
    "pair.",
    "people.",
    "plan.",
    "privacy.",
    "register.",
    "server.",
    "settings.",
    "setup.",
    "triage.",
    "webhook.",
    "whatsapp.",
    "wording.",
    "workforce.",
];
/// Keys of mails that pages show as well: the closing report, and cities.
const OF_MAILS: &[&str] = &["letter.closing.", "letter.place.", "letter.report.", "letter.visit.technician"];
/// Keys of the administration and of the own account alone.
const ADMINS: &[&str] = &["admin."];
/// Keys of the staff alone.
const STAFFS: &[&str] = &[
    "admin.",
    "answered.",
    "mails.",
    "reports.",
    "staff.",
    "telephone.",
    "whatsapp_form.",
    "whatsapp_sent.",
    "whatsapp_unsent.",
];
/// Keys of the case form; the server renders the page around it.
const FORMS: &[&str] = &[
    "calendar.",
    "country.",
    "coverage.",
    "error.",
    "field.",
    "fields.",
    "file.choose_again",
    "file.chosen",
    "file.not_taken",
    "file.preparing",
    "file.problem.heic",
    "file.problem.too_large",
    "file.problem.too_many_at_opening",
    "file.remove",
    "file.sent_share",
    "file.with_case_hint",
    "file.with_message",
    "file.wrong",
    "form.",
    "found.",
    "letter.place.",
    "moment.",
    "phone.",
    "platform.",
    "pledge.",
    "priority.",
    "problem.",
    "serial.",
    "severity.",
    "urgency.",
];
/// Keys of the queue, and of the frame around every page of the staff.
const QUEUES: &[&str] = &[
    "calendar.",
    "category.",
    "clock.",
    "clock_state.",
    "contract.",
    "country.",
    "coverage.",
    "error.",
    "file.wrong",
    "form.sent_before.title",
    "frame.",
    "hold_reason.",
    "language.",
    "letter.place.",
    "moment.",
    "opening.crowded",
    "pause_reason.",
    "platform.",
    "priority.",
    "promise.",
    "queue_state.",
    "refusal.not_permitted",
    "role.",
    "staff.came_back",
    "staff.clock.",
    "staff.filter.",
    "staff.link.",
    "staff.nav.",
    "staff.no_case",
    "staff.queue.",
    "staff.search.",
    "staff.sign_out",
    "staff.to_queue",
    "staff.to_validate",
    "staff.urgent.",
    "status.",
    "survey.page_of",
    "telephone.call_of",
    "telephone.call_to",
    "telephone.dialling",
    "telephone.withheld",
    "visit.agenda.title",
    "wall.visits_clash",
];
/// Keys of the wall.
const WALLS: &[&str] = &[
    "calendar.",
    "clock.",
    "clock_state.",
    "country.",
    "coverage.",
    "error.",
    "frame.",
    "letter.place.",
    "pause_reason.",
    "platform.",
    "priority.",
    "promise.",
    "status.",
    "wall.",
];

fn is_shown(key: &str) -> bool {
    !begins(key, SERVERS) || begins(key, OF_MAILS)
}

fn is_agents(key: &str) -> bool {
    is_shown(key) && !begins(key, ADMINS)
}

fn is_customers(key: &str) -> bool {
    is_shown(key) && !begins(key, STAFFS)
}

fn begins(key: &str, beginnings: &[&str]) -> bool {
    beginnings.iter().any(|beginning| key.starts_with(beginning))
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [folder] = arguments.as_slice() else {
        eprintln!("usage: words FOLDER");
        return ExitCode::from(2);
    };
    match write_all(Path::new(folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("words: {folder}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write_all(folder: &Path) -> io::Result<()> {
    for Face { name, shows } in FACES {
        for language in Language::ALL {
            let words = words_of(language, shows);
            let file = folder.join(format!("{name}.{}.json", language.code()));
            fs::write(file, serde_json::to_vec(&words)?)?;
        }
    }
    Ok(())
}

fn words_of(language: Language, shows: fn(&str) -> bool) -> BTreeMap<Cow<'static, str>, Cow<'static, str>> {
    all(language).into_iter().filter(|(key, _)| shows(key)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::PathBuf;

    use super::*;

    /// Every key in the sources of a folder: whole, or by a prefix for all codes of a choice (`enum Channel: "channel" {`).
    fn named(folder: &str) -> BTreeSet<String> {
        let written = all(Language::Es);
        let mut keys = BTreeSet::new();
        let mut left = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder)];
        while let Some(path) = left.pop() {
            if path.is_dir() {
                left.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            } else {
                let source = fs::read_to_string(path).unwrap();
                let texts: Vec<&str> = source.split('"').collect();
                for (before, text) in texts.iter().zip(texts.iter().skip(1)) {
                    let declaration = before.rsplit('\n').next().unwrap_or_default();
                    let of_choice = declaration.contains(" enum ") && declaration.ends_with(": ");
                    let fits = |key: &str| match key.strip_prefix(text) {
                        Some(rest) => rest.is_empty() || of_choice && rest.starts_with('.'),
                        None => false,
                    };
                    keys.extend(written.keys().filter(|key| fits(key)).map(|key| key.clone().into_owned()));
                }
            }
        }
        keys
    }

    /// Rules that no page of a customer shows, and pages that the server alone renders.
    const ELSEWHERE: &[&str] = &[
        "domain/src/actor/integration.rs",
        "domain/src/audit.rs",
        "domain/src/call.rs",
        "domain/src/case/wait_overlap.rs",
        "domain/src/causes",
        "domain/src/company",
        "domain/src/company.rs",
        "domain/src/mail_allowance.rs",
        "domain/src/monitoring",
        "domain/src/monitoring.rs",
        "domain/src/provider",
        "domain/src/reports",
        "domain/src/search",
        "domain/src/view/queue.rs",
        "domain/src/webhook",
        "domain/src/webhook.rs",
        "domain/src/whatsapp",
        "domain/src/wording",
        "app/src/pages/portal/account",
        "app/src/pages/portal/lost.rs",
        "app/src/pages/portal/reporting.rs",
        "app/src/pages/staff/account/passkeys",
        "app/src/pages/staff/admin/audit",
        "app/src/pages/staff/admin/choices.rs",
        "app/src/pages/staff/admin/displays",
        "app/src/pages/staff/admin/import",
        "app/src/pages/staff/admin/integrations",
        "app/src/pages/staff/admin/privacy",
        "app/src/pages/staff/admin/register",
        "app/src/pages/staff/admin/server",
        "app/src/pages/staff/admin/sessions",
        "app/src/pages/staff/admin/settings",
        "app/src/pages/staff/admin/setup",
        "app/src/pages/staff/admin/webhooks",
        "app/src/pages/staff/admin/whatsapp",
        "app/src/pages/staff/reports/causes.rs",
        "app/src/pages/staff/admin/workforce",
        "app/src/pages/staff/case_file/candidates.rs",
        "domain/src/register.rs",
        "domain/src/webhook.rs",
        "domain/src/workforce",
        "app/src/pages/staff/entrance",
        "app/src/pages/staff/sign_in.rs",
        "app/src/pages/staff/triage.rs",
        // Only lists of the staff have pages.
        "app/src/ui/pager.rs",
        "app/src/ui/passkey",
    ];

    #[test]
    fn every_face_gets_the_texts_that_its_code_names() {
        let [form, track, queue, parts, admin, wall] = FACES;
        let workspace = Face { name: "workspace", shows: is_agents };
        let common = ["domain/src", "app/src/ui", "app/src/live"];
        let elsewhere: BTreeSet<String> = ELSEWHERE.iter().copied().flat_map(named).collect();
        // Their words are in a bundle of their own.
        let admins: BTreeSet<String> =
            ["app/src/pages/staff/admin", "app/src/pages/staff/account", "app/src/pages/staff/extension.rs"]
                .into_iter()
                .flat_map(named)
                .collect();
        // The form's bundle holds a part of its page and of the rules: the modules that it uses, and no others.
        let forms = [
            "app/src/pages/portal/form",
            "app/src/live",
            "app/src/ui/field.rs",
            "app/src/ui/icon.rs",
            "app/src/ui/sla_chip.rs",
            "app/src/ui/moment.rs",
            "app/src/upload",
            "domain/src/calendar",
            "domain/src/contract_number.rs",
            "domain/src/country",
            "domain/src/entitlement.rs",
            "domain/src/intake",
            "domain/src/intake.rs",
            "domain/src/mail_address.rs",
            "domain/src/phone",
            "domain/src/serial",
            "domain/src/text.rs",
            "domain/src/priority.rs",
        ];
        // The queue, and what stands around it: the first page of the workspace.
        let queues = [
            "app/src/drafts.rs",
            "app/src/error.rs",
            "app/src/live",
            "app/src/pages/staff/filter.rs",
            "app/src/pages/staff/frame",
            "app/src/pages/staff/queue",
            "app/src/pages/staff/queue_place.rs",
            "app/src/pages/staff/refresh.rs",
            "app/src/pages/staff/session.rs",
            "app/src/ui/frame.rs",
            "app/src/ui/moment.rs",
            "app/src/ui/sla_chip.rs",
            "domain/src/calendar",
            "domain/src/case/sla_clock.rs",
            "domain/src/case/evolve.rs",
            "domain/src/entitlement.rs",
            "domain/src/priority.rs",
        ];
        for key in words_of(Language::Es, is_agents).keys() {
            assert!((queue.shows)(key) != (parts.shows)(key), "{key} is loaded once");
        }
        for (face, folders) in [
            (queue, queues.to_vec()),
            (form, forms.to_vec()),
            (track, [&common[..], &["app/src/pages/portal"]].concat()),
            (workspace, [&common[..], &["app/src/pages"]].concat()),
            (admin, [&common[..], &["app/src/pages/staff"]].concat()),
            (wall, vec!["app/src/wall"]),
        ] {
            let words = words_of(Language::Es, face.shows);
            let named = folders.iter().flat_map(|folder| named(folder));
            for key in named.filter(|key| matches!(face.name, "form" | "wall") || !elsewhere.contains(key)) {
                if face.name == "workspace" && begins(&key, ADMINS) && admins.contains(&key) {
                    continue;
                }
                assert!(words.contains_key(key.as_str()), "{} lacks {key}", face.name);
            }
        }
    }
}
