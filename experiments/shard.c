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

/* A thing as it is dealt out. */
struct card {
    char *kind; /* its digest */
    guint index;
};

static void clear_card(gpointer card)
{
    g_free(((struct card *)card)->kind);
}

static gint compare_cards(gconstpointer a, gconstpointer b)
{
    const struct card *x = a, *y = b;
    const int order = strcmp(x->kind, y->kind);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

/* The things in the order in which they are dealt out. */
static GArray *sort_cards(const GPtrArray *things, ex_shard_kind kind_of)
{
    GArray *cards = g_array_new(FALSE, FALSE, sizeof(struct card));
    g_array_set_clear_func(cards, clear_card);
    for (guint i = 0; i < things->len; i++) {
        g_autofree char *kind = kind_of(things->pdata[i]);
        const struct card card = {g_compute_checksum_for_string(G_CHECKSUM_SHA256, kind, -1), i};
        g_array_append_val(cards, card);
    }
    g_array_sort(cards, compare_cards);
    return cards;
}

void ex_shard_reduce(struct ex_shard shard, GPtrArray *things, ex_shard_kind kind_of)
{
    g_autoptr(GArray) cards = sort_cards(things, kind_of);
    g_autofree gboolean *is_ours = g_new0(gboolean, things->len);
    for (guint i = (guint)shard.number - 1; i < cards->len; i += (guint)shard.count)
        is_ours[g_array_index(cards, struct card, i).index] = TRUE;
    guint n = 0;
    for (guint i = 0; i < things->len; i++)
        if (is_ours[i]) {
            gpointer kept = things->pdata[i]; /* what changes places with it goes below */
            things->pdata[i] = things->pdata[n];
            things->pdata[n++] = kept;
        }
    g_ptr_array_set_size(things, (gint)n);
}
