//! The plain form that resolves a case without a script: `/desk/cases/NUMBER/resolve`. The server alone draws it.

use desk::DeskError;
use desk::cases::execute::{Expected, execute_command};
use desk::cases::read::read_case;
use desk::causes::offered;
use domain::case::{Category, Command, Refusal};
use domain::case_number::CaseNumber;
use domain::causes::{CauseCode, OfferedCauses};
use domain::i18n::Language;
use domain::t;
use domain::text::Note;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::frame::{Failed, Here, StaffFrame};
use super::session::staff_context;
use crate::AppError;
use crate::address::case_address;
use crate::language::use_language;
use crate::pages::{PostReply, Posted, Typed};
use crate::request::RequestContext;
use crate::ui::inputs::area_text;
use crate::ui::{Notice, Tone};

/// Takes the form of a case.
pub async fn post_resolve(asked: &RequestContext, number: &str, typed: Typed) -> Posted {
    let Ok(number) = CaseNumber::parse(number) else { return Posted::Failed(AppError::NotFound) };
    let (command, seen) = match command(asked.language, &typed) {
        Ok(wish) => wish,
        Err(wrong) => return Posted::not_taken(typed, &AppError::Wrong(wrong), asked.language),
    };
    let expected = Expected::Version(seen);
    match execute_command(&asked.desk, &asked.actor, number, expected, command).await {
        Ok(_) => Posted::Done(case_address(number)),
        Err(DeskError::Refused(Refusal::Cause(refused))) => {
            let wrong = AppError::Wrong(vec![("chosen".to_owned(), refused.message(asked.language))]);
            Posted::not_taken(typed, &wrong, asked.language)
        }
        Err(error) => match AppError::from(error) {
            error @ (AppError::NotFound | AppError::NotPermitted) => Posted::Failed(error),
            error => Posted::not_taken(typed, &error, asked.language),
        },
    }
}

/// The command of a form, and the version that its writer saw; else what is wrong with each field.
fn command(language: Language, typed: &Typed) -> Result<(Command, u32), Vec<(String, String)>> {
    let text = |name: &str| typed.get(name).map_or("", |text| text.trim());
    let mut problems = Vec::new();
    let mut wrong = |name: &str, words: String| problems.push((name.to_owned(), words));
    let category = Category::from_code(text("category"));
    if category.is_none() {
        wrong("category", t!(language, "problem.not_chosen").into_owned());
    }
    let cause = Note::parse(text("cause")).map_err(|problem| wrong("cause", problem.message(language)));
    let solution =
        Note::parse(text("solution")).map_err(|problem| wrong("solution", problem.message(language)));
    let chosen = Some(text("chosen")).filter(|code| !code.is_empty()).map(CauseCode::parse).transpose();
    let chosen = chosen.map_err(|_| wrong("chosen", t!(language, "problem.not_chosen").into_owned()));
    let (Some(category), Ok(cause), Ok(solution), Ok(chosen)) = (category, cause, solution, chosen) else {
        return Err(problems);
    };
    // Without a version the form was not drawn here, and nobody saw the case.
    let seen = text("seen").parse().unwrap_or_default();
    Ok((Command::Resolve { category, cause, solution, chosen, classification: None }, seen))
}

/// The page of the form.
#[component]
pub fn ResolvePage() -> impl IntoView {
    let language = use_language();
    let number = use_params_map().with_untracked(|params| params.get("number").unwrap_or_default());
    view! {
        <StaffFrame title=t!(language, "staff.resolve.title").into_owned() class="stack" here=Here::Queue>
            <h1>{t!(language, "staff.resolve.title")}</h1>
            {Suspend::new(async move {
                match read(&number).await {
                    Ok(form) => view! { <ResolveForm form/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </StaffFrame>
    }
    .into_any()
}

/// What the form is drawn of.
struct Form {
    number: CaseNumber,
    /// The version of the case that is shown.
    seen: u32,
    causes: OfferedCauses,
    reply: PostReply,
}

async fn read(number: &str) -> Result<Form, AppError> {
    let reply = PostReply::of_page();
    let asked = staff_context()?;
    let number = CaseNumber::parse(number).map_err(|_| AppError::NotFound)?;
    let case = read_case(&asked.desk, &asked.actor, number).await?;
    let causes = offered(&asked.desk, &asked.actor, asked.language).await?;
    Ok(Form { number, seen: case.version, causes, reply })
}

#[component]
fn ResolveForm(form: Form) -> impl IntoView {
    let language = use_language();
    let Form { number, seen, causes, reply } = form;
    let back = case_address(number);
    let failure = reply.failure.clone().map(|words| {
        view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> }
    });
    let categories = options(
        Category::ALL.map(|it| (it.code().to_owned(), t!(language, it.name_key()).into_owned())).to_vec(),
        &reply.text("category"),
    );
    let chosen = reply.text("chosen");
    let groups = causes.categories.into_iter().map(|group| {
        let causes = group.causes.into_iter().map(|cause| (cause.code.as_str().to_owned(), cause.name));
        view! { <optgroup label=group.name>{options(causes.collect(), &chosen)}</optgroup> }
    });
    let groups = groups.collect_view().into_any();
    let none = t!(language, "staff.resolve.tree_none");
    view! {
        <p><a href=back.clone() class="number" translate="no">{number.grouped()}</a></p>
        {failure}
        <form class="card stack" method="post" action=format!("{back}/resolve") novalidate>
            <input type="hidden" name="seen" value=seen.to_string()/>
            {select(&reply, "category", "staff.resolve.category", view! { <option value="">"–"</option> {categories} }.into_any())}
            {select(&reply, "chosen", "staff.resolve.tree", view! { <option value="">{none}</option> {groups} }.into_any())}
            {area(&reply, "cause", "staff.resolve.cause")}
            {area(&reply, "solution", "staff.resolve.text")}
            <div class="row">
                <button class="button button--main" type="submit">{t!(language, "staff.resolve.act")}</button>
            </div>
        </form>
    }
    .into_any()
}

fn options(choices: Vec<(String, String)>, chosen: &str) -> AnyView {
    let option = |(value, words): (String, String)| {
        let is_chosen = value == chosen;
        view! { <option value=value selected=is_chosen>{words}</option> }
    };
    choices.into_iter().map(option).collect_view().into_any()
}

fn select(reply: &PostReply, name: &'static str, label: &'static str, options: AnyView) -> AnyView {
    field(reply, name, label, |invalid, described| {
        view! {
            <select class="field__input" id=name name=name aria-invalid=invalid aria-describedby=described>{options}</select>
        }
        .into_any()
    })
}

fn area(reply: &PostReply, name: &'static str, label: &'static str) -> AnyView {
    let typed = area_text(&reply.text(name));
    field(reply, name, label, |invalid, described| {
        view! {
            <textarea class="field__input" id=name name=name rows="3" aria-invalid=invalid aria-describedby=described
                inner_html=typed></textarea>
        }
        .into_any()
    })
}

/// An input with its label, and what is wrong with it.
fn field(
    reply: &PostReply,
    name: &'static str,
    label: &'static str,
    draw: impl FnOnce(Option<&'static str>, Option<String>) -> AnyView,
) -> AnyView {
    let language = use_language();
    let problem = reply.problem(name);
    let is_wrong = problem.is_some();
    let input = draw(is_wrong.then_some("true"), is_wrong.then(|| format!("{name}-error")));
    view! {
        <div class="field" data-look=is_wrong.then_some("error")>
            <label class="field__label" for=name>{t!(language, label)}</label>
            <div class="field__box">{input}</div>
            {problem.map(|words| view! { <p class="field__error" id=format!("{name}-error")>{words}</p> })}
        </div>
    }
    .into_any()
}
