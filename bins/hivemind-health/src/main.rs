hm_cli::bin!(hivemind_health);
