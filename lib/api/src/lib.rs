//! The API: routes, bodies, errors, and the OpenAPI document made from them.
