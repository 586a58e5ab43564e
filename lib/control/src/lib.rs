//! Controllers: functions from state and observation to a plan of entries and the next wake-up.
