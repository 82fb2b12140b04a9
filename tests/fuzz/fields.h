/* The members of struct tg_event as a table, named as the columns of the store's view `event`. */
#ifndef TESTS_FUZZ_FIELDS_H
#define TESTS_FUZZ_FIELDS_H

#include "tracegen/event.h"
#include <stddef.h>

enum fuzz_type { FUZZ_INT, FUZZ_REAL, FUZZ_TEXT };

struct fuzz_field {
    const char *name;
    enum fuzz_type type;
    size_t offset;
};

/* All but format, op and spelling. */
enum { FUZZ_N_FIELD = 44 };
extern const struct fuzz_field fuzz_fields[FUZZ_N_FIELD];

static inline const void *fuzz_member(const struct tg_event *event, const struct fuzz_field *field)
{
    return (const char *)event + field->offset;
}

static inline gboolean fuzz_same_text(struct tg_text a, struct tg_text b)
{
    return a.n == b.n && !a.at == !b.at && (!a.at || memcmp(a.at, b.at, (gsize)a.n) == 0);
}

#endif
