#include "experiments/shard.h"

#include "tracegen/error.h"
#include <string.h>

gboolean ex_shard_parse(const char *text, struct ex_shard *shard, GError **error)
{
    *shard = (struct ex_shard){1, 1};
    if (!text)
        return TRUE;
    g_auto(GStrv) parts = g_strsplit(text, "/", 2);
    guint64 number, count;
    if (!parts[0] || !parts[1] ||
        !g_ascii_string_to_unsigned(parts[1], 10, 1, EX_MAX_SHARDS, &count, NULL) ||
        !g_ascii_string_to_unsigned(parts[0], 10, 1, count, &number, NULL)) {
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE,
                    "--shard '%s' is not like 3/8, the third of eight (at most %d)", text,
                    EX_MAX_SHARDS);
        return FALSE;
    }
    *shard = (struct ex_shard){(int)number, (int)count};
    return TRUE;
}

/* Removes all but some; removed ones are freed as the array says. */
static void keep(GPtrArray *things, const gboolean *is_ours)
{
    guint n = 0;
    for (guint i = 0; i < things->len; i++)
        if (is_ours[i]) {
            gpointer kept = things->pdata[i]; /* what changes places with it goes below */
            things->pdata[i] = things->pdata[n];
            things->pdata[n++] = kept;
        }
    g_ptr_array_set_size(things, (gint)n);
}

void ex_shard_deal(struct ex_shard shard, GPtrArray *things)
{
    g_autofree gboolean *is_ours = g_new0(gboolean, things->len);
    for (guint i = (guint)shard.number - 1; i < things->len; i += (guint)shard.count)
        is_ours[i] = TRUE;
    keep(things, is_ours);
}

/* ---- groups in a row ----------------------------------------------------- */

/* The row is as long as there are groups; share i is from i * n / count to (i + 1) * n / count. */
void ex_shard_groups(struct ex_shard shard, guint n_group, guint *first, guint *end)
{
    const guint64 n = n_group, count = (guint64)shard.count, i = (guint64)shard.number - 1;
    *first = (guint)(i * n / count);
    *end = (guint)(((i + 1) * n + count - 1) / count);
}

/* A thing in its place in the row. */
struct card {
    guint group, index; /* index in the array */
    char *kind;         /* its digest */
};

static void clear_card(gpointer card)
{
    g_free(((struct card *)card)->kind);
}

static gint compare_cards(gconstpointer a, gconstpointer b)
{
    const struct card *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    const int order = strcmp(x->kind, y->kind);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

static GArray *sort_cards(const GPtrArray *things, const struct ex_shard_names *names)
{
    GArray *cards = g_array_new(FALSE, FALSE, sizeof(struct card));
    g_array_set_clear_func(cards, clear_card);
    for (guint i = 0; i < things->len; i++) {
        g_autofree char *kind = names->kind_of(things->pdata[i], names->data);
        const struct card card = {.group = names->group_of(things->pdata[i], names->data),
                                  .index = i,
                                  .kind =
                                      g_compute_checksum_for_string(G_CHECKSUM_SHA256, kind, -1)};
        g_array_append_val(cards, card);
    }
    g_array_sort(cards, compare_cards);
    return cards;
}

/* Behind the last card of the group that begins there. */
static guint find_end(const GArray *cards, guint begin)
{
    const guint group = g_array_index(cards, struct card, begin).group;
    guint end = begin + 1;
    while (end < cards->len && g_array_index(cards, struct card, end).group == group)
        end++;
    return end;
}

void ex_shard_cut(struct ex_shard shard, guint n_group, GPtrArray *things,
                  const struct ex_shard_names *names)
{
    g_autoptr(GArray) cards = sort_cards(things, names);
    g_autofree gboolean *is_ours = g_new0(gboolean, things->len);
    for (guint begin = 0, end; begin < cards->len; begin = end) {
        end = find_end(cards, begin);
        const guint64 size = end - begin;
        for (guint i = begin; i < end; i++) {
            const struct card *card = &g_array_index(cards, struct card, i);
            const guint64 place = card->group * size + (i - begin); /* in parts of `size` a group */
            is_ours[card->index] =
                place * (guint64)shard.count / (size * n_group) == (guint64)shard.number - 1;
        }
    }
    keep(things, is_ours);
}
