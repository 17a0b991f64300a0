/* GET /me/export: all that a user has, in pages of 999 rows and the account itself. Most accounts
 * have one page. `next_cursor` is a token of an hour for this user alone, so that going on counts
 * for no further export. */
#ifndef PW_API_ACCOUNT_EXPORT_H
#define PW_API_ACCOUNT_EXPORT_H

#include "api/http/call.h"

void export_show(struct call *);

#endif
