/* The caller's own account: what it is, its address and password, its sessions, its end. */
#ifndef PW_API_ACCOUNT_ME_H
#define PW_API_ACCOUNT_ME_H

#include "api/http/call.h"
#include "domain/fields.h"

extern const struct field me_fields[];           /* email, language, current_password */
extern const struct field password_fields[];     /* current_password, new_password */
extern const struct field confirmation_fields[]; /* password */

const char *me_show(struct call *);        /* adds the parameters of accounts/show */
const char *me_add_session(struct call *); /* adds the session that asks, or null */
/* ADMIN_EMAILS; NULL: everybody is an administrator where nobody was granted anything */
const char *me_admin_emails(const struct config *);

void me_update(struct call *);       /* PUT /me */
void me_set_password(struct call *); /* PUT /me/password */
void me_delete(struct call *);       /* DELETE /me */
void me_end_session(struct call *);  /* DELETE /me/sessions/{id} */

#endif
