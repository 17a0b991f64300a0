/* The database's encoding. For sys/db alone. */
#ifndef PW_SYS_DB_ENCODING_H
#define PW_SYS_DB_ENCODING_H

#include <libpq-fe.h>

#include "base/base.h"

/* Whether the database of a connection that stands keeps text as UTF-8. In another encoding it
 * takes less than people write, or (SQL_ASCII) keeps what it can't give back. False: `err` says
 * which it has. A pooler that doesn't tell is believed. */
bool encoding_is_utf8(const PGconn *, struct err *err) MUST_CHECK;

#endif
