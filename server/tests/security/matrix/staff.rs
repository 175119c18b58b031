//! Entries of the workspace: queue, cases, mails, reports, surveys, the own account.

use domain::actor::Action;

use super::entry::{Door, Entry, Of, form, get, parts};

pub(crate) fn entries() -> Vec<Entry> {
    [pages(), files(), forms()].into_iter().flatten().collect()
}

fn pages() -> Vec<Entry> {
    let staff = Door::May(Action::KeepOwnAccount);
    let reports = Door::May(Action::ReadReports);
    let mails = Door::May(Action::ReadMail);
    vec![
        get("/desk", Door::May(Action::ReadQueue)),
        get("/desk/intake", Door::May(Action::OpenCaseOnBehalf)),
        get("/desk/search", Door::May(Action::Search)).query("?q=apaga"),
        get("/desk/customers/{id}", Door::May(Action::Search)).of(Of::Organisation),
        get("/desk/agenda", Door::May(Action::ReadAgenda)),
        get("/desk/cases/{number}", Door::May(Action::ReadCaseFile)).of(Of::Case),
        get("/desk/cases/{number}/follow", Door::May(Action::FollowCase)).of(Of::Case).looks_further(),
        get("/desk/cases/{number}/resolve", Door::May(Action::WorkCase)).of(Of::Case).looks_further(),
        get("/desk/mails", mails),
        get("/desk/mails/kinds", mails),
        get("/desk/mails/{id}", mails).of(Of::Mail),
        get("/desk/reports/pauses", reports),
        get("/desk/reports/promises", reports),
        get("/desk/reports/promises/missed", reports),
        get("/desk/reports/causes", reports),
        get("/desk/survey", Door::May(Action::Survey)),
        get("/desk/survey/calls/{number}", Door::May(Action::Survey)).of(Of::Case).looks_further(),
        get("/desk/survey/follow-ups", Door::May(Action::FollowUp)),
        get("/desk/survey/results", reports),
        get("/desk/triage", Door::May(Action::TriageMail)),
        get("/desk/triage/{id}", Door::May(Action::TriageMail)).of(Of::Triage),
        get("/desk/account", staff),
        get("/desk/account/absences", staff),
        get("/desk/account/passkeys", staff),
        get("/desk/account/identities", staff),
        get("/desk/account/proof", staff).looks_further(),
    ]
}

fn files() -> Vec<Entry> {
    let read = Door::May(Action::ReadCase);
    let reports = Door::May(Action::ReadReports);
    vec![
        get("/desk/cases/{number}/files/{id}", read).of(Of::VisitFile),
        get("/desk/cases/{number}/message-files/{id}", read).of(Of::CaseFile),
        get("/desk/cases/{number}/message-files/{id}/thumbnail", read).of(Of::CaseFile),
        get("/desk/cases/{number}/proof.json", read).of(Of::Case),
        get("/desk/cases/{number}/account.pdf", read).of(Of::Case).looks_further(),
        get("/desk/mails/{id}/body", Door::May(Action::ReadMail)).of(Of::Mail),
        get("/desk/mails/kinds/{kind}/{language}/body", Door::May(Action::ReadMail))
            .with("kind", "opening")
            .with("language", "es"),
        get("/desk/reports/pauses.csv", reports),
        get("/desk/reports/causes.csv", reports),
        get("/desk/reports/promises.csv", reports),
        get("/desk/reports/promises/missed.csv", reports),
        // A number without a case is followed as well: nothing happens to it.
        get("/events/file/{number}", Door::May(Action::ReadCaseFile)).of(Of::Case).streams().looks_further(),
        get("/events/calls", Door::May(Action::TakeCalls)).streams(),
    ]
}

fn forms() -> Vec<Entry> {
    let staff = Door::May(Action::KeepOwnAccount);
    vec![
        parts("/desk/intake", Door::May(Action::OpenCaseOnBehalf), &[("reporter", "Ana Rivas")]),
        parts("/desk/cases/{number}/follow", Door::May(Action::FollowCase), &[("reporter", "Ana Rivas")])
            .of(Of::Case)
            .looks_further(),
        parts("/desk/cases/{number}/files", Door::May(Action::WorkCase), &[("in", "3")])
            .of(Of::Case)
            .looks_further(),
        parts(
            "/desk/cases/{number}/messages",
            Door::May(Action::WorkCase),
            &[("what", "note"), ("audience", "internal"), ("text", "Revisado")],
        )
        .of(Of::Case)
        .looks_further(),
        form("/desk/cases/{number}/files/{id}/remove", Door::May(Action::WorkCase), "in=3")
            .of(Of::VisitFile)
            .looks_further(),
        form(
            "/desk/cases/{number}/resolve",
            Door::May(Action::WorkCase),
            "seen=1&summary=Se+cambi%C3%B3+la+fuente",
        )
        .of(Of::Case)
        .looks_further(),
        form("/desk/survey/calls/{number}", Door::May(Action::Survey), "act=refuse")
            .of(Of::Case)
            .looks_further(),
        form(
            "/desk/survey/follow-ups",
            Door::May(Action::FollowUp),
            "number={number}&outcome=settled&note=Se+visita",
        )
        .of(Of::Case)
        .looks_further(),
        form("/desk/triage/{id}", Door::May(Action::TriageMail), "act=discard").of(Of::Triage).ends(),
        form("/desk/mails/again", Door::May(Action::ReadMail), ""),
        form("/desk/mails/{id}", Door::May(Action::ReadMail), "").of(Of::Mail).looks_further(),
        form("/desk/sign-out", staff, "").ends(),
        form("/desk/account", staff, "act=password&current=otra&new=caballo+azul+grande").looks_further(),
        form("/desk/account/absences", staff, "act=remove&absence=999999").looks_further(),
        form("/desk/account/passkeys", staff, "act=remove&passkey=999999").looks_further(),
        form("/desk/account/identities", staff, "act=remove&identity=999999").looks_further(),
        form("/desk/account/proof", staff, "code=000000").looks_further(),
    ]
}
