//! For tests only: fakes, namespace guard, temporary homes, command runner.
