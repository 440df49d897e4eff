//! Passwords: which are good enough, and their slow hashes, a few at a time.
//!
//! Rules of composition (a digit, a capital) make passwords worse (NIST SP 800-63B, 3.1.1.2): asked for are length, and that it is not
//! what everybody tries first.

use std::{collections::HashSet, sync::LazyLock};

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use super::service::AccountError;
use crate::platform::crypto;

pub const LEAST_CHARACTERS: usize = 10;
pub const MOST_CHARACTERS: usize = 200;

/// Words that common passwords are made of, one a line; the program's own list.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().map(str::trim).filter(|l| !l.is_empty()).collect());

/// Rows of keyboards and the alphabet, in which passwords are runs.
const RUNS: [&str; 9] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "1q2w3e4r5t6y7u8i9o0p",
    "a1b2c3d4e5f6g7h8i9j0",
];

/// Why a password is not taken, as a sentence that follows "The password"; none: it is good enough. `about` are the name and the address
/// of whose it is.
pub fn check_password(password: &str, about: &[&str]) -> Result<(), &'static str> {
    let length = password.chars().count();
    if length < LEAST_CHARACTERS {
        return Err("must have at least 10 characters");
    }
    if length > MOST_CHARACTERS {
        return Err("must have at most 200 characters");
    }
    let lower = password.to_lowercase();
    if is_about(&lower, about) {
        return Err("is your name or address, or little more than that");
    }
    let distinct: HashSet<char> = lower.chars().collect();
    if distinct.len() < 5 {
        return Err("repeats a few characters over and over");
    }
    if (1..=length / 2).any(|period| repeats(&lower, period)) {
        return Err("repeats the same piece");
    }
    if is_run(&lower) {
        return Err("is a row of the keyboard or of the alphabet");
    }
    if is_common(&lower) {
        return Err("is among the first that anybody would try");
    }
    Ok(())
}

/// Little is left once the name is taken out.
fn is_about(lower: &str, about: &[&str]) -> bool {
    about.iter().flat_map(|whole| [*whole, whole.split('@').next().unwrap_or_default()]).any(|name| {
        let name = name.to_lowercase();
        name.chars().count() >= 3 && lower.contains(&name) && lower.replace(&name, "").chars().count() < 6
    })
}

/// The same piece of at most half the length, over and over (the last time perhaps in part).
fn repeats(text: &str, period: usize) -> bool {
    let chars: Vec<char> = text.chars().collect();
    period <= 5 && chars.iter().skip(period).zip(&chars).all(|(a, b)| a == b)
}

/// One run, forwards or backwards, with at most two characters besides.
fn is_run(text: &str) -> bool {
    let backwards: String = text.chars().rev().collect();
    let length = text.chars().count();
    let all_but_two = |text: &str| {
        let chars: Vec<char> = text.chars().collect();
        (0..=2).any(|cut| {
            let (head, tail): (String, String) =
                (chars[..length - cut].iter().collect(), chars[cut..].iter().collect());
            RUNS.iter().any(|run| run.contains(&head) || run.contains(&tail))
        })
    };
    all_but_two(text) || all_but_two(&backwards)
}

/// Common words one after the other, with digits and signs before, between and after them, also with digits in place of letters. A long
/// passphrase of many words is nobody's first guess, so that three words are the most.
fn is_common(lower: &str) -> bool {
    const MOST_WORDS: usize = 3;
    let leet: String = lower
        .chars()
        .map(|c| match c {
            '0' => 'o',
            '1' | '!' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' => 't',
            c => c,
        })
        .collect();
    [lower, leet.as_str()].into_iter().any(|text| {
        // What stands at the ends is cut off before digits are read as letters: "welcome2026!".
        let trimmed = lower.trim_matches(|c: char| !c.is_alphabetic());
        let start = lower.find(trimmed).unwrap_or_default();
        let core =
            if text.len() == lower.len() { text.get(start..start + trimmed.len()).unwrap_or(text) } else { text };
        [text, core].into_iter().any(|text| {
            let letters: String = text.chars().filter(|c| c.is_alphabetic()).collect();
            !letters.is_empty() && is_made_of(&letters, MOST_WORDS)
        })
    }) || !lower.chars().any(char::is_alphabetic) && lower.chars().all(|c| c.is_ascii_digit()) && lower.len() < 12
}

fn is_made_of(letters: &str, most: usize) -> bool {
    letters.is_empty()
        || (most > 0
            && letters
                .char_indices()
                .map(|(at, c)| at + c.len_utf8())
                .any(|end| COMMON.contains(&letters[..end]) && is_made_of(&letters[end..], most - 1)))
}

/// Passwords are hashed slowly and in much memory: a few at a time, whoever asks.
static HASHING: Semaphore = Semaphore::const_new(4);

pub(super) async fn hash(password: &SecretString) -> Result<String, AccountError> {
    let _turn = HASHING.acquire().await.map_err(|_| AccountError::Hashing)?;
    let password = password.clone();
    tokio::task::spawn_blocking(move || crypto::hash_password(password.expose_secret()))
        .await
        .ok()
        .and_then(Result::ok)
        .ok_or(AccountError::Hashing)
}

/// Takes as long for an unknown user, or one without a password, as for a wrong password.
pub(super) async fn verify(stored: Option<String>, password: SecretString) -> bool {
    static NOBODY: LazyLock<String> = LazyLock::new(|| crypto::hash_password("nobody").unwrap_or_default());
    let Ok(_turn) = HASHING.acquire().await else { return false };
    tokio::task::spawn_blocking(move || {
        let known = stored.is_some();
        crypto::verify_password(password.expose_secret(), stored.as_deref().unwrap_or(&NOBODY)) && known
    })
    .await
    .unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABOUT: [&str; 2] = ["vera", "vera.brown@example.com"];

    #[test]
    fn what_everybody_tries_first_is_refused() {
        for (password, why) in [
            ("short", "at least 10"),
            ("aaaaaaaaaaaa", "over and over"),
            ("ab12ab12ab12ab", "over and over"),
            ("kilomkilomkilom", "same piece"),
            ("1234567890", "row"),
            ("0987654321", "row"),
            ("abcdefghijk", "row"),
            ("qwertyuiop", "row"),
            ("poiuytrewq1", "row"),
            ("1qaz2wsx3edc", "row"),
            ("1q2w3e4r5t6y", "row"),
            ("password123", "first"),
            ("P@ssw0rd123!", "first"),
            ("Welcome2026!", "first"),
            ("iloveyou1234", "first"),
            ("letmein-letmein!9", "first"),
            ("changeme12345", "first"),
            ("FrontDesk2026", "first"),
            ("administrator", "first"),
            ("5551234567", "first"),
            ("Summer-2026!!", "first"),
            ("vera.brown2", "name or address"),
            ("vera@vera12", "name or address"),
            ("vera.brown@example.com", "name or address"),
        ] {
            let refused = check_password(password, &ABOUT).expect_err(password);
            assert!(refused.contains(why), "{password}: {refused}");
        }
        assert!(check_password(&"x7".repeat(101), &[]).is_err());
    }

    #[test]
    fn what_people_think_of_themselves_is_taken() {
        for password in [
            "correct horse battery",
            "only here to watch",
            "gravel-Tuba-9-lantern",
            "veras Hund bellt nachts",
            "zT4!mQ9#wL",
            "ключ от квартиры",
            "ten pairs of odd socks",
        ] {
            assert_eq!(check_password(password, &ABOUT), Ok(()), "{password}");
        }
    }

    #[test]
    fn the_list_is_lower_case_letters() {
        assert!(COMMON.len() > 200);
        assert!(COMMON.iter().all(|word| word.bytes().all(|b| b.is_ascii_lowercase())));
    }
}
