#include "experiments/detection_event.h"

#include "model/distance.h"
#include "tracegen/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The events of one candidate. */
struct bag {
    struct nn_counts counts;
    int *symbols, *sequence; /* behind counts; the first symbols, in order */
    int n_event, n_sequence;
};

static void free_bag(gpointer data)
{
    struct bag *bag = data;
    g_free(bag->symbols);
    g_free(bag->sequence);
    g_free(bag);
}

/* A shape of the run that is read: whose events it has, and how they look. */
struct shape {
    int whole; /* place of the pair's first candidate */
    int symbol;
};

struct reading {
    const ex_task *task;
    GHashTable *symbols;     /* text -> number from 1 */
    int n_known;             /* symbols of the training runs */
    GPtrArray *reference[2]; /* of struct bag: training runs, and their windows */
    /* of the run that is read: */
    GHashTable *shapes; /* shape_id -> place in shape from 1 */
    GArray *shape;      /* of struct shape */
    GArray **sequences; /* [candidates] of int: the symbols of each; NULL: none yet */
};

/* ---- reading a run ------------------------------------------------------- */

static int find_symbol(struct reading *r, const char *text)
{
    int number = GPOINTER_TO_INT(g_hash_table_lookup(r->symbols, text));
    if (number == 0) {
        number = (int)g_hash_table_size(r->symbols) + 1;
        g_hash_table_insert(r->symbols, g_strdup(text), GINT_TO_POINTER(number));
    }
    return number - 1;
}

static gboolean load_shapes(struct reading *r, const ex_traffic *traffic, gint64 run_id,
                            GError **error)
{
    static const char sql[] =
        "SELECT shape_id, f.src, f.dst,"
        "       json_array(op, layer, ptype, reason, size, mac_type, flags, tcp_header, arp_op,"
        "                  route_op, e.proto, e.sport, e.dport, ttl)"
        " FROM shape AS s"
        " JOIN kind AS k USING (kind_id)"
        " JOIN ends AS e USING (ends_id)"
        " JOIN flow AS f ON f.run_id = s.run_id AND f.flow = e.flow"
        " WHERE s.run_id = ? ORDER BY shape_id";
    GError *failure = NULL;
    g_hash_table_remove_all(r->shapes);
    g_array_set_size(r->shape, 0);
    g_autoptr(ds_query) rows = ds_query_new(r->task->store, error, sql, "i", run_id);
    if (!rows)
        return FALSE;
    while (ds_query_next(rows, &failure)) {
        const struct ex_candidate pair = {run_id, ds_query_int(rows, 1), ds_query_int(rows, 2),
                                          EX_WHOLE_RUN};
        const struct shape shape = {ex_candidate_find(traffic->candidates, traffic->n, &pair),
                                    find_symbol(r, ds_query_text(rows, 3))};
        if (shape.whole < 0)
            continue; /* sent nothing */
        g_array_append_val(r->shape, shape);
        g_hash_table_insert(r->shapes, (gpointer)(gintptr)ds_query_int(rows, 0),
                            GUINT_TO_POINTER(r->shape->len));
    }
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

static void add_symbol(struct reading *r, int candidate, int symbol)
{
    if (!r->sequences[candidate])
        r->sequences[candidate] = g_array_new(FALSE, FALSE, sizeof(int));
    g_array_append_val(r->sequences[candidate], symbol);
}

/* The events of a run, in trace order, to the candidates that they belong to. */
static gboolean load_events(struct reading *r, const ex_traffic *traffic, gint64 run_id,
                            GError **error)
{
    GError *failure = NULL;
    int last = 0; /* window that the event before was in: mostly it is the same */
    g_autoptr(ds_query) rows =
        ds_query_new(r->task->store, error,
                     "SELECT shape_id, time FROM event_row WHERE run_id = ? ORDER BY line", "i",
                     run_id);
    if (!rows)
        return FALSE;
    while (ds_query_next(rows, &failure)) {
        const guint place = GPOINTER_TO_UINT(
            g_hash_table_lookup(r->shapes, (gpointer)(gintptr)ds_query_int(rows, 0)));
        if (place == 0)
            continue;
        const struct shape *shape = &g_array_index(r->shape, struct shape, place - 1);
        struct ex_candidate window = traffic->candidates[shape->whole];
        window.window = (gint64)(ds_query_double(rows, 1) / r->task->window);
        if (ex_candidate_compare(&traffic->candidates[last], &window) != 0)
            last = MAX(ex_candidate_find(traffic->candidates, traffic->n, &window), 0);
        add_symbol(r, shape->whole, shape->symbol);
        /* Nothing is judged of a window in which nothing was sent. */
        if (ex_candidate_compare(&traffic->candidates[last], &window) == 0)
            add_symbol(r, last, shape->symbol);
    }
    if (failure)
        g_propagate_error(error, failure);
    return failure == NULL;
}

static int by_number(const void *a, const void *b)
{
    const int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

static struct bag *pack(const GArray *events)
{
    const int *symbols = (const int *)(const void *)events->data;
    struct bag *bag = g_new0(struct bag, 1);
    bag->n_event = (int)events->len;
    bag->n_sequence = MIN(bag->n_event, NN_MAX_SEQUENCE);
    bag->sequence = g_memdup2(symbols, bag->n_sequence * sizeof(int));
    g_autofree int *sorted = g_memdup2(symbols, bag->n_event * sizeof(int));
    qsort(sorted, bag->n_event, sizeof(int), by_number);
    int n = 0;
    for (int i = 0; i < bag->n_event; i++)
        n += i == 0 || sorted[i] != sorted[i - 1];
    bag->symbols = g_new0(int, 2 * n);
    int *counts = bag->symbols + n;
    for (int i = 0, at = -1; i < bag->n_event; i++) {
        at += i == 0 || sorted[i] != sorted[i - 1];
        bag->symbols[at] = sorted[i];
        counts[at]++;
    }
    bag->counts = (struct nn_counts){bag->symbols, counts, n, 0};
    for (int i = 0; i < n; i++)
        bag->counts.squares += (double)counts[i] * counts[i];
    return bag;
}

/* Reads run after run, and gives the events of each of their candidates to f. */
static gboolean read_runs(struct reading *r, const ex_traffic *traffic, const GArray *runs,
                          void (*f)(struct reading *, int, struct bag *, gboolean, gpointer),
                          gpointer data, GError **error)
{
    gboolean done = TRUE;
    int first = 0;
    r->sequences = g_new0(GArray *, traffic->n + 1);
    for (guint i = 0; i < runs->len && done; i++) {
        const gint64 run_id = g_array_index(runs, gint64, i);
        done = tg_check_interrupt(error) && load_shapes(r, traffic, run_id, error) &&
               load_events(r, traffic, run_id, error);
        for (; first < traffic->n && traffic->candidates[first].run_id == run_id; first++) {
            GArray *events = g_steal_pointer(&r->sequences[first]);
            if (!events)
                continue;
            if (done)
                f(r, first, pack(events), traffic->candidates[first].window == EX_WHOLE_RUN, data);
            g_array_unref(events);
        }
    }
    g_clear_pointer(&r->sequences, g_free);
    return done;
}

/* ---- learning ------------------------------------------------------------ */

static void learn(struct reading *r, G_GNUC_UNUSED int candidate, struct bag *bag, gboolean whole,
                  G_GNUC_UNUSED gpointer data)
{
    g_ptr_array_add(r->reference[!whole], bag);
}

/* Keeps some, evenly chosen, so that the time to judge is bounded. */
static void thin_out(GPtrArray *bags)
{
    const guint64 n = bags->len;
    guint kept = 0;
    for (guint64 i = 0; i < n && n > EX_MAX_REFERENCE; i++) {
        if ((i + 1) * EX_MAX_REFERENCE / n == i * EX_MAX_REFERENCE / n)
            continue;
        gpointer chosen = bags->pdata[i];
        bags->pdata[i] = bags->pdata[kept];
        bags->pdata[kept++] = chosen;
    }
    if (kept > 0)
        g_ptr_array_set_size(bags, (gint)kept);
}

/* ---- judging ------------------------------------------------------------- */

static double judge_new(const struct reading *r, const struct bag *bag)
{
    int n_new = 0;
    for (int i = 0; i < bag->counts.n; i++)
        if (bag->counts.symbols[i] >= r->n_known)
            n_new += bag->counts.counts[i];
    return (double)n_new / bag->n_event;
}

static double judge_counts(const struct reading *r, const struct bag *bag,
                           const GPtrArray *reference)
{
    double greatest = -1;
    g_autofree int *dense = g_new0(int, g_hash_table_size(r->symbols));
    for (int i = 0; i < bag->counts.n; i++)
        dense[bag->counts.symbols[i]] = bag->counts.counts[i];
    for (guint i = 0; i < reference->len; i++) {
        const struct bag *other = reference->pdata[i];
        greatest = fmax(greatest, nn_cosine(&other->counts, dense, bag->counts.squares));
    }
    return greatest < 0 ? NAN : 1 - fmin(greatest, 1);
}

static double judge_order(const struct reading *r, const struct bag *bag,
                          const GPtrArray *reference)
{
    double least = NAN;
    g_autofree nn_places *places = g_new0(nn_places, g_hash_table_size(r->symbols));
    for (int i = 0; i < bag->n_sequence; i++)
        places[bag->sequence[i]] |= (nn_places)1 << i;
    for (guint i = 0; i < reference->len; i++) {
        const struct bag *other = reference->pdata[i];
        const double longer = MAX(bag->n_sequence, other->n_sequence);
        if (abs(bag->n_sequence - other->n_sequence) / longer >= least)
            continue; /* cannot be nearer */
        least = fmin(least,
                     nn_edit_distance(places, bag->n_sequence, other->sequence, other->n_sequence) /
                         longer);
    }
    return least;
}

static void judge(struct reading *r, int candidate, struct bag *bag, gboolean whole, gpointer data)
{
    const struct ex_event_scores *scores = data;
    const GPtrArray *reference = r->reference[!whole];
    scores->new_event[candidate] = judge_new(r, bag);
    scores->count_vector[candidate] = judge_counts(r, bag, reference);
    scores->edit_distance[candidate] = judge_order(r, bag, reference);
    free_bag(bag);
}

gboolean ex_score_events(const ex_task *task, const ex_traffic *train, const ex_traffic *test,
                         const struct ex_event_scores *scores, GError **error)
{
    struct reading r = {.task = task,
                        .symbols = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                        .shapes = g_hash_table_new(g_direct_hash, g_direct_equal),
                        .shape = g_array_new(FALSE, FALSE, sizeof(struct shape))};
    for (int i = 0; i < 2; i++)
        r.reference[i] = g_ptr_array_new_with_free_func(free_bag);
    for (int i = 0; i < test->n; i++)
        scores->new_event[i] = scores->count_vector[i] = scores->edit_distance[i] = NAN;
    gboolean done = read_runs(&r, train, task->train, learn, NULL, error);
    r.n_known = (int)g_hash_table_size(r.symbols);
    thin_out(r.reference[0]);
    thin_out(r.reference[1]);
    done = done && read_runs(&r, test, task->test, judge, (gpointer)scores, error);
    for (int i = 0; i < 2; i++)
        g_ptr_array_unref(r.reference[i]);
    g_hash_table_unref(r.symbols);
    g_hash_table_unref(r.shapes);
    g_array_unref(r.shape);
    return done;
}
