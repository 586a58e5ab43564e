//! Image references, as people write them and as registries know them.

use std::fmt;
use std::str::FromStr;

use crate::parse_error::{Expected, ParseError, Reason, clip};
use crate::text::serde_as_text;

/// A full image reference. Short names mean what they mean to docker: `nginx` is `docker.io/library/nginx:latest`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ImageReference {
    registry: String,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

/// A content digest: `sha256:` or `sha512:` and its hex digits.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Digest(String);

/// An image reference that carries a digest: always the same bytes.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PinnedImage {
    reference: ImageReference,
    digest: Digest,
}

const IMAGE: Expected = Expected {
    what: "an image",
    example: "registry.example.com:5000/team/web:1.2",
};
const DIGEST: Expected = Expected {
    what: "a digest",
    example: "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
};
const PINNED: Expected = Expected {
    what: "a pinned image",
    example: "nginx@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
};
const DOCKER_HUB: &str = "docker.io";
const NAME_LENGTH: usize = 255;
const TAG_LENGTH: usize = 128;

impl ImageReference {
    /// Host and port: `docker.io`, `registry.example.com:5000`.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The path within the registry: `library/nginx`.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// Set unless only a digest was given.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// The same image with its content fixed.
    pub fn pinned(&self, digest: Digest) -> PinnedImage {
        PinnedImage {
            reference: Self {
                digest: Some(digest.clone()),
                ..self.clone()
            },
            digest,
        }
    }

    /// The short form that means the same: `nginx` for `docker.io/library/nginx:latest`.
    pub fn short(&self) -> String {
        let full = self.to_string();
        let candidates = [
            full.strip_prefix("docker.io/library/"),
            full.strip_prefix("docker.io/"),
        ];
        let short = candidates
            .into_iter()
            .flatten()
            .find(|text| text.parse().as_ref() == Ok(self))
            .unwrap_or(&full);
        let bare = short
            .strip_suffix(":latest")
            .filter(|text| text.parse().as_ref() == Ok(self));
        bare.unwrap_or(short).to_owned()
    }
}

impl PinnedImage {
    pub fn reference(&self) -> &ImageReference {
        &self.reference
    }

    pub fn digest(&self) -> &Digest {
        &self.digest
    }
}

impl Digest {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `sha256` or `sha512`.
    pub fn algorithm(&self) -> &str {
        self.0
            .split_once(':')
            .map_or("", |(algorithm, _)| algorithm)
    }

    /// The digits after the algorithm.
    pub fn hex(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, hex)| hex)
    }
}

impl FromStr for ImageReference {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        parse(text).map_err(|reason| IMAGE.but(text, reason))
    }
}

fn parse(text: &str) -> Result<ImageReference, Reason> {
    if text.is_empty() {
        return Err(Reason::Empty);
    }
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest.parse::<Digest>().map_err(|e| e.reason)?)),
        None => (text, None),
    };
    // A colon after the last slash starts the tag; one before it belongs to the registry's port.
    let name_start = rest.rfind('/').map_or(0, |slash| slash + 1);
    let (name, tag) = match rest[name_start..].split_once(':') {
        Some((last, tag)) => (
            &rest[..name_start + last.len()],
            Some(check_tag(tag)?.to_owned()),
        ),
        None => (rest, None),
    };
    let (registry, repository) = split_registry(name);
    check_registry(registry)?;
    let repository = if registry == DOCKER_HUB && !repository.contains('/') {
        format!("library/{repository}")
    } else {
        repository.to_owned()
    };
    check_repository(&repository)?;
    if registry.len() + 1 + repository.len() > NAME_LENGTH {
        return Err(Reason::TooLong { max: NAME_LENGTH });
    }
    let tag = tag.or_else(|| digest.is_none().then(|| "latest".to_owned()));
    Ok(ImageReference {
        registry: registry.to_owned(),
        repository,
        tag,
        digest,
    })
}

/// What precedes the first slash is a registry if it looks like a host: a dot, a port, or `localhost`.
fn split_registry(name: &str) -> (&str, &str) {
    match name.split_once('/') {
        Some(("index.docker.io", rest)) => (DOCKER_HUB, rest),
        Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => (host, rest),
        _ => (DOCKER_HUB, name),
    }
}

fn check_registry(registry: &str) -> Result<(), Reason> {
    let part = |rule| Reason::Part {
        part: clip(registry),
        rule,
    };
    let (host, port) = match registry
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        Some((address, port)) => {
            address
                .parse::<std::net::Ipv6Addr>()
                .map_err(|_| part("is not an IPv6 address in brackets"))?;
            (None, (!port.is_empty()).then_some(port))
        }
        None => match registry.split_once(':') {
            Some((host, _)) => (Some(host), Some(&registry[host.len()..])),
            None => (Some(registry), None),
        },
    };
    if let Some(host) = host {
        let label = |label: &str| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if !host.split('.').all(label) {
            return Err(part("is not a registry's host name"));
        }
    }
    let port = port.map(|port| port.strip_prefix(':').unwrap_or_default());
    if port.is_some_and(|port| {
        !port
            .parse::<u16>()
            .is_ok_and(|number| number > 0 && number.to_string() == port)
    }) {
        return Err(part("has no port between 1 and 65535 after its `:`"));
    }
    Ok(())
}

fn check_repository(repository: &str) -> Result<(), Reason> {
    for component in repository.split('/') {
        if component.is_empty() {
            return Err(Reason::Rule("a part of its name is empty"));
        }
        if component.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(Reason::Part {
                part: clip(component),
                rule: "must be in lower case",
            });
        }
        if let Some(c) = component
            .chars()
            .find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '.' | '_' | '-'))
        {
            return Err(Reason::Character(c));
        }
        // Between letters and digits: one dot, one or two underscores, or any number of hyphens.
        let mut separators = component
            .split(|c: char| c.is_ascii_alphanumeric())
            .filter(|s| !s.is_empty());
        let allowed = |s: &str| matches!(s, "." | "_" | "__") || s.bytes().all(|b| b == b'-');
        let edges =
            !component.starts_with(['.', '_', '-']) && !component.ends_with(['.', '_', '-']);
        if !edges || !separators.all(allowed) {
            return Err(Reason::Part {
                part: clip(component),
                rule: "has a separator where none may be",
            });
        }
    }
    Ok(())
}

fn check_tag(tag: &str) -> Result<&str, Reason> {
    let first = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if tag.is_empty() {
        return Err(Reason::Rule("there is no tag after its `:`"));
    }
    if tag.len() > TAG_LENGTH
        || !tag.starts_with(first)
        || !tag.chars().all(|c| first(c) || c == '.' || c == '-')
    {
        return Err(Reason::Part {
            part: clip(tag),
            rule: "is not a tag",
        });
    }
    Ok(tag)
}

impl FromStr for Digest {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (algorithm, hex) = text.split_once(':').unwrap_or((text, ""));
        let length = match algorithm {
            "sha256" => 64,
            "sha512" => 128,
            _ => {
                return Err(DIGEST.but(
                    text,
                    Reason::Rule("a digest starts with `sha256:` or `sha512:`"),
                ));
            }
        };
        if hex.len() != length || !hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(DIGEST.but(
                text,
                Reason::Rule("a digest has 64 (sha256) or 128 (sha512) hex digits in lower case"),
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

impl FromStr for PinnedImage {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let reference = parse(text).map_err(|reason| PINNED.but(text, reason))?;
        let digest = reference
            .digest
            .clone()
            .ok_or_else(|| PINNED.but(text, Reason::Rule("it has no digest")))?;
        Ok(Self { reference, digest })
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

impl fmt::Display for PinnedImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reference.fmt(f)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

serde_as_text!(ImageReference, "an image such as `nginx:1.27`");
serde_as_text!(PinnedImage, "an image with its digest");
serde_as_text!(Digest, "a digest such as `sha256:...`");
