#include "experiments/steps.h"

#include "experiments/command.h"
#include <gio/gio.h>
#include <signal.h>
#include <string.h>

GPtrArray *ex_step_new(const char *command, ...)
{
    GPtrArray *step = g_ptr_array_new_with_free_func(g_free);
    va_list words;
    va_start(words, command);
    for (const char *word = command; word; word = va_arg(words, const char *))
        g_ptr_array_add(step, g_strdup(word));
    va_end(words);
    return step;
}

void ex_step_set(GPtrArray *step, const char *option, const char *value)
{
    for (guint i = 0; i + 1 < step->len; i++)
        if (strcmp(step->pdata[i], option) == 0) {
            g_free(step->pdata[i + 1]);
            step->pdata[i + 1] = g_strdup(value);
            return;
        }
    g_ptr_array_add(step, g_strdup(option));
    g_ptr_array_add(step, g_strdup(value));
}

char *ex_step_line(const GPtrArray *step)
{
    return ex_command_line((int)step->len, (char **)step->pdata);
}

/* A comment in what is otherwise a shell script: how far the stage is, and how long it will take.
 */
static void announce(guint started, guint ended, guint n, gint64 began)
{
    if (n < 2)
        return;
    g_autofree char *left = NULL;
    if (ended > 0) {
        const double seconds =
            (double)(g_get_monotonic_time() - began) / G_USEC_PER_SEC / ended * (n - ended);
        left = g_strdup_printf(", about %.0f %s to go", seconds < 120 ? seconds : seconds / 60,
                               seconds < 120 ? "s" : "min");
    }
    g_printerr("# %u of %u%s\n", started + 1, n, left ? left : "");
}

static GSubprocess *start(const GPtrArray *step, GSubprocessFlags flags, gboolean quiet,
                          GError **error)
{
    g_autofree char *line = ex_step_line(step);
    g_printerr("%s\n", line);
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_ptr_array_add(argv, (gpointer) "/proc/self/exe");
    for (guint i = 0; i < step->len; i++)
        g_ptr_array_add(argv, step->pdata[i]);
    g_ptr_array_add(argv, NULL);
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(flags);
    if (quiet)
        g_subprocess_launcher_setenv(launcher, "ADLIOTLOG_QUIET", "1", TRUE);
    return g_subprocess_launcher_spawnv(launcher, (const char *const *)argv->pdata, error);
}

/* The step's exit status as an error; TRUE when it is 0 or tolerated. */
static gboolean check_status(GSubprocess *process, const GPtrArray *step, int tolerated,
                             GError **error)
{
    int status = g_subprocess_get_if_exited(process) ? g_subprocess_get_exit_status(process) : -1;
    if (status == 0 || status == tolerated)
        return TRUE;
    if (status < 0 && g_subprocess_get_term_sig(process) == SIGINT)
        status = TG_ERROR_INTERRUPTED;
    if (status == TG_ERROR_INTERRUPTED)
        g_set_error_literal(error, TG_ERROR, status, "interrupted");
    else
        g_set_error(error, TG_ERROR, status < 0 ? TG_ERROR_SYSTEM : status,
                    status < 0 ? "'%s' was killed" : "'%s' failed", (const char *)step->pdata[0]);
    return FALSE;
}

/* One running step. */
struct slot {
    GSubprocess *process;
    const GPtrArray *step;
    gboolean ended, told; /* told to stop */
};

static void note_end(GObject *process, GAsyncResult *result, gpointer data)
{
    struct slot *slot = data;
    g_subprocess_wait_finish(G_SUBPROCESS(process), result, NULL);
    slot->ended = TRUE;
}

static gboolean wake(gpointer data)
{
    (void)data;
    return G_SOURCE_CONTINUE;
}

/* Fills free slots with the next steps; FALSE when one cannot be started. */
static gboolean fill_slots(const GPtrArray *steps, guint *next, struct slot *slots, int jobs,
                           gint64 began, GError **error)
{
    guint running = 0;
    for (int i = 0; i < jobs; i++)
        running += slots[i].process != NULL;
    for (int i = 0; i < jobs && *next < steps->len; i++) {
        if (slots[i].process)
            continue;
        announce(*next, *next - running++, steps->len, began);
        slots[i].step = steps->pdata[(*next)++];
        slots[i].ended = slots[i].told = FALSE;
        slots[i].process = start(slots[i].step, G_SUBPROCESS_FLAGS_NONE, i > 0, error);
        if (!slots[i].process)
            return FALSE;
        g_subprocess_wait_async(slots[i].process, NULL, note_end, &slots[i]);
    }
    return TRUE;
}

/* Takes ended steps out of their slots; *running becomes the number of those that go on. */
static gboolean reap_slots(struct slot *slots, int jobs, int tolerated, int *running,
                           GError **error)
{
    gboolean fine = TRUE;
    *running = 0;
    for (int i = 0; i < jobs; i++) {
        if (slots[i].process && slots[i].ended) {
            fine = fine && check_status(slots[i].process, slots[i].step, tolerated, error);
            g_clear_object(&slots[i].process);
        }
        *running += slots[i].process != NULL;
    }
    return fine;
}

/* Asks once: a second signal would not let a step clean up behind itself. */
static void stop_slots(struct slot *slots, int jobs)
{
    for (int i = 0; i < jobs; i++) {
        if (slots[i].process && !slots[i].ended && !slots[i].told)
            g_subprocess_send_signal(slots[i].process, SIGTERM);
        slots[i].told = TRUE;
    }
}

gboolean ex_steps_run(const GPtrArray *steps, int jobs, int tolerated, GError **error)
{
    if (steps->len == 0)
        return TRUE;
    g_autofree struct slot *slots = g_new0(struct slot, jobs);
    const gint64 began = g_get_monotonic_time();
    guint next = 0, timer = g_timeout_add(100, wake, NULL); /* so that interrupts are seen */
    int running = 0;
    gboolean fine = TRUE;
    do {
        fine = fine && tg_check_interrupt(error) &&
               fill_slots(steps, &next, slots, jobs, began, error);
        if (!fine)
            stop_slots(slots, jobs);
        g_main_context_iteration(NULL, TRUE);
        gboolean ended_well = reap_slots(slots, jobs, tolerated, &running, fine ? error : NULL);
        fine = fine && ended_well;
    } while (running > 0 || (fine && next < steps->len));
    g_source_remove(timer);
    return fine;
}

/* One step whose stdout is wanted. */
struct capture {
    char *output;
    GError *error;
    gboolean ended;
};

static void note_output(GObject *process, GAsyncResult *result, gpointer data)
{
    struct capture *capture = data;
    g_subprocess_communicate_utf8_finish(G_SUBPROCESS(process), result, &capture->output, NULL,
                                         &capture->error);
    capture->ended = TRUE;
}

char *ex_step_capture(const GPtrArray *step, GError **error)
{
    struct capture capture = {NULL, NULL, FALSE};
    struct slot slot = {.step = step};
    slot.process = start(step, G_SUBPROCESS_FLAGS_STDOUT_PIPE, FALSE, error);
    if (!slot.process)
        return NULL;
    g_subprocess_communicate_utf8_async(slot.process, NULL, NULL, note_output, &capture);
    guint timer = g_timeout_add(100, wake, NULL);
    while (!capture.ended) {
        if (!tg_check_interrupt(NULL))
            stop_slots(&slot, 1);
        g_main_context_iteration(NULL, TRUE);
    }
    g_source_remove(timer);
    gboolean fine = tg_check_interrupt(error);
    if (fine && capture.error)
        g_propagate_error(error, g_steal_pointer(&capture.error));
    fine = fine && capture.output && check_status(slot.process, step, 0, error);
    g_clear_error(&capture.error);
    g_object_unref(slot.process);
    if (!fine)
        g_clear_pointer(&capture.output, g_free);
    return capture.output;
}
