//! The door over a small server: the whole table, one request at a time.

mod arbitrary;
mod changes;
mod conform;
mod home;
mod limits;
mod streams;
mod table;
