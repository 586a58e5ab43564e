//! The operations: a name, a method and a path each. All that a caller needs to know of a route.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Characters that stand for themselves in a path segment.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Method {
    Get,
    Post,
    Put,
    Delete,
}

impl Method {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// Everything that can be asked of the daemon.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Operation {
    Health,
    OpenApi,
    ClusterShow,
    NodeList,
    NodeShow,
    SettingList,
    SettingShow,
    SettingSet,
    SettingUnset,
    TokenCreate,
    TokenList,
    TokenDelete,
    Join,
    EventList,
    NamespaceList,
    Watch,
}

impl Operation {
    pub const ALL: [Self; 16] = [
        Self::Health,
        Self::OpenApi,
        Self::ClusterShow,
        Self::NodeList,
        Self::NodeShow,
        Self::SettingList,
        Self::SettingShow,
        Self::SettingSet,
        Self::SettingUnset,
        Self::TokenCreate,
        Self::TokenList,
        Self::TokenDelete,
        Self::Join,
        Self::EventList,
        Self::NamespaceList,
        Self::Watch,
    ];

    /// The operation's name in the OpenAPI document, in logs and in the audit.
    pub const fn name(self) -> &'static str {
        self.facts().0
    }

    pub const fn method(self) -> Method {
        self.facts().1
    }

    /// The path with its parameters in braces.
    pub const fn path(self) -> &'static str {
        self.facts().2
    }

    /// The path with its parameters filled in, in order, and escaped.
    pub fn path_of(self, parameters: &[&str]) -> String {
        let mut parameters = parameters.iter();
        let mut path = String::new();
        for segment in self.path().split('/').skip(1) {
            path.push('/');
            if segment.starts_with('{') {
                let value = parameters.next().copied().unwrap_or_default();
                path.extend(utf8_percent_encode(value, SEGMENT));
            } else {
                path.push_str(segment);
            }
        }
        path
    }

    const fn facts(self) -> (&'static str, Method, &'static str) {
        match self {
            Self::Health => ("health", Method::Get, "/api/health"),
            Self::OpenApi => ("openapi", Method::Get, "/api/openapi.json"),
            Self::ClusterShow => ("cluster_show", Method::Get, "/api/cluster"),
            Self::NodeList => ("node_list", Method::Get, "/api/nodes"),
            Self::NodeShow => ("node_show", Method::Get, "/api/nodes/{node}"),
            Self::SettingList => ("setting_list", Method::Get, "/api/settings"),
            Self::SettingShow => ("setting_show", Method::Get, "/api/settings/{key}"),
            Self::SettingSet => ("setting_set", Method::Put, "/api/settings/{key}"),
            Self::SettingUnset => ("setting_unset", Method::Delete, "/api/settings/{key}"),
            Self::TokenCreate => ("token_create", Method::Post, "/api/tokens"),
            Self::TokenList => ("token_list", Method::Get, "/api/tokens"),
            Self::TokenDelete => ("token_delete", Method::Delete, "/api/tokens/{id}"),
            Self::Join => ("join", Method::Post, "/api/join"),
            Self::EventList => ("event_list", Method::Get, "/api/events"),
            Self::NamespaceList => ("namespace_list", Method::Get, "/api/namespaces"),
            Self::Watch => ("watch", Method::Get, "/api/watch"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_escaped() {
        assert_eq!(Operation::NodeShow.path_of(&["web-1"]), "/api/nodes/web-1");
        assert_eq!(
            Operation::NodeShow.path_of(&["a/b c?"]),
            "/api/nodes/a%2Fb%20c%3F"
        );
        assert_eq!(Operation::Watch.path_of(&[]), "/api/watch");
    }

    #[test]
    fn no_two_operations_share_a_name_or_a_method_and_path() {
        for (i, a) in Operation::ALL.into_iter().enumerate() {
            for b in &Operation::ALL[i + 1..] {
                assert_ne!(a.name(), b.name());
                assert_ne!((a.method(), a.path()), (b.method(), b.path()));
            }
        }
    }
}
