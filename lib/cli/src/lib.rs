//! What every command shares: global flags, tables, JSON, exit codes, waiting, progress, prompts.
