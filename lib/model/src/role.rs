//! Roles: named sets of permissions.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::text::words;
use crate::{Generation, Name};

/// A role. It has no effect until a user is granted it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Role {
    pub name: Name,
    #[serde(default)]
    pub generation: Generation,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub permissions: BTreeSet<Permission>,
}

/// Actions that are allowed on a kind of thing.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Permission {
    pub resource: Resource,
    #[serde(default)]
    pub actions: BTreeSet<Action>,
}

words! {
    /// What a permission is about.
    #[derive(Hash)]
    pub enum Resource("a resource") {
        /// Everything.
        All = "*",
        Alert = "alert",
        App = "app" | "container",
        Audit = "audit",
        Cloud = "cloud",
        Cluster = "cluster",
        ConfigSet = "config-set",
        Event = "event",
        Job = "job",
        Log = "log",
        NetworkPolicy = "network-policy",
        Node = "node",
        Quota = "quota",
        Role = "role",
        Secret = "secret",
        Service = "service",
        Setting = "setting",
        Tenant = "tenant",
        User = "user",
        Volume = "volume",
    }
}

words! {
    /// What a permission allows.
    #[derive(Hash)]
    pub enum Action("an action") {
        /// Everything.
        All = "*",
        Create = "create",
        Read = "read",
        Update = "update",
        Delete = "delete",
        /// A command in a container.
        Execute = "execute" | "exec",
    }
}

impl Permission {
    pub fn allows(&self, resource: Resource, action: Action) -> bool {
        (self.resource == Resource::All || self.resource == resource)
            && (self.actions.contains(&Action::All) || self.actions.contains(&action))
    }
}

impl Role {
    pub fn allows(&self, resource: Resource, action: Action) -> bool {
        self.permissions
            .iter()
            .any(|permission| permission.allows(resource, action))
    }
}
