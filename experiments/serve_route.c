#include "experiments/serve_route.h"

#include "dataset/rows.h"
#include "tracegen/error.h"

#define PAGE (EX_TAKES(EX_LIMIT) | EX_TAKES(EX_OFFSET))
#define JUDGES                                                                                     \
    (EX_TAKES(EX_RUN) | EX_TAKES(EX_MODEL) | EX_TAKES(EX_MODEL_ID) | EX_TAKES(EX_PAIRS) |          \
     EX_TAKES(EX_MAX_RANK))

static const char html[] = "text/html; charset=utf-8", css[] = "text/css; charset=utf-8",
                  script[] = "text/javascript; charset=utf-8", json[] = "application/json",
                  svg[] = "image/svg+xml", prometheus[] = "text/plain; version=0.0.4";

const struct ex_route ex_routes[EX_N_ROUTE] = {
    {{"/", 0}, html, .resource = "serve.html", .is_open = TRUE},
    {{"/serve.css", 0}, css, .resource = "serve.css", .is_open = TRUE},
    {{"/report.css", 0}, css, .resource = "report.css", .is_open = TRUE},
    {{"/serve.js", 0}, script, .resource = "serve.js", .is_open = TRUE},
    {{"/icon.svg", 0}, svg, .resource = "icon.svg", .is_open = TRUE},
    {{"/v1/openapi.json", 0}, json, .resource = "openapi.json", .is_open = TRUE},
    {{"/v1/health", 0}, json, ex_answer_health, .is_open = TRUE, .is_live = TRUE},
    {{"/metrics", 0}, prometheus, ex_answer_metrics, .is_live = TRUE},
    {{"/v1/runs", PAGE | EX_TAKES(EX_SCENARIO) | EX_TAKES(EX_TRAFFIC) | EX_TAKES(EX_SEED)},
     json,
     ex_answer_runs},
    {{"/v1/runs/{run}", 0}, json, ex_answer_run},
    {{"/v1/runs/{run}/nodes", PAGE}, json, ex_answer_run_nodes},
    {{"/v1/runs/{run}/flows", PAGE}, json, ex_answer_run_flows},
    {{"/v1/runs/{run}/network.svg", 0}, svg, ex_answer_run_network},
    {{"/v1/verdicts", PAGE | JUDGES | EX_TAKES(EX_NODE) | EX_TAKES(EX_VERDICT)},
     json,
     ex_answer_verdicts},
    {{"/v1/verdicts/{model_id}/{pair_set_id}/{rank}", EX_TAKES(EX_EVENTS)},
     json,
     ex_answer_verdict},
    {{"/v1/nodes/{node}", JUDGES | EX_TAKES(EX_LIMIT)}, json, ex_answer_node},
    {{"/v1/pairs/{src}/{dst}", JUDGES | EX_TAKES(EX_LIMIT)}, json, ex_answer_pair},
    {{"/v1/pairs/{src}/{dst}/packets", PAGE | EX_TAKES(EX_RUN)}, json, ex_answer_packets},
};

const struct ex_route *ex_find_route(const char *uri)
{
    for (guint i = 0; i < EX_N_ROUTE; i++)
        if (ex_path_matches(&ex_routes[i].path, uri))
            return &ex_routes[i];
    return NULL;
}

gboolean ex_is_not_there(GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_propagate_error(error, g_error_new_valist(TG_ERROR, TG_ERROR_NO, format, arguments));
    va_end(arguments);
    return FALSE;
}

gboolean ex_put_rows(ds_query *query, GString *out, GError **error)
{
    g_autoptr(ds_query) rows = query;
    GError *failure = NULL;
    if (!rows)
        return FALSE;
    const gsize start = out->len;
    g_string_append_c(out, '[');
    while (ds_put_json_row(rows, out, &failure))
        g_string_append_c(out, ',');
    if (failure) {
        g_propagate_error(error, failure);
        return FALSE;
    }
    if (out->len > start + 1)
        g_string_truncate(out, out->len - 1);
    g_string_append_c(out, ']');
    return TRUE;
}

gboolean ex_put_list(const struct ex_asked *asked, const char *name, gint64 n, ds_query *query,
                     GString *out, GError **error)
{
    const gint64 *number = asked->question->number;
    g_string_append_printf(out,
                           "{\"n\":%" G_GINT64_FORMAT ",\"limit\":%" G_GINT64_FORMAT
                           ",\"offset\":%" G_GINT64_FORMAT ",\"%s\":",
                           n, number[EX_LIMIT], number[EX_OFFSET], name);
    if (!ex_put_rows(query, out, error))
        return FALSE;
    g_string_append_c(out, '}');
    return TRUE;
}
