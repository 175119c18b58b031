//! Causes of faults: the tree, what is offered of it, and what a resolved case keeps. Waiting reasons of a provider's own.

use domain::case::PauseReason;
use domain::causes::{
    Cause, CauseCategory, CauseCode, CauseLabel, CauseRefusal, CauseState, CauseTree, Classification,
    OfferedCategory, OfferedCause, OfferedCauses,
};
use domain::i18n::Language;
use domain::survey::Need;
use domain::waiting_reasons::{OfferedWait, WaitingReason, WaitingReasons};

use super::samples::classification;
use super::{Golden, golden};

pub(super) fn goldens() -> Vec<Golden> {
    let Classification { category, cause } = classification();
    let of = category.code.clone();
    let categories = vec![CauseCategory { label: category.clone(), state: CauseState::Active }];
    let causes = vec![
        Cause { label: cause.clone(), category: of.clone(), state: CauseState::Active },
        Cause { label: category, category: of, state: CauseState::Retired },
    ];
    let (label, kind, state) = (cause.clone(), PauseReason::SparePart, CauseState::Active);
    let waits = WaitingReasons::new(vec![WaitingReason { label, kind, state }]).unwrap();
    let tree = CauseTree::new(Need::Required, categories.clone(), causes.clone()).unwrap();
    let offered = tree.offered(Language::Pt);
    let group = offered.categories[0].clone();
    vec![
        golden!("cause_code", CauseCode, [cause.code.clone()]),
        golden!("cause_state", CauseState in ALL),
        golden!("cause_label", CauseLabel, [cause]),
        golden!("cause_category", CauseCategory, categories),
        golden!("cause", Cause, causes),
        golden!("cause_tree", CauseTree, [tree]),
        golden!("classification", Classification, [classification()]),
        golden!("offered_cause", OfferedCause, [group.causes[0].clone()]),
        golden!("offered_category", OfferedCategory, [group]),
        golden!("offered_causes", OfferedCauses, [offered]),
        golden!("waiting_reason", WaitingReason, waits.as_slice().to_vec()),
        golden!("waiting_reasons", WaitingReasons, [waits.clone()]),
        golden!("offered_wait", OfferedWait, waits.offered(Language::Es)),
        golden!("cause_refusal", CauseRefusal { Required, NotOffered }),
    ]
}
