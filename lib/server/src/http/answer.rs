//! Responses: bodies, problems, and the headers every one of them carries.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use hm_api::{
    API_HEADER, API_VERSION, ErrorCode, JSON, NDJSON, PROBLEM_JSON, Problem, REQUEST_ID_HEADER,
};
use hm_model::RequestId;
use serde::Serialize;

/// What a handler answers when all went well.
pub(super) enum Reply {
    Json(Bytes),
    /// A report of bad news: status 503, the same body.
    Down(Bytes),
    Nothing,
    Lines(Body),
}

/// What the door says instead, with a header that belongs to it.
#[derive(Debug)]
pub(super) struct Denied {
    /// Boxed: every result in the choke point carries room for it.
    problem: Box<Problem>,
    header: Option<(HeaderName, String)>,
}

impl Reply {
    pub(super) fn json<T: Serialize>(value: &T) -> Result<Self, Problem> {
        to_json(value).map(Self::Json)
    }
}

pub(super) fn to_json<T: Serialize>(value: &T) -> Result<Bytes, Problem> {
    let bytes = serde_json::to_vec(value).map_err(|error| {
        Problem::new(
            ErrorCode::Internal,
            format!("the answer cannot be written: {error}"),
        )
    })?;
    Ok(Bytes::from(bytes))
}

impl Denied {
    pub(super) fn with(problem: Problem, name: HeaderName, value: String) -> Self {
        Self {
            problem: Box::new(problem),
            header: Some((name, value)),
        }
    }
}

impl From<Problem> for Denied {
    fn from(problem: Problem) -> Self {
        let challenge = (problem.code == ErrorCode::Unauthenticated)
            .then(|| (header::WWW_AUTHENTICATE, "Bearer".to_owned()));
        Self {
            problem: Box::new(problem),
            header: challenge,
        }
    }
}

/// The response to a request that went well; `status` is the table's.
pub(super) fn success(reply: Reply, status: u16) -> Response {
    let (status, kind, body) = match reply {
        Reply::Json(bytes) => (status, Some(JSON), Body::from(bytes)),
        Reply::Down(bytes) => (503, Some(JSON), Body::from(bytes)),
        Reply::Nothing => (status, None, Body::empty()),
        Reply::Lines(body) => (status, Some(NDJSON), body),
    };
    respond(status, kind, body)
}

pub(super) fn denied(denied: Denied) -> Response {
    let Denied { problem, header } = denied;
    let body = serde_json::to_vec(problem.as_ref()).unwrap_or_default();
    let mut response = respond(problem.status, Some(PROBLEM_JSON), Body::from(body));
    if let Some((name, value)) = header
        && let Ok(value) = HeaderValue::try_from(value)
    {
        response.headers_mut().insert(name, value);
    }
    response
}

fn respond(status: u16, kind: Option<&'static str>, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Some(kind) = kind {
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    response
}

/// Puts on what every response carries.
pub(super) fn stamp(response: &mut Response, request: RequestId) {
    let headers = response.headers_mut();
    headers.insert(
        HeaderName::from_static(API_HEADER),
        HeaderValue::from_static(API_VERSION),
    );
    if let Ok(id) = HeaderValue::try_from(request.to_string()) {
        headers.insert(HeaderName::from_static(REQUEST_ID_HEADER), id);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
}
