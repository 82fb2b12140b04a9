#include "dataset/pairs.h"

#include "dataset/control.h"
#include "dataset/corpus.h"
#include "dataset/reading.h"
#include "dataset/runs.h"
#include "tracegen/error.h"
#include "tracegen/json.h"
#include "tracegen/sha256.h"
#include <json-glib/json-glib.h>
#include <string.h>

/* Words of consecutive events of one context. */
struct sentence {
    gint64 line; /* of its first event; 0: no sentence */
    int n_event, n_word;
    GString *text;
    gboolean stored;
};

struct context {
    struct sentence last, next; /* complete; being filled */
    gint64 *counts;             /* [n_field] of its event before; of counting fields only */
    gboolean *counted;          /* [n_field] has there been one? */
};

/* What building one set needs. */
struct builder {
    ds_store *store;
    const struct ds_pairs_options *options;
    struct ds_pairs_result *result;
    const char *events_sql, *noise_sql, *covert_sql, *elsewhere_sql; /* of the reading */
    ds_query *insert_sentence, *insert_pair;
    GHashTable *words; /* distinct words so far */
    tg_sha256 *sha256; /* of the pairs' text */
    int n_field;
    const gboolean *counting; /* [n_field] is its number one that counts on from event to event? */
    const gboolean *naming;   /* [n_field] is it the number of a node? */
    gint64 n_skipped;         /* pairs of the present run that were passed over */
    GHashTable *permutation;  /* of its nodes; NULL: they keep their numbers */
};

static void context_free(gpointer data)
{
    struct context *context = data;
    g_string_free(context->last.text, TRUE);
    g_string_free(context->next.text, TRUE);
    g_free(context->counts);
    g_free(context->counted);
    g_free(context);
}

static struct context *find_context(GHashTable *contexts, const char *key, int n_field)
{
    struct context *context = g_hash_table_lookup(contexts, key);
    if (!context) {
        context = g_new0(struct context, 1);
        context->last.text = g_string_new(NULL);
        context->next.text = g_string_new(NULL);
        context->counts = g_new0(gint64, n_field);
        context->counted = g_new0(gboolean, n_field);
        g_hash_table_insert(contexts, g_strdup(key), context);
    }
    return context;
}

static void clear_sentence(struct sentence *sentence)
{
    sentence->line = 0;
    sentence->n_event = sentence->n_word = 0;
    sentence->stored = FALSE;
    g_string_truncate(sentence->text, 0);
}

static void append_word(struct sentence *sentence, const char *word, gssize length)
{
    if (sentence->text->len > 0)
        g_string_append_c(sentence->text, ' ');
    g_string_append_len(sentence->text, word, length);
    sentence->n_word++;
}

static void append_number(struct sentence *sentence, gint64 number)
{
    g_autofree char *word = g_strdup_printf("%" G_GINT64_FORMAT, number);
    append_word(sentence, word, -1);
}

/* The change since the context's event before, with its sign; `first` where there was none. */
static void append_delta(struct context *context, int field, gint64 count)
{
    g_autofree char *word =
        context->counted[field]
            ? g_strdup_printf("%+" G_GINT64_FORMAT, count - context->counts[field])
            : g_strdup("first");
    context->counts[field] = count;
    context->counted[field] = TRUE;
    append_word(&context->next, word, -1);
}

static void append_event(const struct builder *b, struct context *context, ds_query *event)
{
    struct sentence *sentence = &context->next;
    if (sentence->n_event++ == 0)
        sentence->line = ds_query_int(event, 0);
    for (int i = 0; i < b->n_field; i++) {
        const char *word = ds_query_text(event, 2 + i);
        if (!word)
            append_word(sentence, "-", 1);
        else if (b->permutation && b->naming[i])
            append_number(sentence, ds_permuted(b->permutation, ds_query_int(event, 2 + i)));
        else if (!b->counting[i])
            append_word(sentence, word, -1);
        else if (strcmp(b->options->reading.numbers, "delta") == 0)
            append_delta(context, i, ds_query_int(event, 2 + i));
        else
            for (; *word; word++)
                append_word(sentence, word, 1);
    }
}

static gboolean store_sentence(struct builder *b, gint64 run_id, struct sentence *sentence,
                               GError **error)
{
    if (sentence->stored)
        return TRUE;
    sentence->stored = TRUE;
    g_auto(GStrv) words = g_strsplit(sentence->text->str, " ", -1);
    for (char **word = words; *word; word++)
        if (!g_hash_table_contains(b->words, *word))
            g_hash_table_add(b->words, g_strdup(*word));
    return ds_query_run(b->insert_sentence, error, "iiis", b->result->pair_set_id, run_id,
                        sentence->line, sentence->text->str);
}

/* The sentence `next` is complete: pairs it with the one before, which it then replaces. */
static gboolean end_sentence(struct builder *b, gint64 run_id, struct context *context,
                             gint64 *n_pair, GError **error)
{
    if (context->next.n_word > DS_MAX_WORDS) {
        b->result->n_refused++;
        clear_sentence(&context->last); /* what follows it follows no sentence */
        clear_sentence(&context->next);
        return TRUE;
    }
    if (context->last.line && b->n_skipped < b->options->skip) {
        b->n_skipped++;
    } else if (context->last.line) {
        struct sentence *both[2] = {&context->last, &context->next};
        for (int i = 0; i < 2; i++) {
            tg_sha256_update(b->sha256, both[i]->text->str, both[i]->text->len);
            tg_sha256_update(b->sha256, "\n", 1);
        }
        if (!store_sentence(b, run_id, &context->last, error) ||
            !store_sentence(b, run_id, &context->next, error) ||
            !ds_query_run(b->insert_pair, error, "iiii", b->result->pair_set_id, run_id,
                          context->last.line, context->next.line))
            return FALSE;
        ++*n_pair;
    }
    struct sentence swap = context->last;
    context->last = context->next;
    context->next = swap;
    clear_sentence(&context->next);
    return TRUE;
}

static gint64 count_incomplete(GHashTable *contexts)
{
    GHashTableIter iter;
    gpointer context;
    gint64 n_event = 0;
    g_hash_table_iter_init(&iter, contexts);
    while (g_hash_table_iter_next(&iter, NULL, &context))
        n_event += ((struct context *)context)->next.n_event;
    return n_event;
}

/* Reads the events of a run in trace order and pairs them, until there are enough pairs. */
static gboolean pair_events(struct builder *b, ds_query *events, gint64 run_id, gint64 *n_pair,
                            GError **error)
{
    const struct ds_pairs_options *options = b->options;
    g_autoptr(GHashTable) contexts =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, context_free);
    GError *failure = NULL;
    for (gint64 n_event = 0; options->limit == 0 || *n_pair < options->limit; n_event++) {
        if (n_event % 4096 == 0 && !tg_check_interrupt(error))
            return FALSE;
        if (!ds_query_next(events, &failure)) {
            b->result->n_incomplete += count_incomplete(contexts);
            break;
        }
        const char *key = ds_query_text(events, 1);
        if (!key) {
            b->result->n_left_out++;
            continue;
        }
        struct context *context = find_context(contexts, key, b->n_field);
        append_event(b, context, events);
        if (context->next.n_event == options->reading.span &&
            !end_sentence(b, run_id, context, n_pair, error))
            return FALSE;
    }
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

/* The statement for the events of a run, with its gateway if the reading is of one. */
static ds_query *query_events(const struct builder *b, gint64 run_id, GError **error)
{
    const struct ds_reading *reading = &b->options->reading;
    return ds_query_new(b->store, error, b->events_sql, reading->of_gateway ? "ii" : "i", run_id,
                        reading->gateway);
}

/* Counts what the reading leaves out of a run. */
static gboolean count_left_out(struct builder *b, gint64 run_id, GError **error)
{
    const struct ds_reading *reading = &b->options->reading;
    gint64 n_noise = 0, n_covert = 0, n_elsewhere = 0;
    if (!ds_lookup(b->store, &n_noise, error, b->noise_sql, "i", run_id) ||
        !ds_lookup(b->store, &n_covert, error, b->covert_sql, "i", run_id) ||
        (reading->of_gateway && !ds_lookup(b->store, &n_elsewhere, error, b->elsewhere_sql, "ii",
                                           run_id, reading->gateway)))
        return FALSE;
    b->result->n_noise += n_noise;
    b->result->n_covert += n_covert;
    b->result->n_elsewhere += n_elsewhere;
    return TRUE;
}

static gboolean pair_run(struct builder *b, gint64 run_id, GError **error)
{
    gint64 n_pair = 0;
    g_autoptr(GHashTable) permutation = NULL;
    b->n_skipped = 0;
    if (b->options->permute &&
        !(permutation = ds_permute_nodes(b->store, run_id, b->options->permute, error)))
        return FALSE;
    b->permutation = permutation;
    g_autoptr(ds_query) events = query_events(b, run_id, error);
    if (!events || !pair_events(b, events, run_id, &n_pair, error) ||
        !count_left_out(b, run_id, error))
        return FALSE;
    b->result->n_pair += n_pair;
    return ds_execute(b->store, error, "INSERT INTO pair_set_run VALUES (?, ?, ?)", "iii",
                      b->result->pair_set_id, run_id, n_pair);
}

static char *options_json(const struct ds_pairs_options *options,
                          const struct ds_pairs_result *result)
{
    g_autoptr(JsonBuilder) json = json_builder_new();
    json_builder_begin_object(json);
    const struct {
        const char *name, *value;
    } texts[] = {{"runs", options->runs},
                 {"context", options->reading.context},
                 {"noise", options->reading.noise},
                 {"numbers", options->reading.numbers},
                 {"vantage", options->reading.vantage},
                 {"command", options->command},
                 {"version", ADLIOTLOG_VERSION}};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        json_builder_set_member_name(json, texts[i].name);
        json_builder_add_string_value(json, texts[i].value);
    }
    const struct {
        const char *name;
        gint64 value;
    } numbers[] = {{"span", options->reading.span},
                   {"limit", options->limit},
                   {"skip", options->skip},
                   {"shuffle", options->shuffle},
                   {"permute", options->permute},
                   {"max_words", DS_MAX_WORDS},
                   {"n_refused", result->n_refused},
                   {"n_left_out", result->n_left_out},
                   {"n_incomplete", result->n_incomplete},
                   {"n_noise", result->n_noise},
                   {"n_covert", result->n_covert},
                   {"n_elsewhere", result->n_elsewhere}};
    for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++) {
        json_builder_set_member_name(json, numbers[i].name);
        json_builder_add_int_value(json, numbers[i].value);
    }
    json_builder_set_member_name(json, "gateway");
    if (options->reading.of_gateway)
        json_builder_add_int_value(json, options->reading.gateway);
    else
        json_builder_add_null_value(json);
    json_builder_set_member_name(json, "fields");
    json_builder_begin_array(json);
    g_auto(GStrv) fields = ds_reading_fields(&options->reading);
    for (char **field = fields; *field; field++)
        json_builder_add_string_value(json, *field);
    json_builder_end_array(json);
    json_builder_end_object(json);
    g_autoptr(JsonNode) root = json_builder_get_root(json);
    return tg_json_to_string(root, FALSE);
}

/* Makes room for the name: an old set goes with --force, otherwise it is an error. */
static gboolean free_name(ds_store *store, const struct ds_pairs_options *options, GError **error)
{
    gint64 old = 0;
    if (!ds_lookup(store, &old, error, "SELECT pair_set_id FROM pair_set WHERE name = ?", "s",
                   options->name))
        return FALSE;
    if (old && !options->force) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA,
                    "pair set '%s' is there already (--force replaces it)", options->name);
        return FALSE;
    }
    return ds_execute(store, error, "DELETE FROM pair_set WHERE pair_set_id = ?", "i", old);
}

static gboolean build_set(struct builder *b, GArray *runs, GError **error)
{
    struct ds_pairs_result *result = b->result;
    if (!ds_execute(b->store, error,
                    "INSERT INTO pair_set (name, options, n_pair, n_token, sha256)"
                    " VALUES (?, '{}', 0, 0, hex(zeroblob(32)))",
                    "s", b->options->name))
        return FALSE;
    result->pair_set_id = ds_last_id(b->store);
    for (guint i = 0; i < runs->len; i++)
        if (!pair_run(b, g_array_index(runs, gint64, i), error))
            return FALSE;
    if (result->n_pair == 0) {
        g_set_error(error, TG_ERROR, TG_ERROR_NO,
                    "no pair: the runs hold no two consecutive sentences of this reading"
                    " (%" G_GINT64_FORMAT
                    " sentences of more than %d words refused, %" G_GINT64_FORMAT
                    " events left out as noise, %" G_GINT64_FORMAT
                    " without context, %" G_GINT64_FORMAT
                    " in incomplete sentences, %" G_GINT64_FORMAT " covert, %" G_GINT64_FORMAT
                    " of another gateway)",
                    result->n_refused, DS_MAX_WORDS, result->n_noise, result->n_left_out,
                    result->n_incomplete, result->n_covert, result->n_elsewhere);
        return FALSE;
    }
    result->n_run = runs->len;
    result->n_token = g_hash_table_size(b->words);
    g_autofree char *sha256 = NULL;
    if (b->options->shuffle &&
        !ds_shuffle_targets(b->store, result->pair_set_id, b->options->shuffle, &sha256, error))
        return FALSE;
    g_autofree char *json = options_json(b->options, result);
    return ds_execute(b->store, error,
                      "UPDATE pair_set SET options = ?, n_pair = ?, n_token = ?, sha256 = ?"
                      " WHERE pair_set_id = ?",
                      "siisi", json, result->n_pair, result->n_token,
                      sha256 ? sha256 : tg_sha256_hex(b->sha256), result->pair_set_id);
}

static gboolean build_in_transaction(struct builder *b, GError **error)
{
    ds_store *store = b->store;
    const struct ds_pairs_options *options = b->options;
    g_autoptr(GArray) runs = ds_runs_pick(store, options->runs, error);
    if (!runs || !free_name(store, options, error))
        return FALSE;
    g_autoptr(ds_query) insert_sentence =
        ds_query_new(store, error, "INSERT INTO sentence VALUES (?, ?, ?, ?)", "");
    g_autoptr(ds_query) insert_pair = ds_query_new(
        store, error,
        "INSERT INTO pair (pair_set_id, run_id, source_line, target_line) VALUES (?, ?, ?, ?)", "");
    if (!insert_sentence || !insert_pair)
        return FALSE;
    g_autoptr(GHashTable) words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_auto(GStrv) fields = ds_reading_fields(&options->reading);
    g_autofree gboolean *counting = ds_reading_counting(&options->reading);
    g_autofree gboolean *naming = ds_reading_naming(&options->reading);
    g_autoptr(tg_sha256) sha256 = tg_sha256_new();
    b->insert_sentence = insert_sentence;
    b->insert_pair = insert_pair;
    b->words = words;
    b->sha256 = sha256;
    b->n_field = (int)g_strv_length(fields);
    b->counting = counting;
    b->naming = naming;
    return build_set(b, runs, error) && tg_check_interrupt(error) && ds_commit(store, error);
}

gboolean ds_pairs_build(ds_store *store, const struct ds_pairs_options *options,
                        struct ds_pairs_result *result, GError **error)
{
    *result = (struct ds_pairs_result){0};
    g_autofree char *events_sql = ds_reading_sql(&options->reading, error);
    g_autofree char *noise_sql = events_sql ? ds_reading_noise_sql(&options->reading, error) : NULL;
    g_autofree char *covert_sql =
        noise_sql ? ds_reading_covert_sql(&options->reading, error) : NULL;
    g_autofree char *elsewhere_sql =
        covert_sql ? ds_reading_elsewhere_sql(&options->reading, error) : NULL;
    struct builder b = {
        .store = store,
        .options = options,
        .result = result,
        .events_sql = events_sql,
        .noise_sql = noise_sql,
        .covert_sql = covert_sql,
        .elsewhere_sql = elsewhere_sql,
    };
    gboolean done = elsewhere_sql && ds_begin(store, error) && build_in_transaction(&b, error);
    if (!done)
        ds_rollback(store);
    return done;
}

/* ---- a set that is there ------------------------------------------------- */

/* What decides the content, runs apart: all but where it came from, and what came of it. */
#define DECIDING(options)                                                                          \
    "json_remove(" options ", '$.command', '$.runs', '$.n_refused', '$.n_left_out',"               \
    " '$.n_incomplete', '$.n_noise', '$.n_covert', '$.n_elsewhere')"

static gboolean has_runs(ds_store *store, gint64 pair_set_id, const GArray *runs, gboolean *same,
                         GError **error)
{
    GError *failure = NULL;
    guint n = 0;
    g_autoptr(ds_query) query =
        ds_query_new(store, &failure,
                     "SELECT run_id FROM pair_set_run WHERE pair_set_id = ? ORDER BY run_id", "i",
                     pair_set_id);
    *same = TRUE;
    for (; query && ds_query_next(query, &failure); n++)
        *same &= n < runs->len && g_array_index(runs, gint64, n) == ds_query_int(query, 0);
    *same &= n == runs->len;
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

gboolean ds_pairs_are_built(ds_store *store, const struct ds_pairs_options *options,
                            gboolean *built, GError **error)
{
    const struct ds_pairs_result none = {0};
    gint64 pair_set_id = 0;
    *built = FALSE;
    g_autofree char *json = options_json(options, &none);
    if (!ds_lookup(store, &pair_set_id, error,
                   "SELECT pair_set_id FROM pair_set WHERE name = ? AND " DECIDING(
                       "options") " = " DECIDING("?"),
                   "ss", options->name, json))
        return FALSE;
    if (!pair_set_id)
        return TRUE;
    g_autoptr(GArray) runs = ds_runs_pick(store, options->runs, error);
    return runs && has_runs(store, pair_set_id, runs, built, error);
}
