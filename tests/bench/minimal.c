/*
 * What 'adliotlog ingest' is measured against: the loop that a competent programmer writes in an
 * hour to get one simulation's trace into SQLite. Hand-made tokenizer, one prepared INSERT of 20
 * columns, one transaction, default pragmas. Reads the old wireless format as scenario iot16 makes
 * it, and stops at a line of another kind.
 *
 *   minimal DATABASE TRACE    fills table event, which is there already (event.sql)
 *   minimal --parse TRACE     only reads and tokenizes; prints sums, so that nothing is left out
 *
 * r 0.008021000 _15_ AGT  --- 0 cbr 1520 [13a 11 10 800] ------- [14:0 15:0 30 15] [0] 1 0
 */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER = 1 << 20, MAX_TOKEN = 32 };

struct text {
    const char *at;
    int n; /* 0: none */
};

struct row {
    int64_t line, node, uid, size;
    double time;
    struct text op, layer, reason, ptype;
    int64_t mac[4]; /* duration, dst, src, type */
    int has_ip, has_seq;
    int64_t ip[6]; /* src, sport, dst, dport, ttl, next_hop */
    int64_t seq;
};

static _Noreturn void die(const char *what, const char *why)
{
    fprintf(stderr, "minimal: %s: %s\n", what, why);
    exit(1);
}

static int64_t decimal(struct text t)
{
    int64_t value = 0;
    for (int i = t.at[0] == '-'; i < t.n; i++)
        value = value * 10 + (t.at[i] - '0');
    return t.at[0] == '-' ? -value : value;
}

static int64_t hexadecimal(struct text t)
{
    int64_t value = 0;
    for (int i = 0; i < t.n; i++)
        value = value * 16 + (t.at[i] <= '9' ? t.at[i] - '0' : (t.at[i] | 32) - 'a' + 10);
    return value;
}

/* At most 15 digits: both operands are exact, so the quotient is what strtod gives. */
static double real(struct text t)
{
    int64_t mantissa = 0;
    double scale = 1;
    int fraction = 0;
    for (int i = 0; i < t.n; i++) {
        if (t.at[i] == '.') {
            fraction = 1;
        } else {
            mantissa = mantissa * 10 + (t.at[i] - '0');
            scale = fraction ? scale * 10 : scale;
        }
    }
    return (double)mantissa / scale;
}

static int is(struct text t, const char *word)
{
    return (size_t)t.n == strlen(word) && memcmp(t.at, word, (size_t)t.n) == 0;
}

/* Words between blanks, brackets, colons and underscores. */
static int split(const char *p, const char *end, struct text *tokens)
{
    static const char separator[256] = {[' '] = 1, ['['] = 1, [']'] = 1, [':'] = 1, ['_'] = 1};
    int n = 0;
    while (n < MAX_TOKEN) {
        while (p < end && separator[(unsigned char)*p])
            p++;
        if (p == end)
            break;
        const char *start = p;
        while (p < end && !separator[(unsigned char)*p])
            p++;
        tokens[n++] = (struct text){start, (int)(p - start)};
    }
    return n;
}

/* 0: not such a line. */
static int parse(const char *p, const char *end, struct row *row)
{
    struct text t[MAX_TOKEN];
    int n = split(p, end, t);
    if (n < 12)
        return 0;
    row->op = t[0];
    row->time = real(t[1]);
    row->node = decimal(t[2]);
    row->layer = t[3];
    row->reason = is(t[4], "---") ? (struct text){NULL, 0} : t[4];
    row->uid = decimal(t[5]);
    row->ptype = t[6];
    row->size = decimal(t[7]);
    for (int i = 0; i < 4; i++)
        row->mac[i] = hexadecimal(t[8 + i]);
    row->has_ip = n > 12 && !is(t[6], "ARP");
    if (row->has_ip && n < 20)
        return 0;
    for (int i = 0; i < 6 && row->has_ip; i++)
        row->ip[i] = decimal(t[13 + i]);
    row->has_seq = row->has_ip && !is(t[6], "AODV");
    if (row->has_seq)
        row->seq = decimal(t[19]);
    return 1;
}

static void bind_text(sqlite3_stmt *insert, int i, struct text t)
{
    if (t.n > 0)
        sqlite3_bind_text(insert, i, t.at, t.n, SQLITE_STATIC);
    else
        sqlite3_bind_null(insert, i);
}

static void bind_optional(sqlite3_stmt *insert, int i, int present, int64_t value)
{
    if (present)
        sqlite3_bind_int64(insert, i, value);
    else
        sqlite3_bind_null(insert, i);
}

/* In the order of event.sql. */
static void store(sqlite3 *db, sqlite3_stmt *insert, const struct row *row)
{
    sqlite3_bind_int64(insert, 1, row->line);
    sqlite3_bind_double(insert, 2, row->time);
    bind_text(insert, 3, row->op);
    sqlite3_bind_int64(insert, 4, row->node);
    bind_text(insert, 5, row->layer);
    bind_text(insert, 6, row->reason);
    sqlite3_bind_int64(insert, 7, row->uid);
    bind_text(insert, 8, row->ptype);
    sqlite3_bind_int64(insert, 9, row->size);
    for (int i = 0; i < 4; i++)
        sqlite3_bind_int64(insert, 10 + i, row->mac[i]);
    for (int i = 0; i < 6; i++)
        bind_optional(insert, 14 + i, row->has_ip, row->ip[i]);
    bind_optional(insert, 20, row->has_seq, row->seq);
    if (sqlite3_step(insert) != SQLITE_DONE || sqlite3_reset(insert) != SQLITE_OK)
        die("INSERT", sqlite3_errmsg(db));
}

/* What --parse adds up. */
struct sums {
    double time;
    int64_t number, character;
};

static void add(struct sums *sums, const struct row *row)
{
    sums->time += row->time;
    sums->number += row->node + row->uid + row->size + row->mac[0] + row->mac[1] + row->mac[2] +
                    row->mac[3] + (row->has_seq ? row->seq : 0);
    for (int i = 0; i < 6 && row->has_ip; i++)
        sums->number += row->ip[i];
    sums->character += row->op.n + row->layer.n + row->reason.n + row->ptype.n;
}

/* Every line of the trace into the database, or, without one, into the sums. */
static int64_t read_trace(int fd, sqlite3 *db, sqlite3_stmt *insert, struct sums *sums)
{
    char *buffer = malloc(BUFFER);
    size_t kept = 0; /* the beginning of a line, from the block before */
    struct row row = {0};
    if (!buffer)
        die("trace", "out of memory");
    for (;;) {
        ssize_t n = read(fd, buffer + kept, BUFFER - kept);
        if (n < 0 || (n == 0 && kept > 0))
            die("trace", n < 0 ? "cannot read" : "last line has no end, or is too long");
        if (n == 0)
            break;
        const char *p = buffer, *end = buffer + kept + n, *newline;
        while ((newline = memchr(p, '\n', (size_t)(end - p)))) {
            row.line++;
            if (!parse(p, newline, &row))
                die("trace", "not a line of the old wireless format");
            if (db)
                store(db, insert, &row);
            else
                add(sums, &row);
            p = newline + 1;
        }
        kept = (size_t)(end - p);
        memmove(buffer, p, kept);
    }
    free(buffer);
    return row.line;
}

static void execute(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        die(sql, sqlite3_errmsg(db));
}

int main(int argc, char **argv)
{
    if (argc != 3)
        die("usage", "minimal DATABASE|--parse TRACE");
    int fd = open(argv[2], O_RDONLY);
    if (fd < 0)
        die(argv[2], "cannot open");
    struct sums sums = {0};
    if (strcmp(argv[1], "--parse") == 0) {
        int64_t n = read_trace(fd, NULL, NULL, &sums);
        printf("%lld lines, %.9f %lld %lld\n", (long long)n, sums.time, (long long)sums.number,
               (long long)sums.character);
        return 0;
    }
    sqlite3 *db;
    sqlite3_stmt *insert;
    if (sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db,
                           "INSERT INTO event VALUES "
                           "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                           -1, &insert, NULL) != SQLITE_OK)
        die(argv[1], sqlite3_errmsg(db));
    execute(db, "BEGIN");
    int64_t n = read_trace(fd, db, insert, &sums);
    execute(db, "COMMIT");
    sqlite3_finalize(insert);
    if (sqlite3_close(db) != SQLITE_OK)
        die(argv[1], sqlite3_errmsg(db));
    printf("%lld lines\n", (long long)n);
    return 0;
}
