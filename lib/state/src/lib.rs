//! The replicated state: entries, apply, queries, projections, snapshot format.
