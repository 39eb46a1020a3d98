"""The functions that SQL in directives may call: pure, whatever the order of rows, and small in what they make."""

_ARITHMETIC = """
abs add ceil ceiling divide exp even factorial floor fmod gcd greatest isfinite isinf isnan lcm least ln log log10
log2 mod multiply pi pow power round sign sqrt cbrt subtract trunc xor sin cos tan asin acos atan atan2 degrees radians
bit_count
"""
_TEXT = """
ascii chr concat concat_ws contains damerau_levenshtein ends_with format hamming instr jaccard jaro_similarity
jaro_winkler_similarity lcase left left_grapheme len length length_grapheme levenshtein like_escape ilike_escape
not_like_escape not_ilike_escape lower ltrim md5 nfc_normalize ord position prefix printf regexp_escape regexp_extract
regexp_extract_all regexp_full_match regexp_matches regexp_replace regexp_split_to_array replace reverse right
right_grapheme rtrim sha1 sha256 split split_part starts_with str_split str_split_regex string_split
string_split_regex string_to_array strip_accents strlen strpos substr substring substring_grapheme suffix translate
trim ucase unicode upper url_decode url_encode
"""
_TIME = """
age century date_add date_diff date_part date_sub date_trunc datediff datepart datesub datetrunc day dayname dayofmonth
dayofweek dayofyear decade epoch epoch_ms epoch_ns epoch_us era hour isodow isoyear julian last_day make_date
make_time make_timestamp make_timestamp_ms microsecond millennium millisecond minute month monthname quarter second
strftime strptime time_bucket to_centuries to_days to_decades to_hours to_microseconds to_millennia to_milliseconds
to_minutes to_months to_quarters to_seconds to_weeks to_years try_strptime week weekday weekofyear year yearweek
"""
_NESTED = """
apply array_apply array_cat array_concat array_contains array_distinct array_extract array_filter array_has
array_has_all array_has_any array_indexof array_length array_position array_reduce array_reverse array_slice array_sort
array_to_string array_transform array_unique array_value cardinality element_at filter flatten from_json json_array
json_array_length json_contains json_exists json_extract json_extract_path json_extract_path_text json_extract_string
json_keys json_object json_structure json_transform json_type json_valid json_value list_apply list_avg list_bool_and
list_bool_or list_cat list_concat list_contains list_count list_distinct list_element list_extract list_filter
list_first list_has list_has_all list_has_any list_indexof list_intersect list_last list_max list_median list_min
list_pack list_position list_reduce list_resize list_reverse list_reverse_sort list_select list_slice list_sort
list_sum list_transform list_unique list_value list_where list_zip map map_concat map_contains map_entries map_extract
map_from_entries map_keys map_values reduce row struct_extract struct_extract_at struct_insert struct_pack to_json
unnest
"""
_CHOICE = """
coalesce constant_or_null if ifnull nullif typeof
"""
_AGGREGATES = """
arg_max arg_max_null arg_min arg_min_null array_agg avg bit_and bit_or bit_xor bool_and bool_or count count_if
count_star countif first group_concat grouping grouping_id last list listagg max max_by mean median min min_by
quantile quantile_cont quantile_disc string_agg sum
"""
_WINDOWS = """
cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank rank_dense row_number
"""

ALLOWED = frozenset((_ARITHMETIC + _TEXT + _TIME + _NESTED + _CHOICE + _AGGREGATES + _WINDOWS).split())

TABLE_FUNCTIONS = frozenset({"unnest", "json_each", "json_tree"})
"""The only functions that may stand where a table does: they turn one value into rows."""

_CLOCK = """
now today get_current_timestamp get_current_time current_date current_time current_timestamp current_localtime
current_localtimestamp transaction_timestamp localtime localtimestamp
"""
_CHANCE = """
random rand setseed uuid gen_random_uuid uuidv4 uuidv7 nextval currval
"""
_SESSION = """
current_setting getvariable current_schema current_schemas current_database current_catalog current_user user
session_user current_role version txid_current pg_typeof current_query current_connection_id to_timestamp timezone
timezone_hour timezone_minute make_timestamptz
"""
_OUTSIDE = """
getenv read_csv read_csv_auto read_parquet parquet_scan read_json read_json_auto read_json_objects read_text read_blob
read_ndjson sniff_csv glob query query_table sqlite_scan postgres_scan iceberg_scan delta_scan duckdb_settings
duckdb_tables duckdb_columns duckdb_functions duckdb_secrets duckdb_databases pragma_table_info which_secret
parquet_metadata parquet_schema arrow_scan pandas_scan seq_scan
"""
_ANY_ROW = """
any_value arbitrary list_any_value mode
"""
_FLOATS = """
fsum kahan_sum sumkahan favg stddev stddev_pop stddev_samp var_pop var_samp variance corr covar_pop covar_samp
regr_slope regr_intercept regr_r2 product geomean geometric_mean skewness kurtosis entropy
"""
_ESTIMATES = """
approx_count_distinct approx_quantile approx_top_k reservoir_quantile
"""
_ANY_SIZE = """
range generate_series repeat repeat_row lpad rpad
"""

_REFUSALS = (
    (_CLOCK, "E144", "depends on the clock", "use $as_of in a measure; a projection may not mention time"),
    (_CHANCE, "E144", "depends on chance", "derive it from the row's own columns, as in md5(key)"),
    (_SESSION, "E144", "depends on the session it runs in", "a directive may only use its tables, and UTC"),
    (_OUTSIDE, "E143", "reaches out of the tables", "a directive may only use its tables"),
    (_ANY_ROW, "E145", "takes whichever row comes first", "use max(…), or max_by(…, (occurred_at, key))"),
    (_FLOATS, "E145", "adds up floating-point numbers in no fixed order", "use sum and count over decimals"),
    (_ESTIMATES, "E145", "only estimates", "use the exact function"),
    (_ANY_SIZE, "E143", "can make a result of any size", "write the values out"),
)

REFUSED = {name: (code, why, remedy) for names, code, why, remedy in _REFUSALS for name in names.split()}
"""Functions that people will try: the code, what is wrong with them, and the remedy."""
