//! HTTP/1.1 as a client needs it: one request, one answer, over any stream of bytes.
//!
//! Written on httparse instead of ureq because it was measured: in the `dist` profile a small program grows by 243 KB with
//! ureq and by 24 KB with this, and a unix socket needs none of what ureq adds (pools, proxies, redirects, cookies).

use std::io::{self, BufRead, BufReader, Read, Take, Write};

use hm_api::{JSON, Method};

/// More than any honest answer; keeps a broken peer from filling the memory.
const MAX_BODY: u64 = 256 * 1024 * 1024;
const MAX_HEAD: u64 = 64 * 1024;
const MAX_HEADERS: usize = 64;

#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) method: Method,
    pub(crate) path: &'a str,
    pub(crate) body: Option<&'a [u8]>,
    pub(crate) token: Option<&'a str>,
}

/// Sends one request. The connection serves only this one: over a unix socket a new one costs microseconds.
pub(crate) fn send(out: &mut impl Write, request: &Request<'_>) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(256 + request.body.map_or(0, <[u8]>::len));
    write!(
        bytes,
        "{} {} HTTP/1.1\r\nhost: localhost\r\n",
        request.method.as_str(),
        request.path
    )?;
    write!(
        bytes,
        "connection: close\r\nuser-agent: hivemind/{}\r\n",
        env!("CARGO_PKG_VERSION")
    )?;
    if let Some(token) = request.token {
        write!(bytes, "authorization: Bearer {token}\r\n")?;
    }
    match request.body {
        Some(body) => {
            write!(
                bytes,
                "content-type: {JSON}\r\ncontent-length: {}\r\n\r\n",
                body.len()
            )?;
            bytes.extend_from_slice(body);
        }
        None if request.method == Method::Get => bytes.extend_from_slice(b"\r\n"),
        None => bytes.extend_from_slice(b"content-length: 0\r\n\r\n"),
    }
    out.write_all(&bytes)?;
    out.flush()
}

/// An answer whose head has been read and whose body is still to come.
#[derive(Debug)]
pub(crate) struct Response<R> {
    pub(crate) status: u16,
    pub(crate) body: Body<R>,
}

/// The body of an answer, as a reader. An end that comes too early is an error, never a shorter body.
#[derive(Debug)]
pub(crate) struct Body<R> {
    stream: BufReader<R>,
    left: Left,
}

#[derive(Debug)]
enum Left {
    Sized(u64),
    /// Bytes left of this chunk; none means that the next thing is a chunk's size.
    Chunk(Option<u64>),
    UntilClose,
    Nothing,
}

pub(crate) fn receive<R: Read>(stream: R) -> io::Result<Response<R>> {
    let mut stream = BufReader::new(stream);
    loop {
        let (status, left) = read_head(&mut stream)?;
        // 1xx answers only announce the real one.
        if status >= 200 {
            return Ok(Response {
                status,
                body: Body { stream, left },
            });
        }
    }
}

fn read_head(stream: &mut impl BufRead) -> io::Result<(u16, Left)> {
    let mut head = Vec::with_capacity(512);
    let mut limited: Take<_> = stream.take(MAX_HEAD);
    while !head.ends_with(b"\r\n\r\n") {
        if limited.read_until(b'\n', &mut head)? == 0 {
            return Err(if head.is_empty() {
                closed()
            } else {
                broken("the answer's head ends too early")
            });
        }
    }
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    response
        .parse(&head)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    let status = response
        .code
        .ok_or_else(|| broken("the answer has no status"))?;
    let mut left = Left::UntilClose;
    for header in response.headers.iter() {
        let value = std::str::from_utf8(header.value).unwrap_or_default().trim();
        if header.name.eq_ignore_ascii_case("transfer-encoding")
            && value.eq_ignore_ascii_case("chunked")
        {
            left = Left::Chunk(None);
        } else if header.name.eq_ignore_ascii_case("content-length")
            && !matches!(left, Left::Chunk(_))
        {
            left = Left::Sized(
                value
                    .parse()
                    .map_err(|_| broken("the answer's length is no number"))?,
            );
        }
    }
    if status < 200 || status == 204 || status == 304 {
        left = Left::Nothing;
    }
    Ok((status, left))
}

impl<R: Read> Body<R> {
    pub(crate) fn read_all(self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.take(MAX_BODY + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_BODY {
            return Err(broken("the answer is larger than 256 MiB"));
        }
        Ok(bytes)
    }

    pub(crate) fn stream_mut(&mut self) -> &mut R {
        self.stream.get_mut()
    }

    /// Reads the size of the next chunk; the one of size 0 ends the body.
    fn next_chunk(&mut self) -> io::Result<u64> {
        let line = self.chunk_line()?;
        let digits = line.split(|byte| *byte == b';').next().unwrap_or_default();
        let size = std::str::from_utf8(digits)
            .ok()
            .and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok());
        let size = size.ok_or_else(|| broken("a chunk's size is no number"))?;
        if size == 0 {
            while !self.chunk_line()?.is_empty() {}
        }
        Ok(size)
    }

    fn chunk_line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        (&mut self.stream)
            .take(MAX_HEAD)
            .read_until(b'\n', &mut line)?;
        if line.pop() != Some(b'\n') {
            return Err(closed());
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(line)
    }
}

impl<R: Read> Read for Body<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if let Left::Chunk(None) = self.left {
            self.left = match self.next_chunk()? {
                0 => Left::Nothing,
                size => Left::Chunk(Some(size)),
            };
        }
        let left = match self.left {
            Left::UntilClose => return self.stream.read(buffer),
            Left::Nothing | Left::Sized(0) => return Ok(0),
            Left::Chunk(size) => size.unwrap_or_default(),
            Left::Sized(size) => size,
        };
        let wanted = usize::try_from(left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let got = self.stream.read(&mut buffer[..wanted])?;
        if got == 0 {
            return Err(closed());
        }
        let left = left - got as u64;
        match self.left {
            Left::Chunk(_) if left == 0 => {
                self.chunk_line()?;
                self.left = Left::Chunk(None);
            }
            Left::Chunk(_) => self.left = Left::Chunk(Some(left)),
            Left::Sized(_) | Left::UntilClose | Left::Nothing => self.left = Left::Sized(left),
        }
        Ok(got)
    }
}

fn closed() -> io::Error {
    io::Error::new(
        io::ErrorKind::UnexpectedEof,
        "the connection was closed in the middle of the answer",
    )
}

fn broken(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &str) -> io::Result<(u16, String)> {
        let response = receive(text.as_bytes())?;
        let status = response.status;
        let body = response.body.read_all()?;
        Ok((status, String::from_utf8(body).expect("tests use text")))
    }

    #[test]
    fn a_body_ends_as_its_head_says() {
        let cases = [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]rest", "[]"),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n[\r\n1;x=y\r\n]\r\n0\r\n\r\n",
                "[]",
            ),
            ("HTTP/1.0 200 OK\r\n\r\n[]", "[]"),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
                "",
            ),
        ];
        for (text, body) in cases {
            assert_eq!(answer(text).expect(text), (200, body.to_owned()), "{text}");
        }
        assert_eq!(
            answer("HTTP/1.1 204 No Content\r\n\r\n").expect("no body"),
            (204, String::new())
        );
    }

    #[test]
    fn an_answer_cut_short_is_an_error_and_says_how() {
        let cases = [
            ("", io::ErrorKind::UnexpectedEof),
            ("HTTP/1.1 200 OK\r\ncontent-le", io::ErrorKind::InvalidData),
            (
                "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n[]",
                io::ErrorKind::UnexpectedEof,
            ),
            (
                "HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n[]",
                io::ErrorKind::InvalidData,
            ),
            (
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n[]",
                io::ErrorKind::UnexpectedEof,
            ),
            (
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n[]",
                io::ErrorKind::InvalidData,
            ),
            ("SSH-2.0-OpenSSH_9.2\r\n\r\n", io::ErrorKind::InvalidData),
        ];
        for (text, kind) in cases {
            assert_eq!(answer(text).expect_err(text).kind(), kind, "{text}");
        }
    }

    #[test]
    fn every_cut_of_a_chunked_answer_is_noticed() {
        let whole =
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        assert_eq!(answer(whole).expect("whole").1, "abcde");
        for cut in 0..whole.len() {
            assert!(answer(&whole[..cut]).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn a_request_says_its_length() {
        let mut out = Vec::new();
        let request = Request {
            method: Method::Put,
            path: "/api/settings/a.b",
            body: Some(b"{}"),
            token: Some("secret"),
        };
        send(&mut out, &request).expect("memory");
        let text = String::from_utf8(out).expect("text");
        assert!(
            text.starts_with("PUT /api/settings/a.b HTTP/1.1\r\nhost: localhost\r\n"),
            "{text}"
        );
        assert!(
            text.contains("\r\nauthorization: Bearer secret\r\n"),
            "{text}"
        );
        assert!(text.ends_with("content-length: 2\r\n\r\n{}"), "{text}");
    }
}
