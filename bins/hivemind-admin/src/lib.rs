//! hivemind admin: settings of the cluster.
