/* Claims about accuracies and set A of one plan, and the tables of all claims. */
#include "experiments/report_claims.h"

#include "experiments/report_contrast.h"
#include <string.h>

const char *const ex_verdicts[] = {"reproduced", "not reproduced", "undecided"};

static const char range_rule[] =
    "reproduced: the mean over seeds lies in the paper's range; not reproduced: it lies outside "
    "and its 95 % t interval does not reach the range; undecided: the interval does, or fewer "
    "than 3 seeds";
static const char seeds_rule[] =
    "reproduced: it holds in more than half of the seeds that have a set A; not reproduced: it "
    "does not; undecided: fewer than 3 such seeds";

/* ---- a claim -------------------------------------------------------------- */

static void free_claim(gpointer data)
{
    struct ex_claim *c = data;
    char *texts[] = {c->plan,     c->protocol, c->context,           c->claim, c->ours,
                     c->interval, c->held_out, c->held_out_interval, c->null,  c->command};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_free(c);
}

struct ex_claim *ex_claims_add(GPtrArray *claims, const char *plan, const char *protocol,
                               const char *context, char *claim, const char *words,
                               const char *number)
{
    struct ex_claim *c = g_new0(struct ex_claim, 1);
    c->plan = g_strdup(plan);
    c->protocol = g_strdup(protocol);
    c->context = g_strdup(context);
    c->claim = claim;
    c->words = words;
    c->number = number;
    c->verdict = ex_verdicts[EX_UNDECIDED];
    g_ptr_array_add(claims, c);
    return c;
}

static char *describe_mean(const struct ex_summary *s)
{
    return s->n > 0 ? g_strdup_printf("%.2f", s->mean) : NULL;
}

static char *describe_interval(const struct ex_summary *s)
{
    return s->n > 1 ? g_strdup_printf("%.2f to %.2f", s->ci_low, s->ci_high) : NULL;
}

/* "82.31", with an interval "82.31 (80.10 to 84.52)"; NULL when there is no value. */
static char *join_interval(const char *mean, const char *interval)
{
    return mean && interval ? g_strdup_printf("%s (%s)", mean, interval) : g_strdup(mean);
}

void ex_claim_measure(struct ex_claim *claim, const struct ex_summary *ours,
                      const struct ex_summary *held_out, const struct ex_summary *null)
{
    g_autofree char *mean = describe_mean(null), *interval = describe_interval(null);
    claim->ours = describe_mean(ours);
    claim->interval = describe_interval(ours);
    claim->held_out = describe_mean(held_out);
    claim->held_out_interval = describe_interval(held_out);
    claim->null = join_interval(mean, interval);
    claim->n_seed = ours->n;
}

char *ex_reproduce_command(const char *plan, const char *seeds)
{
    const gboolean quick = g_str_has_suffix(plan, "-quick");
    g_autofree char *name = g_strndup(plan, strlen(plan) - (quick ? strlen("-quick") : 0));
    return g_strdup_printf("adliotlog reproduce%s%s%s experiments/%s.ini", quick ? " --quick" : "",
                           seeds ? " --seeds " : "", seeds ? seeds : "", name);
}

/* ---- claims about a group ------------------------------------------------- */

static const char *judge_range(const struct ex_summary *s, struct ex_range range)
{
    if (s->n < EX_MIN_SEEDS)
        return ex_verdicts[EX_UNDECIDED];
    if (s->mean >= range.low && s->mean <= range.high)
        return ex_verdicts[EX_REPRODUCED];
    return ex_verdicts[s->ci_high < range.low || s->ci_low > range.high ? EX_NOT_REPRODUCED
                                                                        : EX_UNDECIDED];
}

static const char *judge_count(int holds, int n)
{
    if (n < EX_MIN_SEEDS)
        return ex_verdicts[EX_UNDECIDED];
    return ex_verdicts[2 * holds > n ? EX_REPRODUCED : EX_NOT_REPRODUCED];
}

/* All seeds that the group's models were trained with. */
static char *command_of(const char *plan, const struct ex_group *group)
{
    const GArray *trials = group->trials[EX_WITHOUT][EX_PAPER]->len > 0
                               ? group->trials[EX_WITHOUT][EX_PAPER]
                               : group->trials[EX_WITH][EX_PAPER];
    g_autofree gint64 *seeds = g_new(gint64, trials->len + 1);
    for (guint i = 0; i < trials->len; i++)
        seeds[i] = g_array_index(trials, struct ex_trial, i).seed;
    g_autofree char *text = trials->len > 0 ? ex_describe_seeds(seeds, trials->len) : NULL;
    return ex_reproduce_command(plan, text);
}

static struct ex_claim *add_claim(GPtrArray *claims, const char *plan, const struct ex_group *group,
                                  const char *claim, const char *words, const char *number)
{
    struct ex_claim *c = ex_claims_add(claims, plan, group->protocol, group->context,
                                       g_strdup(claim), words, number);
    c->command = command_of(plan, group);
    return c;
}

static void add_accuracy(GPtrArray *claims, const char *plan, const struct ex_group *group,
                         enum ex_condition condition)
{
    struct ex_claim *c =
        condition == EX_WITH
            ? add_claim(claims, plan, group, "accuracy with attack, percent",
                        "accuracy of 89-95% in case of collaborative attack", "89-95")
            : add_claim(claims, plan, group, "accuracy without attack, percent",
                        "91-98% in case of non-collaborative attack", "91-98");
    struct ex_summary ours = ex_summarize_trials(group, condition, EX_PAPER, EX_ACCURACY);
    struct ex_summary held_out = ex_summarize_trials(group, condition, EX_HELD_OUT, EX_ACCURACY);
    struct ex_summary copy = ex_summarize_trials(group, condition, EX_PAPER, EX_COPY_BASELINE);
    ex_claim_measure(c, &ours, &held_out, &copy);
    c->verdict = judge_range(&ours, ex_paper_accuracy[condition]);
    c->rule = range_rule;
}

static void add_fall(GPtrArray *claims, const char *plan, const struct ex_group *group)
{
    struct ex_claim *c = add_claim(claims, plan, group, "fall of accuracy under attack, points",
                                   "degrades by 3-4% in the presence of attack", "3-4");
    struct ex_summary ours = ex_summarize_fall(group, EX_PAPER, EX_ACCURACY);
    struct ex_summary held_out = ex_summarize_fall(group, EX_HELD_OUT, EX_ACCURACY);
    struct ex_summary copy = ex_summarize_fall(group, EX_PAPER, EX_COPY_BASELINE);
    ex_claim_measure(c, &ours, &held_out, &copy);
    c->verdict = judge_range(&ours, ex_paper_fall);
    c->rule = range_rule;
}

/* What set A of a trial may hold. */
typedef gboolean (*look)(const struct ex_trial *trial);

static gboolean is_across(const struct ex_trial *trial)
{
    return trial->n_anomalous > 0;
}

static gboolean is_within(const struct ex_trial *trial)
{
    return trial->n_anomalous == 0;
}

static gboolean is_duped(const struct ex_trial *trial)
{
    return trial->n_duped > 0;
}

/* "in 2 of 3 seeds": how many of the n seeds that have a set A have such a one; NULL for none. */
static char *count_seeds(const struct ex_group *group, enum ex_condition condition,
                         enum ex_split split, look found, int *holds, int *n)
{
    const GArray *trials = group->trials[condition][split];
    *holds = *n = 0;
    for (guint i = 0; i < trials->len; i++) {
        const struct ex_trial *trial = &g_array_index(trials, struct ex_trial, i);
        if (trial->n_tuple == 0)
            continue;
        *holds += found(trial);
        ++*n;
    }
    return *n > 0 ? g_strdup_printf("in %d of %d seed%s", *holds, *n, *n == 1 ? "" : "s") : NULL;
}

/* null: also how often it is so without attack. */
static void add_tuples(GPtrArray *claims, const char *plan, const struct ex_group *group,
                       enum ex_condition condition, look found, gboolean null, const char *claim,
                       const char *words, const char *number)
{
    int holds, n, ignored[2];
    struct ex_claim *c = add_claim(claims, plan, group, claim, words, number);
    c->held_out = count_seeds(group, condition, EX_HELD_OUT, found, &holds, &n);
    c->ours = count_seeds(group, condition, EX_PAPER, found, &holds, &n);
    if (null)
        c->null = count_seeds(group, EX_WITHOUT, EX_PAPER, found, &ignored[0], &ignored[1]);
    c->n_seed = n;
    c->verdict = judge_count(holds, n);
    c->rule = seeds_rule;
}

static void add_group(GPtrArray *claims, const char *plan, const struct ex_group *group)
{
    add_accuracy(claims, plan, group, EX_WITH);
    add_accuracy(claims, plan, group, EX_WITHOUT);
    add_fall(claims, plan, group);
    add_tuples(claims, plan, group, EX_WITH, is_across, TRUE,
               "under attack, set A has a tuple across gateways",
               "for tuple (14, 2, 15), the actual node event was by 2 while model predicted node "
               "15",
               "(14,2,15)");
    add_tuples(claims, plan, group, EX_WITH, is_duped, TRUE,
               "under attack, set A has a tuple across gateways whose prediction is wrong",
               "the model gets duped by the collaborative events and therefore predicts the next "
               "event with a biased event rather than a benign event",
               "(14,2,15)");
    add_tuples(claims, plan, group, EX_WITHOUT, is_within, FALSE,
               "without attack, set A has no tuple across gateways",
               "If A is the set of events with the top high probabilities from IoT nodes with "
               "same AG then the AdIoTLog reports nodes to be benign",
               "none");
}

GPtrArray *ex_claims_judge(ds_store *store, const ex_trials *trials, GError **error)
{
    g_autoptr(GPtrArray) claims = g_ptr_array_new_with_free_func(free_claim);
    for (guint i = 0; i < trials->groups->len; i++)
        add_group(claims, trials->plan, trials->groups->pdata[i]);
    if (!ex_claims_add_contrasts(claims, store, trials->plan, error) ||
        !ex_claims_add_detection(claims, store, trials->plan, error))
        return NULL;
    return g_steal_pointer(&claims);
}

/* ---- tables --------------------------------------------------------------- */

/* Some claims have no training pairs in common to be tested on. */
static const char *describe_ours(const struct ex_claim *c)
{
    return c->ours ? c->ours : c->held_out ? "held out only" : "not measured";
}

static void note_figures(ex_table *table)
{
    ex_table_add_note(table, "ours: tested on the training pairs, as in the paper, and decides the "
                             "verdict; interval: 95 %% t interval of the mean over seeds; "
                             "held_out: another seed. null: the same figure for giving the input "
                             "back as the answer, which learns nothing; of set A, how often it is "
                             "so without attack; of ROC-AUC, with labels that mean nothing.");
}

ex_table *ex_make_claims(const GPtrArray *claims)
{
    static const char *const columns[] = {"plan",        "protocol",     "context",
                                          "claim",       "paper_number", "ours",
                                          "interval",    "held_out",     "held_out_interval",
                                          "null",        "n_seed",       "verdict",
                                          "paper_words", "rule",         "command",
                                          NULL};
    ex_table *table = ex_table_new("Claims of the paper", columns);
    for (guint i = 0; i < claims->len; i++) {
        const struct ex_claim *c = claims->pdata[i];
        const char *const cells[] = {c->plan,     c->protocol, c->context,
                                     c->claim,    c->number,   describe_ours(c),
                                     c->interval, c->held_out, c->held_out_interval,
                                     c->null,     NULL,        c->verdict,
                                     c->words,    c->rule,     c->command};
        char **row = ex_table_add_row(table);
        for (gsize k = 0; k < G_N_ELEMENTS(cells); k++)
            row[k] = g_strdup(cells[k]);
        row[10] = g_strdup_printf("%d", c->n_seed);
    }
    note_figures(table);
    return table;
}

ex_table *ex_make_claim_figures(const GPtrArray *claims)
{
    static const char *const columns[] = {"claim",   "protocol", "verdict", "paper",
                                          "ours",    "held_out", "null",    "n_seed",
                                          "context", "plan",     NULL};
    ex_table *table = ex_table_new("Claims of the paper", columns);
    for (guint i = 0; i < claims->len; i++) {
        const struct ex_claim *c = claims->pdata[i];
        char **row = ex_table_add_row(table);
        row[0] = g_strdup(c->claim);
        row[1] = g_strdup(c->protocol);
        row[2] = g_strdup(c->verdict);
        row[3] = g_strdup(c->number);
        row[4] = c->ours ? join_interval(c->ours, c->interval) : g_strdup(describe_ours(c));
        row[5] = join_interval(c->held_out, c->held_out_interval);
        row[6] = g_strdup(c->null);
        row[7] = g_strdup_printf("%d", c->n_seed);
        row[8] = g_strdup(c->context);
        row[9] = g_strdup(c->plan);
    }
    note_figures(table);
    return table;
}

static gboolean is_same(const struct ex_claim *a, const struct ex_claim *b)
{
    return strcmp(a->claim, b->claim) == 0 && g_strcmp0(a->plan, b->plan) == 0;
}

/* A claim of several protocols or contexts once, with the command that repeats most of it. */
ex_table *ex_make_claim_rules(const GPtrArray *claims)
{
    static const char *const columns[] = {"claim", "paper_words", "rule", "command", NULL};
    ex_table *table = ex_table_new("Words, rules, and the commands that repeat them", columns);
    for (guint i = 0; i < claims->len; i++) {
        const struct ex_claim *c = claims->pdata[i], *most = c;
        guint first = 0;
        while (!is_same(claims->pdata[first], c))
            first++;
        if (first < i)
            continue;
        for (guint k = i; k < claims->len; k++) {
            const struct ex_claim *other = claims->pdata[k];
            if (is_same(other, c) && other->n_seed > most->n_seed)
                most = other;
        }
        char **row = ex_table_add_row(table);
        row[0] = g_strdup(c->claim);
        row[1] = g_strdup(c->words);
        row[2] = g_strdup(c->rule);
        row[3] = g_strdup(most->command);
    }
    return table;
}
