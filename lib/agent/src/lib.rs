//! Makes this node match the state: the stream to a server, what it reports, what it keeps.

mod keep;
mod stream;
mod view;

pub use keep::{Keep, KeepError};
pub use stream::{Agent, Options};
pub use view::View;
