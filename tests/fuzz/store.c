#include "tests/fuzz/store.h"
#include "dataset/ingest.h"
#include "tests/fuzz/fields.h"
#include "tests/fuzz/fuzz.h"
#include "tracegen/error.h"

#include <math.h>

static void check_count(ds_store *store, const char *sql, gint64 wanted)
{
    gint64 got = -1;
    fuzz_check(ds_lookup(store, &got, NULL, sql, "") && got == wanted, sql);
}

gboolean fuzz_ingest(const char *path, ds_store **store)
{
    static const struct ds_ingest_options options = {.max_reject = -1, .command = "fuzz"};
    struct ds_ingest_result n;
    g_autoptr(GError) error = NULL;
    *store = ds_store_open(":memory:", DS_CREATE, &error);
    fuzz_check(*store != NULL, "a store in memory");
    gboolean done = ds_ingest(*store, path, &options, &n, &error);
    fuzz_check(n.n_line == n.n_event + n.n_noise + n.n_blank + n.n_reject, "sum of the lines");
    fuzz_check(done == (n.n_event + n.n_noise > 0), done ? "nothing ingested" : error->message);
    if (!done) {
        fuzz_check(error->code == TG_ERROR_DATA, error->message);
        check_count(*store, "SELECT count(*) FROM run", 0);
        return FALSE;
    }
    check_count(*store, "SELECT n_line FROM run", n.n_line);
    check_count(*store, "SELECT count(*) FROM event", n.n_event);
    check_count(*store, "SELECT n_reject FROM run", n.n_reject);
    check_count(*store, "SELECT n_noise FROM run", n.n_noise);
    return TRUE;
}

enum { N_BEFORE = 5 }; /* columns before those of the table of fields */

ds_query *fuzz_query_events(ds_store *store)
{
    g_autoptr(GString) sql = g_string_new("SELECT line, format, op, spelling, text");
    for (int i = 0; i < FUZZ_N_FIELD; i++)
        g_string_append_printf(sql, ", %s", fuzz_fields[i].name);
    g_string_append(sql, " FROM event ORDER BY line");
    ds_query *query = ds_query_new(store, NULL, sql->str, "");
    fuzz_check(query != NULL, sql->str);
    return query;
}

static gboolean is_text(ds_query *query, int column, struct tg_text wanted)
{
    const char *got = ds_query_text(query, column);
    return wanted.at ? got && tg_text_is(wanted, got) : !got;
}

/* An absent value is NULL. */
static gboolean is_number(ds_query *query, int column, gboolean absent, gboolean same)
{
    return ds_query_is_null(query, column) ? absent : !absent && same;
}

void fuzz_check_row(ds_query *query, const struct tg_line *line)
{
    const struct tg_event *e = &line->event;
    fuzz_check(ds_query_next(query, NULL), "a row for each event");
    fuzz_check(ds_query_int(query, 0) == line->number, "line");
    fuzz_check(g_strcmp0(ds_query_text(query, 1), tg_format_name(e->format)) == 0, "format");
    fuzz_check(is_text(query, 2, (struct tg_text){&e->op, 1}), "op");
    fuzz_check(ds_query_int(query, 3) == e->spelling, "spelling");
    fuzz_check(is_text(query, 4, line->odd ? line->text : (struct tg_text){NULL, 0}), "text");
    for (int i = 0; i < FUZZ_N_FIELD; i++) {
        const struct fuzz_field *field = &fuzz_fields[i];
        const void *member = fuzz_member(e, field);
        int column = N_BEFORE + i;
        gboolean same = FALSE;
        if (field->type == FUZZ_TEXT)
            same = is_text(query, column, *(const struct tg_text *)member);
        else if (field->type == FUZZ_INT)
            same = is_number(query, column, *(const gint64 *)member == TG_ABSENT,
                             ds_query_int(query, column) == *(const gint64 *)member);
        else
            same = is_number(query, column, isnan(*(const double *)member),
                             ds_query_double(query, column) == *(const double *)member);
        fuzz_check(same, field->name);
    }
}
