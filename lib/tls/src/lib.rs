//! Trust: the cluster's CA, node certificates, join tokens, TLS configurations.
