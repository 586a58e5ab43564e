hm_cli::bin!(hivemind_node);
