/* A bounded line of waiting things in which a crowd can't keep others out: lanes take turns, and
 * within a lane the networks that things come from do, however many things one of them has. Pure;
 * not for several threads at a time.
 *
 * A lane works in rounds. In a round a network has one turn; the wider networks around it have a
 * few, so that whoever owns thousands of narrow ones hasn't all their turns. A thing gets the first
 * round in which its networks have turns left. When a lane is full, one of an earlier round takes
 * the place of the last. So one network alone may fill a lane, who sends one thing at a time waits
 * for a round, and who sends hundreds waits behind their own.
 */
#ifndef PW_BASE_TURNS_H
#define PW_BASE_TURNS_H

#include "base/base.h"

enum { TURN_LEVELS = 3 };

/* Numbers of the networks around a thing, the narrowest first, whose turns in a round are 1, 4 and
 * 16. Equal numbers are one network. */
struct turn_origin {
    uint64_t networks[TURN_LEVELS];
};

struct turn { /* part of what waits */
    struct turn_origin origin;
    int lane;
    struct turn *next; /* the line's own, as is the round */
    uint64_t round;
};

struct turns;

struct turns *turns_new(int lanes, int room); /* at most `room` wait in each lane */
void turns_free(struct turns *);              /* nothing waits any more */

/* Adds a thing to its lane. Returns what must not wait any longer for it: NULL, the new one itself,
 * or another network's. */
struct turn *turns_add(struct turns *, struct turn *) MUST_CHECK;

/* Whether turns_add would give a new one back: the lane is full, and no other network has more. */
bool turns_are_full_for(const struct turns *, int lane, const struct turn_origin *);

/* Takes the next one, or NULL where nothing waits. */
struct turn *turns_take(struct turns *);

/* Takes this one out of its order; false: it doesn't wait. */
bool turns_remove(struct turns *, struct turn *);

#endif
