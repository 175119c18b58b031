//! `vigia demo`, and the demonstration of a first start.

use std::fmt::Write as _;
use std::io::Write as _;

use desk::Desk;
use desk::DeskError;
use desk::access::demonstration::{Access, Opens, STAFF, public_password};
use desk::access::staff;
use desk::lab::demo::{self, DemoError, DemoLoaded};
use desk::store::StoreError;
use domain::actor::Actor;
use domain::i18n::Language;
use domain::t;

use super::{Failure, Report, display, terminal_language};
use crate::config::{Config, Demo};

/// Loads the demonstration and says how to try the desk out.
pub(super) async fn demo(config: &Config, desk: &Desk, language: Language) -> Result<Report, Failure> {
    let failed = |error: DemoError| match error {
        DemoError::Desk(DeskError::Store(error)) => Failure::Store(error),
        error => Failure::Refused(error.to_string()),
    };
    match load(desk).await.map_err(failed)? {
        Some(loaded) => {
            let mut text = welcome(desk.public_url(), &loaded, language);
            if config.demo == Demo::Off {
                text.push_str(&t!(language, "cli.demo.closed"));
                text.push('\n');
            }
            Ok(Report::fine(text))
        }
        None => Err(Failure::Refused(t!(language, "cli.demo.staff_of_its_own").into_owned())),
    }
}

/// Loads the demonstration when the configuration asks for it and the desk has no staff yet; says how to try it out.
///
/// # Errors
/// When it cannot be loaded whole; the next start goes on with it.
pub(super) async fn on_first_start(config: &Config, desk: &Desk) -> Result<(), DemoError> {
    if config.demo == Demo::Off {
        return Ok(());
    }
    if let Some(loaded) = load(desk).await? {
        let text = welcome(desk.public_url(), &loaded, terminal_language());
        // The desk serves even when its output cannot be written.
        let _ = std::io::stdout().write_all(text.as_bytes());
    }
    Ok(())
}

/// What the demonstration's password opens under a setting of `demo`.
pub(super) const fn access(demo: Demo) -> Access {
    match demo {
        Demo::FirstStart => Access::WhileAlone,
        Demo::Off => Access::Closed,
    }
}

/// Logs what the demonstration's public password opens, as a warning to the operator, and gives it.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn tell_of_public_password(desk: &Desk) -> Result<Opens, StoreError> {
    let opens = public_password(desk).await?;
    match opens {
        Opens::Nothing => {}
        Opens::TheDesk(people) => tracing::warn!(
            people,
            "the demonstration's public password opens this desk until somebody of its own is added (vigia user add)"
        ),
        Opens::NothingMore(people) => tracing::warn!(
            people,
            "the demonstration's public password is refused: somebody of the desk's own works here, or demo is off; \
             put the demonstration's people out of service (vigia user deactivate)"
        ),
    }
    Ok(opens)
}

/// Loads the demonstration, unless the desk has staff of its own: the demonstration's password is public.
async fn load(desk: &Desk) -> Result<Option<DemoLoaded>, DemoError> {
    let everybody = staff::people(desk, &Actor::System).await?;
    let is_ours = |mail: &str| STAFF.iter().any(|member| member.mail == mail);
    if everybody.iter().all(|person| is_ours(person.mail.as_str())) {
        demo::load(desk).await.map(Some)
    } else {
        Ok(None)
    }
}

/// The welcome text: where to go and how to sign in.
fn welcome(public_url: &str, loaded: &DemoLoaded, language: Language) -> String {
    let mut text = String::new();
    let mut line = |words: String| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{words}");
    };
    line(t!(language, "cli.demo.title").into_owned());
    line(t!(language, "cli.demo.portal", url = public_url));
    line(t!(language, "cli.demo.agents", url = format!("{public_url}/desk")));
    for (role, mail, password) in &loaded.staff {
        line(format!("    {mail}  {password}  ({})", t!(language, role.name_key())));
    }
    match &loaded.display_token {
        Some(secret) => line(t!(language, "cli.demo.wall", url = display::link(public_url, secret))),
        None => line(t!(language, "cli.demo.wall_again", url = format!("{public_url}/board"))),
    }
    line(t!(language, "cli.demo.samples").into_owned());
    for sample in &loaded.samples {
        line(format!("    {}  {}  ({})", sample.contract, sample.serial, sample.country.code()));
    }
    line(t!(language, "cli.demo.off").into_owned());
    text
}
