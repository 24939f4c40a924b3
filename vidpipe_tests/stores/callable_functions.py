"""Functions of PostgreSQL with effects beyond their result that readers may call, and why.

Belongs here: the list. Does not: holding a server to it (test_closed_functions.py).

A name that is on no line was judged by nobody: see what the function does, then close it
(vidpipe.stores.requirements.everybody) or add it here.
"""

CALLABLE: dict[str, str] = {
    "compute, draw or tell the time, and change nothing": (
        "array_sample array_shuffle clock_timestamp current_query gen_random_uuid random"
        " random_normal setseed timeofday uuidv4 uuidv7 ts_rewrite xml"
        " pg_sleep pg_sleep_for pg_sleep_until amvalidate plpgsql_validator"
    ),
    "run queries under the reader's own rights": (
        "cursor_to_xml cursor_to_xmlschema database_to_xml database_to_xml_and_xmlschema"
        " database_to_xmlschema query_to_xml query_to_xml_and_xmlschema query_to_xmlschema"
        " schema_to_xml schema_to_xml_and_xmlschema schema_to_xmlschema table_to_xml"
        " table_to_xml_and_xmlschema table_to_xmlschema ts_stat"
    ),
    "settings that SET and SHOW reach, too; session_limits.py holds what they may undo": (
        "current_setting set_config pg_show_all_settings pg_settings_get_flags"
    ),
    "write where the reader may write, which is nowhere": (
        "nextval setval currval lastval pg_sequence_last_value pg_get_sequence_data currtid2"
        " pg_clear_attribute_stats pg_clear_relation_stats pg_restore_attribute_stats"
        " pg_restore_relation_stats brin_desummarize_range brin_summarize_new_values"
        " brin_summarize_range gin_clean_pending_list"
    ),
    "ask for a superuser, for REPLICATION, or for a server that is being upgraded": (
        "binary_upgrade_add_sub_rel_state binary_upgrade_create_empty_extension"
        " binary_upgrade_logical_slot_has_caught_up binary_upgrade_replorigin_advance"
        " binary_upgrade_set_missing_value binary_upgrade_set_next_array_pg_type_oid"
        " binary_upgrade_set_next_heap_pg_class_oid binary_upgrade_set_next_heap_relfilenode"
        " binary_upgrade_set_next_index_pg_class_oid binary_upgrade_set_next_index_relfilenode"
        " binary_upgrade_set_next_multirange_array_pg_type_oid"
        " binary_upgrade_set_next_multirange_pg_type_oid binary_upgrade_set_next_pg_authid_oid"
        " binary_upgrade_set_next_pg_enum_oid binary_upgrade_set_next_pg_tablespace_oid"
        " binary_upgrade_set_next_pg_type_oid binary_upgrade_set_next_toast_pg_class_oid"
        " binary_upgrade_set_next_toast_relfilenode binary_upgrade_set_record_init_privs"
        " pg_copy_logical_replication_slot pg_copy_physical_replication_slot"
        " pg_create_logical_replication_slot pg_create_physical_replication_slot"
        " pg_drop_replication_slot pg_replication_slot_advance pg_sync_replication_slots"
        " pg_logical_slot_get_binary_changes pg_logical_slot_get_changes"
        " pg_logical_slot_peek_binary_changes pg_logical_slot_peek_changes"
        " pg_import_system_collations pg_nextoid pg_stop_making_pinned_objects"
        " pg_extension_config_dump"
    ),
    "end sessions of the same login only": "pg_cancel_backend pg_terminate_backend",
    "send what NOTIFY sends, too, within this database, where nobody listens": (
        "pg_notify pg_notification_queue_usage"
    ),
    "take a number for this transaction, as any write would": (
        "pg_current_xact_id pg_current_xact_id_if_assigned pg_current_snapshot"
        " pg_visible_in_snapshot pg_xact_status txid_current txid_current_if_assigned"
        " txid_current_snapshot txid_status txid_visible_in_snapshot"
    ),
    "tell sizes, versions, places in the log and names, not what files hold": (
        "has_tablespace_privilege pg_available_extension_versions pg_available_extensions"
        " pg_available_wal_summaries pg_wal_summary_contents pg_collation_actual_version"
        " pg_database_collation_actual_version pg_control_checkpoint pg_control_init"
        " pg_control_recovery pg_control_system pg_current_wal_flush_lsn"
        " pg_current_wal_insert_lsn pg_current_wal_lsn pg_database_size"
        " pg_extension_update_paths pg_filenode_relation pg_get_loaded_modules"
        " pg_get_multixact_members pg_get_replication_slots pg_get_wal_replay_pause_state"
        " pg_get_wal_resource_managers pg_get_wal_summarizer_state pg_indexes_size"
        " pg_is_in_recovery pg_is_wal_replay_paused pg_jit_available pg_last_committed_xact"
        " pg_last_wal_receive_lsn pg_last_wal_replay_lsn pg_last_xact_replay_timestamp"
        " pg_partition_ancestors pg_partition_tree pg_relation_filenode pg_relation_filepath"
        " pg_relation_size pg_split_walfile_name pg_table_size pg_tablespace_databases"
        " pg_tablespace_location pg_tablespace_size pg_timezone_abbrevs_abbrevs"
        " pg_timezone_abbrevs_zone pg_timezone_names pg_total_relation_size pg_walfile_name"
        " pg_walfile_name_offset pg_xact_commit_timestamp pg_xact_commit_timestamp_origin"
        " pg_timezone_abbrevs"
    ),
    "tell who waits for whom; nothing is locked for longer than a look": (
        "pg_blocking_pids pg_isolation_test_session_is_blocked pg_lock_status pg_prepared_xact"
        " pg_safe_snapshot_blocking_pids pg_get_wait_events"
    ),
    "read counters": (
        "pg_stat_clear_snapshot pg_stat_force_next_flush pg_stat_get_backend_io"
        " pg_stat_get_backend_wal pg_stat_get_blocks_fetched pg_stat_get_blocks_hit"
        " pg_stat_get_db_blocks_fetched pg_stat_get_db_blocks_hit pg_stat_get_db_conflict_lock"
        " pg_stat_get_db_conflict_logicalslot pg_stat_get_db_conflict_snapshot"
        " pg_stat_get_db_conflict_startup_deadlock pg_stat_get_db_conflict_tablespace"
        " pg_stat_get_db_deadlocks pg_stat_get_db_temp_files pg_stat_get_io"
        " pg_stat_get_recovery_prefetch pg_stat_get_replication_slot"
        " pg_stat_get_xact_blocks_fetched pg_stat_get_xact_blocks_hit"
        " pg_stat_get_xact_function_calls pg_stat_get_xact_function_self_time"
        " pg_stat_get_xact_function_total_time pg_stat_get_xact_numscans"
        " pg_stat_get_xact_tuples_deleted pg_stat_get_xact_tuples_fetched"
        " pg_stat_get_xact_tuples_hot_updated pg_stat_get_xact_tuples_inserted"
        " pg_stat_get_xact_tuples_newpage_updated pg_stat_get_xact_tuples_returned"
        " pg_stat_get_xact_tuples_updated"
    ),
}
