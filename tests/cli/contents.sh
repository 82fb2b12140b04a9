# shellcheck shell=bash
# What stores hold, to be compared whatever numbers their rows have. Sourced by tests.

# Per table, and view if asked for, a digest of its rows, in any order, without the numbers of a
# store; a run is known by its trace. Leaves the rows in files NAME.rows.
contents() { # STORE [view]
    local store=$1 types="'table'" table columns of
    [ $# -lt 2 ] || types="'table', '$2'"
    sqlite3 -readonly "$store" "SELECT name FROM sqlite_schema WHERE type IN ($types)
        AND name NOT LIKE 'sqlite_%' ORDER BY 1" | while read -r table; do
        columns=$(sqlite3 -readonly "$store" "SELECT group_concat(CASE WHEN name = 'options'
            THEN 'json_remove(options, ''$.command'', ''$.train'', ''$.test'')'
            ELSE '\"' || name || '\"' END) FROM pragma_table_info('$table')
            WHERE name NOT LIKE '%\\_id' ESCAPE '\\' AND name NOT IN ('command', 'trace_path', 'twin',
            'train_set', 'test_set', 'run', 'benign_run', 'attack_run')")
        of=$(sqlite3 -readonly "$store" "SELECT 1 FROM pragma_table_info('$table') WHERE name = 'run_id'")
        [ "$table" != run ] || of=
        sqlite3 -readonly "$store" "SELECT ${of:+(SELECT trace_sha256 FROM run
            WHERE run.run_id = t.run_id), }$columns FROM \"$table\" AS t" >"$table.rows" || echo failed
        echo "$table $(wc -l <"$table.rows") $(sort "$table.rows" | sha256sum)"
    done
}
