//! Entries of the portal, of customers who sign in, of walls, and of what everyone may ask.

use domain::actor::Action;

use super::entry::{Door, Entry, Of, form, get, json, parts};
use crate::support::client::AMENDED;

pub(crate) fn entries() -> Vec<Entry> {
    [public(), by_link(), of_customers(), of_walls()].into_iter().flatten().collect()
}

/// Routes without a credential.
fn public() -> Vec<Entry> {
    vec![
        get("/", Door::Public),
        parts("/", Door::Public, &[("reporter", "Ana Rivas")]),
        get("/links", Door::Public),
        get("/verify", Door::Public),
        get("/hooks/whatsapp/{id}", Door::Public).with("id", "999999").looks_further(),
        json("/hooks/whatsapp/{id}", Door::Public, "{}").with("id", "999999").looks_further(),
        form("/hooks/sign-out/{id}", Door::Public, "logout_token=a.b.c").with("id", "999999"),
        get("/verify/offline.html", Door::Public),
        form("/links", Door::Public, "mail=nadie%40example.com"),
        get("/api", Door::Public),
        get("/brand/{name}", Door::Public).with("name", "nada.png"),
        get("/time", Door::Public),
        get("/healthz", Door::Public),
        get("/readyz", Door::Public),
        // The entrances of staff and customers.
        get("/desk/sign-in", Door::Public),
        form("/desk/sign-in", Door::Public, "mail=nadie%40example.com&password=caballo+azul"),
        get("/desk/sign-in/code", Door::Public),
        form("/desk/sign-in/code", Door::Public, "step=0&code=000000"),
        form("/desk/sign-in/passkey", Door::Public, "credential=%7B%7D"),
        form("/desk/sign-in/passkey/ask", Door::Public, ""),
        form("/desk/sign-in/provider", Door::Public, "provider=1"),
        get("/desk/sign-in/callback/{id}", Door::Public).with("id", "999999"),
        get("/desk/password", Door::Public),
        form("/desk/password", Door::Public, "mail=nadie%40example.com"),
        get("/desk/password/{link}", Door::Public).of(Of::OtherLink),
        form("/desk/password/{link}", Door::Public, "new=caballo+azul+grande").of(Of::OtherLink),
        get("/desk/start/{code}", Door::Public).of(Of::OtherLink),
        form("/desk/start/{code}", Door::Public, "name=Eva&mail=eva%40example.com&new=caballo+azul+grande")
            .of(Of::OtherLink),
        get("/my/sign-in", Door::Public),
        form("/my/sign-in", Door::Public, "mail=nadie%40example.com"),
        get("/my/code", Door::Public),
        form("/my/code", Door::Public, "code=000000"),
        get("/my/enter/{link}", Door::Public).of(Of::OtherLink),
        form("/my/enter/{link}", Door::Public, "").of(Of::OtherLink),
    ]
}

/// Pages and forms by the links of mails.
fn by_link() -> Vec<Entry> {
    let read = Door::Link(Action::ReadCase);
    vec![
        get("/opened/{tracking}", read).of(Of::Tracking),
        get("/track/{tracking}", read).of(Of::Tracking),
        get("/track/{tracking}/amend", read).of(Of::Tracking),
        get("/track/{tracking}/cancel", read).of(Of::Tracking),
        get("/track/{tracking}/message", read).of(Of::Tracking),
        get("/track/{tracking}/visit", read).of(Of::Tracking),
        get("/track/{tracking}/follow", Door::Link(Action::FollowCase)).of(Of::Tracking).looks_further(),
        get("/events/case/{tracking}", read).of(Of::Tracking).streams(),
        get("/track/{tracking}/account.pdf", read).of(Of::Tracking).looks_further(),
        get("/track/{tracking}/files/{id}", read).of(Of::VisitFile),
        get("/track/{tracking}/message-files/{id}", read).of(Of::TrackingFile),
        get("/track/{tracking}/message-files/{id}/thumbnail", read).of(Of::TrackingFile),
        form("/track/{tracking}", Door::Link(Action::Verify), "answer=works")
            .of(Of::Tracking)
            .looks_further(),
        form("/track/{tracking}/amend", Door::Link(Action::AmendReport), AMENDED).of(Of::Tracking).ends(),
        form("/track/{tracking}/cancel", Door::Link(Action::CancelOwnCase), "confirmed=yes&reason=Nada")
            .of(Of::Tracking)
            .ends(),
        form("/track/{tracking}/visit", Door::Link(Action::AnswerVisit), "answer=decline")
            .of(Of::Tracking)
            .looks_further(),
        form("/track/{tracking}/message", Door::Link(Action::WriteToDesk), "text=Sigue+igual")
            .of(Of::Tracking)
            .ends(),
        parts("/track/{tracking}/follow", Door::Link(Action::FollowCase), &[("reporter", "Ana Rivas")])
            .of(Of::Tracking)
            .looks_further(),
        get("/track/{tracking}/proof.json", read).of(Of::Tracking),
        form("/track/{tracking}/renew", Door::Link(Action::RenewOwnTracking), "").of(Of::Tracking).ends(),
        get("/track/{tracking}/participants", read).of(Of::Tracking),
        form(
            "/track/{tracking}/participants",
            Door::Link(Action::KeepParticipants),
            "mail=otra%40example.com",
        )
        .of(Of::Tracking)
        .ends(),
        form("/track/{tracking}/participants/{id}/remove", Door::Link(Action::KeepParticipants), "")
            .of(Of::Tracking)
            .with("id", "999999")
            .looks_further(),
        // It leads to the page of the link, whatever the link.
        get("/track/{tracking}/leave", Door::Public).of(Of::Tracking),
        form("/track/{tracking}/leave", read, "").of(Of::Tracking).ends(),
        get("/survey/{token}", read).of(Of::SurveyLink),
        form("/survey/{token}", Door::Link(Action::AnswerSurvey), "a=5").of(Of::SurveyLink).ends(),
        get("/visit/{link}", read).of(Of::VisitLink),
        form("/visit/{link}", Door::Link(Action::AnswerVisit), "answer=decline").of(Of::VisitLink).ends(),
    ]
}

/// Pages and files of customers who sign in.
fn of_customers() -> Vec<Entry> {
    let own = Door::Own(Action::ReadOwnAccount);
    let chief = Door::Own(Action::ManageColleagues);
    vec![
        get("/my", own),
        get("/my/cases", own).query("?of=company"),
        get("/my/cases.csv", own).query("?of=company"),
        get("/my/equipment", own),
        get("/my/report", own).query("?company={organisation}").of(Of::Organisation),
        get("/my/profile", own),
        form("/my/profile", Door::Own(Action::KeepProfile), "name=&phone=&language=es").ends(),
        get("/my/case", own),
        get("/my/label.pdf", own).query("?serial={serial}").of(Of::Equipment),
        // A colleague who administers nothing gets 404.
        get("/my/colleagues", chief).looks_further(),
        form("/my/colleagues", chief, "act=invite&company={organisation}&mail=nueva%40cumbre.example")
            .of(Of::Organisation)
            .ends(),
        form("/my/sign-out", own, "").ends(),
        // One message that the session is over, for those without one.
        get("/my/events", Door::Public).streams(),
    ]
}

/// Walls and the screens that wait to become one.
fn of_walls() -> Vec<Entry> {
    let wall = Door::May(Action::ReadWall);
    vec![
        get("/wall", wall),
        get("/pair", Door::Public),
        get("/pair/state", Door::Public),
        get("/board", wall),
        get("/board/{secret}", Door::Public).of(Of::OtherLink),
        get("/events/board", wall).streams(),
    ]
}
