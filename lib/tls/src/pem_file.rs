//! PEM files: `ca.pem`, `node.pem`, `node.key`. Text around the blocks is allowed; what is wrong is named.

use pem::Pem;
use rustls_pki_types::CertificateDer;
use zeroize::Zeroizing;

/// Nobody's chain is longer, and a wrong file of gigabytes should not be decoded.
const MAX_SIZE: usize = 256 * 1024;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Tag {
    Certificate,
    PrivateKey,
    Request,
}

#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PemError {
    #[error("the file is empty")]
    Empty,
    #[error(
        "the file has {size} bytes; a PEM file of certificates or a key has at most {MAX_SIZE}"
    )]
    TooLong { size: usize },
    #[error("no `-----BEGIN {wanted}-----` in the file")]
    NoBlock { wanted: &'static str },
    #[error("the file holds a `{found}`; a `{wanted}` is needed")]
    WrongBlock { wanted: &'static str, found: String },
    #[error("the file holds {count} private keys; one is needed")]
    ManyKeys { count: usize },
    #[error("the private key is protected by a passphrase; a plain PKCS#8 key is needed")]
    Encrypted,
    #[error("the file is damaged: {reason}")]
    Damaged { reason: String },
}

impl Tag {
    const fn name(self) -> &'static str {
        match self {
            Self::Certificate => "CERTIFICATE",
            Self::PrivateKey => "PRIVATE KEY",
            Self::Request => "CERTIFICATE REQUEST",
        }
    }
}

pub(crate) fn encode(tag: Tag, ders: &[&[u8]]) -> String {
    let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
    let blocks: Vec<Pem> = ders.iter().map(|der| Pem::new(tag.name(), *der)).collect();
    pem::encode_many_config(&blocks, config)
}

/// All certificates of a file, in order; at least one.
pub(crate) fn decode_certificates(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, PemError> {
    let wanted = Tag::Certificate.name();
    let mut certificates = Vec::new();
    for block in blocks(text, Tag::Certificate)? {
        if block.tag() != wanted {
            return Err(PemError::WrongBlock {
                wanted,
                found: shown(block.tag()),
            });
        }
        certificates.push(CertificateDer::from(block.into_contents()));
    }
    Ok(certificates)
}

/// The one certificate request of a text.
pub(crate) fn decode_request(text: &[u8]) -> Result<Vec<u8>, PemError> {
    let wanted = Tag::Request.name();
    match blocks(text, Tag::Request)?.into_iter().next() {
        Some(block) if block.tag() == wanted => Ok(block.into_contents()),
        Some(block) => Err(PemError::WrongBlock {
            wanted,
            found: shown(block.tag()),
        }),
        None => Err(PemError::NoBlock { wanted }),
    }
}

/// The one private key of a file.
pub(crate) fn decode_key(text: &[u8]) -> Result<Zeroizing<Vec<u8>>, PemError> {
    let wanted = Tag::PrivateKey.name();
    // `openssl ecparam -genkey` writes the curve's parameters before the key.
    let mut blocks: Vec<Pem> = blocks(text, Tag::PrivateKey)?
        .into_iter()
        .filter(|block| block.tag() != "EC PARAMETERS")
        .collect();
    let count = blocks.len();
    let Some(block) = blocks.pop() else {
        return Err(PemError::NoBlock { wanted });
    };
    if count > 1 {
        return Err(PemError::ManyKeys { count });
    }
    match block.tag() {
        "PRIVATE KEY" => Ok(Zeroizing::new(block.into_contents())),
        "ENCRYPTED PRIVATE KEY" => Err(PemError::Encrypted),
        found => Err(PemError::WrongBlock {
            wanted,
            found: shown(found),
        }),
    }
}

fn blocks(text: &[u8], wanted: Tag) -> Result<Vec<Pem>, PemError> {
    if text.trim_ascii().is_empty() {
        return Err(PemError::Empty);
    }
    if text.len() > MAX_SIZE {
        return Err(PemError::TooLong { size: text.len() });
    }
    let blocks = pem::parse_many(text).map_err(|error| PemError::Damaged {
        reason: error.to_string(),
    })?;
    if blocks.is_empty() {
        return Err(PemError::NoBlock {
            wanted: wanted.name(),
        });
    }
    Ok(blocks)
}

/// A tag for a message: it comes from a file, so it is cut short.
fn shown(tag: &str) -> String {
    tag.chars().filter(|c| !c.is_control()).take(40).collect()
}
