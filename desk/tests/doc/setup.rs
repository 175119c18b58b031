// The hidden beginning of the documentation's examples: a desk on SQLite with the demonstration's register.

use std::error::Error;

use desk::access::staff::{NewPerson, add_person};
use desk::access::tokens::VisitLink;
use desk::cases::execute::{Expected, execute_command};
use desk::cases::open::{OpenCase, SubmissionKey, open_case};
use desk::cases::read::read_case;
use desk::lab::demo;
use desk::{Desk, Ports, scheduler};
use domain::actor::{Actor, PersonId, Role, Staff};
use domain::case::visit::{Technician, VisitCommand, Windows};
use domain::case::{Category, Channel, Command, Origin, Report, Verdict};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::intake::IntakeForm;
use domain::mail_address::MailAddress;
use domain::text::{Note, PersonName};
use domain::time::{Instant, Span};

type Example = Result<(), Box<dyn Error>>;

/// Monday 23 November 2026, 10:00 in Caracas.
const MONDAY: Instant = Instant(1_795_442_400);
const HOUR: i64 = 3600;

fn at(moment: Instant) -> Ports {
    Ports::new(move || moment, |bytes| getrandom::fill(bytes).expect("random bytes"))
}

/// Runs an example on a temporary desk of its own.
fn on_a_desk(example: impl AsyncFnOnce(Desk) -> Example) -> Example {
    let folder = tempfile::tempdir()?;
    let address = format!("sqlite:{}", folder.path().join("vigia.db").display());
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let desk = Desk::open(&address, "https://vigia.example", at(MONDAY)).await?;
        demo::register(&desk).await?;
        example(desk).await
    })
}

fn staff(id: i64, name: &str, role: Role) -> Actor {
    Actor::Staff(Staff { id: PersonId(id), name: name.into(), role, composed: None })
}

fn agent() -> Actor {
    staff(1, "Marta Salas", Role::Agent)
}

/// The case form, filled in for the demonstration's equipment in Caracas.
fn form() -> IntakeForm {
    let text = str::to_owned;
    IntakeForm {
        reporter: text("Ana Rivas"),
        contract: text(demo::CARACAS.contract),
        serial: text(demo::CARACAS.serial),
        platform: text("network"),
        country: text("VE"),
        location: text("Torre Norte, piso 3, sala de redes"),
        contact_name: text("Luis Peña"),
        contact_phone: text("+58 212 555 0142"),
        contact_mail: text("luis.pena@example.com"),
        fault: text("El conmutador principal no enciende desde las 9:40."),
        severity: text("critical"),
        urgency: text("critical"),
        ..IntakeForm::default()
    }
}

async fn a_case(desk: &Desk) -> Result<CaseNumber, Box<dyn Error>> {
    let wish = OpenCase {
        key: SubmissionKey::parse("an-example-of-a-case").ok_or("no key")?,
        report: form().report().map_err(|_| "no report")?,
        language: Language::Es,
        origin: Origin::Portal,
        previous_case: None,
        source: None,
    };
    Ok(open_case(desk, &Actor::Anonymous, wish).await?.number)
}

async fn act(desk: &Desk, actor: &Actor, number: CaseNumber, command: Command) -> Example {
    execute_command(desk, actor, number, Expected::Any, command).await?;
    Ok(())
}

/// A case with an offered visit: the window, and the link of its mail.
async fn an_offered_visit(desk: &Desk) -> Result<(Span, String), Box<dyn Error>> {
    let number = a_case(desk).await?;
    act(desk, &agent(), number, Command::LogContact { channel: Channel::Phone, note: None }).await?;
    let technician = NewPerson {
        name: PersonName::parse("Rosa Marín").map_err(|_| "no name")?,
        mail: MailAddress::parse("rosa@vigia.example").map_err(|_| "no address")?,
        role: Role::Technician,
        language: Language::Es,
        password: "una-clave-de-prueba-larga".into(),
    };
    let id = add_person(desk, &Actor::System, technician).await?;
    let window = Span::new(desk.now().plus(26 * HOUR), desk.now().plus(28 * HOUR));
    let windows = Windows::new(vec![window]).map_err(|_| "no windows")?;
    let technician = Technician { id, name: "Rosa Marín".into() };
    let offer = VisitCommand::Offer { windows, technician, note: None };
    act(desk, &agent(), number, Command::Visit(offer)).await?;
    let page = read_case(desk, &agent(), number).await?;
    let visit = page.visits.first().ok_or("no visit")?;
    let link = VisitLink { number, visit: visit.id, revision: visit.revision, expires: window.to };
    Ok((window, desk.tokens().for_visit(&link)))
}

/// A closed case with an open survey: the desk two business days later, and the link of its mail.
async fn a_survey(desk: &Desk) -> Result<(Desk, String), Box<dyn Error>> {
    let number = a_case(desk).await?;
    let note = |text| Note::parse(text).map_err(|_| "no note");
    act(desk, &agent(), number, Command::LogContact { channel: Channel::Phone, note: None }).await?;
    let (cause, solution) = (note("Fuente dañada")?, note("Se reemplazó la fuente")?);
    act(
        desk,
        &agent(),
        number,
        Command::Resolve {
            category: Category::Hardware,
            cause,
            solution,
            chosen: None,
            classification: None,
        },
    )
    .await?;
    let works = Command::Verify { verdict: Verdict::Works, channel: None, who: None, said: None };
    act(desk, &Actor::Customer(number), number, works).await?;
    let later = desk.with_ports(at(MONDAY.plus(50 * HOUR)));
    scheduler::tick(&later).await?;
    let link = later.tokens().survey_link(number, 1);
    Ok((later, link))
}
