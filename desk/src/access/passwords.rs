//! Passwords: rules, hashes and verification.
//!
//! Hashes are Argon2id in the PHC form, with m = 19 MiB, t = 2, p = 1. OWASP's password storage cheat sheet gives these
//! first for 19 MiB, and the `argon2` crate has them as defaults. Rules follow ASVS 5.0, 6.2: a length and a list of
//! common ones, nothing about kinds of characters. Hashes of lower parameters are made anew at the next sign-in.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier};
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::t;
use domain::text::PersonName;
use thiserror::Error;
use tokio::sync::Semaphore;

use crate::Ports;
use crate::access::common_passwords::is_common;
use crate::access::demonstration;

/// The fewest bytes of a password.
pub const MIN_BYTES: usize = 10;
/// The most bytes of a password: long sentences are welcome, megabytes are not.
pub const MAX_BYTES: usize = 1024;

/// The seats of this process.
static SEATS: Seats = Seats::new();
/// The most unknown browsers that wait for a seat: some two seconds' work. Beyond that they are refused.
const WAITING: usize = 32;

/// The seats at which passwords are hashed, two at once, since each takes 19 MiB and a core. A flood from strangers
/// takes one of them alone.
struct Seats {
    reserved: Semaphore,
    open: Semaphore,
    /// The queue of the open seat.
    waiting: Semaphore,
}

impl Seats {
    const fn new() -> Self {
        Self {
            reserved: Semaphore::const_new(1),
            open: Semaphore::const_new(1),
            waiting: Semaphore::const_new(WAITING),
        }
    }
}

/// The seat for a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seat {
    /// For known browsers and the staff.
    Reserved,
    /// For any browser.
    Open,
}

/// Too many wait for the open seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("too many passwords at once")]
pub struct Full;

/// A hash for unknown accounts: the same work, and no password fits it.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The hash of a person who came by an identity provider and has no password: no password fits it.
pub(crate) const NO_PASSWORD: &str = "!";

/// Why a password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PasswordProblem {
    /// Fewer than [`MIN_BYTES`] bytes: add words.
    #[error("fewer than {MIN_BYTES} bytes")]
    TooShort,
    /// More than [`MAX_BYTES`] bytes.
    #[error("more than {MAX_BYTES} bytes")]
    TooLong,
    /// It is the name or mail address of its owner.
    #[error("the owner's name or mail address")]
    Personal,
    /// It is common, or as easy to guess.
    #[error("a very common password")]
    Common,
}

impl PasswordProblem {
    /// The problem and what to do, for its owner.
    #[must_use]
    pub fn message(self, language: Language) -> String {
        match self {
            Self::TooShort => t!(language, "people.password.too_short", min = MIN_BYTES),
            Self::TooLong => t!(language, "people.password.too_long", max = MAX_BYTES),
            Self::Personal => t!(language, "people.password.personal").into_owned(),
            Self::Common => t!(language, "people.password.common").into_owned(),
        }
    }
}

/// A valid new password. Never printed.
#[derive(Clone)]
pub struct NewPassword(String);

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPassword")
    }
}

impl NewPassword {
    /// Parses a password exactly as typed.
    ///
    /// # Errors
    /// See [`PasswordProblem`].
    pub fn parse(typed: &str, name: &PersonName, mail: &MailAddress) -> Result<Self, PasswordProblem> {
        match typed.len() {
            ..MIN_BYTES => return Err(PasswordProblem::TooShort),
            MIN_BYTES..=MAX_BYTES => {}
            _ => return Err(PasswordProblem::TooLong),
        }
        let plain = plain(typed);
        let local = mail.as_str().split('@').next().unwrap_or_default();
        if [name.as_str(), mail.as_str(), local].into_iter().any(|own| self::plain(own) == plain) {
            return Err(PasswordProblem::Personal);
        }
        // The demonstration's staff has the public password, which opens nothing where others work.
        let is_demonstration = typed == demonstration::PASSWORD && demonstration::is_ours(mail.as_str());
        if is_common(&plain) && !is_demonstration {
            return Err(PasswordProblem::Common);
        }
        Ok(Self(typed.to_owned()))
    }
}

/// The text as compared: lower case, without spaces.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// The hash could not be computed: memory is exhausted, or the desk is shutting down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the password could not be hashed")]
pub struct HashFailed;

/// The hash of a password.
///
/// # Errors
/// See [`HashFailed`].
pub async fn hash(password: NewPassword, ports: &Ports) -> Result<String, HashFailed> {
    let salt = ports.random::<16>();
    let hash = move || {
        let hash: PasswordHash =
            Argon2::default().hash_password_with_salt(password.0.as_bytes(), &salt).ok()?;
        Some(hash.to_string())
    };
    SEATS.seated(Seat::Reserved, hash).await.ok().flatten().flatten().ok_or(HashFailed)
}

/// The hash of today for a password that fits the hash `kept`; `None` when that one is as strong.
///
/// # Errors
/// See [`HashFailed`].
pub(super) async fn renewed(typed: &str, kept: &str, ports: &Ports) -> Result<Option<String>, HashFailed> {
    if !is_outdated(kept) {
        return Ok(None);
    }
    // The rules of new passwords do not hold for one that was chosen under earlier ones.
    hash(NewPassword(typed.to_owned()), ports).await.map(Some)
}

/// Whether a hash was made with lower parameters than those of today, or in another way.
fn is_outdated(kept: &str) -> bool {
    let Ok(kept) = PasswordHash::new(kept) else { return false };
    let Ok(before) = Params::try_from(&kept) else { return true };
    let argon2 = Argon2::default();
    let today = argon2.params();
    kept.algorithm != Algorithm::default().ident()
        || before.m_cost() < today.m_cost()
        || before.t_cost() < today.t_cost()
        || before.p_cost() < today.p_cost()
}

/// Whether `typed` is the password of the hash `kept`. Without a hash, for an unknown account, it takes as long, so
/// that the time does not reveal which accounts exist.
///
/// # Errors
/// [`Full`] when too many wait for the open seat.
pub async fn verify(typed: &str, kept: Option<String>, seat: Seat) -> Result<bool, Full> {
    if typed.len() > MAX_BYTES {
        return Ok(false);
    }
    // As long as for others: the time does not tell who has no password.
    let kept = kept.filter(|kept| kept != NO_PASSWORD);
    let (typed, kept) = (typed.to_owned(), kept.unwrap_or_else(|| NOBODY.to_owned()));
    Ok(SEATS.seated(seat, move || fits(&typed, &kept)).await?.unwrap_or(false))
}

/// The comparison takes the same time wherever the hashes differ (`password_hash`'s `Output`).
fn fits(typed: &str, kept: &str) -> bool {
    PasswordHash::new(kept)
        .is_ok_and(|kept| Argon2::default().verify_password(typed.as_bytes(), &kept).is_ok())
}

impl Seats {
    /// Runs `work` in the background at a free seat; `None` when it could not be run. It has the seat until it ends,
    /// even if the caller is gone.
    async fn seated<T: Send + 'static>(
        &'static self,
        seat: Seat,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Option<T>, Full> {
        let taken = match seat {
            Seat::Reserved => self.reserved.acquire().await,
            Seat::Open => {
                let _waiting = self.waiting.try_acquire().map_err(|_| Full)?;
                self.open.acquire().await
            }
        };
        let Ok(taken) = taken else { return Ok(None) };
        let done = tokio::task::spawn_blocking(move || {
            let _taken = taken;
            work()
        });
        Ok(done.await.ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(typed: &str) -> Result<(), PasswordProblem> {
        let name = PersonName::parse("Marta Elena Salas").unwrap();
        let mail = MailAddress::parse("marta.salas@vigia.example").unwrap();
        NewPassword::parse(typed, &name, &mail).map(drop)
    }

    fn ports() -> Ports {
        Ports::new(|| domain::time::Instant(0), |bytes| bytes.fill(7))
    }

    #[test]
    fn password_rule_is_length_alone() {
        assert_eq!(parse("corto"), Err(PasswordProblem::TooShort));
        assert_eq!(parse("123456789"), Err(PasswordProblem::TooShort));
        assert_eq!(parse("caballo azul"), Ok(()));
        assert_eq!(parse("ñandú ñandú"), Ok(()));
        assert_eq!(parse(&"una frase larga ".repeat(64)), Ok(()));
        assert_eq!(parse(&"una frase larga ".repeat(65)), Err(PasswordProblem::TooLong));
    }

    #[test]
    fn guessable_password_is_refused() {
        for typed in ["marta.salas@vigia.example", "Marta.Salas", "marta elena salas", "MartaElenaSalas"] {
            assert_eq!(parse(typed), Err(PasswordProblem::Personal), "{typed}");
        }
        for typed in [
            "Password123",
            "CONTRASEÑA1",
            "P4ssw0rd 2026!",
            "Venezuela2026",
            "qwertyuiop",
            "12345 67890",
            "aaaaaaaaaaaa",
            "            ",
        ] {
            assert_eq!(parse(typed), Err(PasswordProblem::Common), "{typed}");
        }
        assert_eq!(parse(demonstration::PASSWORD), Err(PasswordProblem::Common));
        for language in Language::ALL {
            for problem in [
                PasswordProblem::TooShort,
                PasswordProblem::TooLong,
                PasswordProblem::Personal,
                PasswordProblem::Common,
            ] {
                let words = problem.message(language);
                assert!(words.contains(' ') && !words.contains("%{"), "{words}");
            }
        }
    }

    #[tokio::test]
    async fn password_is_verified_by_its_hash() {
        let kept = hash(NewPassword("caballo azul".into()), &ports()).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        let is_taken = async |typed: &str, kept: Option<String>| {
            let open = verify(typed, kept.clone(), Seat::Open).await.unwrap();
            assert_eq!(verify(typed, kept, Seat::Reserved).await, Ok(open));
            open
        };
        assert!(is_taken("caballo azul", Some(kept.clone())).await);
        assert!(!is_taken("caballo azul ", Some(kept.clone())).await);
        assert!(!is_taken("Caballo azul", Some(kept)).await);
        assert!(!is_taken("caballo azul", Some("not a hash".into())).await);
        assert!(!is_taken("caballo azul", None).await);
    }

    #[tokio::test]
    async fn hash_of_lower_parameters_is_made_anew() {
        let weak = Argon2::new(
            Algorithm::Argon2id,
            argon2::Version::V0x13,
            Params::new(8 * 1024, 1, 1, None).unwrap(),
        );
        let kept: PasswordHash = weak.hash_password_with_salt(b"caballo azul", &[7; 16]).unwrap();
        let fresh = renewed("caballo azul", &kept.to_string(), &ports()).await.unwrap().unwrap();
        assert!(fresh.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{fresh}");
        assert_eq!(verify("caballo azul", Some(fresh.clone()), Seat::Reserved).await, Ok(true));
        assert_eq!(renewed("caballo azul", &fresh, &ports()).await, Ok(None), "it is as strong");
    }

    #[tokio::test]
    async fn flood_of_sign_ins_leaves_capacity_for_known_browsers() {
        static FLOODED: Seats = Seats::new();
        let busy = FLOODED.open.acquire().await.unwrap();
        let flood: Vec<_> = (0..WAITING).map(|_| tokio::spawn(FLOODED.seated(Seat::Open, || ()))).collect();
        while FLOODED.waiting.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(FLOODED.seated(Seat::Open, || ()).await, Err(Full));
        assert_eq!(FLOODED.seated(Seat::Reserved, || "served").await, Ok(Some("served")));
        drop(busy);
        for one in flood {
            assert_eq!(one.await.unwrap(), Ok(Some(())));
        }
    }

    #[test]
    fn unknown_person_costs_the_same_time_as_a_known_one() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let fresh: PasswordHash = Argon2::default().hash_password_with_salt(b"x", &[7; 16]).unwrap();
        assert_eq!(nobody.algorithm, fresh.algorithm);
        assert_eq!(nobody.version, fresh.version);
        assert_eq!(nobody.params, fresh.params);
        assert_eq!(nobody.hash.unwrap().len(), fresh.hash.unwrap().len());
    }
}
