hm_cli::bin!(hivemind_cluster);
