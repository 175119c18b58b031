//! The forms of imports.

use desk::import::{
    self, ImportError, ImportFile, Mapping, MatchProblem, Mode, Outcome, UndoError, bad_rows, confirm_import,
    end_missing, give_up_import, match_columns, stage_import, undo_import,
};
use domain::i18n::Language;
use domain::register::ImportKind;
use domain::t;
use http::StatusCode;

use super::{ENDS_ON, IMPORT};
use crate::AppError;
use crate::pages::{PostReply, Posted, Typed};
use crate::request::RequestContext;

/// An error of an import as a page shows it.
pub(super) fn told(error: ImportError, language: Language) -> AppError {
    match error {
        ImportError::NotPermitted(_) => AppError::NotPermitted,
        ImportError::NotFound => AppError::NotFound,
        ImportError::Store(_) => AppError::Unavailable,
        error => AppError::Text(error.message(language)),
    }
}

/// Takes a file. `file` is `None` when none was chosen, or when it was too large to be read.
pub async fn post_import_file(
    asked: &RequestContext,
    typed: Typed,
    file: Result<ImportFile, ImportError>,
) -> Posted {
    let language = asked.language;
    let Some(kind) = typed.get("kind").and_then(|code| ImportKind::from_code(code)) else {
        return Posted::Failed(AppError::Malformed);
    };
    let staged = match file {
        Ok(file) => stage_import(&asked.desk, &asked.actor, kind, file).await,
        Err(error) => Err(error),
    };
    match staged {
        Ok(id) => Posted::Done(format!("{IMPORT}/{id}")),
        Err(error) => match told(error, language) {
            AppError::Text(words) => {
                let problems = vec![("file".to_owned(), words)];
                let reply = PostReply { typed, problems, failure: None };
                Posted::Again(StatusCode::UNPROCESSABLE_ENTITY, reply)
            }
            AppError::NotPermitted => Posted::Failed(AppError::NotPermitted),
            error => Posted::not_taken(typed, &error, language),
        },
    }
}

/// Takes a step of one import: matched columns, the end of missing contracts, a confirmation, that it is given up, or that
/// it is undone.
pub async fn post_import_step(asked: &RequestContext, id: &str, typed: Typed) -> Posted {
    let Ok(id) = id.parse::<i64>() else { return Posted::Failed(AppError::NotFound) };
    match typed.get("act").map(String::as_str) {
        Some("match") => matched(asked, id, typed).await,
        Some("give_up") => match give_up_import(&asked.desk, &asked.actor, id).await {
            Ok(()) => Posted::Done(IMPORT.to_owned()),
            Err(error) => Posted::not_taken(typed, &told(error, asked.language), asked.language),
        },
        Some("end") => end(asked, id, typed).await,
        Some("confirm") => confirm(asked, id, typed).await,
        Some("undo") => undo(asked, id, typed).await,
        _ => Posted::Failed(AppError::Malformed),
    }
}

/// Matches the columns as they were chosen.
async fn matched(asked: &RequestContext, id: i64, typed: Typed) -> Posted {
    let language = asked.language;
    let mapping: Mapping = typed
        .iter()
        .filter(|(name, _)| *name != "act")
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    match match_columns(&asked.desk, &asked.actor, id, mapping).await {
        Ok(()) => Posted::Done(format!("{IMPORT}/{id}")),
        Err(ImportError::Unmatched(problems)) => {
            let failure = Some(t!(language, "import.match.problems").into_owned());
            let words = |(column, problem): (&'static str, MatchProblem)| {
                let key = match problem {
                    MatchProblem::NotChosen => "import.match.not_chosen",
                    MatchProblem::NamedTwice => "import.match.named_twice",
                    MatchProblem::ChosenTwice => "import.match.chosen_twice",
                };
                (column.to_owned(), t!(language, key).into_owned())
            };
            let problems = problems.into_iter().map(words).collect();
            Posted::Again(StatusCode::UNPROCESSABLE_ENTITY, PostReply { typed, problems, failure })
        }
        Err(error) => Posted::not_taken(typed, &told(error, language), language),
    }
}

/// Takes the day on which contracts end that the file lacks; without one they stay.
async fn end(asked: &RequestContext, id: i64, typed: Typed) -> Posted {
    let language = asked.language;
    let text = typed.get(ENDS_ON).map(|text| text.trim()).filter(|text| !text.is_empty());
    let ends_on = match text.map(import::day).transpose() {
        Ok(ends_on) => ends_on,
        Err(problem) => {
            let problems = vec![(ENDS_ON.to_owned(), problem.message(language))];
            let reply = PostReply { typed, problems, failure: None };
            return Posted::Again(StatusCode::UNPROCESSABLE_ENTITY, reply);
        }
    };
    match end_missing(&asked.desk, &asked.actor, id, ends_on).await {
        Ok(()) => Posted::Done(format!("{IMPORT}/{id}")),
        Err(error) => Posted::not_taken(typed, &told(error, language), language),
    }
}

fn again(status: StatusCode, typed: Typed, words: String) -> Posted {
    Posted::Again(status, PostReply { typed, problems: Vec::new(), failure: Some(words) })
}

async fn confirm(asked: &RequestContext, id: i64, typed: Typed) -> Posted {
    let language = asked.language;
    let digest = typed.get("digest").cloned().unwrap_or_default();
    let mode = if typed.contains_key("confirmed") { Mode::ApplyConfirmed } else { Mode::Apply };
    match confirm_import(&asked.desk, &asked.actor, id, digest, mode).await {
        Ok(report) if report.outcome == Outcome::Written => {
            Posted::Done(format!("{IMPORT}/{id}?done=written"))
        }
        Ok(_) => again(
            StatusCode::UNPROCESSABLE_ENTITY,
            typed,
            t!(language, "import.page.not_confirmed").into_owned(),
        ),
        Err(ImportError::ChangedMeanwhile) => {
            again(StatusCode::CONFLICT, typed, ImportError::ChangedMeanwhile.message(language))
        }
        Err(error) => Posted::not_taken(typed, &told(error, language), language),
    }
}

async fn undo(asked: &RequestContext, id: i64, typed: Typed) -> Posted {
    let language = asked.language;
    let words = match undo_import(&asked.desk, &asked.actor, id).await {
        Ok(()) => return Posted::Done(format!("{IMPORT}/{id}?done=undone")),
        Err(UndoError::Nothing) => t!(language, "import.undo.nothing").into_owned(),
        Err(UndoError::Cases(numbers)) => {
            let numbers: Vec<String> = numbers.iter().map(domain::case_number::CaseNumber::grouped).collect();
            t!(language, "import.undo.cases", cases = numbers.join(", "))
        }
        Err(UndoError::Changes(keys)) => t!(language, "import.undo.changes", keys = keys.join(", ")),
        Err(UndoError::Desk(error)) => return Posted::not_taken(typed, &error.into(), language),
    };
    again(StatusCode::CONFLICT, typed, words)
}

/// The wrong rows of a file that waits, as CSV.
///
/// # Errors
/// When there is no such file, or the actor may not import.
pub async fn bad_rows_csv(asked: &RequestContext, id: &str) -> Result<String, AppError> {
    let id = id.parse().map_err(|_| AppError::NotFound)?;
    bad_rows(&asked.desk, &asked.actor, id, asked.language).await.map_err(|error| told(error, asked.language))
}
