hm_cli::bin!(hivemind_admin);
