//! Entries of the administration: people, settings, register, other systems, the installation.

use domain::actor::Action;

use super::entry::{Door, Entry, Of, form, get, parts};

pub(crate) fn entries() -> Vec<Entry> {
    [people(), settings(), register(), systems(), installation()].into_iter().flatten().collect()
}

fn people() -> Vec<Entry> {
    let read = Door::May(Action::ReadPeople);
    let change = Door::May(Action::Administer);
    vec![
        // It lists the subjects that its reader may open; for agents that is none.
        get("/desk/admin", Door::May(Action::KeepOwnAccount)).looks_further(),
        get("/desk/admin/people", read),
        form("/desk/admin/people", change, "administrator=yes").ends(),
        get("/desk/admin/people/invite", change),
        form("/desk/admin/people/invite", change, "act=one&name=Eva+Paz&mail=eva%40example.com&role=agent")
            .ends(),
        get("/desk/admin/people/{id}", read).of(Of::Person),
        form("/desk/admin/people/{id}", change, "act=deactivate").of(Of::Person).ends(),
        get("/desk/admin/schedules/{id}", read).of(Of::Person).looks_further(),
        form("/desk/admin/schedules/{id}", Door::May(Action::ScheduleStaff), "act=remove&absence=999999")
            .of(Of::Person)
            .looks_further(),
        get("/desk/admin/sign-in", change),
        form("/desk/admin/sign-in", change, "name=Ajena").looks_further(),
        get("/desk/admin/sign-in/{id}", change).with("id", "999999").looks_further(),
        form("/desk/admin/sign-in/{id}", change, "act=remove").with("id", "999999").looks_further(),
        get("/desk/admin/roles", change),
        get("/desk/admin/roles/{id}", change).with("id", "999999").looks_further(),
        form("/desk/admin/roles/{id}", change, "act=remove").with("id", "999999").looks_further(),
        get("/desk/admin/sessions", change),
        form("/desk/admin/sessions", change, "agent_idle=1&agent_longest=1").looks_further(),
        get("/desk/admin/displays", Door::May(Action::ManageDisplays)),
        form(
            "/desk/admin/displays",
            Door::May(Action::ManageDisplays),
            "action=link&link_name=Ajena&link_scope=",
        )
        .ends(),
        form("/desk/admin/displays/{id}/revoke", Door::May(Action::ManageDisplays), "")
            .of(Of::Display)
            .ends(),
    ]
}

/// Subjects of the settings: the list, one entry, and the form of each. An unknown id gets the form's problems or 404.
fn settings() -> Vec<Entry> {
    let read = Door::May(Action::ReadSettings);
    let change = Door::May(Action::ChangeSettings);
    let mut entries: Vec<Entry> = [
        ("plans", Of::Plan),
        ("calendars", Of::Calendar),
        ("questionnaires", Of::Questionnaire),
        ("mail-texts", Of::MailText),
        ("replies", Of::Reply),
        ("teams", Of::Team),
    ]
    .into_iter()
    .flat_map(|(subject, of)| {
        let list = format!("/desk/admin/{subject}");
        let one = format!("{list}/{{id}}");
        [
            get(&list, read),
            get(&one, read).of(of),
            form(&one, change, "name=Ajena&action=preview").of(of).looks_further(),
        ]
    })
    .collect();
    for subject in ["causes", "waiting", "formats", "serial-formats"] {
        let page = format!("/desk/admin/{subject}");
        entries.push(get(&page, read));
        entries.push(form(&page, change, "choice=required&action=preview").looks_further());
    }
    entries.extend([
        get("/desk/admin/changes", read),
        get("/desk/admin/provider", read),
        parts("/desk/admin/provider", change, &[("name", "Ajena"), ("action", "preview")]).looks_further(),
        get("/desk/admin/calendars/{id}/closures.ics", read).of(Of::Calendar),
    ]);
    entries
}

fn register() -> Vec<Entry> {
    let read = Door::May(Action::ReadRegister);
    let change = Door::May(Action::Import);
    let companies = Door::May(Action::ManageCompanies);
    let of_organisation = |entry: Entry| entry.with("kind", "organisations").of(Of::Organisation);
    vec![
        get("/desk/admin/register", read),
        get("/desk/admin/register/{kind}", read).with("kind", "organisations"),
        of_organisation(get("/desk/admin/register/{kind}/{id}", read)),
        of_organisation(form("/desk/admin/register/{kind}/{id}", change, "name=Ajena&version=0"))
            .looks_further(),
        of_organisation(get("/desk/admin/register/{kind}/{id}/merge", change)).looks_further(),
        of_organisation(form("/desk/admin/register/{kind}/{id}/merge", change, "into=999999"))
            .looks_further(),
        of_organisation(get("/desk/admin/register/{kind}/{id}/people", companies)),
        of_organisation(form(
            "/desk/admin/register/{kind}/{id}/people",
            companies,
            "act=name&standing=member&mail=ajena%40cumbre.example",
        ))
        .ends(),
        get("/desk/admin/register/labels.pdf", read).looks_further(),
        get("/desk/admin/import", Door::May(Action::ReadSettings)),
        parts("/desk/admin/import", change, &[("kind", "contracts")]).looks_further(),
        get("/desk/admin/import/{id}", Door::May(Action::ReadSettings)).of(Of::Import),
        form("/desk/admin/import/{id}", change, "act=give_up").of(Of::Import).ends(),
        get("/desk/admin/import/{id}/bad.csv", Door::May(Action::ReadSettings))
            .of(Of::Import)
            .looks_further(),
    ]
}

fn systems() -> Vec<Entry> {
    let integrations = Door::May(Action::ManageIntegrations);
    let webhooks = Door::May(Action::ManageWebhooks);
    vec![
        get("/desk/admin/integrations", integrations),
        form(
            "/desk/admin/integrations",
            integrations,
            "name=Ajena&per_minute=60&scope=VE&grant_read_cases=yes",
        )
        .ends(),
        get("/desk/admin/integrations/{id}", integrations).of(Of::Integration).looks_further(),
        form("/desk/admin/integrations/{id}", integrations, "name=Ajena&phone=&mail=&language=es")
            .of(Of::Integration)
            .looks_further(),
        form("/desk/admin/integrations/{id}/revoke", integrations, "").of(Of::Integration).ends(),
        get("/desk/admin/webhooks", webhooks),
        form(
            "/desk/admin/webhooks",
            webhooks,
            "name=Ajena&url=http%3A%2F%2F127.0.0.1%3A9%2Fajena&scope=&event_opened=yes",
        )
        .ends(),
        get("/desk/admin/webhooks/{id}", webhooks).of(Of::Webhook),
        form("/desk/admin/webhooks/{id}", webhooks, "deed=remove").of(Of::Webhook).ends(),
    ]
}

fn installation() -> Vec<Entry> {
    let administer = Door::May(Action::Administer);
    let erase = Door::May(Action::EraseData);
    vec![
        get("/desk/admin/setup", administer),
        form("/desk/admin/setup", administer, "step=plans&mark=settled"),
        get("/desk/admin/server", administer),
        form("/desk/admin/server", administer, "act=test_mail"),
        get("/desk/admin/privacy", erase),
        form("/desk/admin/privacy", erase, "act=find&mail=ana%40example.com"),
        get("/desk/admin/audit", Door::May(Action::ReadAudit)),
        get("/desk/admin/audit.csv", Door::May(Action::ReadAudit)),
    ]
}
