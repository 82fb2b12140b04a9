/*
 * Runs a fuzz target without libFuzzer: once for every file in the folders given, or in its own
 * corpus. Prints TAP. Each input has a process of its own, so that one that kills the target hides
 * no other. It is a failure when a folder holds no input.
 */
#include "tests/fuzz/fuzz.h"

#include <glib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The status of the process that ran it. */
static int run_input(const char *path)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        g_autoptr(GError) error = NULL;
        char *bytes;
        gsize n;
        if (!g_file_get_contents(path, &bytes, &n, &error)) {
            fprintf(stderr, "%s\n", error->message);
            _exit(1);
        }
        /* Not a byte more than the input, for the address sanitizer. */
        uint8_t *data = malloc(n);
        memcpy(data, bytes, n);
        g_free(bytes);
        int status = LLVMFuzzerTestOneInput(data, n);
        free(data);
        exit(status);
    }
    int status = -1;
    if (child < 0 || waitpid(child, &status, 0) != child)
        perror("replay");
    return status;
}

static int compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The files in a folder, in order. */
static GPtrArray *list_inputs(const char *folder)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));)
        g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, compare_names);
    return names;
}

static gboolean report(int number, const char *path, int status)
{
    g_autofree char *name = g_path_get_basename(path);
    printf("%s %d - %s\n", status == 0 ? "ok" : "not ok", number, name);
    if (status != 0)
        fprintf(stderr, "fuzz %s: %s: %s %d\n", fuzz_name, path,
                WIFSIGNALED(status) ? "signal" : "status",
                WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    return status == 0;
}

/* A file, or all files of a folder; FALSE when one of them fails, or none is there. */
static gboolean replay(const char *path, int *n_case)
{
    if (!g_file_test(path, G_FILE_TEST_IS_DIR))
        return report(++*n_case, path, run_input(path));
    gboolean good = TRUE;
    g_autoptr(GPtrArray) names = list_inputs(path);
    if (names->len == 0)
        fprintf(stderr, "fuzz %s: %s: no inputs\n", fuzz_name, path);
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *input = g_build_filename(path, names->pdata[i], NULL);
        good = report(++*n_case, input, run_input(input)) && good;
    }
    return good && names->len > 0;
}

int main(int argc, char **argv)
{
    int n_case = 0;
    gboolean good = TRUE;
    for (int i = 1; i < argc; i++)
        good = replay(argv[i], &n_case) && good;
    if (argc == 1) {
        const char *top = g_getenv("TOP"), *build = g_getenv("BUILD");
        g_autofree char *corpus =
            g_build_filename(top ? top : ".", "tests", "data", "fuzz", fuzz_name, NULL);
        g_autofree char *seeds =
            g_build_filename(build ? build : ".", "fuzz-seeds", fuzz_name, NULL);
        good = replay(corpus, &n_case) && good;
        good = replay(seeds, &n_case) && good;
    }
    printf("1..%d\n", n_case);
    return good ? 0 : 1;
}
