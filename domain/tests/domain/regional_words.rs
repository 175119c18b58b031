//! Regional words: Spanish of Venezuela, Colombia and Mexico, Portuguese of Brazil.

use domain::i18n::{Language, all};

/// Verbs with a direct object, by their beginning: `lo llamamos`, not `le llamamos`.
const ACT_UPON: [&str; 6] = ["contact", "llam", "llám", "atend", "atiend", "visit"];

fn words(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| !c.is_alphabetic());
    parts.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// Wrong words of a language, each with its key.
fn wrong(language: Language, is_wrong: impl Fn(&[String]) -> bool) -> Vec<String> {
    let all = all(language);
    assert!(all.len() > 500, "they were read");
    let told = all.iter().filter(|(_, text)| is_wrong(&words(text)));
    told.map(|(key, text)| format!("{key}: {text}")).collect()
}

fn has_leismo(words: &[String]) -> bool {
    let acts = |word: &str| ACT_UPON.iter().any(|beginning| word.starts_with(beginning));
    let before = words.windows(2).any(|two| matches!(&*two[0], "le" | "les") && acts(&two[1]));
    let behind = |word: &String| {
        let verb = word.strip_suffix("les").or_else(|| word.strip_suffix("le"));
        let is_verb = |verb: &str| verb.ends_with(['r', 'a', 'e']) || verb.ends_with("ando");
        verb.is_some_and(|verb| acts(verb) && is_verb(verb))
    };
    before || words.iter().any(behind)
}

#[test]
fn spanish_texts_have_no_leismo() {
    let of = |text: &str| has_leismo(&words(text));
    for text in [
        "Un técnico le contactará.",
        "podamos llamarle",
        "Llámele, o cierre",
        "Sus respuestas ayudan a atenderle",
    ] {
        assert!(of(text), "{text}");
    }
    for text in ["Un técnico lo contactará.", "Le enviamos la visita", "Llámelo", "Le fue bien", "visible"]
    {
        assert!(!of(text), "{text}");
    }
    assert_eq!(wrong(Language::Es, has_leismo), Vec::<String>::new());
}

#[test]
fn spanish_texts_say_caso_and_never_expediente() {
    let is_wrong =
        |words: &[String]| words.iter().any(|word| matches!(&**word, "expediente" | "expedientes"));
    assert_eq!(wrong(Language::Es, is_wrong), Vec::<String>::new());
}

#[test]
fn portuguese_texts_are_brazilian() {
    let is_wrong = |words: &[String]| {
        let of_old =
            |word: &String| matches!(&**word, "caso" | "casos" | "algarismo" | "algarismos" | "encarregado");
        // The idiom "em caso de" is no case.
        let idiom = words
            .windows(3)
            .filter(|three| three[0] == "em" && three[1] == "caso" && three[2] == "de")
            .count();
        let centre = words
            .windows(3)
            .any(|three| three[0].starts_with("centro") && three[1] == "de" && three[2] == "dados");
        words.iter().filter(|word| of_old(word)).count() > idiom || centre
    };
    assert_eq!(wrong(Language::Pt, is_wrong), Vec::<String>::new());
}
