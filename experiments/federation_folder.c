/*
 * A federation through a shared folder. Its files are messages, each written under another name and
 * then renamed, so that a file is whole as soon as it is there:
 *
 *     federate-SESSION-NUMBER-question             of the aggregator; 0 invites, 1 is the plan
 *     federate-SESSION-NUMBER-answer-GATEWAY
 *
 * SESSION is the first 8 digits of the session's number, NUMBER has seven digits. Of questions the
 * first two and the last one are there, so that whoever comes can take part at once. Other files
 * are left alone.
 */
#include "experiments/federation_transport.h"

#include "tracegen/child.h"
#include "tracegen/error.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SESSION_DIGITS = 8, PLAN_NUMBER = 1, NOBODY = -1 };

/* How often it looks without being told of changes, and when it says for whom it waits. */
enum {
    POLL_US = G_USEC_PER_SEC,
    TELL_US = 2 * G_USEC_PER_SEC,
    TELL_TRAINING_US = 60 * G_USEC_PER_SEC
};

/* The longest question that a gateway takes, in bytes: 2^28 weights, and words. */
#define MAX_QUESTION (((gsize)1 << 30) + ((gsize)64 << 20))

/* ---- names ---- */

struct name {
    char session[SESSION_DIGITS + 1];
    int number;
    int gateway; /* NOBODY: a question */
};

static char *print_name(const struct name *name)
{
    g_autofree char *end = name->gateway == NOBODY ? g_strdup("question")
                                                   : g_strdup_printf("answer-%d", name->gateway);
    return g_strdup_printf("federate-%s-%07d-%s", name->session, name->number, end);
}

/* Only what print_name() prints is a name. */
static gboolean read_name(const char *text, struct name *name)
{
    g_auto(GStrv) words = g_strsplit(text, "-", 6);
    const guint n = g_strv_length(words);
    gint64 number, gateway = NOBODY;
    if ((n != 4 && n != 5) || strlen(words[1]) != SESSION_DIGITS ||
        !g_ascii_string_to_signed(words[2], 10, 0, 9999999, &number, NULL) ||
        (n == 5 && !g_ascii_string_to_signed(words[4], 10, 0, G_MAXINT, &gateway, NULL)))
        return FALSE;
    memcpy(name->session, words[1], SESSION_DIGITS + 1);
    name->number = (int)number;
    name->gateway = (int)gateway;
    g_autofree char *printed = print_name(name);
    return strcmp(printed, text) == 0;
}

/* ---- files ---- */

/* All of an open file. It is not mapped: whoever cuts off a file that is would end the program. */
static GBytes *read_all(int fd, gsize n)
{
    guint8 *data = g_malloc(MAX(n, 1));
    gsize done = 0;
    while (done < n) {
        const gssize got = read(fd, data + done, n - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        done += (gsize)got;
    }
    return g_bytes_new_take(data, done);
}

/*
 * A file of at most max bytes. NULL without an error where there is none; TG_ERROR_DATA when it is
 * longer or none of the regular kind.
 */
static GBytes *read_file(const char *folder, const struct name *name, gsize max, GError **error)
{
    g_autofree char *base = print_name(name), *path = g_build_filename(folder, base, NULL);
    const int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat status;
    if (fd < 0 && errno == ENOENT)
        return NULL;
    const gboolean opened = fd >= 0 && fstat(fd, &status) == 0;
    const int cause = errno;
    GBytes *bytes = NULL;
    if (!opened)
        g_set_error(error, TG_ERROR, cause == ELOOP ? TG_ERROR_DATA : TG_ERROR_SYSTEM, "%s: %s",
                    path, g_strerror(cause));
    else if (!S_ISREG(status.st_mode) || (gsize)status.st_size > max)
        g_set_error(error, TG_ERROR, TG_ERROR_DATA, "%s: no file, or longer than any message",
                    path);
    else
        bytes = read_all(fd, (gsize)status.st_size);
    if (fd >= 0)
        close(fd);
    return bytes;
}

static gboolean write_file(const char *folder, const struct name *name, GBytes *bytes,
                           GError **error)
{
    g_autofree char *base = print_name(name), *path = g_build_filename(folder, base, NULL);
    g_autoptr(GError) failure = NULL;
    gsize n;
    const char *data = g_bytes_get_data(bytes, &n);
    if (g_file_set_contents_full(path, data, (gssize)n,
                                 G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0666,
                                 &failure))
        return TRUE;
    g_set_error_literal(error, TG_ERROR, TG_ERROR_SYSTEM, failure->message);
    return FALSE;
}

static void remove_file(const char *folder, const struct name *name)
{
    g_autofree char *base = print_name(name), *path = g_build_filename(folder, base, NULL);
    g_unlink(path);
}

/* Calls take for each message in the folder, until it returns FALSE. */
static gboolean list_folder(const char *folder,
                            void (*take)(const char *folder, const struct name *name, void *data),
                            void *data, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, &failure);
    const char *text;
    struct name name;
    if (!dir) {
        g_set_error_literal(error, TG_ERROR, TG_ERROR_SYSTEM, failure->message);
        return FALSE;
    }
    while ((text = g_dir_read_name(dir)))
        if (read_name(text, &name))
            take(folder, &name, data);
    return TRUE;
}

/* ---- waiting ---- */

/* Notices changes of a folder at once where the system tells of them, otherwise every second. */
struct watch {
    GFileMonitor *monitor;
    gboolean changed;
    gint64 looked; /* monotonic time, microseconds */
};

static void note_change(GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event,
                        gpointer data)
{
    (void)monitor, (void)file, (void)other, (void)event;
    struct watch *watch = data;
    watch->changed = TRUE;
}

static void watch_init(struct watch *watch, const char *folder)
{
    g_autoptr(GFile) file = g_file_new_for_path(folder);
    watch->changed = TRUE;
    watch->monitor = g_file_monitor_directory(file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
    if (!watch->monitor)
        return; /* then it is looked at every second */
    g_file_monitor_set_rate_limit(watch->monitor, 0);
    g_signal_connect(watch->monitor, "changed", G_CALLBACK(note_change), watch);
}

static void watch_clear(struct watch *watch)
{
    if (watch->monitor)
        g_signal_handlers_disconnect_by_data(watch->monitor, watch);
    g_clear_object(&watch->monitor);
}

/* Returns when it may be worth looking, or after a tenth of a second with FALSE. */
static gboolean watch_wait(struct watch *watch)
{
    const gint64 now = g_get_monotonic_time();
    if (!watch->changed && now - watch->looked < POLL_US)
        tg_child_wait();
    if (!watch->changed && g_get_monotonic_time() - watch->looked < POLL_US)
        return FALSE;
    watch->changed = FALSE;
    watch->looked = g_get_monotonic_time();
    return TRUE;
}

/* ---- the aggregator ---- */

struct folder {
    ex_transport transport;
    struct ex_folder_options options;
    char session[33];
    int number;        /* of the next question */
    gboolean complete; /* did all answer the last one? */
    int lock;          /* file descriptor */
    struct watch watch;
};

static struct name name_of(const struct folder *f, int number, int gateway)
{
    struct name name = {.number = number, .gateway = gateway};
    memcpy(name.session, f->session, SESSION_DIGITS);
    return name;
}

/* Looks for answers that are not there yet; returns how many there are. */
static int collect(const struct folder *f, const gboolean *asked, GBytes **answers, GError **error)
{
    int n = 0;
    for (int k = 0; k < f->transport.n_client; k++) {
        if (!asked[k])
            continue;
        const struct name name = name_of(f, f->number, f->transport.gateways[k]);
        GError *failure = NULL;
        if (!answers[k])
            answers[k] = read_file(f->options.folder, &name, f->transport.max_answer, &failure);
        if (failure && failure->code == TG_ERROR_DATA) { /* not a message, and as such refused */
            g_clear_error(&failure);
            answers[k] = g_bytes_new(NULL, 0);
        } else if (failure) {
            g_propagate_error(error, failure);
            return NOBODY;
        }
        n += answers[k] != NULL;
    }
    return n;
}

/* Whom it waits for: somebody may have forgotten to start a gateway. */
static void tell_waiting(const struct folder *f, const gboolean *asked, GBytes *const *answers)
{
    g_autoptr(GString) list = g_string_new(NULL);
    for (int k = 0; k < f->transport.n_client; k++)
        if (asked[k] && !answers[k])
            g_string_append_printf(list, " %d", f->transport.gateways[k]);
    g_printerr("adliotlog federate: waiting in %s for%s\n", f->options.folder, list->str);
}

static gboolean collect_all(struct folder *f, const gboolean *asked, gboolean all, int n_asked,
                            GBytes **answers, GError **error)
{
    const gint64 start = g_get_monotonic_time();
    const gboolean patient = all || f->options.wait == 0;
    const gint64 limit = (gint64)(f->options.wait * G_USEC_PER_SEC);
    const int quorum = MIN(f->options.quorum, n_asked);
    for (gboolean told = FALSE;;) {
        if (!tg_check_interrupt(error))
            return FALSE;
        const gboolean late = !patient && g_get_monotonic_time() - start >= limit;
        const int n = collect(f, asked, answers, error);
        if (n == NOBODY)
            return FALSE;
        f->complete = n == n_asked;
        if (f->complete || (late && n >= quorum))
            return TRUE;
        const gint64 tell = all ? TELL_US : TELL_TRAINING_US;
        if (!told && (late || g_get_monotonic_time() - start > tell)) {
            tell_waiting(f, asked, answers);
            told = TRUE;
        }
        while (!watch_wait(&f->watch) && tg_check_interrupt(NULL) &&
               (patient || g_get_monotonic_time() - start < limit))
            ;
    }
}

/* Takes away what nobody needs any more: an earlier question, but for the first two, and answers.
 */
static void remove_exchange(const struct folder *f, int number)
{
    if (f->options.keep || number < 0)
        return;
    const struct name question = name_of(f, number, NOBODY);
    if (number > PLAN_NUMBER)
        remove_file(f->options.folder, &question);
    for (int k = 0; k < f->transport.n_client; k++) {
        const struct name answer = name_of(f, number, f->transport.gateways[k]);
        remove_file(f->options.folder, &answer);
    }
}

static gboolean ask(ex_transport *transport, GBytes *question, const gboolean *asked, gboolean all,
                    GBytes **answers, GError **error)
{
    struct folder *f = (struct folder *)transport;
    const struct name name = name_of(f, f->number, NOBODY);
    int n_asked = 0;
    for (int k = 0; k < transport->n_client; k++)
        n_asked += asked[k];
    if (!write_file(f->options.folder, &name, question, error))
        return FALSE;
    remove_exchange(f, f->number - 1);
    const gboolean fine = collect_all(f, asked, all, n_asked, answers, error);
    f->number++;
    return fine;
}

static void remove_message(const char *folder, const struct name *name, void *data)
{
    (void)data;
    remove_file(folder, name);
}

static void close_folder(ex_transport *transport, gboolean done)
{
    struct folder *f = (struct folder *)transport;
    /* Who comes late may still have the finished model. */
    if ((!done || f->complete) && !f->options.keep)
        list_folder(f->options.folder, remove_message, NULL, NULL);
    watch_clear(&f->watch);
    close(f->lock);
    g_free(f);
}

/* Holds the folder as long as the process lives, where its file system can do that. */
static int lock_folder(const char *folder, GError **error)
{
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "%s: %s", folder, g_strerror(errno));
        return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return fd;
    close(fd);
    g_set_error(error, TG_ERROR, TG_ERROR_SYSTEM, "%s: another aggregator is at work there",
                folder);
    return -1;
}

ex_transport *ex_folder_transport_new(const struct ex_folder_options *options, GError **error)
{
    static const struct ex_transport_class class = {ask, close_folder};
    const int lock = lock_folder(options->folder, error);
    if (lock < 0)
        return NULL;
    if (!list_folder(options->folder, remove_message, NULL, error)) { /* of an earlier federation */
        close(lock);
        return NULL;
    }
    struct folder *f = g_new0(struct folder, 1);
    f->options = *options;
    f->lock = lock;
    g_snprintf(f->session, sizeof(f->session), "%08x%08x%08x%08x", g_random_int(), g_random_int(),
               g_random_int(), g_random_int());
    f->transport = (ex_transport){.class = &class,
                                  .session = f->session,
                                  .n_client = options->n_client,
                                  .gateways = options->gateways,
                                  .tolerant = TRUE};
    watch_init(&f->watch, options->folder);
    return &f->transport;
}

/* ---- a gateway ---- */

struct gateway {
    ex_client *client;
    int number; /* of its node */
    const char *folder;
    struct name answered;             /* the last question that was looked at */
    char planned[SESSION_DIGITS + 1]; /* session whose plan it has; "": none */
    gboolean told;                    /* that nobody asks it */
    gboolean finished;
};

/* The newest question; there is one session, but for the moment in which the next one begins. */
static void find_newest(const char *folder, const struct name *name, void *data)
{
    struct name *newest = data;
    (void)folder;
    if (name->gateway == NOBODY && name->number > newest->number)
        *newest = *name;
}

/* A question, or NULL when it is not there any more. */
static ex_message *read_question(const struct gateway *g, const struct name *name, GError **error)
{
    g_autoptr(GBytes) bytes = read_file(g->folder, name, MAX_QUESTION, error);
    ex_message *message = bytes ? ex_message_decode(bytes, error) : NULL;
    if (bytes && !message) {
        g_autofree char *text = print_name(name);
        g_prefix_error(error, "%s: ", text);
    }
    return message;
}

/* Learns the plan of a session, when the question is one of its rounds. */
static gboolean learn_plan(struct gateway *g, const struct name *name, GError **error)
{
    if (name->number <= PLAN_NUMBER || strcmp(g->planned, name->session) == 0)
        return TRUE;
    struct name plan = *name;
    plan.number = PLAN_NUMBER;
    g_autoptr(ex_message) message = read_question(g, &plan, error);
    g_autoptr(GBytes) ready = message ? ex_client_answer(g->client, message, error) : NULL;
    if (ready)
        memcpy(g->planned, name->session, sizeof(g->planned));
    return ready != NULL;
}

/* Answers a question, with what went wrong if need be; that is then the error of this gateway. */
static gboolean answer(struct gateway *g, const struct name *name, const ex_message *question,
                       GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(GBytes) bytes = NULL;
    struct name reply = *name;
    reply.gateway = g->number;
    if (learn_plan(g, name, &failure))
        bytes = ex_client_answer(g->client, question, &failure);
    if (bytes && question->kind == EX_PLAN)
        memcpy(g->planned, name->session, sizeof(g->planned));
    if (bytes)
        return write_file(g->folder, &reply, bytes, error);
    if (!failure) /* the session has gone meanwhile */
        return TRUE;
    g_autoptr(GBytes) told = ex_client_failure(g->client, question, failure);
    if (failure->code != TG_ERROR_INTERRUPTED)
        write_file(g->folder, &reply, told, NULL);
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

/* In a terminal, somebody may have mistaken the folder or the number. */
static void tell_unasked(struct gateway *g, const ex_message *question)
{
    if (g->told)
        return;
    g->told = TRUE;
    if (!question)
        g_printerr("adliotlog federate: gateway %d waits for an aggregator in %s\n", g->number,
                   g->folder);
    else if (question->kind != EX_ROUND)
        g_printerr("adliotlog federate: the aggregator in %s has no gateway %d in its list\n",
                   g->folder, g->number);
}

/* Looks at the newest question, and answers it if it is new and asks this gateway. */
static gboolean look(struct gateway *g, GError **error)
{
    struct name newest = {.number = -1, .gateway = NOBODY};
    if (!list_folder(g->folder, find_newest, &newest, error))
        return FALSE;
    if (newest.number < 0) {
        tell_unasked(g, NULL);
        return TRUE;
    }
    if (newest.number == g->answered.number && strcmp(newest.session, g->answered.session) == 0)
        return TRUE;
    g_autoptr(GError) failure = NULL;
    g_autoptr(ex_message) question = read_question(g, &newest, &failure);
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    if (!question)
        return TRUE;
    g->answered = newest;
    if (!ex_client_is_asked(g->client, question)) {
        tell_unasked(g, question);
        return TRUE;
    }
    if (!answer(g, &newest, question, error))
        return FALSE;
    g->finished = question->kind == EX_ROUND && ex_message_boolean(question, "finished");
    return TRUE;
}

gboolean ex_folder_serve(ex_client *client, int gateway, const char *folder, GError **error)
{
    struct gateway g = {.client = client,
                        .number = gateway,
                        .folder = folder,
                        .answered = {.number = -1, .gateway = NOBODY}};
    struct watch watch = {0};
    gboolean going = TRUE;
    watch_init(&watch, folder);
    while (going && !g.finished)
        going = tg_check_interrupt(error) && (!watch_wait(&watch) || look(&g, error));
    watch_clear(&watch);
    return going;
}
