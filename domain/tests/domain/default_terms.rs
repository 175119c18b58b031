//! The default terms of each version.

use domain::sla_plan::SlaPlan;

/// Terms that change without a new version reach new databases alone: increase `version`, and accept the snapshot.
#[test]
fn default_terms_change_with_their_version() {
    let terms = SlaPlan::default();
    let json = serde_json::to_string_pretty(&terms).unwrap();
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(format!("default_terms_{}", terms.version()), json);
    });
}
