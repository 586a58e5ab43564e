hm_cli::bin!(hivemind);
