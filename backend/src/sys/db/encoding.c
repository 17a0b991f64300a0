#include "sys/db/encoding.h"

#include <string.h>

bool encoding_is_utf8(const PGconn *conn, struct err *err)
{
    const char *encoding = PQparameterStatus(conn, "server_encoding");
    return !encoding || strcmp(encoding, "UTF8") == 0 ||
           fail(err, "the database's encoding is %s, and has to be UTF8", encoding);
}
