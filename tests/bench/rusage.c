/*
 * rusage FILE COMMAND...: runs the command and writes one line to FILE:
 *
 *   CPU WALL PEAK     seconds of user and system, seconds that passed, MB of resident memory
 *
 * of the command and of all processes it waited for (a pipeline's shell waits for all of it; peak
 * is that of the largest). Exit status: the command's, or 128 + its signal.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fputs("usage: rusage FILE COMMAND...\n", stderr);
        return 2;
    }
    double start = now();
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    struct rusage used;
    int status;
    if (child < 0 || wait4(child, &status, 0, &used) < 0) {
        perror("rusage");
        return 1;
    }
    double wall = now() - start;
    FILE *file = fopen(argv[1], "w");
    if (!file ||
        fprintf(file, "%.3f %.3f %.1f\n", seconds(used.ru_utime) + seconds(used.ru_stime), wall,
                (double)used.ru_maxrss / 1024) < 0 ||
        fclose(file) != 0) {
        perror(argv[1]);
        return 1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
