//! Namespaces.

use hm_api::Problem;
use hm_api::list::{List, PageQuery};
use hm_api::namespace::Namespace;
use hm_model::Namespace as Name;
use hm_state::{Record, State};

use super::answer::Reply;
use super::call::Call;
use super::page::Page;

pub(super) fn list(state: &State, call: &Call) -> Result<Reply, Problem> {
    let query: PageQuery = call.query()?;
    let page: Page<Name> = Page::asked(query.limit, query.next.as_deref())?;
    let namespaces = page
        .rest(state.namespaces())
        .map(|(name, record)| (name.clone(), namespace(name, record)));
    let list: List<Namespace> = page.of(namespaces, state.revision());
    Reply::json(&list)
}

pub(super) fn namespace(name: &Name, record: &Record<()>) -> Namespace {
    Namespace {
        name: name.to_string(),
        created_at: record.created_at,
        generation: record.generation,
    }
}
