//! A server of IMAP that a test scripts: one mailbox, and answers that are cut, too long, or never come.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the server does at a command.
pub enum Act {
    /// What a server does.
    Serve,
    /// What a server does, but it never answers.
    ServeAndHang,
    /// What a server does, but the connection is closed in place of an answer.
    ServeAndClose,
    /// That it is done, though nothing is.
    Pretend,
    /// Half of what a server answers, and nothing more.
    Partly,
    /// These bytes, and the connection is closed.
    SayAndClose(Vec<u8>),
    /// A refusal.
    Refuse,
    /// Nothing, until the client closes.
    Hang,
}

/// The folder and what was done to it.
#[derive(Default)]
pub struct Folder {
    /// Its numbering.
    pub validity: u32,
    /// Mails that are there, with their UIDs.
    pub mails: Vec<(u32, String)>,
    /// Mails that were moved away, with their folders.
    pub moved: Vec<(String, String)>,
    /// What the server can do.
    pub capabilities: &'static str,
    /// Connections so far.
    pub connections: usize,
    /// Commands so far, without their tags.
    pub heard: Vec<String>,
}

impl Folder {
    /// Puts a mail into the folder.
    pub fn append(&mut self, mail: String) {
        let last = self.mails.iter().map(|(uid, _)| *uid).max().unwrap_or(0);
        self.mails.push((last + 1, mail));
    }

    /// Subjects of the mails that were moved to a folder.
    pub fn moved_to(&self, folder: &str) -> usize {
        self.moved.iter().filter(|(to, _)| to == folder).count()
    }
}

/// What the server does at a command of a connection, both counted from 0; of the greeting, the command is empty.
pub type Script = dyn Fn(usize, &str) -> Act + Send + Sync;

/// A server that runs until the test ends.
pub struct Scripted {
    pub port: u16,
    folder: Arc<Mutex<Folder>>,
}

impl Scripted {
    /// Starts a server.
    pub fn start(
        capabilities: &'static str,
        mails: Vec<String>,
        script: impl Fn(usize, &str) -> Act + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut folder = Folder { validity: 1, capabilities, ..Folder::default() };
        for mail in mails {
            folder.append(mail);
        }
        let folder = Arc::new(Mutex::new(folder));
        let (shared, script) = (Arc::clone(&folder), Arc::new(script));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (folder, script) = (Arc::clone(&shared), Arc::clone(&script));
                std::thread::spawn(move || {
                    let connection = {
                        let mut folder = folder.lock().unwrap();
                        folder.connections += 1;
                        folder.connections - 1
                    };
                    // The end of a connection is the end of its thread, whatever it was.
                    let _ = Connection::new(stream.unwrap(), folder, connection).serve(&*script);
                });
            }
        });
        Self { port, folder }
    }

    /// Reads or changes the folder.
    pub fn with<T>(&self, doing: impl FnOnce(&mut Folder) -> T) -> T {
        doing(&mut self.folder.lock().unwrap())
    }
}

struct Connection {
    lines: BufReader<TcpStream>,
    folder: Arc<Mutex<Folder>>,
    number: usize,
    /// Mails that the client knows of.
    told: usize,
}

impl Connection {
    fn new(stream: TcpStream, folder: Arc<Mutex<Folder>>, number: usize) -> Self {
        Self { lines: BufReader::new(stream), folder, number, told: 0 }
    }

    fn say(&mut self, text: &str) -> std::io::Result<()> {
        self.lines.get_mut().write_all(text.as_bytes())
    }

    fn line(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        match self.lines.read_line(&mut line)? {
            0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(line.trim_end().to_owned()),
        }
    }

    /// Says nothing until the client has closed.
    fn hang(&mut self) {
        while self.line().is_ok() {}
    }

    fn serve(&mut self, script: &Script) -> std::io::Result<()> {
        let mut command = (String::new(), String::new());
        loop {
            let (tag, text) = &command;
            match script(self.number, text) {
                Act::Serve => {
                    let answer = self.answer(tag, text)?;
                    self.say(&answer)?;
                }
                Act::ServeAndHang => {
                    self.answer(tag, text)?;
                    self.hang();
                }
                Act::ServeAndClose => return self.answer(tag, text).map(drop),
                Act::Pretend => self.say(&format!("{tag} OK done\r\n"))?,
                Act::Partly => {
                    let answer = self.answer(tag, text)?;
                    self.say(&answer[..answer.len() / 2])?;
                    self.hang();
                }
                Act::SayAndClose(bytes) => return self.lines.get_mut().write_all(&bytes),
                Act::Refuse => self.say(&format!("{tag} NO not today\r\n"))?,
                Act::Hang => self.hang(),
            }
            let line = self.line()?;
            let (tag, text) = line.split_once(' ').unwrap_or((&line, ""));
            command = (tag.to_owned(), text.to_owned());
            self.folder.lock().unwrap().heard.push(text.to_owned());
        }
    }

    /// Does what is asked; the whole answer.
    fn answer(&mut self, tag: &str, text: &str) -> std::io::Result<String> {
        let folder = Arc::clone(&self.folder);
        let words: Vec<&str> = text.split(' ').collect();
        let number = |at: usize| words.get(at).and_then(|word| word.parse::<u32>().ok()).unwrap_or(0);
        let answer = match words.as_slice() {
            [""] => return Ok("* OK ready\r\n".to_owned()),
            ["CAPABILITY"] => format!("* CAPABILITY IMAP4rev1 {}\r\n", folder.lock().unwrap().capabilities),
            ["AUTHENTICATE", ..] => {
                self.say("+ \r\n")?;
                let told = self.line()?;
                folder.lock().unwrap().heard.push(told);
                String::new()
            }
            ["SELECT" | "EXAMINE", _] => {
                let folder = folder.lock().unwrap();
                self.told = folder.mails.len();
                format!("* {} EXISTS\r\n* OK [UIDVALIDITY {}]\r\n", self.told, folder.validity)
            }
            ["UID", "SEARCH", places, ..] => {
                let (first, last) = places.split_once(':').unwrap();
                let places = first.parse::<usize>().unwrap()..=last.parse().unwrap();
                let folder = folder.lock().unwrap();
                let found = folder.mails.iter().enumerate().filter(|(at, _)| places.contains(&(at + 1)));
                let uids: Vec<String> = found.map(|(_, (uid, _))| uid.to_string()).collect();
                format!("* SEARCH {}\r\n", uids.join(" "))
            }
            ["UID", "FETCH", uids, "(UID", "RFC822.SIZE)"] => {
                let folder = folder.lock().unwrap();
                let asked: Vec<u32> = uids.split(',').map(|uid| uid.parse().unwrap()).collect();
                let of = folder.mails.iter().filter(|(uid, _)| asked.contains(uid));
                let told = |(uid, mail): &(u32, String)| {
                    format!("* 1 FETCH (UID {uid} RFC822.SIZE {})\r\n", mail.len())
                };
                of.map(told).collect::<Vec<_>>().concat()
            }
            ["UID", "FETCH", ..] => {
                let folder = folder.lock().unwrap();
                let of = folder.mails.iter().filter(|(uid, _)| *uid == number(2));
                let sent = |(uid, mail): &(u32, String)| {
                    format!("* 1 FETCH (FLAGS () UID {uid} BODY[] {{{}}}\r\n{mail})\r\n", mail.len())
                };
                of.map(sent).collect::<Vec<_>>().concat()
            }
            ["UID", "MOVE", _, target] => {
                let mut folder = folder.lock().unwrap();
                let at = folder.mails.iter().position(|(uid, _)| *uid == number(2));
                at.map_or_else(String::new, |at| {
                    let (_, mail) = folder.mails.remove(at);
                    folder.moved.push((target.trim_matches('"').to_owned(), mail));
                    self.told = self.told.saturating_sub(1);
                    format!("* {} EXPUNGE\r\n", at + 1)
                })
            }
            ["IDLE"] => {
                self.say("+ idling\r\n")?;
                self.idle()?;
                String::new()
            }
            _ => self.news(),
        };
        Ok(format!("{answer}{tag} OK done\r\n"))
    }

    /// What the client does not know yet.
    fn news(&mut self) -> String {
        let now = self.folder.lock().unwrap().mails.len();
        if now == std::mem::replace(&mut self.told, now) {
            String::new()
        } else {
            format!("* {now} EXISTS\r\n")
        }
    }

    /// Tells of new mails until the client has enough.
    fn idle(&mut self) -> std::io::Result<()> {
        self.lines.get_ref().set_read_timeout(Some(Duration::from_millis(10)))?;
        let mut line = String::new();
        loop {
            let news = self.news();
            self.say(&news)?;
            match self.lines.read_line(&mut line) {
                Ok(0) => return Err(std::io::ErrorKind::UnexpectedEof.into()),
                Ok(_) => break,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        self.lines.get_ref().set_read_timeout(None)
    }
}
