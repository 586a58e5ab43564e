//! Join tokens: made, listed without their secrets, withdrawn.

use hm_api::list::{List, PageQuery};
use hm_api::token::{NewToken, Token, TokenCreate};
use hm_api::{ErrorCode, Problem};
use hm_model::TokenId;
use hm_state::{Entry, JoinTokenRecord, Record, State};

use super::Door;
use super::answer::Reply;
use super::call::{Call, propose};
use super::join::problem_of;
use super::page::Page;
use super::place::Server;

pub(super) async fn create(
    door: &Door,
    server: &dyn Server,
    state: &State,
    call: &Call,
) -> Result<Reply, Problem> {
    let wanted: TokenCreate = call.body()?;
    check(&wanted)?;
    let cluster = state.cluster().ok_or_else(|| {
        Problem::new(
            ErrorCode::Unavailable,
            "this node does not belong to a cluster yet",
        )
    })?;
    let made = door
        .parts
        .authority
        .new_token(cluster, door.parts.random.as_ref())
        .map_err(|error| problem_of(&error))?;
    let expires_at = server.now().saturating_add(wanted.ttl);
    let record = JoinTokenRecord {
        id: made.id,
        secret_hash: made.secret_hash,
        expires_at,
        uses_left: wanted.uses,
    };
    let done = propose(server, call.proposal(Entry::CreateToken(Box::new(record)))).await?;
    // A repeated request finds the answer to its first try, whose secret nobody has any more.
    if server
        .store()
        .state()
        .tokens()
        .get(&made.id)
        .is_none_or(|record| record.revision != done.revision)
    {
        return Err(Problem::new(
            ErrorCode::Conflict,
            "this request has made a token before, whose secret was shown only then",
        )
        .with_hint(
            "make another one, and withdraw the first with `hivemind cluster token revoke`",
        ));
    }
    Reply::json(&NewToken {
        token: made.text,
        id: made.id,
        expires_at,
    })
}

fn check(wanted: &TokenCreate) -> Result<(), Problem> {
    let invalid = |detail: String| Err(Problem::new(ErrorCode::Invalid, detail));
    if !TokenCreate::TTL.contains(&wanted.ttl) {
        let (least, most) = (TokenCreate::TTL.start(), TokenCreate::TTL.end());
        return invalid(format!(
            "`ttl`: {} is not from {least} to {most}",
            wanted.ttl
        ));
    }
    match wanted.uses {
        Some(uses) if !TokenCreate::USES.contains(&uses) => {
            let (least, most) = (TokenCreate::USES.start(), TokenCreate::USES.end());
            invalid(format!("`uses`: {uses} is not from {least} to {most}"))
        }
        Some(_) | None => Ok(()),
    }
}

pub(super) fn list(state: &State, call: &Call) -> Result<Reply, Problem> {
    let query: PageQuery = call.query()?;
    let page: Page<TokenId> = Page::asked(query.limit, query.next.as_deref())?;
    let tokens = page
        .rest(state.tokens())
        .map(|(id, record)| (*id, token(record)));
    let list: List<Token> = page.of(tokens, state.revision());
    Reply::json(&list)
}

pub(super) async fn delete(server: &dyn Server, call: &Call) -> Result<Reply, Problem> {
    let id: TokenId = call.name().parse().map_err(|_| {
        Problem::new(
            ErrorCode::NotFound,
            format!("there is no token `{}`", call.name()),
        )
        .with_hint("`hivemind cluster token ls` shows all tokens")
    })?;
    propose(server, call.proposal(Entry::DeleteToken(id))).await?;
    Ok(Reply::Nothing)
}

pub(super) fn token(record: &Record<JoinTokenRecord>) -> Token {
    Token {
        id: record.value.id,
        created_at: record.created_at,
        expires_at: record.value.expires_at,
        uses_left: record.value.uses_left,
    }
}
