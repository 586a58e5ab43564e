//! The choke point: every request, whatever door it came by, passes here and nowhere else.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header;
use axum::http::request::Parts as Head;
use axum::response::Response;
use bytes::Bytes;
use hm_api::route::{Audit, Route};
use hm_api::{ErrorCode, Problem};
use hm_model::{NodeId, RequestId, Timestamp, Via};
use tokio::time::Instant;

use super::answer::{self, Denied};
use super::audit::AuditEvent;
use super::call::Call;
use super::forward::{self, Forwarded};
use super::identity::{self, Authenticated, Entrance};
use super::matching::{self, Found};
use super::{Door, body, request_id};

/// How long a request may take, its body included. A stream must have begun by then.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// A request whose caller is known.
struct Asked<'a> {
    request: RequestId,
    caller: &'a Authenticated,
    via: Via,
    /// The door as the audit writes it.
    door: String,
    method: &'a str,
    path: &'a str,
    query: &'a str,
}

/// Whether a request may be handed on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Hops {
    First,
    /// Another node has handed it on: it is answered here or not at all.
    Last,
}

impl Door {
    /// Answers one request that came through an entrance.
    pub async fn answer(&self, entrance: &Entrance, request: Request) -> Response {
        let (head, body) = request.into_parts();
        let given = request_id::given(&head.headers);
        let request = match &given {
            Ok(Some(id)) => *id,
            Ok(None) | Err(_) => request_id::made_up(self.parts.random.as_ref()),
        };
        let limited = tokio::time::timeout(
            TIME_LIMIT,
            self.admit(entrance, given, request, (&head, body)),
        );
        let outcome = limited.await.unwrap_or_else(|_| Err(timed_out().into()));
        finish(outcome, request)
    }

    /// Answers a request that another node has handed on. Its certificate vouches for whom it names as the caller.
    pub async fn answer_forwarded(&self, from: NodeId, forwarded: Forwarded) -> Response {
        let request = forwarded.request;
        let caller = Authenticated {
            identity: forwarded.identity,
            refused: None,
        };
        let asked = Asked {
            request,
            caller: &caller,
            via: Via::Peer,
            door: Entrance::Node(from).to_string(),
            method: &forwarded.method,
            path: &forwarded.path,
            query: &forwarded.query,
        };
        let outcome = async {
            let (route, parameters) = self.route(&asked)?;
            if forwarded.body.len() > body::LIMIT {
                return Err(Problem::new(ErrorCode::TooLarge, "the body is too large").into());
            }
            self.execute(&asked, route, (parameters, forwarded.body), Hops::Last)
                .await
        };
        let outcome = tokio::time::timeout(TIME_LIMIT, outcome).await;
        finish(outcome.unwrap_or_else(|_| Err(timed_out().into())), request)
    }

    async fn admit(
        &self,
        entrance: &Entrance,
        given: Result<Option<RequestId>, Problem>,
        request: RequestId,
        (head, body): (&Head, Body),
    ) -> Result<Response, Denied> {
        let caller = identity::authenticate(entrance, &head.headers, self.parts.administrators);
        self.limit(entrance, &caller)?;
        given?;
        let asked = Asked {
            request,
            caller: &caller,
            via: entrance.via(),
            door: entrance.to_string(),
            method: head.method.as_str(),
            path: head.uri.path(),
            query: head.uri.query().unwrap_or_default(),
        };
        let (route, parameters) = self.route(&asked)?;
        let body = body::read(&route, &head.headers, body).await?;
        self.execute(&asked, route, (parameters, body), Hops::First)
            .await
    }

    fn limit(&self, entrance: &Entrance, caller: &Authenticated) -> Result<(), Denied> {
        let mut limits = self
            .limits
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        limits
            .take(entrance, &caller.identity, Instant::now())
            .map_err(|wait| {
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                let problem = Problem::new(
                    ErrorCode::RateLimited,
                    format!("too many requests: try again in {seconds} s"),
                );
                Denied::with(problem, header::RETRY_AFTER, seconds.to_string())
            })
    }

    /// The route, if there is one and this caller may take it. Refusals are written down.
    fn route(&self, asked: &Asked<'_>) -> Result<(Route, Vec<String>), Denied> {
        match matching::find(asked.method, asked.path) {
            Found::Route(route, parameters) => {
                if let Err(problem) = identity::authorize(asked.caller, route.access) {
                    self.note(asked, route.operation.name(), problem.code.name());
                    return Err(problem.into());
                }
                matching::check_parameters(&route, &parameters)?;
                hm_api::query::check(route.query, asked.query)
                    .map_err(|error| Problem::new(ErrorCode::Invalid, error.to_string()))?;
                Ok((route, parameters))
            }
            Found::OtherMethods(allow) => {
                let detail = format!(
                    "{} is not a method of {}; {allow} is",
                    shorten(asked.method),
                    shorten(asked.path)
                );
                Err(Denied::with(
                    Problem::new(ErrorCode::MethodNotAllowed, detail),
                    header::ALLOW,
                    allow,
                ))
            }
            Found::Nothing => Err(self.nothing(asked)),
        }
    }

    /// A path that is not ours. Strangers do not even learn that.
    fn nothing(&self, asked: &Asked<'_>) -> Denied {
        if asked.caller.identity == identity::Identity::Stranger {
            self.note(asked, "none", ErrorCode::Unauthenticated.name());
            return identity::unauthenticated(asked.caller).into();
        }
        Problem::new(
            ErrorCode::NotFound,
            format!("there is nothing at {}", shorten(asked.path)),
        )
        .with_hint("/api/openapi.json describes what there is")
        .into()
    }

    async fn execute(
        &self,
        asked: &Asked<'_>,
        route: Route,
        (parameters, body): (Vec<String>, Bytes),
        hops: Hops,
    ) -> Result<Response, Denied> {
        let server = self.parts.place.server();
        if server.is_none() && hops == Hops::First && !Self::is_local(route.operation) {
            return self.hand_on(asked, body).await;
        }
        if route.audit == Audit::Sensitive && !self.note(asked, route.operation.name(), "ok") {
            let problem = Problem::new(
                ErrorCode::Unavailable,
                "the audit log cannot keep up, and this is not read without it",
            );
            return Err(problem.into());
        }
        let call = Call {
            route,
            request: asked.request,
            identity: asked.caller.identity.clone(),
            via: asked.via,
            parameters,
            query: asked.query.to_owned(),
            body,
        };
        match self.handle(server, call).await {
            Ok(reply) => Ok(answer::success(reply, route.answer.status())),
            Err(problem) => Err(self.failed(asked, &route, problem).into()),
        }
    }

    async fn hand_on(&self, asked: &Asked<'_>, body: Bytes) -> Result<Response, Denied> {
        let forwarded = Forwarded {
            request: asked.request,
            identity: asked.caller.identity.clone(),
            method: asked.method.to_owned(),
            path: asked.path.to_owned(),
            query: asked.query.to_owned(),
            body,
        };
        let forwarded = self.parts.place.forward(forwarded).await;
        forwarded.map_err(|error| forward::problem_of(&error).into())
    }

    /// A refusal by a handler (a join with a wrong token) is a refusal like any other.
    fn failed(&self, asked: &Asked<'_>, route: &Route, problem: Problem) -> Problem {
        if matches!(
            problem.code,
            ErrorCode::Unauthenticated | ErrorCode::Forbidden
        ) {
            self.note(asked, route.operation.name(), problem.code.name());
        }
        if problem.code == ErrorCode::Internal {
            tracing::error!(request = %asked.request, operation = route.operation.name(), detail = problem.detail, "internal error");
        }
        problem
    }

    /// Writes an event down; answers whether that will happen.
    fn note(&self, asked: &Asked<'_>, operation: &str, outcome: &str) -> bool {
        let event = AuditEvent {
            time: Timestamp::from_micros(self.parts.clock.now_micros()),
            request: asked.request,
            actor: asked.caller.identity.to_string(),
            via: asked.door.clone(),
            operation: operation.to_owned(),
            target: format!("{} {}", shorten(asked.method), shorten(asked.path)),
            outcome: outcome.to_owned(),
        };
        self.parts.audit.record(event).is_ok()
    }
}

fn finish(outcome: Result<Response, Denied>, request: RequestId) -> Response {
    let mut response = outcome.unwrap_or_else(answer::denied);
    answer::stamp(&mut response, request);
    response
}

fn timed_out() -> Problem {
    Problem::new(
        ErrorCode::Timeout,
        format!("not answered within {} s", TIME_LIMIT.as_secs()),
    )
    .with_hint("repeat it with the same request id to learn what became of it")
}

/// Enough of a foreign text to recognise it.
fn shorten(text: &str) -> String {
    text.chars().take(200).collect()
}
