/* The tables and indexes that a schema's migrations leave, read from their text: what triage
 * holds the database against. Pure.
 *
 * Reads what our migrations say: CREATE TABLE, CREATE INDEX, DROP and RENAME of either, each as
 * one statement. Indexes of constraints aren't among them: Postgres doesn't lose those by
 * itself, and nobody drops one by mistake.
 */
#ifndef PW_OPS_TRIAGE_SCHEMA_OBJECTS_H
#define PW_OPS_TRIAGE_SCHEMA_OBJECTS_H

#include "base/arena.h"

struct schema_object {
    const char *name;
    const char *table; /* of an index; NULL: it is a table itself */
    /* of an index: the statement that builds it beside the work (CONCURRENTLY), on one line */
    const char *create;
};

struct schema_objects {
    struct schema_object *rows;
    int count;
};

/* no objects; schema_objects_apply adds them */
struct schema_objects schema_objects_new(struct arena *);

/* Adds and removes what one migration does; in the order in which they are applied. */
void schema_objects_apply(struct arena *, struct schema_objects *, const char *migration);

#endif
