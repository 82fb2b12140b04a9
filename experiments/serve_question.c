#include "experiments/serve_question.h"

#include "tracegen/error.h"
#include <string.h>

/* Numbers have a range; texts have none, but perhaps a list of all there are. */
static const struct declaration {
    const char *name;
    gboolean is_text;
    gint64 least, greatest, otherwise;
    const char *words;
} declarations[EX_N_PARAMETER] = {
    [EX_RUN] = {"run", FALSE, 1, G_MAXINT64, EX_ANY},
    [EX_NODE] = {"node", FALSE, 0, G_MAXINT64, EX_ANY},
    [EX_SRC] = {"src", FALSE, 0, G_MAXINT64, EX_ANY},
    [EX_DST] = {"dst", FALSE, 0, G_MAXINT64, EX_ANY},
    [EX_MODEL_ID] = {"model_id", FALSE, 1, G_MAXINT64, EX_ANY},
    [EX_PAIR_SET_ID] = {"pair_set_id", FALSE, 1, G_MAXINT64, EX_ANY},
    [EX_RANK] = {"rank", FALSE, 1, G_MAXINT32, EX_ANY},
    [EX_MAX_RANK] = {"max_rank", FALSE, 1, G_MAXINT32, EX_ANY},
    [EX_SEED] = {"seed", FALSE, 0, G_MAXINT64, EX_ANY},
    [EX_EVENTS] = {"events", FALSE, 0, 100, 5},
    [EX_LIMIT] = {"limit", FALSE, 1, 1000, 100},
    [EX_OFFSET] = {"offset", FALSE, 0, G_MAXINT32, 0},
    [EX_SCENARIO] = {"scenario", TRUE},
    [EX_TRAFFIC] = {"traffic", TRUE},
    [EX_MODEL] = {"model", TRUE},
    [EX_PAIRS] = {"pairs", TRUE},
    [EX_VERDICT] = {"verdict", TRUE, .words = "anomalous benign"},
};

G_STATIC_ASSERT(EX_N_PARAMETER <= 32); /* EX_TAKES() */

static gboolean fail(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
static gboolean fail(GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_propagate_error(error, g_error_new_valist(TG_ERROR, TG_ERROR_USAGE, format, arguments));
    va_end(arguments);
    return FALSE;
}

/* The parameter of that name; EX_N_PARAMETER when there is none. */
static enum ex_parameter find_parameter(const char *name, gsize length)
{
    guint i = 0;
    while (i < EX_N_PARAMETER &&
           !(strncmp(declarations[i].name, name, length) == 0 && !declarations[i].name[length]))
        i++;
    return i;
}

/* ---- texts from outside -------------------------------------------------- */

/* Undoes %41, and + where it stands for a blank. NULL when the text is not what it may be. */
static char *decode(const char *text, gsize length, gboolean plus, GError **error)
{
    g_autoptr(GString) plain = g_string_sized_new(length);
    for (gsize i = 0; i < length; i++) {
        if (text[i] == '%') {
            if (length - i < 3 || !g_ascii_isxdigit(text[i + 1]) ||
                !g_ascii_isxdigit(text[i + 2])) {
                fail(error, "'%%' must be followed by two hexadecimal digits");
                return NULL;
            }
            g_string_append_c(plain, (char)(g_ascii_xdigit_value(text[i + 1]) * 16 +
                                            g_ascii_xdigit_value(text[i + 2])));
            i += 2;
        } else
            g_string_append_c(plain, plus && text[i] == '+' ? ' ' : text[i]);
    }
    /* A NUL byte is not valid either. */
    if (!g_utf8_validate(plain->str, (gssize)plain->len, NULL)) {
        fail(error, "neither path nor parameters may hold what is no UTF-8, or a NUL byte");
        return NULL;
    }
    return g_string_free(g_steal_pointer(&plain), FALSE);
}

static gboolean read_number(ex_question *question, enum ex_parameter i, const char *text,
                            GError **error)
{
    const struct declaration *d = &declarations[i];
    guint64 value;
    if (!g_ascii_string_to_unsigned(text, 10, (guint64)d->least, (guint64)d->greatest, &value,
                                    NULL))
        return fail(error,
                    "'%s' must be a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                    d->name, d->least, d->greatest);
    question->number[i] = (gint64)value;
    return TRUE;
}

static gboolean read_text(ex_question *question, enum ex_parameter i, const char *text,
                          GError **error)
{
    const struct declaration *d = &declarations[i];
    if (*text == '\0')
        return fail(error, "'%s' is empty", d->name);
    if (strlen(text) > EX_MAX_TEXT)
        return fail(error, "'%s' is longer than %d bytes", d->name, EX_MAX_TEXT);
    g_auto(GStrv) words = d->words ? g_strsplit(d->words, " ", -1) : NULL;
    if (words && !g_strv_contains((const char *const *)words, text))
        return fail(error, "'%s' must be one of: %s", d->name, d->words);
    question->text[i] = g_strdup(text);
    return TRUE;
}

/* ---- the path ------------------------------------------------------------ */

/* Where the path ends. */
static gsize path_length(const char *uri)
{
    return strcspn(uri, "?");
}

/*
 * The next piece of a pattern and of a path, both at a slash, which are moved behind them. FALSE at
 * the end of either.
 */
static gboolean next_piece(const char **pattern, gsize *n_pattern, const char **path, gsize *n_path,
                           const char *end)
{
    if (**pattern != '/' || *path >= end || **path != '/')
        return FALSE;
    ++*pattern;
    ++*path;
    *n_pattern = strcspn(*pattern, "/");
    const char *slash = memchr(*path, '/', (gsize)(end - *path));
    *n_path = (gsize)((slash ? slash : end) - *path);
    return TRUE;
}

gboolean ex_path_matches(const struct ex_path *path, const char *uri)
{
    const char *pattern = path->pattern, *end = uri + path_length(uri);
    gsize n_pattern, n_piece;
    while (next_piece(&pattern, &n_pattern, &uri, &n_piece, end)) {
        const gboolean fits = *pattern == '{'
                                  ? n_piece > 0
                                  : n_piece == n_pattern && strncmp(pattern, uri, n_pattern) == 0;
        if (!fits)
            return FALSE;
        pattern += n_pattern;
        uri += n_piece;
    }
    return *pattern == '\0' && uri == end;
}

static gboolean read_path(ex_question *question, const char *pattern, const char *uri,
                          GError **error)
{
    const char *end = uri + path_length(uri);
    gsize n_pattern, n_piece;
    while (next_piece(&pattern, &n_pattern, &uri, &n_piece, end)) {
        if (*pattern == '{') {
            g_autofree char *piece = decode(uri, n_piece, FALSE, error);
            if (!piece ||
                !read_number(question, find_parameter(pattern + 1, n_pattern - 2), piece, error))
                return FALSE;
        }
        pattern += n_pattern;
        uri += n_piece;
    }
    return TRUE;
}

/* ---- what is behind the question mark ------------------------------------ */

static char *list_known(guint takes)
{
    GString *list = g_string_new(NULL);
    for (guint i = 0; i < EX_N_PARAMETER; i++)
        if (takes & EX_TAKES(i))
            g_string_append_printf(list, "%s%s", list->len ? ", " : "", declarations[i].name);
    return g_string_free(list, FALSE);
}

/* NAME=VALUE; *seen has the parameters that were there before. */
static gboolean read_parameter(ex_question *question, guint takes, guint *seen, const char *piece,
                               gsize length, GError **error)
{
    const char *equals = memchr(piece, '=', length);
    const gsize n_name = equals ? (gsize)(equals - piece) : length;
    g_autofree char *name = decode(piece, n_name, TRUE, error);
    g_autofree char *value = name ? decode(piece + MIN(n_name + 1, length),
                                           length - MIN(n_name + 1, length), TRUE, error)
                                  : NULL;
    if (!value)
        return FALSE;
    const enum ex_parameter i = find_parameter(name, strlen(name));
    if (i == EX_N_PARAMETER || !(takes & EX_TAKES(i))) {
        g_autofree char *known = list_known(takes);
        return *known ? fail(error, "unknown parameter '%.40s' (known: %s)", name, known)
                      : fail(error, "unknown parameter '%.40s': there is none here", name);
    }
    if (*seen & EX_TAKES(i))
        return fail(error, "'%s' is there twice", declarations[i].name);
    *seen |= EX_TAKES(i);
    return declarations[i].is_text ? read_text(question, i, value, error)
                                   : read_number(question, i, value, error);
}

gboolean ex_question_read(ex_question *question, const struct ex_path *path, const char *uri,
                          GError **error)
{
    *question = (ex_question){NULL};
    for (guint i = 0; i < EX_N_PARAMETER; i++)
        question->number[i] = declarations[i].is_text ? EX_ANY : declarations[i].otherwise;
    if (!read_path(question, path->pattern, uri, error))
        return FALSE;
    const char *rest = uri + path_length(uri);
    guint seen = 0;
    while (*rest) { /* at ? or & */
        const char *piece = rest + 1;
        const gsize length = strcspn(piece, "&");
        if (length == 0 && (*rest == '&' || piece[length]))
            return fail(error, "a parameter is empty");
        if (length > 0 && !read_parameter(question, path->takes, &seen, piece, length, error))
            return FALSE;
        rest = piece + length;
    }
    return TRUE;
}

void ex_question_clear(ex_question *question)
{
    for (guint i = 0; i < EX_N_PARAMETER; i++)
        g_clear_pointer(&question->text[i], g_free);
}

const char *ex_uri_path(const char *uri)
{
    if (*uri == '/')
        return uri;
    if (g_ascii_strncasecmp(uri, "http://", strlen("http://")) != 0)
        return NULL;
    const char *path = strchr(uri + strlen("http://"), '/');
    return path;
}
