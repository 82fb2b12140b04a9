#include "experiments/svg.h"

#include "dataset/sink.h"
#include <string.h>
#include <unistd.h>

double ex_svg_text_width(const char *text, double font_size)
{
    return 0.58 * font_size * (double)g_utf8_strlen(text, -1);
}

void ex_svg_put_text(GString *out, const char *text, guint max_length)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    guint n = 0;
    for (const char *p = valid; *p; p = g_utf8_next_char(p)) {
        const gunichar c = g_utf8_get_char(p);
        if (++n >= max_length && *g_utf8_next_char(p)) {
            g_string_append(out, "\xe2\x80\xa6");
            return;
        }
        if (c == '&')
            g_string_append(out, "&amp;");
        else if (c == '<')
            g_string_append(out, "&lt;");
        else if (c == '>')
            g_string_append(out, "&gt;");
        else if (c == '"')
            g_string_append(out, "&quot;");
        else if (c == '\'')
            g_string_append(out, "&#39;");
        else /* turns of the writing direction are no printable characters either */
            g_string_append_unichar(out, g_unichar_isprint(c) ? c : 0xfffd);
    }
}

void ex_svg_put_label(GString *out, double x, double y, double font_size, const char *attributes,
                      const char *text, guint max_length)
{
    g_string_append_printf(out, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.1f\"%s%s>", x, y,
                           font_size, *attributes ? " " : "", attributes);
    ex_svg_put_text(out, text, max_length);
    g_string_append(out, "</text>\n");
}

void ex_svg_put_title(GString *out, const char *text)
{
    g_string_append(out, "<title>");
    ex_svg_put_text(out, text, G_MAXUINT);
    g_string_append(out, "</title>");
}

gboolean ex_svg_write(const GString *svg, const char *output, gboolean force, GError **error)
{
    const gboolean is_stdout = !output || strcmp(output, "-") == 0;
    g_autoptr(ds_sink) sink = is_stdout ? ds_sink_new(STDOUT_FILENO, "standard output", FALSE)
                                        : ds_sink_create(output, FALSE, force, error);
    return sink && ds_sink_write(sink, svg->str, svg->len, error) && ds_sink_close(sink, error);
}
