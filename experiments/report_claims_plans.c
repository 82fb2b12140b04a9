/* Claims that compare protocols, readings, amounts of data or cells: most need plans of their own,
 * whose trials are looked for in the same store. All of them under attack, that is, on the combined
 * traces, which the paper trains on. */
#include "experiments/report_claims.h"
#include "experiments/report_contrast.h"
#include "experiments/report_federation.h"

#include <stdlib.h>
#include <string.h>

/* Accuracies that differ by less are as good as each other, points. */
#define MARGIN 2.0

static const char above_rule[] =
    "reproduced: the 95 % t interval of the mean over seeds lies above 0; not reproduced: it does "
    "not reach above 0; undecided: it reaches both sides, or fewer than 3 seeds";
static const char not_below_rule[] =
    "reproduced: the 95 % t interval of the mean over seeds lies above -2 points, which is as "
    "good; not reproduced: it does not reach above that; undecided: it reaches both sides, or "
    "fewer than 3 seeds";
static const char same_rule[] =
    "reproduced: the 95 % t interval of the mean over seeds lies within 2 points of 0; not "
    "reproduced: it lies beyond; undecided: it reaches both, or fewer than 3 seeds";

enum rule { ABOVE, NOT_BELOW, SAME };
static const char *const rules[] = {
    [ABOVE] = above_rule, [NOT_BELOW] = not_below_rule, [SAME] = same_rule};

static const char *judge_above(const struct ex_summary *s, double limit)
{
    return ex_verdicts[s->n < EX_MIN_SEEDS   ? EX_UNDECIDED
                       : s->ci_low > limit   ? EX_REPRODUCED
                       : s->ci_high <= limit ? EX_NOT_REPRODUCED
                                             : EX_UNDECIDED];
}

static const char *judge_same(const struct ex_summary *s)
{
    if (s->n < EX_MIN_SEEDS)
        return ex_verdicts[EX_UNDECIDED];
    if (s->ci_low > -MARGIN && s->ci_high < MARGIN)
        return ex_verdicts[EX_REPRODUCED];
    return ex_verdicts[s->ci_low >= MARGIN || s->ci_high <= -MARGIN ? EX_NOT_REPRODUCED
                                                                    : EX_UNDECIDED];
}

static const char *judge(enum rule rule, const struct ex_summary *s)
{
    return rule == SAME ? judge_same(s) : judge_above(s, rule == ABOVE ? 0 : -MARGIN);
}

/* Where claims of a plan are looked for and put. */
struct source {
    GPtrArray *claims;
    ds_store *store;
    const char *plan;
    GArray *records;
    enum ex_split judged; /* the split whose figures decide */
};

/* Claim is taken over. */
static struct ex_claim *add_contrast(const struct source *s, const char *protocol,
                                     const char *context, char *claim, const char *words,
                                     enum rule rule, const struct ex_term *terms, guint n_term)
{
    struct ex_claim *c = ex_claims_add(s->claims, s->plan, protocol, context, claim, words, NULL);
    struct ex_summary ours = ex_contrast(s->records, terms, n_term, EX_PAPER, EX_ACCURACY);
    struct ex_summary held_out = ex_contrast(s->records, terms, n_term, EX_HELD_OUT, EX_ACCURACY);
    struct ex_summary copy = ex_contrast(s->records, terms, n_term, s->judged, EX_COPY_BASELINE);
    g_autofree char *seeds = ex_contrast_seeds(s->records, terms, n_term);
    ex_claim_measure(c, &ours, &held_out, &copy);
    c->n_seed = s->judged == EX_PAPER ? ours.n : held_out.n;
    c->verdict = judge(rule, s->judged == EX_PAPER ? &ours : &held_out);
    c->rule = rules[rule];
    c->command = ex_reproduce_command(s->plan, *seeds ? seeds : NULL);
    return c;
}

/* ---- protocols ------------------------------------------------------------ */

static const char robust_words[] =
    "Model was found more robust for UDP packets in comparison to TCP and HTTP packets";

/* More robust, read in two ways: more accurate under attack, and losing less to it. */
static void compare_protocol(const struct source *s, const char *other, const char *context)
{
    g_autofree char *name = g_ascii_strup(other, -1);
    const struct ex_term accuracy[] = {{1, "", "udp", context, EX_WITH},
                                       {-1, "", other, context, EX_WITH}};
    const struct ex_term fall[] = {{1, "", other, context, EX_WITHOUT},
                                   {-1, "", other, context, EX_WITH},
                                   {-1, "", "udp", context, EX_WITHOUT},
                                   {1, "", "udp", context, EX_WITH}};
    g_autofree char *both = g_strdup_printf("udp, %s", other);
    add_contrast(s, both, context,
                 g_strdup_printf("accuracy with attack: UDP less %s, points", name), robust_words,
                 ABOVE, accuracy, G_N_ELEMENTS(accuracy));
    add_contrast(s, both, context, g_strdup_printf("fall under attack: %s less UDP, points", name),
                 robust_words, ABOVE, fall, G_N_ELEMENTS(fall));
}

/* In each context that has both; once without a figure when there is none. */
static void add_protocols(const struct source *s)
{
    static const char *const others[] = {"tcp", "http"};
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autoptr(GPtrArray) contexts = g_ptr_array_new();
        for (guint k = 0; k < s->records->len; k++) {
            char *context = g_array_index(s->records, struct ex_record, k).context;
            if (ex_records_have(s->records, "", "udp", context) &&
                ex_records_have(s->records, "", others[i], context) &&
                !g_ptr_array_find_with_equal_func(contexts, context, g_str_equal, NULL))
                g_ptr_array_add(contexts, context);
        }
        for (guint k = 0; k < contexts->len; k++)
            compare_protocol(s, others[i], contexts->pdata[k]);
        if (contexts->len == 0)
            compare_protocol(s, others[i], NULL);
    }
}

/* ---- plan delimiting ------------------------------------------------------ */

static int by_number(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* Spans that were delimited both ways, ascending; the default is one event of a context. */
static GArray *find_spans(const struct source *s, const char *protocol)
{
    static const char prefix[] = "arbitrary-";
    GArray *spans = g_array_new(FALSE, FALSE, sizeof(int));
    g_autoptr(GPtrArray) variants = ex_records_variants(s->records);
    for (guint i = 0; i < variants->len; i++) {
        const char *variant = variants->pdata[i];
        guint64 span;
        if (!g_str_has_prefix(variant, prefix) ||
            !g_ascii_string_to_unsigned(variant + strlen(prefix), 10, 1, 1000, &span, NULL))
            continue;
        const int value = (int)span;
        g_autofree char *context = value == 1 ? g_strdup("") : g_strdup_printf("context-%d", value);
        if (ex_records_have(s->records, variant, protocol, NULL) &&
            ex_records_have(s->records, context, protocol, NULL))
            g_array_append_val(spans, value);
    }
    g_array_sort(spans, by_number);
    return spans;
}

static void add_delimiting(const struct source *s)
{
    static const char words[] =
        "we observed that RNN shows better results if delimited using context rather than by "
        "arbitrarily varying the length of sequences input to the model";
    g_autoptr(GPtrArray) protocols = ex_records_protocols(s->records);
    for (guint i = 0; i < MAX(protocols->len, 1); i++) {
        const char *protocol = i < protocols->len ? protocols->pdata[i] : NULL;
        g_autoptr(GArray) spans = find_spans(s, protocol);
        g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(struct ex_term));
        for (guint k = 0; k < spans->len; k++) {
            const int span = g_array_index(spans, int, k);
            char *context = span == 1 ? g_strdup("") : g_strdup_printf("context-%d", span);
            char *arbitrary = g_strdup_printf("arbitrary-%d", span);
            g_ptr_array_add(names, context);
            g_ptr_array_add(names, arbitrary);
            const struct ex_term terms[] = {{1, context, protocol, NULL, EX_WITH},
                                            {-1, arbitrary, protocol, NULL, EX_WITH}};
            add_contrast(s, protocol, NULL,
                         g_strdup_printf("delimited by context less arbitrary, %d event%s a "
                                         "sentence, points",
                                         span, span == 1 ? "" : "s"),
                         words, ABOVE, terms, G_N_ELEMENTS(terms));
            for (gsize t = 0; t < G_N_ELEMENTS(terms); t++) {
                struct ex_term share = terms[t];
                share.factor /= spans->len;
                g_array_append_val(all, share);
            }
        }
        add_contrast(s, protocol, NULL,
                     g_strdup("delimited by context less arbitrary, mean over lengths, points"),
                     words, ABOVE, (const struct ex_term *)(const void *)all->data, all->len);
    }
}

/* ---- plan less-data ------------------------------------------------------- */

/* What more iterations gain on a share of the data, less what they gain on all of it; and what the
 * share loses by itself. */
static void compare_share(const struct source *s, const char *protocol, const char *share,
                          const char *name)
{
    static const char iteration_words[] =
        "when there is less data to train we get more iteration however when there is more data, "
        "number of iteration are less";
    static const char small_words[] =
        "GRU RNN can predict the event when trained on even small data with context";
    g_autofree char *fewer = g_strconcat(share, "-fewer-iterations", NULL);
    const struct ex_term gain[] = {{1, share, protocol, NULL, EX_WITH},
                                   {-1, fewer, protocol, NULL, EX_WITH},
                                   {-1, "", protocol, NULL, EX_WITH},
                                   {1, "all-fewer-iterations", protocol, NULL, EX_WITH}};
    const struct ex_term loss[] = {{1, share, protocol, NULL, EX_WITH},
                                   {-1, "", protocol, NULL, EX_WITH}};
    add_contrast(
        s, protocol, NULL,
        g_strdup_printf("gain by four times the iterations: on %s of the data less on all, "
                        "held out, points",
                        name),
        iteration_words, ABOVE, gain, G_N_ELEMENTS(gain));
    add_contrast(s, protocol, NULL,
                 g_strdup_printf("trained on %s of the data less on all, held out, points", name),
                 small_words, NOT_BELOW, loss, G_N_ELEMENTS(loss));
}

/* Trained on different numbers of pairs, they have only held-out pairs in common. */
static void add_less_data(const struct source *source)
{
    struct source held_out = *source;
    const struct source *s = &held_out;
    held_out.judged = EX_HELD_OUT;
    static const char *const shares[][2] = {{"half", "half"},
                                            {"quarter", "a quarter"},
                                            {"eighth", "an eighth"}};
    g_autoptr(GPtrArray) protocols = ex_records_protocols(s->records);
    for (guint i = 0; i < MAX(protocols->len, 1); i++)
        for (gsize k = 0; k < G_N_ELEMENTS(shares); k++)
            compare_share(s, i < protocols->len ? protocols->pdata[i] : NULL, shares[k][0],
                          shares[k][1]);
}

/* ---- plan cells ----------------------------------------------------------- */

static void add_cells(const struct source *s)
{
    g_autoptr(GPtrArray) protocols = ex_records_protocols(s->records);
    for (guint i = 0; i < MAX(protocols->len, 1); i++) {
        const char *protocol = i < protocols->len ? protocols->pdata[i] : NULL;
        const struct ex_term terms[] = {{1, "lstm", protocol, NULL, EX_WITH},
                                        {-1, "", protocol, NULL, EX_WITH}};
        add_contrast(s, protocol, NULL, g_strdup("accuracy with attack: LSTM less GRU, points"),
                     "LSTM, GRU etc. are learned with less execution time and better predicting "
                     "for network problems",
                     SAME, terms, G_N_ELEMENTS(terms));
    }
}

/* ---- plan fields ---------------------------------------------------------- */

/* The paper has one accuracy for whole events and sub-sequences, and a fall of the latter. */
static void compare_fields(const struct source *s, const char *protocol, const char *variant)
{
    static const char whole_words[] =
        "input network events use sequences of the packet events of the protocols such as TCP, "
        "UDP, and HTTP and subsequences of the packet events like sequence number, IP addresses, "
        "and window scale option";
    static const char fall_words[] =
        "the accuracy of predicted network subsequences was less in the presence of attack";
    const struct ex_term whole[] = {{1, variant, protocol, NULL, EX_WITH},
                                    {-1, "", protocol, NULL, EX_WITH}};
    const struct ex_term fall[] = {{1, variant, protocol, NULL, EX_WITHOUT},
                                   {-1, variant, protocol, NULL, EX_WITH}};
    g_autofree char *name =
        variant ? g_strdup_printf("sub-sequence '%s'", variant) : g_strdup("a sub-sequence");
    add_contrast(s, protocol, NULL, g_strdup_printf("%s less whole events, points", name),
                 whole_words, SAME, whole, G_N_ELEMENTS(whole));
    add_contrast(s, protocol, NULL, g_strdup_printf("fall of %s under attack, points", name),
                 fall_words, ABOVE, fall, G_N_ELEMENTS(fall));
}

static void add_fields(const struct source *s)
{
    g_autoptr(GPtrArray) protocols = ex_records_protocols(s->records);
    g_autoptr(GPtrArray) variants = ex_records_variants(s->records);
    gboolean any = FALSE;
    for (guint i = 0; i < protocols->len; i++)
        for (guint k = 0; k < variants->len; k++)
            if (*(const char *)variants->pdata[k]) {
                compare_fields(s, protocols->pdata[i], variants->pdata[k]);
                any = TRUE;
            }
    if (!any)
        compare_fields(s, NULL, NULL);
}

/* ---- plan federated ------------------------------------------------------- */

/* Tested on other simulations only: there are no training pairs that both have. */
static void claim_federation(GPtrArray *claims, const char *plan, const struct ex_federation *f)
{
    const struct ex_summary none = ex_summarize(NULL, 0);
    struct ex_claim *c =
        ex_claims_add(claims, plan, f ? f->protocol : NULL, NULL,
                      f ? g_strdup_printf("federated less central learning, %d gateways, points",
                                          f->n_gateway)
                        : g_strdup("federated less central learning, points"),
                      "This model can be trained without actually sharing the data", NULL);
    const struct ex_summary gain = f ? ex_federation_gain(f) : none;
    ex_claim_measure(c, &none, &gain, &none);
    c->n_seed = gain.n;
    c->verdict = judge_same(&gain);
    c->rule = rules[SAME];
    c->command = ex_reproduce_command(plan, NULL);
}

/* Of the plan itself if it has a federation, otherwise of plan federated. */
static gboolean add_federations(GPtrArray *claims, ds_store *store, const char *plan,
                                const char *federated, GError **error)
{
    g_autoptr(GPtrArray) federations = ex_federations_read(store, plan, error);
    if (federations && federations->len == 0) {
        plan = federated;
        g_ptr_array_unref(federations);
        federations = ex_federations_read(store, plan, error);
    }
    for (guint i = 0; federations && i < federations->len; i++)
        claim_federation(claims, plan, federations->pdata[i]);
    if (federations && federations->len == 0)
        claim_federation(claims, plan, NULL);
    return federations != NULL;
}

/* ---- all of them ---------------------------------------------------------- */

static gboolean add_from(GPtrArray *claims, ds_store *store, const char *plan,
                         void (*add)(const struct source *s), GError **error)
{
    struct source s = {claims, store, plan, ex_records_read(store, plan, error), EX_PAPER};
    if (!s.records)
        return FALSE;
    add(&s);
    g_array_unref(s.records);
    return TRUE;
}

/* The plan itself if it has another protocol beside UDP, otherwise the one that is to have it. */
static gboolean add_protocols_from(GPtrArray *claims, ds_store *store, const char *plan,
                                   const char *paper, GError **error)
{
    g_autoptr(GArray) records = ex_records_read(store, plan, error);
    if (!records)
        return FALSE;
    const gboolean own =
        ex_records_have(records, "", "udp", NULL) &&
        (ex_records_have(records, "", "tcp", NULL) || ex_records_have(records, "", "http", NULL));
    return add_from(claims, store, own ? plan : paper, add_protocols, error);
}

gboolean ex_claims_add_contrasts(GPtrArray *claims, ds_store *store, const char *plan,
                                 GError **error)
{
    static const struct {
        const char *plan;
        void (*add)(const struct source *s);
    } plans[] = {{"delimiting", add_delimiting},
                 {"less-data", add_less_data},
                 {"cells", add_cells},
                 {"fields", add_fields}};
    const char *suffix = g_str_has_suffix(plan, "-quick") ? "-quick" : "";
    g_autofree char *paper = g_strconcat("paper", suffix, NULL);
    g_autofree char *federated = g_strconcat("federated", suffix, NULL);
    if (!add_protocols_from(claims, store, plan, paper, error) ||
        !add_federations(claims, store, plan, federated, error))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(plans); i++) {
        g_autofree char *name = g_strconcat(plans[i].plan, suffix, NULL);
        if (!add_from(claims, store, name, plans[i].add, error))
            return FALSE;
    }
    return TRUE;
}
