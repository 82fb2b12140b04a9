#include "tracegen/child.h"

#include "tracegen/error.h"
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* More than this of what a program writes is read and forgotten. */
#define KEPT_OUTPUT (16 * 1024 * 1024)
#define KEPT_ERRORS 2048

struct stream {
    int fd; /* read end, -1 once closed */
    guint source;
    GString *text;
    gsize kept;
    gboolean exceeds;   /* a line is longer than what is kept; nothing is told any more */
    tg_child_line line; /* or NULL: text is kept */
    gpointer line_data;
};

struct tg_child {
    GPid pid; /* and number of its process group; 0 once it has ended */
    int wait_status;
    double timeout;
    gboolean timed_out;
    struct stream output, errors;
    guint watch, timer;
    tg_child_ended ended;
    gpointer data;
};

/* Hands on the lines that are whole, and keeps the rest. */
static void take_lines(struct stream *stream)
{
    const char *start = stream->text->str, *end = start + stream->text->len, *stop;
    for (; (stop = memchr(start, '\n', (gsize)(end - start))); start = stop + 1)
        stream->line(start, (gsize)(stop - start), stream->line_data);
    g_string_erase(stream->text, 0, start - stream->text->str);
}

/* Takes some of what can be read now. FALSE when there is nothing, or no more will come. */
static gboolean read_some(struct stream *stream, gboolean *at_end)
{
    char buffer[16384];
    gssize n = read(stream->fd, buffer, sizeof buffer);
    *at_end = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
    if (n <= 0)
        return FALSE;
    const gsize room = stream->line ? (gsize)n : stream->kept - stream->text->len;
    if (stream->exceeds)
        return TRUE;
    g_string_append_len(stream->text, buffer, (gssize)MIN(room, (gsize)n));
    if (stream->line && memchr(buffer, '\n', (gsize)n))
        take_lines(stream);
    stream->exceeds = stream->line && stream->text->len > stream->kept;
    return TRUE;
}

/* One read a turn: a program that never stops writing must not keep its time limit from coming. */
static gboolean on_readable(gint fd, GIOCondition condition, gpointer data)
{
    (void)fd;
    (void)condition;
    struct stream *stream = data;
    gboolean at_end;
    read_some(stream, &at_end);
    if (!at_end)
        return G_SOURCE_CONTINUE;
    stream->source = 0;
    return G_SOURCE_REMOVE;
}

/* Takes what a program that is dead has left in the pipe: no more than a pipe holds. */
static void drain(struct stream *stream)
{
    gboolean at_end;
    for (int i = 0; i < 256 && read_some(stream, &at_end); i++)
        continue;
}

static void open_stream(struct stream *stream, int fd, gsize kept)
{
    *stream = (struct stream){.fd = fd, .text = g_string_new(NULL), .kept = kept};
    g_unix_set_fd_nonblocking(fd, TRUE, NULL);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    stream->source = g_unix_fd_add(fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, stream);
}

static void close_stream(struct stream *stream)
{
    g_clear_handle_id(&stream->source, g_source_remove);
    if (stream->fd >= 0)
        close(stream->fd);
    stream->fd = -1;
}

/* Everything that the program started and left behind goes with it. */
static void on_end(GPid pid, gint wait_status, gpointer data)
{
    struct tg_child *child = data;
    kill(-pid, SIGKILL);
    child->pid = 0;
    child->watch = 0;
    child->wait_status = wait_status;
    g_clear_handle_id(&child->timer, g_source_remove);
    drain(&child->output);
    drain(&child->errors);
    close_stream(&child->output);
    close_stream(&child->errors);
    child->ended(child, child->data);
}

static gboolean on_timeout(gpointer data)
{
    struct tg_child *child = data;
    child->timed_out = TRUE;
    child->timer = 0;
    kill(-child->pid, SIGKILL);
    return G_SOURCE_REMOVE;
}

/*
 * Runs in the child before the program does. A group of its own: Ctrl-C at the terminal reaches
 * this program alone, which can then end all of it. If this program is killed, the child is too.
 */
static void prepare_child(gpointer data)
{
    (void)data;
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

struct tg_child *tg_child_start(const struct tg_child_command *command, tg_child_ended ended,
                                gpointer data, GError **error)
{
    g_autoptr(GError) spawn_error = NULL;
    GPid pid = 0;
    int output = -1, errors = -1;
    const GSpawnFlags flags = G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD;
    if (!g_spawn_async_with_pipes(command->directory, (char **)command->argv,
                                  (char **)command->envp, flags, prepare_child, NULL, &pid, NULL,
                                  &output, &errors, &spawn_error)) {
        gboolean missing = g_error_matches(spawn_error, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT);
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "cannot run '%s': %s", command->argv[0],
                    missing ? "there is no such program" : spawn_error->message);
        return NULL;
    }
    struct tg_child *child = g_new0(struct tg_child, 1);
    child->pid = pid;
    child->timeout = command->timeout;
    child->ended = ended;
    child->data = data;
    open_stream(&child->output, output, command->line ? TG_CHILD_MAX_LINE : KEPT_OUTPUT);
    child->output.line = command->line;
    child->output.line_data = command->line_data;
    open_stream(&child->errors, errors, KEPT_ERRORS);
    child->watch = g_child_watch_add(pid, on_end, child);
    child->timer = g_timeout_add((guint)(command->timeout * 1000), on_timeout, child);
    return child;
}

void tg_child_free(struct tg_child *child)
{
    if (!child)
        return;
    if (child->pid != 0) {
        kill(-child->pid, SIGKILL);
        g_source_remove(child->watch);
        while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    g_clear_handle_id(&child->timer, g_source_remove);
    close_stream(&child->output);
    close_stream(&child->errors);
    g_string_free(child->output.text, TRUE);
    g_string_free(child->errors.text, TRUE);
    g_free(child);
}

int tg_child_status(const struct tg_child *child)
{
    gboolean exited = !child->timed_out && WIFEXITED(child->wait_status);
    return exited ? WEXITSTATUS(child->wait_status) : -1;
}

gboolean tg_child_exceeds(const struct tg_child *child)
{
    return child->output.exceeds;
}

const char *tg_child_output(const struct tg_child *child)
{
    return child->output.text->str;
}

const char *tg_child_errors(const struct tg_child *child)
{
    return child->errors.text->str;
}

char *tg_child_failure(const struct tg_child *child)
{
    GString *text = g_string_new(NULL);
    if (child->timed_out)
        g_string_append_printf(text, "did not end within %g s", child->timeout);
    else if (WIFSIGNALED(child->wait_status))
        g_string_append_printf(text, "was ended by signal %d (%s)", WTERMSIG(child->wait_status),
                               g_strsignal(WTERMSIG(child->wait_status)));
    else
        g_string_append_printf(text, "ended with status %d", WEXITSTATUS(child->wait_status));
    g_autofree char *valid = g_utf8_make_valid(child->errors.text->str, -1);
    g_strchomp(valid);
    if (*valid)
        g_string_append_printf(text, ": %s%s", valid,
                               child->errors.text->len == KEPT_ERRORS ? " ..." : "");
    return g_string_free(text, FALSE);
}

static void note_end(struct tg_child *child, gpointer data)
{
    (void)child;
    *(gboolean *)data = TRUE;
}

struct tg_child *tg_child_run(const struct tg_child_command *command, GError **error)
{
    gboolean ended = FALSE;
    g_autoptr(tg_child) child = tg_child_start(command, note_end, &ended, error);
    while (child && !ended) {
        if (!tg_check_interrupt(error))
            return NULL;
        tg_child_wait();
    }
    return g_steal_pointer(&child);
}

static gboolean do_nothing(gpointer data)
{
    (void)data;
    return G_SOURCE_CONTINUE;
}

void tg_child_wait(void)
{
    guint tick = g_timeout_add(100, do_nothing, NULL);
    g_main_context_iteration(NULL, TRUE);
    g_source_remove(tick);
}

char *tg_quote_command(const char *const *argv)
{
    static const char plain[] = G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "+-./:=@_,%";
    GString *line = g_string_new(NULL);
    for (; *argv; argv++) {
        gboolean simple = **argv && strspn(*argv, plain) == strlen(*argv);
        g_autofree char *quoted = simple ? g_strdup(*argv) : g_shell_quote(*argv);
        g_string_append_printf(line, "%s%s", line->len > 0 ? " " : "", quoted);
    }
    return g_string_free(line, FALSE);
}
