//! The reply to an upload: how many files were stored, and which were refused and why. A plain form gets it in the address of
//! its redirect, a script in words.

use domain::attachment::{FileProblem, MOST_FILES};
#[cfg(feature = "ssr")]
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::t;
use leptos_router::params::ParamsMap;

#[cfg(feature = "ssr")]
use crate::address::query_value;

/// The most files that an address names; the others are counted.
const MOST_NAMED: usize = 8;

/// The reply to an upload.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UploadReply {
    /// How many files were stored.
    pub stored: usize,
    /// Refused files by their sender's names, with the codes of the reasons. An empty name stands for all that came after.
    pub refused: Vec<(String, String)>,
    /// How many more were refused.
    more: usize,
}

impl UploadReply {
    /// A reply that names all refused files.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub const fn new(stored: usize, refused: Vec<(String, String)>) -> Self {
        Self { stored, refused, more: 0 }
    }

    /// The address of a day of the agenda, counted from today, at the files of a case. It holds the reply where a file was
    /// refused.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn address(&self, ahead: i32, number: CaseNumber) -> String {
        use std::fmt::Write as _;

        let number = number.as_compact();
        let mut query = format!("in={ahead}");
        if !self.refused.is_empty() {
            // Writing to a string does not fail.
            let _ = write!(query, "&of={number}&kept={}", self.stored);
            for (name, code) in self.refused.iter().take(MOST_NAMED) {
                let _ = write!(query, "&problem={}&file={}", query_value(code), query_value(name));
            }
            let _ = write!(query, "&more={}", self.more + self.refused.len().saturating_sub(MOST_NAMED));
        }
        format!("/desk/agenda?{query}#files-{number}")
    }

    /// The reply in an address, if it is about this case.
    pub(super) fn of_address(query: &ParamsMap, number: &str) -> Option<Self> {
        if query.get_str("of") != Some(number) {
            return None;
        }
        let all = |name: &str| query.get_all(name).unwrap_or_default();
        let count = |name: &str| query.get_str(name).and_then(|count| count.parse().ok()).unwrap_or(0);
        let refused = all("file").into_iter().zip(all("problem")).take(MOST_NAMED).collect();
        Some(Self { stored: count("kept"), refused, more: count("more") })
    }

    /// The reply in words, a line for each refused file.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        let is_alone = self.stored == 0 && self.refused.len() == 1;
        let line = |(name, code): &(String, String)| match (name.as_str(), file_problem(language, code)) {
            ("", problem) if is_alone => problem,
            ("", problem) => refused(language, &t!(language, "file.others"), &problem),
            (name, problem) => refused(language, name, &problem),
        };
        let mut lines: Vec<_> = self.refused.iter().map(line).collect();
        if self.more > 0 {
            lines.push(t!(language, "file.more", count = self.more));
        }
        summary(language, self.stored, lines)
    }
}

/// The line of a refused file.
pub(super) fn refused(language: Language, name: &str, problem: &str) -> String {
    t!(language, "file.wrong", name = name, problem = problem)
}

/// The reply in words: the number of stored files, and the lines of refused ones.
pub(super) fn summary(language: Language, stored: usize, refused: Vec<String>) -> String {
    let stored = match stored {
        0 => None,
        1 => Some(t!(language, "file.kept.one").into_owned()),
        count => Some(t!(language, "file.kept.many", count = count)),
    };
    stored.into_iter().chain(refused).collect::<Vec<_>>().join("\n")
}

/// The reason of a refusal, by its code in an address.
fn file_problem(language: Language, code: &str) -> String {
    if let Some(problem) = FileProblem::from_code(code) {
        return problem.message(language);
    }
    let key = match code {
        "too_many" => return t!(language, "file.problem.too_many", most = MOST_FILES),
        "same" => "file.problem.same",
        "gone" => "file.problem.gone",
        "closed" => "file.problem.closed",
        "other_technician" => "visit.refusal.other_technician",
        _ => "file.problem.failed",
    };
    t!(language, key).into_owned()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    fn reply(stored: usize, names: &[&str]) -> UploadReply {
        let refused = names.iter().map(|name| ((*name).to_owned(), "too_large".to_owned())).collect();
        UploadReply::new(stored, refused)
    }

    #[test]
    fn an_upload_is_told_by_the_address_that_it_leads_back_to() {
        let number = CaseNumber::parse("VE2600421392").unwrap();
        let all = reply(2, &[]);
        assert_eq!(all.address(1, number), "/desk/agenda?in=1#files-VE2600421392");
        let some = reply(2, &["a & b+c=ñ.jpg"]);
        assert_eq!(
            some.address(0, number),
            "/desk/agenda?in=0&of=VE2600421392&kept=2&problem=too_large&file=a%20%26%20b%2Bc%3D%C3%B1.jpg&more=0\
             #files-VE2600421392"
        );
        let query: ParamsMap =
            [("of", "VE2600421392"), ("kept", "2"), ("problem", "too_large"), ("file", "a & b+c=ñ.jpg")]
                .into_iter()
                .collect();
        assert_eq!(UploadReply::of_address(&query, "VE2600421392"), Some(some));
        assert_eq!(UploadReply::of_address(&query, "VE2600000121"), None, "it is another case's");
    }

    #[test]
    fn what_was_kept_is_told_beside_what_was_not() {
        let words = reply(1, &["grande.jpg", ""]).message(Language::En);
        let [stored, large, others] = words.lines().collect::<Vec<_>>()[..] else { panic!("{words}") };
        assert_eq!(stored, "1 file was kept.");
        assert!(large.starts_with("grande.jpg: ") && others.starts_with("The other files: "), "{words}");
        let many: Vec<_> = (0..20).map(|nth| format!("{nth}.jpg")).collect();
        let names: Vec<_> = many.iter().map(String::as_str).collect();
        let address = reply(0, &names).address(0, CaseNumber::parse("VE2600421392").unwrap());
        assert!(address.contains("7.jpg&more=12") && !address.contains("8.jpg"), "{address}");
    }
}
