/*
 * One line of an ns-2 trace. Formats share files, so each line is told apart by itself.
 */
#ifndef TRACEGEN_LINE_H
#define TRACEGEN_LINE_H

#include "tracegen/event.h"

/* What a line is; each line is exactly one of these. */
enum tg_line_kind { TG_LINE_EVENT, TG_LINE_NOISE, TG_LINE_BLANK, TG_LINE_REJECT };

enum tg_noise {
    TG_NOISE_MOVEMENT,    /* M */
    TG_NOISE_ENERGY,      /* N */
    TG_NOISE_ANNOTATION,  /* v ... sim_annotation; M 0.0 nn 5 ... of a script */
    TG_NOISE_LINK,        /* v ... link-up, link-down */
    TG_NOISE_VARIABLE,    /* f tT aOWNER nNAME vVALUE; those of TCP agents */
    TG_NOISE_EVENT_TRACE, /* E */
    TG_NOISE_ROUTING_LOG, /* DSR S..., its queue I, TORA and IMEP T, IL, AODV A, DSDV V..., MDART */
    TG_N_NOISE
};

/* The name of a kind in table `noise`. */
const char *tg_noise_name(enum tg_noise noise);

struct tg_line {
    enum tg_line_kind kind;
    gint64 number;         /* 1-based, set by the reader */
    struct tg_text text;   /* the whole line without its end */
    gboolean unterminated; /* the file ends without a line end */
    gboolean odd;          /* TG_LINE_EVENT: valid, but not to the letter what ns would print */
    union {
        struct tg_event event; /* TG_LINE_EVENT; its texts point into `text` */
        enum tg_noise noise;   /* TG_LINE_NOISE */
        char reason[80];       /* TG_LINE_REJECT */
    };
};

/*
 * How much of a reason says what is wrong: `missing or bad time`, without the ` at 'nan _1_ AGT'`
 * behind it, which differs from line to line.
 */
gsize tg_reason_length(const char *reason);

/*
 * Parses line->text; sets kind and what goes with it. Reads nothing beyond the text. Unless the
 * event is odd, tg_print_event() gives the text back.
 */
void tg_parse_line(struct tg_line *line);

#endif
