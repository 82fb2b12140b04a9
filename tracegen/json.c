#include "tracegen/json.h"

#include "tracegen/error.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The parser takes some hundred bytes for each bracket and comma, of which a hostile text has as
   many as it has bytes: this makes a gigabyte at most. */
enum { MAX_NESTING = 32, MAX_BRACKETS = 1000000, MAX_COMMAS = 4000000 };

/* What 100,000 nodes and as many flows take, twice. */
#define MAX_BYTES ((gsize)64 * 1024 * 1024)

/* ---- reading ------------------------------------------------------------ */

static char *read_all(FILE *file, const char *name, gsize *length, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    char buffer[65536];
    size_t n;
    while (text->len <= MAX_BYTES && (n = fread(buffer, 1, sizeof buffer, file)) > 0)
        g_string_append_len(text, buffer, (gssize)n);
    if (ferror(file)) {
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "cannot read %s: %s", name,
                    g_strerror(errno));
        return NULL;
    }
    if (text->len > MAX_BYTES) {
        g_set_error(error, TG_ERROR, TG_ERROR_DATA, "%s: longer than %d MiB", name,
                    (int)(MAX_BYTES >> 20));
        return NULL;
    }
    *length = text->len;
    return g_string_free(g_steal_pointer(&text), FALSE);
}

char *tg_json_read_file(const char *path, gsize *length, GError **error)
{
    if (!path)
        return read_all(stdin, "standard input", length, error);
    FILE *file = fopen(path, "rb");
    if (!file) {
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "cannot open %s: %s", path,
                    g_strerror(errno));
        return NULL;
    }
    char *text = read_all(file, path, length, error);
    fclose(file);
    return text;
}

/* ---- parsing ------------------------------------------------------------ */

/* The four hexadecimal digits of a \u escape behind p, or -1. */
static int read_unit(const char *p, const char *end)
{
    int unit = 0;
    if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
        return -1;
    for (int i = 2; i < 6; i++) {
        if (!g_ascii_isxdigit(p[i]))
            return -1;
        unit = unit << 4 | g_ascii_xdigit_value(p[i]);
    }
    return unit;
}

/* How many bytes the escape at p takes; 0 when it is none. */
static int length_of_escape(const char *p, const char *end)
{
    if (end - p >= 2 && p[1] && strchr("\"\\/bfnrt", p[1]))
        return 2;
    const int unit = read_unit(p, end);
    if (unit < 0 || (unit >= 0xdc00 && unit <= 0xdfff))
        return 0;
    if (unit < 0xd800 || unit > 0xdbff)
        return 6;
    const int low = read_unit(p + 6, end);
    return low >= 0xdc00 && low <= 0xdfff ? 12 : 0;
}

/* The end of the string that begins behind p; NULL when it has none, or a broken escape. */
static const char *skip_string(const char *p, const char *end)
{
    while (p < end && *p != '"') {
        const int n = *p == '\\' ? length_of_escape(p, end) : 1;
        if (n == 0)
            return NULL;
        p += n;
    }
    return p < end ? p + 1 : NULL;
}

/*
 * Why a text must not come before the parser, or NULL. Are brackets what they look like, none
 * deeper than MAX_NESTING, and is there one value? The parser takes comments and single quotes, a
 * lone surrogate in a string makes it read on past the quote, and of several values it gives the
 * last.
 */
static const char *find_fault(const char *text, gsize length)
{
    static const char invalid[] = "not valid JSON, or too deeply nested";
    const char *end = text + length;
    guint depth = 0, n_bracket = 0, n_comma = 0;
    gboolean complete = FALSE; /* there was a value */
    for (const char *p = text; p < end;) {
        const char c = *p++;
        if (g_ascii_isspace(c))
            continue;
        if (complete)
            return "not valid JSON: several values, one after another";
        if (c == '"' && !(p = skip_string(p, end)))
            return invalid;
        if (c == '{' || c == '[') {
            depth++;
            n_bracket++;
        } else if ((c == '}' || c == ']') && depth-- == 0) {
            return invalid;
        }
        if (depth > MAX_NESTING || strchr("'/#", c))
            return invalid;
        n_comma += c == ',';
        if (n_bracket > MAX_BRACKETS || n_comma > MAX_COMMAS)
            return "not valid JSON here: too many values";
        complete = depth == 0 && (strchr("\"]}", c) || p == end || g_ascii_isspace(*p));
    }
    return NULL;
}

/* Members met so far of the objects around the place where the parser is. */
struct members {
    guint n[MAX_NESTING + 1];
    int depth;
    gboolean twice; /* did one of them have a name twice? The parser keeps the last. */
};

static void begin_object(JsonParser *parser, gpointer data)
{
    (void)parser;
    struct members *members = data;
    members->n[++members->depth] = 0;
}

static void count_member(JsonParser *parser, JsonObject *object, const char *name, gpointer data)
{
    (void)parser;
    (void)object;
    (void)name;
    struct members *members = data;
    members->n[members->depth]++;
}

static void end_object(JsonParser *parser, JsonObject *object, gpointer data)
{
    (void)parser;
    struct members *members = data;
    members->twice |= members->n[members->depth--] != json_object_get_size(object);
}

JsonNode *tg_json_parse(const char *text, gsize length, GError **error)
{
    const char *fault = length > G_MAXSSIZE || !g_utf8_validate_len(text, length, NULL)
                            ? "not valid JSON: not UTF-8"
                            : find_fault(text, length);
    if (fault) {
        g_set_error_literal(error, TG_ERROR, TG_ERROR_DATA, fault);
        return NULL;
    }
    g_autoptr(JsonParser) parser = json_parser_new_immutable();
    g_autoptr(GError) failure = NULL;
    struct members members = {.depth = 0};
    g_signal_connect(parser, "object-start", G_CALLBACK(begin_object), &members);
    g_signal_connect(parser, "object-member", G_CALLBACK(count_member), &members);
    g_signal_connect(parser, "object-end", G_CALLBACK(end_object), &members);
    if (!json_parser_load_from_data(parser, text, (gssize)length, &failure)) {
        g_strdelimit(failure->message, "\n", ' ');
        g_set_error(error, TG_ERROR, TG_ERROR_DATA, "not valid JSON: %s", failure->message);
        return NULL;
    }
    if (members.twice) {
        g_set_error_literal(error, TG_ERROR, TG_ERROR_DATA,
                            "not valid JSON: an object has a name twice");
        return NULL;
    }
    JsonNode *root = json_parser_steal_root(parser);
    if (!root)
        g_set_error_literal(error, TG_ERROR, TG_ERROR_DATA, "not valid JSON: there is nothing");
    return root;
}

/* ---- printing ----------------------------------------------------------- */

void tg_json_print_double(GString *out, double value)
{
    static const char *const formats[] = {"%.15g", "%.16g", "%.17g"};
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++) {
        g_ascii_formatd(text, sizeof text, formats[i], value);
        if (g_ascii_strtod(text, NULL) == value)
            break;
    }
    g_string_append(out, text);
    if (!strpbrk(text, ".e"))
        g_string_append(out, ".0");
}

/* The length of the string, the number or the character at p; strings are closed. */
static gsize length_of_token(const char *p)
{
    const char *end = p + 1;
    if (*p != '"')
        return MAX(1, strspn(p, "+-.0123456789e"));
    while (*end != '"')
        end += *end == '\\' ? 2 : 1;
    return (gsize)(end + 1 - p);
}

/*
 * json-glib prints 0.05 as 0.050000000000000003, and marks a double without a point by `.0`, behind
 * an exponent too: 1e-08.0. `true` and `false` have an e, and none of a number's other letters.
 */
char *tg_json_to_string(JsonNode *node, gboolean pretty)
{
    g_autofree char *text = json_to_string(node, pretty);
    GString *out = g_string_sized_new(strlen(text));
    for (const char *p = text; *p;) {
        const gsize n = length_of_token(p);
        const gboolean number = *p == '-' || g_ascii_isdigit(*p);
        if (number && strcspn(p, ".e") < n)
            tg_json_print_double(out, g_ascii_strtod(p, NULL));
        else
            g_string_append_len(out, p, (gssize)n);
        p += n;
    }
    return g_string_free(out, FALSE);
}
