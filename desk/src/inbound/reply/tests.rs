//! Layouts beside those of the oracle, and that no word is ever lost.

use proptest::prelude::*;

use super::*;

const SENT: &str = "Estimada Ana:\n\nSu caso 4821-07 tiene un técnico asignado: Luis Rojas.\nLa visita está prevista para el martes 3 de marzo entre las 9:00 y las 11:00.\n\n¿Puede confirmar que habrá alguien en la recepción?\n\nCentro de contacto Vigía\nTel. 0800-VIGIA\n";
const BLOCK: &str = "De: Soporte Vigía <soporte+VE26-1.ab@vigia.example>\nEnviado: lunes, 2 de marzo de 2026 10:15\nPara: Ana Pardo <ana@x.example>\nAsunto: [Caso 4821-07] Impresora\n";
const SENTENCE: &str = "El lun, 2 mar 2026 a las 10:15, Soporte Vigía (<soporte@vigia.example>)\nescribió:\n";

fn own(subject: &str, text: &str) -> OwnText {
    let mail = format!(
        "From: Ana Pardo <ana@x.example>\r\nTo: Soporte Vigía <soporte@vigia.example>\r\nSubject: {subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}"
    );
    let (texts, addresses) = ([SENT.to_owned()], ["soporte@vigia.example".to_owned()]);
    own_text(&Mail::parse(mail.as_bytes()), &Conversation { texts: &texts, addresses: &addresses })
}

fn quoted() -> String {
    SENT.lines().flat_map(|line| ["> ", line, "\n"]).collect()
}

#[test]
fn answers_between_unmarked_lines_of_ours_stay_with_them() {
    let between = SENT
        .replace("11:00.\n", "11:00.\nEl martes no podemos.\n")
        .replace("recepción?\n", "recepción?\nSí.\n👍\n");
    let found = own("RE: x", &format!("Respondo abajo.\n\n{BLOCK}\n{between}"));
    assert_eq!(found.layout, Layout::Between);
    for word in ["Respondo abajo.", "El martes no podemos.", "\nSí.", "👍", "> La visita está prevista"] {
        assert!(found.text.contains(word), "{word}: {}", found.text);
    }
    assert!(!found.text.contains("0800"), "{}", found.text);
}

#[test]
fn words_below_an_unmarked_quotation_stay() {
    let found = own("RE: x", &format!("{BLOCK}\n{SENT}\nConfirmado, pregunten por Marta."));
    assert_eq!(found.text, "Confirmado, pregunten por Marta.");
}

#[test]
fn earlier_mails_of_the_thread_go_with_the_quotation() {
    let earlier = "De: Ana Pardo <ana@x.example>\nEnviado el: lunes\nPara: Soporte Vigía <soporte@vigia.example>\nAsunto: RE: x\n";
    let text = format!(
        "De acuerdo.\n\n{BLOCK}\nPodemos el miércoles.\n\n{earlier}\nEl martes no puedo.\n\n{BLOCK}\n{SENT}"
    );
    assert_eq!(own("RE: x", &text).text, "De acuerdo.");
    let pointed = own("RE: x", &text.replace("De acuerdo.", "Ver respuestas abajo."));
    assert!(pointed.text.contains("Podemos el miércoles."), "{}", pointed.text);
}

#[test]
fn what_cannot_be_told_apart_is_shown() {
    let unknown = own("RE: x", &format!("De acuerdo.\n\n{BLOCK}\nUn texto que el servicio no envió.\n"));
    assert!(unknown.text.contains("Un texto que el servicio no envió."));
    let others = own(
        "Re: x",
        "El proveedor escribió el 3 de marzo:\n> no hay repuesto\n> hasta abril\n\n¿Qué hacemos?",
    );
    assert!(others.text.contains("> no hay repuesto"), "{}", others.text);
    assert_eq!(own("RV: x", &format!("Vean:\n\n{BLOCK}\n{SENT}")).layout, Layout::Forward);
}

#[test]
fn nothing_but_a_quotation_is_no_text() {
    assert_eq!(own("Re: x", &format!("{SENTENCE}\n{}", quoted())).text, "");
    assert_eq!(own("Re: x", &quoted()).text, "");
    assert_eq!(own("Re: x", SENT).text, "");
}

/// Lines that customers write, many of them like a program's.
fn own_line() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zñáé]{3,9}( [a-z]{4,9}){0,6}[.?]?",
        Just("De: bodega central".to_owned()),
        Just("Para: sede norte".to_owned()),
        Just("Asunto: impresora".to_owned()),
        Just("Enviado el informe, falta el acta".to_owned()),
        Just("> show interface gi0/1".to_owned()),
        Just("________________________________".to_owned()),
        Just("El 3 de marzo a las 9:00 no podemos:".to_owned()),
        Just("El lunes 2 el proveedor escribió:".to_owned()),
        Just("Sí.".to_owned()),
        Just("Luis Rojas".to_owned()),
        Just("✔".to_owned()),
        Just("--".to_owned()),
        Just("Ana Pardo recibe".to_owned()),
        Just("-----Mensaje de error-----".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_word_of_the_author_is_lost(
        above in proptest::collection::vec(own_line(), 0..6),
        below in proptest::collection::vec(own_line(), 0..4),
        layout in 0..5,
    ) {
        let quotation = match layout {
            0 => String::new(),
            1 => format!("{SENTENCE}\n{}", quoted()),
            2 => format!("________________________________\n{BLOCK}\n{SENT}"),
            3 => format!("{SENTENCE}\n{SENT}"),
            _ => format!("-----Mensaje original-----\n{BLOCK}\n{SENT}"),
        };
        let text = format!("{}\n\n{quotation}\n\n{}", above.join("\n"), below.join("\n"));
        let found = own("Re: x", &text).text;
        let mut rest = found.as_str();
        for line in above.iter().chain(&below) {
            let is_rule = line.chars().all(|c| "-_".contains(c));
            if !is_rule {
                let at = rest.find(line.trim());
                prop_assert!(at.is_some(), "{line:?} is lost of {text:?}: {found:?}");
                rest = &rest[at.unwrap_or(0) + line.trim().len()..];
            }
        }
    }

    #[test]
    fn any_text_is_read(text in "\\PC{0,400}", subject in "\\PC{0,40}") {
        let _ = own(&subject, &text);
    }
}
