//! The command line.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::actor::{
    DisplayId, Grant, IntegrationId, IntegrationName, REQUESTS_PER_MINUTE_MAX, RequestsPerMinute, Role,
};
use domain::country::Country;
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::text::PersonName;

use crate::config::{DatabaseAddress, Key};

/// Vigía, a case desk for IT support.
#[derive(Debug, Parser)]
#[command(name = "vigia", version, propagate_version = true, arg_required_else_help = false)]
pub struct Cli {
    /// What to do; serves when nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Decisions that overrule environment and file.
    #[command(flatten)]
    pub settings: Settings,
}

/// Flags for the common keys of the configuration; `vigia.example.toml` names all keys.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Configuration")]
pub struct Settings {
    /// File to read (default: vigia.toml in the working directory, if there)
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// Where people reach the desk: scheme, host and port [default: this machine, port 8080]
    #[arg(long, global = true, value_name = "URL")]
    pub public_url: Option<String>,
    /// Folder for the database and the mails [default: ./data]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data: Option<String>,
    /// sqlite:PATH or postgres://… [default: sqlite:DATA/vigia.db]
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub database: Option<String>,
    /// Folder of what browsers load [default: dist]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub site: Option<String>,
    /// first-start or off
    #[arg(long, global = true, value_name = "WHEN")]
    pub demo: Option<String>,
    /// What is logged, such as info or info,desk=debug [default: info]
    #[arg(long, global = true, value_name = "FILTER")]
    pub log: Option<String>,
    /// text or json [default: text]
    #[arg(long, global = true, value_name = "FORMAT")]
    pub log_format: Option<String>,
}

impl Settings {
    /// The keys that were given, each with its value.
    pub fn given(&self) -> Vec<(Key, String)> {
        self.each().into_iter().filter_map(|(key, value)| Some((key, value.clone()?))).collect()
    }

    /// Every key that has a flag ([`Key::flag`]).
    const fn each(&self) -> [(Key, &Option<String>); 8] {
        [
            (Key::Listen, &self.listen),
            (Key::PublicUrl, &self.public_url),
            (Key::Data, &self.data),
            (Key::Database, &self.database),
            (Key::Site, &self.site),
            (Key::Demo, &self.demo),
            (Key::Log, &self.log),
            (Key::LogFormat, &self.log_format),
        ]
    }
}

/// What there is to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the desk on the network (the default)
    Serve,
    /// Bring the database's schema up to date and end
    Migrate,
    /// Say what is wrong with this installation, and what to do; ends with 1 if anything is
    Doctor,
    /// Write the whole desk into one file, which must not be there; the desk may run meanwhile
    Backup {
        /// The file to write: it holds what the database holds, and only this account can read it
        file: PathBuf,
    },
    /// Put a backup into an empty database: all of it once everything agrees, or nothing
    Restore {
        /// The file that `vigia backup` wrote
        file: PathBuf,
    },
    /// Carry the whole desk into another, empty database, of either engine
    Move {
        /// The database that is read: sqlite:PATH or postgres://…
        #[arg(long, value_parser = database, value_name = "ADDRESS")]
        from: DatabaseAddress,
        /// The empty database that is filled
        #[arg(long, value_parser = database, value_name = "ADDRESS")]
        to: DatabaseAddress,
    },
    /// Take in the mail on the standard input, once: for a pipe of the mail server. Ends with 0 when it is in the desk, 75
    /// to be tried again, 65 for a mail that will never be taken
    Deliver,
    /// Show what a CSV file would change, every wrong row with its reason; with --apply, change it
    #[command(after_help = IMPORT_COLUMNS)]
    Import {
        /// What the file holds
        kind: ImportKind,
        /// The file: a header, then a row each
        file: PathBuf,
        /// Write it, in one transaction, if every row is right and none is doubtful
        #[arg(long)]
        apply: bool,
        /// With --apply: the doubtful rows (?) were looked at and are right
        #[arg(long, requires = "apply")]
        confirm: bool,
    },
    /// The audit log: its last digest, and whether any row of it or of the histories was changed, removed or added by hand
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Calendars and SLA plans as files
    #[command(subcommand)]
    Settings(SettingsCommand),
    /// Who works here
    #[command(subcommand)]
    User(UserCommand),
    /// Wall displays
    #[command(subcommand)]
    Display(DisplayCommand),
    /// Tokens of other systems for the API
    #[command(subcommand)]
    Token(TokenCommand),
    /// Every route of the site, each with its method: what the tests of authorisation ask
    #[command(hide = true)]
    Routes,
    /// Cases of a desk over its API, at --public-url; the token is read from `VIGIA_TOKEN`
    Cases(CasesArguments),
    /// Load the demonstration and print how to sign in; or take it out again
    Demo {
        /// What to do with it; loads it when nothing is said
        #[command(subcommand)]
        what: Option<DemoCommand>,
    },
    /// Let people and faults of a seed's choosing loose on the desk for some days, in seconds. Hold everything that came of
    /// it against what must never be. Ends with 1 if anything is
    Simulate {
        /// Cases that are opened
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        cases: u32,
        /// What all chance follows from: the same seed always comes to the same end
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Days that pass
        #[arg(long, default_value_t = 14, value_parser = clap::value_parser!(u32).range(1..=366))]
        days: u32,
    },
    /// Hold a file of known answers against the desk's rules, a backup against itself, or the database against its own
    /// histories. Ends with 1 if anything is wrong
    #[command(subcommand)]
    Check(CheckCommand),
}

/// What the files of an import hold. The same stands in `docs/import.md`.
const IMPORT_COLUMNS: &str = "\
The first line names the columns, in any order. CSV, separated by commas, semicolons or tabs.

contracts
  number        as printed, e.g. CPS-VE-004213-58
  organisation  the customer's name
  country       VE, CO or MX
  plan          the name of a service plan
  valid_from    YYYY-MM-DD
  valid_to      YYYY-MM-DD, the last day

equipment
  serial        as on the label; make the column text, or a spreadsheet takes zeros off
  manufacturer  e.g. Cisco
  model         may be empty
  platform      one of those that a wrong value is answered with, e.g. network or servers
  contract      a registered contract's number
  site          its name; one of this name of the same customer is the same site
  address       street and city
  country       VE, CO or MX
  zone          IANA name, e.g. America/Caracas";

/// Kinds of files that an import reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ImportKind {
    /// Contracts with their organisation, validity and plan
    Contracts,
    /// Equipment with its contract and site
    Equipment,
    /// Minutes that technicians need between pairs of sites
    Travel,
}

/// Commands of the audit log.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Print the digest and the number of the last entry: keep it elsewhere
    Head,
    /// Hold every row of the log and of the histories against the chains, and name each that is wrong. Ends with 1 if any
    /// is. The desk may run meanwhile
    Verify {
        /// A digest that `vigia audit head` printed: nothing before that entry may have been written anew
        #[arg(long, value_name = "DIGEST")]
        head: Option<String>,
    },
}

/// Commands of calendars and SLA plans as files.
#[derive(Debug, Subcommand)]
pub enum SettingsCommand {
    /// Write what is in force as files that can be changed and applied
    Export {
        /// The folder to write to; made when it is not there
        folder: PathBuf,
        /// What was or will be in force then, such as 2026-12-01T00:00:00Z [default: now]
        #[arg(long, value_name = "TIME")]
        at: Option<DateTime<Utc>>,
        /// Write over files that say something else
        #[arg(long)]
        overwrite: bool,
    },
    /// Show what the files of a folder would change, and what that would mean for open cases; with --apply, change it
    Apply {
        /// The folder that holds them
        folder: PathBuf,
        /// Write it, in one transaction, if nothing is wrong
        #[arg(long)]
        apply: bool,
        /// From when it counts for new cases, such as 2026-12-01T00:00:00Z [default: now]
        #[arg(long, value_name = "TIME")]
        effective_from: Option<DateTime<Utc>>,
    },
    /// Every version: who wrote it and when, from when it counts, and what changed
    History,
    /// Closures of a calendar as an iCalendar file
    #[command(subcommand)]
    Closures(ClosuresCommand),
}

/// Commands of closures as iCalendar files.
#[derive(Debug, Subcommand)]
pub enum ClosuresCommand {
    /// Write the closures of a calendar that are in force
    Export {
        /// The calendar's name
        calendar: String,
        /// The file to write
        file: PathBuf,
    },
    /// Show what the events of a file would add to a calendar; with --apply, add them
    Import {
        /// The calendar's name
        calendar: String,
        /// The file to read
        file: PathBuf,
        /// Write it, if every event can be a closure
        #[arg(long)]
        apply: bool,
    },
}

/// Commands of the demonstration.
#[derive(Debug, Subcommand)]
pub enum DemoCommand {
    /// Show what of the desk is the demonstration's alone, and what is mixed with your own; with --apply, take it out
    Remove {
        /// Take it out, in one transaction
        #[arg(long)]
        apply: bool,
        /// Take out as well the demonstration's cases that your own people worked on
        #[arg(long)]
        with_mixed: bool,
    },
}

/// Commands of the staff's accounts.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add somebody; prints a generated password unless one is read from the standard input
    Add {
        /// As colleagues and customers read it
        #[arg(long, value_parser = name)]
        name: PersonName,
        /// What they sign in with
        #[arg(long, value_parser = mail)]
        mail: MailAddress,
        /// agent, supervisor or administrator
        #[arg(long, value_parser = role)]
        role: Role,
        /// es, en or pt
        #[arg(long, default_value = "es", value_parser = language)]
        language: Language,
        /// Take the first line of the standard input as the password
        #[arg(long)]
        password_stdin: bool,
    },
    /// Everybody who works or worked here
    List,
    /// End somebody's service: they cannot sign in any more
    Deactivate {
        /// What they sign in with
        #[arg(value_parser = mail)]
        mail: MailAddress,
    },
    /// Give somebody another password; their sessions end
    Password {
        /// What they sign in with
        #[arg(value_parser = mail)]
        mail: MailAddress,
        /// Take the first line of the standard input as the password
        #[arg(long)]
        password_stdin: bool,
    },
}

/// Commands of wall displays.
#[derive(Debug, Subcommand)]
pub enum DisplayCommand {
    /// Add a display; prints its link, once
    Add {
        /// What people call it
        #[arg(long, value_parser = display_name)]
        name: String,
        /// Show one country alone: VE, CO or MX
        #[arg(long, value_parser = country)]
        country: Option<Country>,
    },
    /// All displays
    List,
    /// Revoke a display's link
    Revoke {
        /// Its number in the list
        #[arg(value_parser = display_id)]
        id: DisplayId,
    },
}

/// Commands of integrations.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Add an integration; prints its token, once
    Add {
        /// The name that histories of cases show
        #[arg(long, value_parser = integration_name)]
        name: IntegrationName,
        /// What it may do: `open_cases`, `read_cases`, `work_cases`, `steer_cases`, `read_register`, `read_reports`, `read_people`,
        /// `read_settings`, `report_calls`, `report_alerts`, `read_audit`
        #[arg(long = "grant", required = true, value_delimiter = ',', value_parser = grant)]
        grants: Vec<Grant>,
        /// Cases of one country alone: VE, CO or MX; only with permissions about cases
        #[arg(long, value_parser = country)]
        country: Option<Country>,
        /// Requests per minute [default: 600]
        #[arg(long, value_parser = per_minute)]
        per_minute: Option<RequestsPerMinute>,
    },
    /// All integrations
    List,
    /// Revoke the token of an integration
    Revoke {
        /// Its number in the list
        #[arg(value_parser = integration_id)]
        id: IntegrationId,
    },
}

/// Cases over the API.
#[derive(Debug, Args)]
pub struct CasesArguments {
    /// Print the API's JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// Read the token from a file, in place of `VIGIA_TOKEN`
    #[arg(long, global = true, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// What to do
    #[command(subcommand)]
    pub command: CasesCommand,
}

/// What the commands of cases print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// Lines for people.
    Text,
    /// The API's JSON.
    Json,
}

/// Commands of cases.
#[derive(Debug, Subcommand)]
pub enum CasesCommand {
    /// List cases, the last changed first
    List {
        /// Of one status, such as new or `on_hold`
        #[arg(long)]
        status: Option<String>,
        /// Of one country: VE, CO or MX
        #[arg(long)]
        country: Option<String>,
        /// Of one priority: P1 to P4
        #[arg(long)]
        priority: Option<String>,
        /// Of one person, by id; none for cases without an assignee
        #[arg(long)]
        assignee: Option<String>,
        /// With an entry at this time or later, such as 2026-12-01T00:00:00Z
        #[arg(long)]
        changed_since: Option<String>,
        /// The most cases [default: 50]
        #[arg(long)]
        limit: Option<u32>,
    },
    /// Show a case
    Show {
        /// Its number
        number: String,
    },
    /// Open a case; prints its number
    Open {
        /// JSON with the fields of the form, as /api documents it; - for the standard input
        file: PathBuf,
        /// A key of your own: the same key opens no second case
        #[arg(long)]
        key: String,
    },
    /// Add a note to a case
    Note {
        /// Its number
        number: String,
        /// The text
        text: String,
        /// The customer reads it too
        #[arg(long)]
        public: bool,
    },
}

/// Rules that a file of known answers is checked against.
#[derive(Debug, Subcommand)]
pub enum CheckCommand {
    /// The configured database: every history against rows, mails and files; the desk may run meanwhile
    Database,
    /// A backup: whether it is what was written
    Backup {
        /// The file
        file: PathBuf,
    },
    /// A file of known answers
    #[command(flatten)]
    Answers(AnswersCommand),
}

/// Files of known answers that are held against the rules.
#[derive(Debug, Subcommand)]
pub enum AnswersCommand {
    /// Business time: id, country, tz, calendar, start, `budget_min`, pauses, `due_utc`, `due_local`; the calendars from
    /// `sla_calendars.csv` beside the file, else the built-in ones
    SlaVectors {
        /// The file
        file: PathBuf,
    },
    /// Serial numbers: manufacturer, serial, valid, decoded
    Serials {
        /// The file
        file: PathBuf,
        /// The day on which the serials are read: a later date of manufacture is wrong
        #[arg(long, default_value = "2026-11-22", value_parser = day)]
        today: NaiveDate,
    },
    /// Holidays, both ways: country, date, `name_es`, kind
    Holidays {
        /// The file
        file: PathBuf,
    },
    /// Telephone numbers: country, input, valid, e164, type, national
    Phones {
        /// The file
        file: PathBuf,
    },
    /// Check characters: scheme, body, check
    CaseNumbers {
        /// The file
        file: PathBuf,
    },
    /// Answers by mail, and what of each the customer wrote: a folder with expected.csv, mails and texts
    Replies {
        /// The folder
        folder: PathBuf,
    },
    /// Mails of people and programs, and who wrote each: a folder with expected.csv and mails
    MachineMails {
        /// The folder
        folder: PathBuf,
    },
}

fn database(text: &str) -> Result<DatabaseAddress, String> {
    DatabaseAddress::parse(text).ok_or_else(|| "sqlite:PATH or postgres://…".to_owned())
}

fn name(text: &str) -> Result<PersonName, String> {
    PersonName::parse(text).map_err(|problem| problem.to_string())
}

fn mail(text: &str) -> Result<MailAddress, String> {
    MailAddress::parse(text).map_err(|problem| problem.to_string())
}

fn role(text: &str) -> Result<Role, String> {
    Role::from_code(text).ok_or_else(|| format!("one of {}", Role::ALL.map(Role::code).join(", ")))
}

fn language(text: &str) -> Result<Language, String> {
    Language::from_tag(text).ok_or_else(|| format!("one of {}", Language::ALL.map(Language::code).join(", ")))
}

fn day(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| "a date such as 2026-11-22".to_owned())
}

fn country(text: &str) -> Result<Country, String> {
    Country::from_typed(text).ok_or_else(|| "one of VE, CO, MX".to_owned())
}

fn display_name(text: &str) -> Result<String, String> {
    let name = text.trim();
    let fits = (1..=80).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits { Ok(name.to_owned()) } else { Err("1 to 80 characters on one line".to_owned()) }
}

fn integration_name(text: &str) -> Result<IntegrationName, String> {
    IntegrationName::parse(text).map_err(|error| error.to_string())
}

fn grant(text: &str) -> Result<Grant, String> {
    Grant::from_code(text).ok_or_else(|| format!("one of {}", Grant::ALL.map(Grant::code).join(", ")))
}

fn per_minute(text: &str) -> Result<RequestsPerMinute, String> {
    let read = text.parse().ok().and_then(RequestsPerMinute::new);
    read.ok_or_else(|| format!("a number from 1 to {REQUESTS_PER_MINUTE_MAX}"))
}

fn integration_id(text: &str) -> Result<IntegrationId, String> {
    text.parse().map(IntegrationId).map_err(|_| "a number from `vigia token list`".to_owned())
}

fn display_id(text: &str) -> Result<DisplayId, String> {
    text.parse().map(DisplayId).map_err(|_| "a number from `vigia display list`".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn command_line_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_flag_is_called_like_its_key() {
        let command = Cli::command();
        let flags: Vec<_> = command.get_arguments().filter_map(clap::Arg::get_long).collect();
        let keys = Settings::default().each().map(|(key, _)| key.flag());
        assert_eq!(flags.iter().filter(|flag| **flag != "config").count(), keys.len());
        for key in keys {
            assert!(flags.iter().any(|flag| key == format!("--{flag}")), "{key} is not in {flags:?}");
        }
    }
}
