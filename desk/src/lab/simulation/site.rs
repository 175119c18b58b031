//! The machines: two nodes over one database, and the mail server, with their faults.

use std::sync::mpsc;
use std::time::Duration;

use super::cases::{Equipment, furnish};
use super::chance::Dice;
use super::faults::{Fault, Moment, mail_down_s, restart_s};
use super::mail_server::MailServer;
use super::node::{Clock, Killed, Node};
use super::people::Cast;
use super::{Faults, SimulationError};
use crate::Desk;
use crate::outbox::{self, deliver_due};
use crate::store::StoreError;

/// How long a long transaction holds the lock, in real time.
const LONG: Duration = Duration::from_millis(25);

/// The machines of a simulation.
pub(super) struct Site {
    nodes: [Node; 2],
    pub(super) post: MailServer,
    chance: Dice,
    /// A kill that waits for its moment.
    moment: Option<Moment>,
    /// Whether the next command meets a long transaction of the other node.
    crowded: bool,
    /// Killed nodes whose restart is not planned yet.
    down: Vec<usize>,
    pub(super) faults: Faults,
}

impl Site {
    pub(super) fn new(database: &str, clock: &Clock, post: MailServer, chance: Dice) -> Self {
        // The machines' clocks differ.
        let node = |ahead_s| Node::new(database.to_owned(), clock.clone(), ahead_s);
        Self {
            nodes: [node(0), node(2)],
            post,
            chance,
            moment: None,
            crowded: false,
            down: Vec::new(),
            faults: Faults::default(),
        }
    }

    /// Starts both nodes and fills the empty database.
    pub(super) fn furnish(&mut self) -> Result<(Cast, Vec<Equipment>), SimulationError> {
        self.recover()?;
        let furnished = self.first(async |desk| furnish(desk).await);
        furnished.map_err(|Killed| SimulationError::Store(StoreError::Closed))?
    }

    /// Shuts both nodes down.
    pub(super) fn end(&mut self) {
        self.nodes.iter_mut().for_each(Node::end);
    }

    pub(super) fn is_up(&self) -> bool {
        self.nodes.iter().any(Node::is_up)
    }

    /// Ends all faults.
    pub(super) fn recover(&mut self) -> Result<(), SimulationError> {
        (self.moment, self.crowded) = (None, false);
        self.post.set_down(false);
        for place in 0..self.nodes.len() {
            self.start(place)?;
        }
        Ok(())
    }

    fn start(&mut self, place: usize) -> Result<(), SimulationError> {
        let chance = Dice::new(self.chance.word());
        match self.nodes.get_mut(place) {
            Some(node) if !node.is_up() => node.start(chance),
            _ => Ok(()),
        }
    }

    /// Begins a fault. Gives the faults that follow from it, with their seconds.
    pub(super) fn begin_fault(
        &mut self,
        fault: Fault,
        dice: &mut Dice,
    ) -> Result<Vec<(i64, Fault)>, SimulationError> {
        match fault {
            Fault::MailDown => {
                self.faults.mail_down += 1;
                self.post.set_down(true);
                return Ok(vec![(mail_down_s(dice), Fault::MailUp)]);
            }
            Fault::MailUp => self.post.set_down(false),
            Fault::Restart(place) => self.start(place)?,
            Fault::LongTransaction => self.crowded = true,
            Fault::Kill(Moment::Idle) => {
                if let Some(place) = self.running_node(dice) {
                    self.faults.killed_idle += 1;
                    self.kill(place);
                }
            }
            // A second kill waits for the first.
            Fault::Kill(moment) if self.moment.is_some() => return Ok(vec![(600, Fault::Kill(moment))]),
            Fault::Kill(moment) => self.moment = Some(moment),
        }
        Ok(self.restarts(dice))
    }

    fn kill(&mut self, place: usize) {
        if let Some(node) = self.nodes.get_mut(place) {
            node.kill();
            self.down.push(place);
        }
    }

    /// Restarts of the nodes that are down.
    pub(super) fn restarts(&mut self, dice: &mut Dice) -> Vec<(i64, Fault)> {
        let down = std::mem::take(&mut self.down).into_iter();
        down.map(|place| (restart_s(dice), Fault::Restart(place))).collect()
    }

    fn running_node(&self, dice: &mut Dice) -> Option<usize> {
        let up: Vec<usize> = (0..self.nodes.len()).filter(|place| self.nodes[*place].is_up()).collect();
        dice.one_of(&up).copied()
    }

    /// Runs work on the first node without faults.
    pub(super) fn first<T>(&mut self, work: impl AsyncFnOnce(&Desk) -> T) -> Result<T, Killed> {
        self.nodes[0].act(work)
    }

    /// Runs work on a running node without faults.
    pub(super) fn look<T>(
        &mut self,
        work: impl AsyncFnOnce(&Desk) -> T,
        dice: &mut Dice,
    ) -> Result<T, Killed> {
        let place = self.running_node(dice).ok_or(Killed)?;
        self.nodes[place].act(work)
    }

    /// Runs work on a running node, which may be killed.
    pub(super) fn act<T>(
        &mut self,
        work: impl AsyncFnOnce(&Desk) -> T,
        dice: &mut Dice,
    ) -> Result<T, Killed> {
        let place = self.running_node(dice).ok_or(Killed)?;
        let [first, second] = &mut self.nodes;
        let (node, other) = if place == 0 { (first, second) } else { (second, first) };
        node.set_trap(self.moment == Some(Moment::InTransaction));
        let outcome = if self.crowded && other.is_up() {
            self.crowded = false;
            self.faults.long_transactions += 1;
            beside_a_long_transaction(node, other, work)
        } else {
            node.act(work)
        };
        node.set_trap(false);
        match (outcome, self.moment) {
            (Err(Killed), _) => {
                self.faults.killed_in_transaction += 1;
                self.moment = None;
                self.down.push(place);
                Err(Killed)
            }
            (Ok(_), Some(Moment::BeforeAnswer)) => {
                self.faults.killed_before_answer += 1;
                self.moment = None;
                self.kill(place);
                Err(Killed)
            }
            (outcome, _) => outcome,
        }
    }

    /// Delivers due mails from one of the nodes.
    pub(super) fn deliver(&mut self, dice: &mut Dice) -> Result<Result<(), Killed>, SimulationError> {
        let Some(place) = self.running_node(dice) else { return Ok(Err(Killed)) };
        let node = &mut self.nodes[place];
        let trap = (self.moment == Some(Moment::WithMail)).then(|| node.trap());
        let transport = self.post.transport(trap)?;
        let settings = outbox::Settings::default();
        let sent = node.act(async |desk| deliver_due(desk, &transport, &settings).await);
        if sent.is_err() {
            self.post.interrupt();
            self.faults.killed_with_mail += 1;
            self.moment = None;
            self.down.push(place);
        }
        // After a failure of the database the mails wait for the next delivery.
        Ok(sent.map(drop))
    }

    /// The faults so far.
    pub(super) fn tally(&self) -> Faults {
        let (mails_put_off, mails_twice) = self.post.counts();
        Faults { mails_put_off, mails_twice, ..self.faults }
    }
}

/// Runs work on `node` while `other` holds the write lock.
fn beside_a_long_transaction<T>(
    node: &mut Node,
    other: &mut Node,
    work: impl AsyncFnOnce(&Desk) -> T,
) -> Result<T, Killed> {
    let (begun, wait) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            other.act(async |desk| {
                let held = desk.store().write(move |_| {
                    Box::pin(async move {
                        // The receiver may be gone.
                        let _ = begun.send(());
                        tokio::time::sleep(LONG).await;
                        Ok::<_, StoreError>(())
                    })
                });
                held.await
            })
        });
        let _ = wait.recv();
        node.act(work)
    })
}
