//! The rules of trees, codes and choices.

use super::*;

fn code(text: &str) -> CauseCode {
    CauseCode::parse(text).unwrap()
}

fn label(text: &str) -> CauseLabel {
    CauseLabel::new(code(text), |language| format!("{text} {}", language.code())).unwrap()
}

fn category(text: &str, state: CauseState) -> CauseCategory {
    CauseCategory { label: label(text), state }
}

fn cause(of: &str, text: &str, state: CauseState) -> Cause {
    Cause { label: label(text), category: code(of), state }
}

fn tree(choice: Need) -> CauseTree {
    use CauseState::{Active, Retired};
    CauseTree::new(
        choice,
        vec![category("nets", Active), category("old", Retired), category("empty", Active)],
        vec![cause("nets", "cable", Active), cause("nets", "hub", Retired), cause("old", "modem", Active)],
    )
    .unwrap()
}

#[test]
fn only_active_causes_of_active_categories_are_offered_and_taken() {
    let tree = tree(Need::Optional);
    let offered = tree.offered(Language::Pt);
    let names: Vec<_> = offered.categories.iter().map(|group| (&*group.name, group.causes.len())).collect();
    assert_eq!(names, [("nets pt", 1)]);
    assert_eq!(offered.categories[0].causes[0].name, "cable pt");
    let found = tree.classify(Some(&code("cable"))).unwrap().unwrap();
    assert_eq!(found.name(Language::En), "nets en › cable en");
    for other in ["hub", "modem", "nowhere"] {
        assert_eq!(tree.classify(Some(&code(other))), Err(CauseRefusal::NotOffered), "{other}");
    }
    assert_eq!(tree.classify(None), Ok(None));
}

#[test]
fn required_cause_must_be_chosen_unless_nothing_is_offered() {
    assert_eq!(tree(Need::Required).classify(None), Err(CauseRefusal::Required));
    let nothing = CauseTree::new(Need::Required, vec![category("nets", CauseState::Active)], vec![]).unwrap();
    assert_eq!(nothing.classify(None), Ok(None));
}

#[test]
fn every_problem_of_a_tree_is_told_at_its_place() {
    let active = CauseState::Active;
    let categories = vec![category("nets", active), category("nets", active)];
    let causes = vec![cause("nets", "cable", active), cause("none", "cable", active)];
    assert_eq!(
        CauseTree::new(Need::Optional, categories, causes),
        Err(vec![
            (CausesPlace::Category(1), CausesProblem::Repeated),
            (CausesPlace::Cause(1), CausesProblem::Repeated),
            (CausesPlace::Cause(1), CausesProblem::UnknownCategory),
        ])
    );
    let many = |count| (0..count).map(|at| category(&format!("c{at}"), active)).collect();
    let many_causes = |count| (0..count).map(|at| cause("c0", &format!("x{at}"), active)).collect();
    assert!(CauseTree::new(Need::Optional, many(CATEGORIES_MAX), many_causes(CAUSES_MAX)).is_ok());
    assert_eq!(
        CauseTree::new(Need::Optional, many(CATEGORIES_MAX + 1), many_causes(CAUSES_MAX + 1)),
        Err(vec![
            (CausesPlace::Categories, CausesProblem::TooManyCategories),
            (CausesPlace::Causes, CausesProblem::TooManyCauses),
        ])
    );
}

#[test]
fn codes_and_names_are_parsed() {
    for good in ["a", "cable_2", &"x".repeat(CODE_CHARS_MAX)] {
        assert_eq!(CauseCode::parse(good).unwrap().as_str(), good);
    }
    for bad in ["", "Cable", "un cable", "cañería", &"x".repeat(CODE_CHARS_MAX + 1)] {
        assert_eq!(CauseCode::parse(bad), Err(CausesProblem::Code), "{bad}");
    }
    let named = |en: &str| {
        CauseLabel::new(code("a"), |language| match language {
            Language::En => en.to_owned(),
            Language::Es | Language::Pt => " x ".to_owned(),
        })
    };
    assert_eq!(named(&"x".repeat(CAUSE_NAME_CHARS_MAX)).unwrap().names.of(Language::Es), "x");
    for bad in [" ", &"x".repeat(CAUSE_NAME_CHARS_MAX + 1)] {
        assert_eq!(named(bad), Err(CausesProblem::Name(Language::En)), "{bad}");
    }
}

#[test]
fn standing_tree_keeps_the_rules_of_a_new_one() {
    let standing = CauseTree::standing();
    let again = CauseTree::new(standing.choice(), standing.categories.clone(), standing.causes.clone());
    assert_eq!(again.as_ref(), Ok(&standing));
    for label in
        standing.categories.iter().map(|it| &it.label).chain(standing.causes.iter().map(|it| &it.label))
    {
        let named = CauseLabel::new(label.code.clone(), |language| label.names.of(language).to_owned());
        assert_eq!(named.as_ref(), Ok(label));
        let key = format!("cause.{}", label.code.as_str());
        assert!(Language::ALL.iter().all(|language| *label.names.of(*language) != key), "{key} has no words");
    }
    assert!(standing.categories.iter().all(|it| standing.active(&it.label.code).next().is_some()));
}
