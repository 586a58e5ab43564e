//! A daemon that is played: a unix socket that gives the answers it was told to.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, JoinHandle};

use hm_api::{ErrorCode, Problem};
use serde::Serialize;

/// What the daemon answers to one request.
pub(crate) enum Reply {
    Whole {
        status: u16,
        body: String,
    },
    /// Pieces of a body as they come; the connection closes when the sender is gone.
    Stream(mpsc::Receiver<String>),
    /// Closes without a word.
    Hangup,
    /// Never answers, until the other side gives up.
    Silence,
}

impl Reply {
    pub(crate) fn json(body: &impl Serialize) -> Self {
        Self::status(200, body)
    }

    pub(crate) fn status(status: u16, body: &impl Serialize) -> Self {
        Self::Whole {
            status,
            body: serde_json::to_string(body).expect("JSON"),
        }
    }

    pub(crate) fn list(items: &(impl Serialize + ?Sized)) -> Self {
        Self::json(&serde_json::json!({"items": items, "revision": 7}))
    }

    pub(crate) fn problem(code: ErrorCode, detail: &str) -> Self {
        Self::status(code.status(), &Problem::new(code, detail))
    }
}

type Script = BTreeMap<String, Vec<Reply>>;

/// Plays until it is dropped. Replies to the same request are given in order, the last one over and over if it is whole.
pub(crate) struct PlayedDaemon {
    stop: Arc<AtomicBool>,
    heard: Arc<Mutex<Vec<String>>>,
    socket: std::path::PathBuf,
    thread: Option<JoinHandle<()>>,
}

impl PlayedDaemon {
    pub(crate) fn start(socket: &Path, script: Vec<(&str, Reply)>) -> Self {
        let listener = UnixListener::bind(socket).expect("a free socket");
        let mut replies = Script::new();
        for (request, reply) in script {
            replies.entry(request.to_owned()).or_default().push(reply);
        }
        let (stop, heard) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(Mutex::new(Vec::new())),
        );
        let (stopped, hear) = (Arc::clone(&stop), Arc::clone(&heard));
        let thread = thread::spawn(move || {
            let mut silent = Vec::new();
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    break;
                }
                silent.extend(answer(stream.expect("a connection"), &mut replies, &hear));
            }
        });
        Self {
            stop,
            heard,
            socket: socket.to_owned(),
            thread: Some(thread),
        }
    }

    /// The requests so far: method, path, body.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("no panic").clone()
    }
}

impl Drop for PlayedDaemon {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the thread; it may be gone already.
        let _ = UnixStream::connect(&self.socket);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        let _ = std::fs::remove_file(&self.socket);
    }
}

/// Answers one request; gives back the connection when it is to stay open without an answer.
fn answer(
    stream: UnixStream,
    replies: &mut Script,
    heard: &Mutex<Vec<String>>,
) -> Option<UnixStream> {
    let (request, body) = read_request(&stream)?;
    heard
        .lock()
        .expect("no panic")
        .push(format!("{request} {body}").trim_end().to_owned());
    let mut stream = stream;
    match take(replies, &request) {
        Reply::Whole { status, body } => {
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            // The command may be gone already.
            let _ = stream
                .write_all(head.as_bytes())
                .and_then(|()| stream.write_all(body.as_bytes()));
            None
        }
        Reply::Stream(pieces) => {
            thread::spawn(move || {
                let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
                let mut alive = stream.write_all(head.as_bytes());
                for piece in pieces {
                    alive = alive.and_then(|()| write!(stream, "{:x}\r\n{piece}\r\n", piece.len()));
                }
            });
            None
        }
        Reply::Hangup => None,
        Reply::Silence => Some(stream),
    }
}

fn take(replies: &mut Script, request: &str) -> Reply {
    let Some(left) = replies.get_mut(request).filter(|left| !left.is_empty()) else {
        return Reply::problem(
            ErrorCode::NotFound,
            &format!("the test has no answer to {request}"),
        );
    };
    if left.len() > 1 {
        return left.remove(0);
    }
    match &left[0] {
        Reply::Whole { status, body } => Reply::Whole {
            status: *status,
            body: body.clone(),
        },
        Reply::Silence => Reply::Silence,
        Reply::Hangup => Reply::Hangup,
        Reply::Stream(_) => left.remove(0),
    }
}

/// The request line without the version, and the body; none when the other side only knocked.
fn read_request(stream: &UnixStream) -> Option<(String, String)> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader
        .read_line(&mut line)
        .ok()
        .filter(|length| *length > 0)?;
    let request = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        if header.trim_end().is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length: ") {
            length = value.trim_end().parse().expect("a length");
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((request, String::from_utf8(body).expect("text")))
}
