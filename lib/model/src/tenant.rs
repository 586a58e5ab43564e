//! Tenants: customers with their own quota, users and network.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::text::words;
use crate::{Generation, Labels, Name, Namespace, QuotaLimits, Timestamp, UserName};

/// A customer.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Tenant {
    pub name: Name,
    #[serde(default)]
    pub generation: Generation,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub backend: TenantBackend,
    #[serde(default)]
    pub state: TenantState,
    #[serde(default)]
    pub isolation: Isolation,
    #[serde(default)]
    pub limits: QuotaLimits,
    /// Its namespaces, on a cluster of containers.
    #[serde(default)]
    pub namespaces: BTreeSet<Namespace>,
    #[serde(default)]
    pub users: BTreeSet<UserName>,
    #[serde(default)]
    pub labels: Labels,
    #[serde(default)]
    pub created_at: Timestamp,
}

words! {
    /// Where a tenant's machines or containers are.
    #[derive(Default, Hash)]
    pub enum TenantBackend("a tenant backend") {
        #[default]
        Cluster = "cluster",
        Proxmox = "proxmox",
    }
}

words! {
    /// Where a tenant is in its life.
    #[derive(Default, Hash)]
    pub enum TenantState("a state of a tenant") {
        #[default]
        Pending = "pending",
        Active = "active",
        Suspended = "suspended",
        Terminating = "terminating",
    }
}

words! {
    /// What separates a tenant from the others.
    #[derive(Default, Hash)]
    pub enum Isolation("an isolation level") {
        /// Namespaces, quota and network policies.
        #[default]
        Soft = "soft",
        /// Only its network.
        NetworkOnly = "network-only" | "network_only",
        /// Also nodes of its own.
        Hard = "hard",
    }
}
