//! Watching: changes as they come, over reconnects.

use std::io::{BufRead, BufReader};
use std::thread;
use std::time::{Duration, Instant};

use hm_api::watch::{Kind, WatchLine, WatchQuery};
use hm_api::{ErrorCode, Operation, query};
use serde_json::Value;

use crate::client::Connection;
use crate::http::Body;
use crate::{Client, ClientError};

/// How long a daemon may be away (a restart, an upgrade) before a watch gives up.
pub const PATIENCE: Duration = Duration::from_secs(30);
const RETRY: Duration = Duration::from_millis(200);

/// What a watch tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Forget everything: what there is now follows.
    Restart,
    Put {
        kind: Kind,
        key: String,
        object: Value,
    },
    Delete {
        kind: Kind,
        key: String,
    },
    /// All that was there when the watch began has been told.
    Current,
}

/// An endless stream of changes. Survives a restart of the daemon; ends only with an error.
#[derive(Debug)]
pub struct Watch {
    client: Client,
    query: WatchQuery,
    lines: Option<BufReader<Body<Connection>>>,
    restarted: bool,
    /// Whether this connection has told anything: one that only fails is not tried again.
    fruitful: bool,
}

impl Client {
    /// Starts to watch: first comes everything there is, then every change.
    pub fn watch(&self, kinds: &[Kind]) -> Result<Watch, ClientError> {
        let mut watch = Watch {
            client: self.clone(),
            query: WatchQuery {
                kinds: kinds.to_vec(),
                from: None,
            },
            lines: None,
            restarted: false,
            fruitful: false,
        };
        watch.connect()?;
        Ok(watch)
    }
}

impl Watch {
    /// Waits for the next change.
    #[expect(
        clippy::should_implement_trait,
        reason = "it never ends, so it is no iterator"
    )]
    pub fn next(&mut self) -> Result<Change, ClientError> {
        loop {
            if std::mem::take(&mut self.restarted) {
                return Ok(Change::Restart);
            }
            match self.read_line()? {
                None => self.reconnect()?,
                Some(line) => {
                    if let Some(change) = self.take(line)? {
                        return Ok(change);
                    }
                }
            }
        }
    }

    /// The next line; none when the connection is over.
    fn read_line(&mut self) -> Result<Option<WatchLine>, ClientError> {
        let Some(lines) = &mut self.lines else {
            return Ok(None);
        };
        let mut line = Vec::new();
        match lines.read_until(b'\n', &mut line) {
            // A line without its end was cut off: it comes again.
            Ok(_) if line.last() == Some(&b'\n') => self.client.decode(&line).map(Some),
            Ok(_) => Ok(None),
            Err(error) => {
                let error = self.client.receiving(error);
                let over = matches!(error, ClientError::Closed { .. });
                if over { Ok(None) } else { Err(error) }
            }
        }
    }

    fn take(&mut self, line: WatchLine) -> Result<Option<Change>, ClientError> {
        match line {
            WatchLine::Put {
                revision,
                kind,
                key,
                object,
            } => {
                self.told(revision);
                Ok(Some(Change::Put { kind, key, object }))
            }
            WatchLine::Delete {
                revision,
                kind,
                key,
            } => {
                self.told(revision);
                Ok(Some(Change::Delete { kind, key }))
            }
            WatchLine::Bookmark { revision } => {
                self.fruitful = true;
                let first = self.query.from.replace(revision).is_none();
                Ok(first.then_some(Change::Current))
            }
            WatchLine::Error { problem } => {
                if problem.code == ErrorCode::Compacted {
                    self.query.from = None;
                } else if !self.fruitful {
                    return Err(ClientError::Problem(Box::new(problem)));
                }
                self.lines = None;
                Ok(None)
            }
        }
    }

    /// Remembers where to resume. While the list is incomplete there is nowhere to resume: it is told anew.
    fn told(&mut self, revision: u64) {
        self.fruitful = true;
        if let Some(from) = &mut self.query.from {
            *from = revision;
        }
    }

    fn connect(&mut self) -> Result<(), ClientError> {
        let path = format!("{}?{}", Operation::Watch.path(), query::encode(&self.query));
        let mut response = self
            .client
            .accepted(Operation::Watch.method(), &path, None)?;
        response
            .body
            .stream_mut()
            .without_deadline()
            .map_err(|error| self.client.receiving(error))?;
        self.fruitful = false;
        self.lines = Some(BufReader::new(response.body));
        Ok(())
    }

    fn reconnect(&mut self) -> Result<(), ClientError> {
        let until = Instant::now() + PATIENCE;
        loop {
            thread::sleep(RETRY);
            // Without a bookmark, or after one that is no longer kept, everything is told anew.
            let anew = self.query.from.is_none();
            match self.connect() {
                Ok(()) => {
                    self.restarted = anew;
                    return Ok(());
                }
                Err(ClientError::Problem(problem))
                    if problem.code == ErrorCode::Compacted && !anew =>
                {
                    self.query.from = None;
                }
                Err(error) if !error.is_passing() || Instant::now() >= until => return Err(error),
                Err(_) => {}
            }
        }
    }
}
