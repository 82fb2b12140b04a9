/* What the two wired formats share: operations of sessions, addresses with ports, and flags. */
#ifndef TRACEGEN_WIRED_ADDRESS_H
#define TRACEGEN_WIRED_ADDRESS_H

#include "tracegen/cursor.h"

/* E and D of a SessionSim are enqueue and dequeue. */
void tg_take_session_op(struct tg_event *event);

/*
 * SOURCE.PORT DESTINATION.PORT, the addresses flat (a number) or hierarchical (2.0.3). Three levels
 * of 9, 11 and 11 bits are what set-address-format hierarchical gives; wireless lines print the
 * same address as one number. Of two levels each is taken as 11 bits.
 */
void tg_take_wired_ends(struct tg_cursor *c, struct tg_event *event);
void tg_print_wired_ends(GString *out, const struct tg_event *event);

/* C P - A E F N or -, seven of them; an eighth in lines with an SCTP header. */
struct tg_text tg_take_flags(struct tg_cursor *c);

#endif
