//! The daemon's API over its unix socket, in the plainest HTTP/1.1 there is: what a test says does not depend on our client.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use crate::KitError;

/// Where a daemon listens.
#[derive(Clone, Debug)]
pub struct Api {
    socket: PathBuf,
    within: Duration,
}

/// What came back, whatever it says.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// `Null` when there is no body, or none that is JSON.
    pub body: Value,
}

impl Answer {
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The `code` of an error.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

impl Api {
    pub fn new(socket: impl Into<PathBuf>) -> Self {
        Self {
            socket: socket.into(),
            within: Duration::from_secs(10),
        }
    }

    /// How long one call may take: 10 s unless told.
    #[must_use]
    pub fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }

    /// The body of a successful answer.
    pub fn get(&self, path: &str) -> Result<Value, KitError> {
        self.accepted("GET", path, None)
    }

    pub fn post(&self, path: &str, body: &Value) -> Result<Value, KitError> {
        self.accepted("POST", path, Some(body))
    }

    pub fn put(&self, path: &str, body: &Value) -> Result<Value, KitError> {
        self.accepted("PUT", path, Some(body))
    }

    /// One request on a connection of its own; an error status is an answer too.
    pub fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer, KitError> {
        self.exchange(method, path, body)
            .map_err(|source| KitError::Call {
                method: method.to_owned(),
                path: path.to_owned(),
                socket: self.socket.clone(),
                source,
            })
    }

    fn accepted(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, KitError> {
        let answer = self.call(method, path, body)?;
        if answer.is_ok() {
            return Ok(answer.body);
        }
        Err(KitError::Refused {
            method: method.to_owned(),
            path: path.to_owned(),
            status: answer.status,
            body: answer.body.to_string(),
        })
    }

    fn exchange(&self, method: &str, path: &str, body: Option<&Value>) -> io::Result<Answer> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let kind = if body.is_empty() {
            ""
        } else {
            "content-type: application/json\r\n"
        };
        let length = body.len();
        let mut stream = UnixStream::connect(&self.socket)?;
        stream.set_read_timeout(Some(self.within))?;
        stream.set_write_timeout(Some(self.within))?;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{kind}content-length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(body.as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        read(&answer)
    }
}

/// Reads a whole answer. A connection that broke in the middle is an error: nobody knows what happened.
fn read(answer: &[u8]) -> io::Result<Answer> {
    let broken = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let text = std::str::from_utf8(answer).map_err(io::Error::other)?;
    let (head, body) = text
        .split_once("\r\n\r\n")
        .ok_or_else(|| broken("no whole answer"))?;
    let mut lines = head.lines();
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1)?.parse().ok())
        .ok_or_else(|| broken("no status"))?;
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("transfer-encoding") {
            return Err(broken("an answer in pieces"));
        }
        if name.eq_ignore_ascii_case("content-length") && value.trim().parse() != Ok(body.len()) {
            return Err(broken("half an answer"));
        }
    }
    Ok(Answer {
        status,
        body: serde_json::from_str(body).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use std::io::BufRead;
    use std::os::unix::net::UnixListener;

    use serde_json::json;

    use super::*;
    use crate::TempHome;

    /// Answers one request with this, and returns the request's first line.
    fn serve(answer: &'static str, call: impl FnOnce(&Api) + Send) -> String {
        let home = TempHome::new().expect("a home");
        let socket = home.run().join("s");
        let listener = UnixListener::bind(&socket).expect("a socket");
        std::thread::scope(|scope| {
            scope.spawn(|| call(&Api::new(&socket)));
            let (mut stream, _) = listener.accept().expect("a caller");
            let mut request = io::BufReader::new(stream.try_clone().expect("a second handle"));
            let head: Vec<String> = request
                .by_ref()
                .lines()
                .map(|line| line.expect("text"))
                .take_while(|line| !line.is_empty())
                .collect();
            let length = head
                .iter()
                .find_map(|line| line.strip_prefix("content-length: "));
            let length: u64 = length
                .and_then(|length| length.parse().ok())
                .expect("a length");
            io::copy(&mut request.take(length), &mut io::sink()).expect("a body");
            stream.write_all(answer.as_bytes()).expect("written");
            head[0].clone()
        })
    }

    #[test]
    fn an_answer_is_its_status_and_its_json() {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{\"a\": 1}";
        let line = serve(answer, |api| {
            assert_eq!(api.get("/api/x").expect("an answer"), json!({"a": 1}))
        });
        assert_eq!(line, "GET /api/x HTTP/1.1");
    }

    #[test]
    fn a_refusal_is_an_answer_with_a_code() {
        let answer = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 20\r\n\r\n{\"code\":\"no_quorum\"}";
        serve(answer, |api| {
            let answer = api
                .call("PUT", "/api/x", Some(&json!({})))
                .expect("an answer");
            assert_eq!(
                (answer.status, answer.code(), answer.is_ok()),
                (503, "no_quorum", false)
            );
        });
        serve(answer, |api| {
            let refused = api.put("/api/x", &json!({})).expect_err("a refusal");
            assert!(
                refused.to_string().starts_with("PUT /api/x answered 503: "),
                "{refused}"
            );
        });
    }

    #[test]
    fn half_an_answer_is_no_answer() {
        serve(
            "HTTP/1.1 200 OK\r\nContent-Length: 80\r\n\r\n{\"a\": 1}",
            |api| {
                api.get("/api/x").expect_err("it broke");
            },
        );
        serve("HTTP/1.1 200 OK\r\nConte", |api| {
            api.get("/api/x").expect_err("it broke");
        });
    }
}
