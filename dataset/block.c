#include "dataset/block.h"

struct ds_block *ds_block_new(void)
{
    struct ds_block *block = g_new0(struct ds_block, 1);
    block->parts = g_array_new(FALSE, FALSE, sizeof(struct ds_part));
    block->shapes = g_array_new(FALSE, FALSE, sizeof(struct ds_shape));
    block->packets = g_array_new(FALSE, FALSE, sizeof(struct ds_packet));
    block->texts = g_array_new(FALSE, FALSE, sizeof(struct ds_text));
    block->chunk = g_string_chunk_new(4096);
    return block;
}

void ds_block_free(struct ds_block *block)
{
    g_array_unref(block->parts);
    g_array_unref(block->shapes);
    g_array_unref(block->packets);
    g_array_unref(block->texts);
    g_string_chunk_free(block->chunk);
    g_free(block);
}

void ds_block_clear(struct ds_block *block)
{
    block->n_row = block->n_line = 0;
    g_array_set_size(block->parts, 0);
    g_array_set_size(block->shapes, 0);
    g_array_set_size(block->packets, 0);
    g_array_set_size(block->texts, 0);
    g_string_chunk_clear(block->chunk);
    block->n_byte = 0;
    block->last = FALSE;
}

gboolean ds_block_is_full(const struct ds_block *block)
{
    return block->n_line == DS_BLOCK_LINES || block->n_byte >= DS_BLOCK_TEXT;
}

static void copy_text(struct ds_block *block, struct tg_text *text)
{
    if (!text->at)
        return;
    text->at = g_string_chunk_insert_len(block->chunk, text->at, text->n);
    block->n_byte += (gsize)text->n;
}

void ds_block_add_part(struct ds_block *block, const struct ds_part *part)
{
    g_array_append_vals(block->parts, part, 1);
    struct ds_part *copy = &g_array_index(block->parts, struct ds_part, block->parts->len - 1);
    for (int i = 0; i < ds_n_event_column; i++) {
        const struct ds_column *column = &ds_event_columns[i];
        if (column->type == DS_COLUMN_TEXT && column->tables & part->table)
            copy_text(block, (struct tg_text *)((char *)&copy->event + column->offset));
    }
}

void ds_block_add_text(struct ds_block *block, const struct ds_text *text)
{
    struct ds_text copy = *text;
    copy_text(block, &copy.text);
    if (copy.table == DS_REJECT)
        copy.what = g_string_chunk_insert(block->chunk, copy.what);
    g_array_append_val(block->texts, copy);
}
