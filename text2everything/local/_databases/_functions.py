"""Which functions a statement may call on each database, by the names that it calls them by.

SQLite, PostgreSQL and DuckDB keep what is not listed here from writing: their own transaction or mode does. Functions
are refused there which that does not cover. The others can be made to refuse in part or not at all; there only
functions are allowed that are known to be part of the database.
"""

from __future__ import annotations

import re

import attrs

from text2everything.local._databases._words import words


@attrs.frozen
class Functions:
    """The rule of one kind of database; every name is in lower case.

    Attributes:
        refused: Matches the names that are refused.
        known: The names that are allowed if only known ones are.
        with_parser: Whether what the parser knows for this database is known, too.
        qualified: Matches what may be called with a schema or a value before it, as `schema.name`.
        attributes: Matches what is refused after a dot, which calls it on some databases: `sequence.nextval`.
        relations: Matches the tables and views that are refused.
        tables: The functions that may be used as a table; None for all that are not refused.
    """

    refused: re.Pattern[str]
    known: frozenset[str] | None = None
    with_parser: bool = False
    qualified: re.Pattern[str] | None = None
    attributes: re.Pattern[str] | None = None
    relations: re.Pattern[str] | None = None
    tables: re.Pattern[str] | None = None


def _any_of(text: str) -> re.Pattern[str]:
    """Return what matches any of these names; `*` stands for any characters."""
    return re.compile("|".join(re.escape(name).replace(r"\*", ".*") for name in text.split()))


# What SQLite tells of a schema. Of these, some change something if they are given a value.
SQLITE_PRAGMAS_WITH_ARGUMENT = words("""
    table_info table_xinfo table_list index_info index_xinfo index_list foreign_key_list foreign_key_check
    integrity_check quick_check
""")
SQLITE_PRAGMAS = SQLITE_PRAGMAS_WITH_ARGUMENT | words("""
    database_list collation_list function_list module_list pragma_list compile_options encoding data_version
    user_version schema_version application_id page_count page_size freelist_count foreign_keys
""")
# `optimize` rewrites a full-text index; `fts3_tokenizer` makes memory executable.
SQLITE_REFUSED_FUNCTIONS = words("""
    load_extension readfile writefile edit fsdir lsdir zipfile fts3_tokenizer optimize eval sqlite_log
""")
_SQLITE = Functions(
    re.compile("|".join([*SQLITE_REFUSED_FUNCTIONS, f"pragma_(?!(?:{'|'.join(sorted(SQLITE_PRAGMAS))})$).*"])),
    relations=re.compile(f"sqlite_dbpage|pragma_(?!(?:{'|'.join(sorted(SQLITE_PRAGMAS))})$).*"),
)

# PostgreSQL: every volatile function of the catalogue of version 15 and of its extensions is here, unless it is
# harmless. The names that begin with pg_ are where new versions have new ones: only those known are allowed.
POSTGRES_HARMLESS_VOLATILE = words("""
    random clock_timestamp timeofday gen_random_uuid current_query currval lastval lo_get system bernoulli txid_status
    pg_sleep pg_sleep_for pg_sleep_until pg_blocking_pids pg_safe_snapshot_blocking_pids
    pg_isolation_test_session_is_blocked pg_collation_actual_version pg_database_collation_actual_version
    pg_current_wal_flush_lsn pg_current_wal_insert_lsn pg_current_wal_lsn pg_last_committed_xact
    pg_last_wal_receive_lsn pg_last_wal_replay_lsn pg_last_xact_replay_timestamp pg_database_size pg_indexes_size
    pg_relation_size pg_table_size pg_tablespace_size pg_total_relation_size pg_get_backend_memory_contexts
    pg_get_multixact_members pg_get_shmem_allocations pg_get_wal_replay_pause_state pg_get_wal_resource_managers
    pg_is_in_recovery pg_is_wal_replay_paused pg_jit_available pg_lock_status pg_notification_queue_usage
    pg_partition_ancestors pg_partition_tree pg_prepared_xact pg_sequence_last_value pg_replication_origin_progress
    pg_replication_origin_session_is_setup pg_replication_origin_session_progress pg_show_replication_origin_status
    pg_stat_get_recovery_prefetch pg_stat_have_stats pg_stat_get_xact_blocks_fetched pg_stat_get_xact_blocks_hit
    pg_stat_get_xact_function_calls pg_stat_get_xact_function_self_time pg_stat_get_xact_function_total_time
    pg_stat_get_xact_numscans pg_stat_get_xact_tuples_deleted pg_stat_get_xact_tuples_fetched
    pg_stat_get_xact_tuples_hot_updated pg_stat_get_xact_tuples_inserted pg_stat_get_xact_tuples_returned
    pg_stat_get_xact_tuples_updated pg_xact_commit_timestamp pg_xact_commit_timestamp_origin pg_xact_status
""")
_POSTGRES_STABLE = """
    pg_available_extension_versions pg_available_extensions pg_backend_pid pg_basetype pg_char_to_encoding
    pg_client_encoding pg_collation_for pg_column_compression pg_column_is_updatable pg_column_size
    pg_column_toast_chunk_id pg_conf_load_time pg_config pg_current_snapshot pg_current_xact_id_if_assigned pg_cursor
    pg_describe_object pg_encoding_max_length pg_encoding_to_char pg_extension_update_paths pg_filenode_relation
    pg_get_acl pg_get_catalog_foreign_keys pg_get_constraintdef pg_get_expr pg_get_function_arg_default
    pg_get_function_arguments pg_get_function_identity_arguments pg_get_function_result pg_get_function_sqlbody
    pg_get_functiondef pg_get_indexdef pg_get_keywords pg_get_object_address pg_get_partition_constraintdef
    pg_get_partkeydef pg_get_publication_tables pg_get_replica_identity_index pg_get_replication_slots pg_get_ruledef
    pg_get_serial_sequence pg_get_statisticsobjdef pg_get_statisticsobjdef_columns pg_get_statisticsobjdef_expressions
    pg_get_triggerdef pg_get_userbyid pg_get_viewdef pg_has_role pg_identify_object pg_identify_object_as_address
    pg_index_column_has_property pg_index_has_property pg_indexam_has_property pg_indexam_progress_phasename
    pg_input_error_info pg_input_is_valid pg_is_other_temp_schema pg_listening_channels pg_lsn pg_mcv_list_items
    pg_my_temp_schema pg_options_to_table pg_partition_root pg_postmaster_start_time pg_prepared_statement
    pg_relation_filenode pg_relation_filepath pg_relation_is_publishable pg_relation_is_updatable
    pg_replication_origin_oid pg_sequence_parameters pg_settings_get_flags pg_show_all_settings pg_size_bytes
    pg_size_pretty pg_snapshot_xip pg_snapshot_xmax pg_snapshot_xmin pg_tablespace_databases pg_tablespace_location
    pg_timezone_abbrevs pg_timezone_names pg_trigger_depth pg_typeof pg_visible_in_snapshot pg_wal_lsn_diff
    pg_walfile_name pg_walfile_name_offset pg_stat_get_* pg_*_is_visible pg_lsn_* pg_stat_statements
    pg_stat_statements_info pg_freespace pg_relpages pg_buffercache_pages pg_visibility pg_visibility_map
    pg_visibility_map_summary
"""
_POSTGRES_PG_ALLOWED = _any_of(_POSTGRES_STABLE + " ".join(POSTGRES_HARMLESS_VOLATILE))
_POSTGRES = Functions(
    # Sequences, settings, transactions; text that is run as SQL; large objects; what maintains or breaks storage;
    # other servers; languages and triggers, which are never called by name. Those that begin with pg_ are below.
    _any_of("""
        nextval setval set_config setseed txid_current currtid currtid2 set_limit query_to_xml* cursor_to_xml* ts_stat
        ts_rewrite crosstab* connectby xpath_table xslt_process lo_close lo_creat lo_create lo_export lo_from_bytea
        lo_import lo_lseek* lo_open lo_put lo_tell* lo_truncate* lo_unlink lo_manage loread lowrite
        brin_desummarize_range brin_summarize_* brin_metapage_info brin_page_* brin_revmap_data gin_clean_pending_list
        gin_leafpage_items gin_metapage_info gin_page_opaque_info gist_page_* hash_bitmap_info hash_metapage_info
        hash_page_* bt_index_* bt_metap bt_page_* heap_force_* heap_page_* heap_tuple_infomask_flags verify_heapam
        get_raw_page page_checksum page_header tuple_data_split fsm_page_contents amvalidate autoprewarm_*
        binary_upgrade_* dblink* postgres_fdw_* file_fdw_* http http_get http_post http_put http_patch http_delete
        http_head http_set_curlopt http_reset_curlopt brinhandler bthandler ginhandler gisthandler hashhandler
        spghandler blhandler heap_tableam_handler plpgsql_* dsnowball_* ri_fkey_* suppress_redundant_updates_trigger
        tsvector_update_trigger* unique_key_recheck triggered_change_notification fmgr_*_validator
    """),
    relations=_any_of("pg_hba_file_rules pg_ident_file_mappings pg_file_settings"),
)

# MySQL and MariaDB: what can be called is a function of the server, a function that someone stored, or a program that
# someone loaded. The last two can do anything, a read-only transaction or not.
_MYSQL_KNOWN = words("""
    abs acos adddate addtime add_months aes_decrypt aes_encrypt any_value ascii asin atan atan2 avg benchmark bin
    bin_to_uuid binary binlog_gtid_pos bit_and bit_count bit_length bit_or bit_xor cast ceil ceiling char char_length
    columns character_length charset chr coalesce coercibility collation column_check column_create column_exists
    column_get column_json column_list compress concat concat_ws connection_id conv convert convert_tz cos cot count
    crc32 crc32c cume_dist curdate current_date current_role current_time current_timestamp current_user curtime
    database date date_add date_format date_sub datediff datetime day dayname dayofmonth dayofweek dayofyear decode
    decode_histogram default degrees dense_rank des_decrypt des_encrypt elt encode encrypt exists exp export_set
    extract extractvalue field find_in_set first_value floor format format_bytes format_pico_time found_rows
    from_base64 from_days from_unixtime get_format greatest group_concat grouping hex hour icu_version if ifnull
    inet6_aton inet6_ntoa inet_aton inet_ntoa insert instr interval is_free_lock is_ipv4 is_ipv4_compat is_ipv4_mapped
    is_ipv6 is_used_lock is_uuid isnull json_array json_arrayagg json_array_append json_array_insert
    json_array_intersect json_compact json_contains json_contains_path json_depth json_detailed json_equals
    json_exists json_extract json_insert json_key_value json_keys json_length json_loose json_merge json_merge_patch
    json_merge_preserve json_normalize json_object json_object_filter_keys json_object_to_array json_objectagg
    json_overlaps json_pretty json_query json_quote json_remove json_replace json_schema_valid
    json_schema_validation_report json_search json_set json_storage_free json_storage_size json_table json_type
    json_unquote json_valid json_value kdf lag last_day last_insert_id last_value lcase lead least left length lengthb
    ln localtime localtimestamp locate log log10 log2 lower lpad ltrim make_set makedate maketime match max md5 median
    microsecond mid min minute mod month monthname name_const natural_sort_key now nth_value ntile nullif nvl nvl2 oct
    octet_length old_password ord password percent_rank percentile_cont percentile_disc period_add period_diff pi
    point polygon position pow power quarter quote radians rand random_bytes rank regexp_instr regexp_like
    regexp_replace regexp_substr repeat replace reverse right roles_graphml round row row_count row_number rpad rtrim
    schema sec_to_time second session_user sformat sha sha1 sha2 sign sin sleep soundex space sqrt std stddev
    stddev_pop stddev_samp str_to_date strcmp subdate substr substring substring_index subtime sum sys_guid sysdate
    system_user tan time time_format time_to_sec timediff timestamp timestampadd timestampdiff to_base64 to_char
    to_days to_seconds trim truncate ucase uncompress uncompressed_length unhex unix_timestamp updatexml upper user
    utc_date utc_time utc_timestamp uuid uuid_short uuid_to_bin validate_password_strength value values var_pop
    var_samp variance vec_distance vec_fromtext vec_totext version week weekday weekofyear weight_string year yearweek
    statement_digest statement_digest_text ps_current_thread_id ps_thread_id geomcollection geometrycollection
    linestring multilinestring multipoint multipolygon mbrcontains mbrcoveredby mbrcovers mbrdisjoint mbrequal
    mbrequals mbrintersects mbroverlaps mbrtouches mbrwithin st_area st_asbinary st_asgeojson st_astext st_aswkb
    st_aswkt st_boundary st_buffer st_buffer_strategy st_centroid st_collect st_contains st_convexhull st_crosses
    st_difference st_dimension st_disjoint st_distance st_distance_sphere st_endpoint st_envelope st_equals
    st_exteriorring st_geohash st_geomfromgeojson st_geomfromtext st_geomfromwkb st_geometryfromtext st_geometryn
    st_geometrytype st_interiorringn st_intersection st_intersects st_isclosed st_isempty st_isring st_issimple
    st_isvalid st_latfromgeohash st_latitude st_length st_linefromtext st_longfromgeohash st_longitude st_makeenvelope
    st_numgeometries st_numinteriorring st_numpoints st_overlaps st_pointfromgeohash st_pointfromtext st_pointn
    st_pointonsurface st_polyfromtext st_relate st_simplify st_srid st_startpoint st_swapxy st_symdifference
    st_touches st_transform st_union st_validate st_within st_x st_y
""")
_MYSQL = Functions(
    _any_of("""
        load_file get_lock release_lock release_all_locks master_pos_wait master_gtid_wait source_pos_wait
        wait_for_executed_gtid_set wsrep_* sys_exec sys_eval sys_set sys_get nextval setval lastval analyse load_*
        service_get_* service_release_* keyring_* audit_* group_replication_* asynchronous_connection_* gen_* mask_*
        version_tokens_* mysql_firewall_* lib_mysqludf_*
    """),
    known=_MYSQL_KNOWN,
    attributes=_any_of("nextval"),
    # Reading the first sets counters of the server to zero; reading the other loads the programs that lie there.
    relations=_any_of("innodb_cmp*_reset all_plugins"),
)

_SQLSERVER_KNOWN = words("""
    abs acos app_name apply approx_count_distinct approx_percentile_cont approx_percentile_disc applock_mode
    applock_test ascii asin assemblyproperty asymkey_id atan atn2 avg base64_decode base64_encode binary_checksum
    bit_count cast ceiling cert_id certencoded certproperty char charindex checksum checksum_agg choose coalesce
    col_length col_name collationproperty columnproperty columns_updated compress concat concat_ws connectionproperty
    contains containstable context_info convert cos cot count count_big cume_dist current_date current_request_id
    current_timestamp current_timezone current_timezone_id current_transaction_id current_user cursor_status
    database_principal_id databasepropertyex datalength date_bucket dateadd datediff datediff_big datefromparts
    datename datepart datetime2fromparts datetimefromparts datetimeoffsetfromparts datetrunc day db_id db_name
    decompress decryptbyasymkey decryptbycert decryptbykey decryptbypassphrase degrees dense_rank difference
    edge_id_from_parts edit_distance edit_distance_similarity encryptbyasymkey encryptbycert encryptbykey
    encryptbypassphrase eomonth error_line error_message error_number error_procedure error_severity error_state
    exists exp file_id file_idex file_name filegroup_id filegroup_name filegroupproperty fileproperty first_value
    floor fn_helpcollations fn_listextendedproperty fn_virtualfilestats format formatmessage freetext freetexttable
    fulltextcatalogproperty fulltextserviceproperty generate_series get_bit getansinull getdate getutcdate
    graph_id_from_edge_id graph_id_from_node_id greatest grouping grouping_id has_dbaccess has_perms_by_name hashbytes
    host_id host_name ident_current ident_incr ident_seed iif index_col indexkey_property indexproperty is_member
    is_objectsigned is_rolemember is_srvrolemember isdate isjson isnull isnumeric jaro_winkler_distance
    jaro_winkler_similarity json_array json_arrayagg json_contains json_modify json_object json_objectagg
    json_path_exists json_query json_value key_guid key_id key_name lag last_value lead least left left_shift len log
    log10 loginproperty lower ltrim max min min_active_rowversion month nchar newid newsequentialid node_id_from_parts
    ntile nullif object_definition object_id object_id_from_edge_id object_id_from_node_id object_name
    object_schema_name objectproperty objectpropertyex openjson original_db_name original_login parse parsename
    patindex percent_rank percentile_cont percentile_disc permissions pi power product pwdcompare pwdencrypt quotename
    radians rand rank regexp_count regexp_instr regexp_like regexp_matches regexp_replace regexp_split_to_table
    regexp_substr replace replicate reverse right right_shift round row_number rowcount_big rtrim schema_id
    schema_name scope_identity serverproperty session_context session_user set_bit sign signbyasymkey signbycert sin
    smalldatetimefromparts soundex space sql_variant_property sqrt square stats_date stdev stdevp str string_agg
    string_escape string_split stuff substring sum suser_id suser_name suser_sid suser_sname switchoffset
    symkeyproperty sysdatetime sysdatetimeoffset system_user sysutcdatetime tan tertiary_weights textptr textvalid
    timefromparts todatetimeoffset translate trigger_nestlevel trim try_cast try_convert try_parse type_id type_name
    typeproperty unicode unistr upper user_id user_name var varp vector_distance vector_norm vector_normalize
    verifysignedbyasymkey verifysignedbycert xact_state year
""")
_SQLSERVER = Functions(
    _any_of("""
        openrowset openquery openxml opendatasource xp_* sp_* fn_xe_* fn_trace_* fn_get_audit_file* fn_dblog
        fn_dump_dblog fn_my_permissions fn_cdc_* dm_os_file_exists dm_os_enumerate_* modify ai_* vector_search predict
    """),
    known=_SQLSERVER_KNOWN,
    # Methods of XML and spatial values; what the catalogue has as functions.
    qualified=_any_of(r"""
        *.value *.nodes *.query *.exist *.stastext *.stasbinary *.starea *.stlength *.stdistance *.stcontains
        *.stintersects *.stwithin *.stsrid *.tostring sys.dm_exec_* sys.dm_db_* sys.dm_sql_*
        sys.fn_listextendedproperty sys.fn_helpcollations sys.fn_virtualfilestats sys.dm_io_virtual_file_stats
    """),
)

_SNOWFLAKE_KNOWN = words("""
    abs all_user_names any_value array_agg array_cat array_construct array_construct_compact array_generate_range
    array_size arrays_overlap as_array as_binary as_boolean as_char as_date as_decimal as_double as_integer as_number
    as_object as_real as_time as_timestamp_ltz as_timestamp_ntz as_timestamp_tz as_varchar
    automatic_clustering_history bitand bitnot bitor bitshiftleft bitshiftright bitxor booland_agg boolor_agg
    boolxor_agg charindex check_json check_xml collate collation compress contains copy_history current_account
    current_client current_database current_date current_ip_address current_region current_role current_schema
    current_schemas current_session current_statement current_time current_timestamp current_transaction current_user
    current_version current_warehouse data_transfer_history database_storage_usage_history date_from_parts date_part
    date_trunc dateadd datediff dayname decode decompress_binary decompress_string div0 div0null editdistance endswith
    equal_null explain_json filter flatten generator get get_ddl get_ignore_case get_object_references get_path getbit
    getdate grouping grouping_id hash hash_agg haversine hour iff ilike_any index insert invoker_role invoker_share
    is_array is_binary is_boolean is_char is_date is_date_value is_decimal is_double is_integer is_null_value
    is_object is_real is_role_in_session is_time is_timestamp_ltz is_timestamp_ntz is_timestamp_tz is_varchar
    jarowinkler_similarity json_extract_path_text last_query_id listagg login_history login_history_by_user
    materialized_view_refresh_history md5_hex minute month monthname months_between next_day normal nullifzero
    object_agg object_construct object_construct_keep_null object_delete object_insert object_keys object_pick
    octet_length parse_ip parse_json parse_url parse_xml policy_references previous_day query_history
    query_history_by_session query_history_by_user query_history_by_warehouse randstr ratio_to_report regexp_like
    regexp_substr_all regr_valx regr_valy replication_usage_history result_scan second seq1 seq2 seq4 seq8 sha1_hex
    sha2_hex split_to_table square st_area st_asgeojson st_astext st_aswkb st_aswkt st_centroid st_collect st_contains
    st_coveredby st_covers st_difference st_dimension st_disjoint st_distance st_dwithin st_envelope st_geogfromtext
    st_geographyfromwkt st_geomfromtext st_geometryfromwkt st_intersection st_intersects st_isvalid st_length
    st_makeline st_makepoint st_makepolygon st_npoints st_perimeter st_point st_simplify st_srid st_symdifference
    st_touches st_transform st_union st_within st_x st_y stage_storage_usage_history startswith strip_null_value
    strtok strtok_split_to_table strtok_to_array sysdate table tag_references task_dependents task_history
    time_from_parts timeadd timediff timestamp_from_parts timestamp_ltz_from_parts timestamp_ntz_from_parts
    timestamp_tz_from_parts to_array to_binary to_boolean to_char to_date to_decimal to_double to_geography
    to_geometry to_json to_number to_numeric to_object to_time to_timestamp to_timestamp_ltz to_timestamp_ntz
    to_timestamp_tz to_varchar to_variant to_xml truncate try_base64_decode_string try_parse_json try_to_binary
    try_to_boolean try_to_date try_to_decimal try_to_double try_to_number try_to_numeric try_to_time try_to_timestamp
    try_to_timestamp_ltz try_to_timestamp_ntz try_to_timestamp_tz typeof uniform uuid_string vector_cosine_similarity
    vector_inner_product vector_l1_distance vector_l2_distance warehouse_load_history warehouse_metering_history week
    weekiso weekofyear xmlget year yearofweek yearofweekiso zeroifnull zipf external_table_files
    external_table_file_registration_history hll hll_accumulate hll_combine hll_estimate hll_export hll_import
    bitmap_bucket_number bitmap_bit_position bitmap_count bitmap_construct_agg bitmap_or_agg h3_latlng_to_cell
    h3_cell_to_parent system$typeof
""")
_SNOWFLAKE = Functions(
    # Stages and their files, sequences, models that cost money or send data away; `to_query` runs text. Of those that
    # begin with SYSTEM$ only the known ones are allowed.
    _any_of("""
        build_scoped_file_url build_stage_file_url get_presigned_url get_absolute_path get_relative_path
        get_stage_location directory infer_schema to_file try_to_file fl_* ai_* ml_* nextval getnextval to_query
        generate_* read_* vector_search search_preview complete embed_text_* predict secret sql_insert validate
        validate_pipe_load notification_history rest_event_history
    """),
    known=_SNOWFLAKE_KNOWN,
    with_parser=True,
    qualified=_any_of("information_schema.*"),
    attributes=_any_of("nextval"),
)

_DUCKDB = Functions(
    # Other files, the environment, the network, extensions; text that is run; what writes or sets something.
    _any_of("""
        read_* *_scan *_scan_* scan_* parquet_bloom_probe parquet_* glob sniff_csv getenv query query_table
        which_secret duckdb_secrets duckdb_external_file_cache duckdb_temporary_files duckdb_logs* write_log
        json_execute_serialized_sql json_serialize_plan from_substrait* get_substrait* checkpoint force_checkpoint
        nextval setval setseed set_variable sql_auto_complete add_grammar_extension remove_grammar_extension
        *external_resource* enable_* disable_* truncate_duckdb_logs python_map_function arrow_* postgres_* mysql_*
        sqlite_* st_read* st_drivers load_* http_* shellfs_* copy_database import_database pragma_database_size
        pragma_storage_info *_snapshots *_metadata
    """),
    tables=_any_of("""
        range generate_series unnest repeat repeat_row json_each json_tree histogram histogram_values summary
        test_all_types icu_calendar_names pg_timezone_names generate_subscripts regexp_split_to_table duckdb_columns
        duckdb_constraints duckdb_databases duckdb_dependencies duckdb_extensions duckdb_functions duckdb_indexes
        duckdb_keywords duckdb_memory duckdb_optimizers duckdb_schemas duckdb_sequences duckdb_settings duckdb_tables
        duckdb_types duckdb_variables duckdb_views duckdb_triggers pragma_collations pragma_show pragma_table_info
        pragma_version pragma_platform
    """),
)

FUNCTIONS = {
    "sqlite": _SQLITE,
    "postgres": _POSTGRES,
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
    "sqlserver": _SQLSERVER,
    "snowflake": _SNOWFLAKE,
    "duckdb": _DUCKDB,
}


def is_refused(name: str, db_type: str) -> bool:
    """Return whether a function of this name is refused whatever else is known of it."""
    if db_type == "postgres" and name.startswith("pg_"):
        return _POSTGRES_PG_ALLOWED.fullmatch(name) is None
    return FUNCTIONS[db_type].refused.fullmatch(name) is not None
