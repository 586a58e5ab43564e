//! One admitted request on its way to its handler, and the one list of handlers.

use std::sync::Arc;

use bytes::Bytes;
use hm_api::route::Route;
use hm_api::{ErrorCode, Operation, Problem};
use hm_model::{RequestId, Via};
use hm_protocol::server::Proposal;
use hm_state::{Done, Entry};
use serde::de::DeserializeOwned;

use super::answer::Reply;
use super::identity::Identity;
use super::place::Server;
use super::{
    Door, body, cluster, events, health, join, namespaces, nodes, refusal, settings, tokens, watch,
};

/// A request that has passed the choke point.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) route: Route,
    pub(super) request: RequestId,
    pub(super) identity: Identity,
    pub(super) via: Via,
    pub(super) parameters: Vec<String>,
    pub(super) query: String,
    pub(super) body: Bytes,
}

impl Call {
    pub(super) fn query<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        hm_api::query::decode(self.route.query, &self.query)
            .map_err(|error| Problem::new(ErrorCode::Invalid, error.to_string()))
    }

    pub(super) fn body<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        body::parse(&self.body)
    }

    /// The first parameter in the path.
    pub(super) fn name(&self) -> &str {
        self.parameters.first().map_or("", String::as_str)
    }

    /// The change this caller wants.
    pub(super) fn proposal(&self, entry: Entry) -> Proposal {
        Proposal {
            actor: self.identity.actor(),
            via: self.via,
            request: Some(self.request),
            expected_generation: None,
            entry,
        }
    }
}

pub(super) async fn propose(server: &dyn Server, proposal: Proposal) -> Result<Done, Problem> {
    server
        .propose(proposal)
        .await
        .map_err(|error| refusal::problem_of(&error))
}

impl Door {
    /// Operations that every node answers by itself.
    pub(super) const fn is_local(operation: Operation) -> bool {
        matches!(operation, Operation::Health | Operation::OpenApi)
    }

    /// The handler of each operation.
    pub(super) async fn handle(
        &self,
        server: Option<Arc<dyn Server>>,
        call: Call,
    ) -> Result<Reply, Problem> {
        let operation = call.route.operation;
        let Some(server) = server else {
            return self.handle_alone(operation);
        };
        let state = server.store().state();
        match operation {
            Operation::Health => health::show(self, Some(server.as_ref())),
            Operation::OpenApi => Ok(Reply::Json(self.document())),
            Operation::ClusterShow => cluster::show(self, server.as_ref(), &state),
            Operation::NodeList => nodes::list(server.as_ref(), &state, &call),
            Operation::NodeShow => nodes::show(self, server.as_ref(), &state, &call),
            Operation::SettingList => settings::list(&state, &call),
            Operation::SettingShow => settings::show(&state, &call),
            Operation::SettingSet => settings::set(server.as_ref(), &call).await,
            Operation::SettingUnset => settings::unset(server.as_ref(), &call).await,
            Operation::TokenCreate => tokens::create(self, server.as_ref(), &state, &call).await,
            Operation::TokenList => tokens::list(&state, &call),
            Operation::TokenDelete => tokens::delete(server.as_ref(), &call).await,
            Operation::Join => join::join(self, server.as_ref(), &state, &call).await,
            Operation::EventList => events::list(&state, &call),
            Operation::NamespaceList => namespaces::list(&state, &call),
            Operation::Watch => watch::open(self.closed(), server, &call),
        }
    }

    fn handle_alone(&self, operation: Operation) -> Result<Reply, Problem> {
        if operation == Operation::Health {
            health::show(self, None)
        } else if operation == Operation::OpenApi {
            Ok(Reply::Json(self.document()))
        } else {
            Err(no_server())
        }
    }
}

fn no_server() -> Problem {
    Problem::new(
        ErrorCode::Unavailable,
        "this node is not a server, or not ready to be one",
    )
    .with_hint("ask another node")
}
