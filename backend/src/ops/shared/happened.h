/* What a command did, or found, in the journal (service/journal.h): written to the table, or, where
 * that can't be, to a file, from which the next command that reaches the database takes it. A
 * command never fails for that. */
#ifndef PW_OPS_SHARED_HAPPENED_H
#define PW_OPS_SHARED_HAPPENED_H

#include "ops/shared/database.h"
#include "service/journal.h"

enum { HAPPENED_MAX = 2000 /* code points of what an entry says */ };

/* Where the entry went. */
enum happened { HAPPENED_WRITTEN, HAPPENED_KEPT, HAPPENED_LOST };

/* Adds an entry. Where it isn't written a line on stderr says where it is kept. The database may be
 * one that could not be opened. Longer texts are cut. */
enum happened happened(const struct database *, const char *kind, const char *fmt, ...) PRINTF(3, 4);

/* The same for a command that has no such database open: one is, for a moment, as the members that
 * are set before it is opened say. Nothing is said on stderr, as nobody asked for the entry. */
void happened_beside(struct database, const char *kind, const char *fmt, ...) PRINTF(3, 4);

/* Keeps an entry in the file, and says so. */
enum happened happened_keep(const struct database *, const char *entry, const char *kind, const char *what);

/* Takes what commands kept in files into the table, where there is anything and the database can be
 * reached within a second. */
void happened_join(void);

/* For people and tables: control characters and what is no UTF-8 are escaped, the passwords of URLs
 * and this process's secrets are left out, and it is cut at HAPPENED_MAX. In the arena. */
const char *happened_text(const struct database *, const char *text);

#endif
