//! Single promises, measured in fair weather.

pub(crate) mod crowd;
pub(crate) mod cut_off;
pub(crate) mod idle;
pub(crate) mod leader_lost;
