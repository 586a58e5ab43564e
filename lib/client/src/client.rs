//! Calls: one request, one answer.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use hm_api::health::Health;
use hm_api::{List, Method, Operation, Problem, query};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::http::{self, Request, Response};
use crate::{ClientError, Host};

/// How long a call may take when nobody says otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// Talks to one daemon. Holds no connection: each call opens its own.
#[derive(Clone, Debug)]
pub struct Client {
    host: Host,
    timeout: Duration,
    token: Option<Token>,
}

impl Client {
    pub fn new(host: Host, timeout: Duration) -> Self {
        Self {
            host,
            timeout,
            token: None,
        }
    }

    /// Shows a token with every request: who is neither root nor in the group must.
    #[must_use]
    pub fn with_token(self, token: Token) -> Self {
        Self {
            token: Some(token),
            ..self
        }
    }

    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Calls an operation that takes no body; `parameters` fill its path.
    pub fn call<T: DeserializeOwned>(
        &self,
        operation: Operation,
        parameters: &[&str],
    ) -> Result<T, ClientError> {
        self.decode(&self.request(operation.method(), &operation.path_of(parameters), None)?)
    }

    /// Calls an operation whose answer has no body worth reading.
    pub fn order(&self, operation: Operation, parameters: &[&str]) -> Result<(), ClientError> {
        self.request(operation.method(), &operation.path_of(parameters), None)
            .map(drop)
    }

    /// Calls an operation with a body.
    pub fn send<B: Serialize, T: DeserializeOwned>(
        &self,
        operation: Operation,
        parameters: &[&str],
        body: &B,
    ) -> Result<T, ClientError> {
        let body = serde_json::to_vec(body).map_err(|source| self.unexpected(source))?;
        self.decode(&self.request(
            operation.method(),
            &operation.path_of(parameters),
            Some(&body),
        )?)
    }

    /// How the daemon is. One that is not well says so with status 503 and the same body.
    pub fn health(&self) -> Result<Health, ClientError> {
        let operation = Operation::Health;
        let response = self.open(operation.method(), operation.path(), None)?;
        let status = response.status;
        let body = response
            .body
            .read_all()
            .map_err(|error| self.receiving(error))?;
        match serde_json::from_slice(&body) {
            Ok(health) => Ok(health),
            Err(source) if (200..300).contains(&status) => Err(self.unexpected(source)),
            Err(_) => Err(self.refused(status, &body)),
        }
    }

    /// A whole list, page by page.
    pub fn list<Q: Serialize, T: DeserializeOwned>(
        &self,
        operation: Operation,
        query: &Q,
    ) -> Result<Vec<T>, ClientError> {
        let query = query::encode(query);
        let mut items = Vec::new();
        let mut next = None;
        loop {
            let path = page_path(operation, &query, next.as_deref());
            let page: List<T> = self.decode(&self.request(operation.method(), &path, None)?)?;
            items.extend(page.items);
            next = page.next;
            if next.is_none() {
                return Ok(items);
            }
        }
    }

    /// One request, and the body of its answer. Everything else here is a thin shell around this.
    pub fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<&[u8]>,
    ) -> Result<Vec<u8>, ClientError> {
        let response = self.accepted(method, path, body)?;
        response
            .body
            .read_all()
            .map_err(|error| self.receiving(error))
    }

    /// Sends a request and reads the head of its answer; an error status becomes an error.
    pub(crate) fn accepted(
        &self,
        method: Method,
        path: &str,
        body: Option<&[u8]>,
    ) -> Result<Response<Connection>, ClientError> {
        let response = self.open(method, path, body)?;
        if (200..300).contains(&response.status) {
            return Ok(response);
        }
        let status = response.status;
        let body = response
            .body
            .read_all()
            .map_err(|error| self.receiving(error))?;
        Err(self.refused(status, &body))
    }

    /// Sends a request and reads the head of its answer, whatever it says.
    fn open(
        &self,
        method: Method,
        path: &str,
        body: Option<&[u8]>,
    ) -> Result<Response<Connection>, ClientError> {
        let mut connection = self.connect()?;
        let request = Request {
            method,
            path,
            body,
            token: self.token.as_ref().map(|token| token.0.as_str()),
        };
        // A daemon that refuses early answers and closes before it has read all: its answer is still worth reading.
        let sent = http::send(&mut connection, &request);
        match (http::receive(connection), sent) {
            (Ok(response), _) => Ok(response),
            (Err(_), Err(source)) if !is_timeout(&source) => Err(ClientError::Send {
                host: self.host.clone(),
                source,
            }),
            (Err(error), _) => Err(self.receiving(error)),
        }
    }

    fn refused(&self, status: u16, body: &[u8]) -> ClientError {
        match serde_json::from_slice::<Problem>(body) {
            Ok(problem) => ClientError::Problem(Box::new(problem)),
            Err(_) => ClientError::Status {
                host: self.host.clone(),
                status,
            },
        }
    }

    fn connect(&self) -> Result<Connection, ClientError> {
        match &self.host {
            Host::Unix(path) => match UnixStream::connect(path) {
                Ok(stream) => Ok(Connection {
                    stream,
                    deadline: Instant::now().checked_add(self.timeout),
                }),
                Err(source) => Err(cannot_connect(path, source)),
            },
            Host::Https(_) | Host::Ssh(_) => Err(ClientError::NotBuilt {
                host: self.host.clone(),
            }),
        }
    }

    pub(crate) fn decode<T: DeserializeOwned>(&self, bytes: &[u8]) -> Result<T, ClientError> {
        serde_json::from_slice(bytes).map_err(|source| self.unexpected(source))
    }

    fn unexpected(&self, source: serde_json::Error) -> ClientError {
        ClientError::Unexpected {
            host: self.host.clone(),
            source,
        }
    }

    pub(crate) fn receiving(&self, source: io::Error) -> ClientError {
        let host = self.host.clone();
        if is_timeout(&source) {
            let after = self.timeout;
            ClientError::TimedOut { host, after }
        } else if is_closed(&source) {
            ClientError::Closed { host }
        } else {
            ClientError::Receive { host, source }
        }
    }
}

/// What proves who is calling. Never shown.
#[derive(Clone)]
pub struct Token(String);

#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a token: only letters, digits and `-._~+/=` are in one")]
pub struct ParseTokenError;

impl std::str::FromStr for Token {
    type Err = ParseTokenError;

    fn from_str(text: &str) -> Result<Self, ParseTokenError> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        if text.is_empty() || !text.bytes().all(fits) {
            return Err(ParseTokenError);
        }
        Ok(Self(text.to_owned()))
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token")
    }
}

fn page_path(operation: Operation, query: &str, next: Option<&str>) -> String {
    let mut path = operation.path_of(&[]);
    let mut separator = '?';
    let next = next.map(|next| {
        query::encode(&hm_api::list::PageQuery {
            limit: None,
            next: Some(next.to_owned()),
        })
    });
    for part in [Some(query), next.as_deref()]
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
    {
        path.push(separator);
        path.push_str(part);
        separator = '&';
    }
    path
}

fn cannot_connect(path: &Path, source: io::Error) -> ClientError {
    let path = path.to_owned();
    let kind = source.kind();
    if matches!(kind, io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) {
        ClientError::NoSocket { path }
    } else if kind == io::ErrorKind::PermissionDenied {
        ClientError::SocketDenied { path }
    } else if kind == io::ErrorKind::ConnectionRefused {
        ClientError::NotRunning { path }
    } else {
        ClientError::Connect { path, source }
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}

fn is_closed(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), UnexpectedEof | ConnectionReset | BrokenPipe)
}

/// One connection, bounded as a whole: many slow answers in small pieces are as late as one that never comes.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: UnixStream,
    deadline: Option<Instant>,
}

impl Connection {
    /// From here on it may wait as long as it likes.
    pub(crate) fn without_deadline(&mut self) -> io::Result<()> {
        self.deadline = None;
        self.stream.set_read_timeout(None)
    }

    fn left(&self) -> io::Result<Option<Duration>> {
        match self
            .deadline
            .map(|deadline| deadline.saturating_duration_since(Instant::now()))
        {
            Some(Duration::ZERO) => Err(io::ErrorKind::TimedOut.into()),
            left => Ok(left),
        }
    }
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(left) = self.left()? {
            self.stream.set_read_timeout(Some(left))?;
        }
        self.stream.read(buffer)
    }
}

impl Write for Connection {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        if let Some(left) = self.left()? {
            self.stream.set_write_timeout(Some(left))?;
        }
        self.stream.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
