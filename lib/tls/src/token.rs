//! Join tokens: `hm1-<token id>-<secret>-<CA fingerprint>-<check>`, one word that survives mail, chat and shells.

use std::fmt;
use std::str::FromStr;

use hm_model::TokenId;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::base32::{self, encoded_len};
use crate::fingerprint::{Fingerprint, sha256};

const PREFIX: &str = "hm1";
/// A token's id has 64 bits; as text it is the one that lists show.
const ID_BYTES: usize = 8;
const ID_CHARS: usize = 13;
const SECRET_BYTES: usize = 16;
const CA_BYTES: usize = 32;
/// 25 bits: of 33 million typos one slips through, and then the secret or the fingerprint is wrong.
const CHECK_CHARS: usize = 5;
/// A token has 103 characters; the rest is room for the whitespace of a careless copy.
const MAX_TEXT: usize = 1024;

/// What lets a node join: which cluster (the CA's fingerprint) and by what right (the secret).
#[derive(ZeroizeOnDrop)]
pub struct JoinToken {
    #[zeroize(skip)]
    id: TokenId,
    secret: [u8; SECRET_BYTES],
    #[zeroize(skip)]
    ca: Fingerprint,
}

/// What servers keep of a token. The secret has 128 random bits, so a plain hash cannot be searched back.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct TokenHash([u8; 32]);

#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ParseTokenError {
    #[error("the join token is empty")]
    Empty,
    #[error("this is not a join token: those begin with `{PREFIX}-`")]
    NotAToken,
    #[error("this join token is of a newer kind ({kind}); this version reads {PREFIX}")]
    Newer { kind: String },
    #[error(
        "the join token is cut off or has too much: its {part} should have {expected} characters and has {found}"
    )]
    WrongLength {
        part: &'static str,
        expected: usize,
        found: usize,
    },
    #[error("the join token should have 5 parts with hyphens between them and has {found}")]
    WrongParts { found: usize },
    #[error("the join token has a typo: `{character}` in its {part} cannot occur there")]
    BadCharacter { character: char, part: &'static str },
    #[error("the join token has a typo: its check characters do not fit the rest")]
    BadCheck,
}

impl JoinToken {
    pub const RANDOM_BYTES: usize = ID_BYTES + SECRET_BYTES;

    /// A new token for the cluster of this CA, from bytes of a source fit for keys.
    pub fn new(mut random: [u8; Self::RANDOM_BYTES], ca: Fingerprint) -> Self {
        let mut id = [0; ID_BYTES];
        let mut secret = [0; SECRET_BYTES];
        id.copy_from_slice(&random[..ID_BYTES]);
        secret.copy_from_slice(&random[ID_BYTES..]);
        random.zeroize();
        Self {
            id: TokenId::from_u64(u64::from_be_bytes(id)),
            secret,
            ca,
        }
    }

    pub const fn id(&self) -> TokenId {
        self.id
    }

    pub const fn ca(&self) -> Fingerprint {
        self.ca
    }

    /// What servers store instead of the token.
    pub fn hash(&self) -> TokenHash {
        TokenHash(sha256(&[
            b"hivemind join token\0",
            &self.id.as_u64().to_be_bytes(),
            &self.secret,
        ]))
    }

    /// The token itself, to be shown once. There is deliberately no `Display`.
    pub fn to_text(&self) -> Zeroizing<String> {
        let secret = Zeroizing::new(base32::encode(&self.secret));
        let body = Zeroizing::new(format!("{PREFIX}-{}-{}-{}", self.id, *secret, self.ca));
        Zeroizing::new(format!("{}-{}", *body, check(&body)))
    }
}

impl FromStr for JoinToken {
    type Err = ParseTokenError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = tidy(text)?;
        let (kind, _) = text.split_once('-').ok_or(ParseTokenError::NotAToken)?;
        if kind != PREFIX {
            return Err(foreign(kind));
        }
        let parts: Vec<&str> = text.split('-').collect();
        let [_, id, secret, ca, given] = parts[..] else {
            return Err(ParseTokenError::WrongParts { found: parts.len() });
        };
        let given = canonical(given, "check", CHECK_CHARS)?;
        let id = canonical(id, "token id", ID_CHARS)?;
        let secret = canonical(secret, "secret", encoded_len(SECRET_BYTES))?;
        let ca = canonical(ca, "CA fingerprint", encoded_len(CA_BYTES))?;
        let body = Zeroizing::new(format!("{PREFIX}-{}-{}-{}", *id, *secret, *ca));
        if *given != check(&body) {
            return Err(ParseTokenError::BadCheck);
        }
        let mut token = Self {
            id: id.parse().map_err(|_| ParseTokenError::BadCheck)?,
            secret: [0; _],
            ca: Fingerprint::from_bytes([0; _]),
        };
        let mut fingerprint = [0; CA_BYTES];
        base32::decode(&secret, &mut token.secret).ok_or(ParseTokenError::BadCheck)?;
        base32::decode(&ca, &mut fingerprint).ok_or(ParseTokenError::BadCheck)?;
        token.ca = Fingerprint::from_bytes(fingerprint);
        Ok(token)
    }
}

/// Without the line breaks and blanks of a copy, in lower case.
fn tidy(text: &str) -> Result<Zeroizing<String>, ParseTokenError> {
    if text.len() > MAX_TEXT {
        return Err(ParseTokenError::NotAToken);
    }
    let mut tidy = Zeroizing::new(String::with_capacity(text.len()));
    tidy.extend(
        text.chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| c.to_ascii_lowercase()),
    );
    if tidy.is_empty() {
        Err(ParseTokenError::Empty)
    } else {
        Ok(tidy)
    }
}

fn foreign(kind: &str) -> ParseTokenError {
    let number = kind.strip_prefix("hm").unwrap_or_default();
    let newer = (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    if newer {
        ParseTokenError::Newer {
            kind: kind.to_owned(),
        }
    } else {
        ParseTokenError::NotAToken
    }
}

/// One part with the right length and known characters, look-alikes replaced.
fn canonical(
    text: &str,
    part: &'static str,
    expected: usize,
) -> Result<Zeroizing<String>, ParseTokenError> {
    let found = text.chars().count();
    if found != expected {
        return Err(ParseTokenError::WrongLength {
            part,
            expected,
            found,
        });
    }
    let mut clean = Zeroizing::new(String::with_capacity(expected));
    for character in text.chars() {
        let known = base32::value(character).map(base32::digit);
        clean.push(known.ok_or(ParseTokenError::BadCharacter { character, part })?);
    }
    Ok(clean)
}

fn check(body: &str) -> String {
    let mut check = base32::encode(&sha256(&[body.as_bytes()])[..4]);
    check.truncate(CHECK_CHARS);
    check
}

impl fmt::Debug for JoinToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinToken")
            .field("id", &self.id)
            .field("ca", &self.ca)
            .finish_non_exhaustive()
    }
}

impl TokenHash {
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether this is the token that was hashed; takes the same time for a near miss.
    pub fn matches(&self, token: &JoinToken) -> bool {
        self.0.ct_eq(&token.hash().0).into()
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(..)")
    }
}

#[cfg(test)]
mod tests;
