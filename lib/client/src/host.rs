//! Which daemon to talk to: `unix:///run/hivemind/hivemind.sock`, `https://node:3000`, `ssh://user@node`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Where the daemon is, as `--host`, `HIVEMIND_HOST` and the contexts write it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Host {
    Unix(PathBuf),
    /// A daemon's HTTPS port, as `node:port`.
    Https(String),
    /// A machine reached over SSH, as `user@node` or `node`, with an optional `:port`.
    Ssh(String),
}

#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ParseHostError {
    #[error("`{0}` is not a host: write unix:///path, https://node:3000 or ssh://user@node")]
    Scheme(String),
    #[error("`{0}` has no absolute path: write unix:///run/hivemind/hivemind.sock")]
    SocketPath(String),
    #[error("`{0}` names no node: write https://node:3000 or ssh://user@node")]
    NoNode(String),
    #[error("`{0}` has a port that is no number from 1 to 65535")]
    Port(String),
    #[error("`{0}` has a path: only the node and its port belong here")]
    Path(String),
}

impl FromStr for Host {
    type Err = ParseHostError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let shown = || text.chars().take(80).collect::<String>();
        if let Some(path) = text.strip_prefix("unix://") {
            if !path.starts_with('/') || path.contains('\0') {
                return Err(ParseHostError::SocketPath(shown()));
            }
            return Ok(Self::Unix(PathBuf::from(path)));
        }
        let (rest, to_host): (&str, fn(String) -> Self) =
            if let Some(rest) = text.strip_prefix("https://") {
                (rest, Self::Https)
            } else if let Some(rest) = text.strip_prefix("ssh://") {
                (rest, Self::Ssh)
            } else {
                return Err(ParseHostError::Scheme(shown()));
            };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains('/') {
            return Err(ParseHostError::Path(shown()));
        }
        let node = rest.rsplit_once('@').map_or(rest, |(_, node)| node);
        let (name, port) = split_port(node);
        if name.is_empty()
            || name.starts_with('-')
            || rest.starts_with(['-', '@'])
            || rest.contains(char::is_whitespace)
        {
            return Err(ParseHostError::NoNode(shown()));
        }
        if port.is_some_and(|port| !matches!(port.parse::<u16>(), Ok(1..))) {
            return Err(ParseHostError::Port(shown()));
        }
        Ok(to_host(rest.to_owned()))
    }
}

/// Splits `node:port` and `[::1]:port`.
fn split_port(node: &str) -> (&str, Option<&str>) {
    if let Some(inside) = node.strip_prefix('[') {
        return match inside.split_once(']') {
            Some((name, "")) => (name, None),
            Some((name, after)) => (name, Some(after.strip_prefix(':').unwrap_or_default())),
            None => ("", None),
        };
    }
    match node.split_once(':') {
        Some((name, port)) => (name, Some(port)),
        None => (node, None),
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Https(node) => write!(f, "https://{node}"),
            Self::Ssh(node) => write!(f, "ssh://{node}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for text in [
            "unix:///run/hivemind/hivemind.sock",
            "https://node1:3000",
            "https://[fd00::1]:3000",
            "ssh://root@10.0.0.1",
            "ssh://node:2222",
        ] {
            assert_eq!(text.parse::<Host>().expect(text).to_string(), text);
        }
        assert_eq!("ssh://node/".parse::<Host>(), Ok(Host::Ssh("node".into())));
    }

    #[test]
    fn what_is_no_host_is_refused_with_what_to_write() {
        type Wrong = fn(String) -> ParseHostError;
        let cases: [(&str, Wrong); 12] = [
            ("", ParseHostError::Scheme),
            ("node1:3000", ParseHostError::Scheme),
            ("http://node1:3000", ParseHostError::Scheme),
            ("unix://hivemind.sock", ParseHostError::SocketPath),
            ("https://", ParseHostError::NoNode),
            ("https://:3000", ParseHostError::NoNode),
            ("ssh://-oProxyCommand=x", ParseHostError::NoNode),
            ("ssh://user@-x", ParseHostError::NoNode),
            ("ssh://two words", ParseHostError::NoNode),
            ("https://node:0", ParseHostError::Port),
            ("https://[::1]3000", ParseHostError::Port),
            ("https://node:3000/api", ParseHostError::Path),
        ];
        for (text, error) in cases {
            assert_eq!(text.parse::<Host>(), Err(error(text.into())), "{text}");
        }
    }
}
