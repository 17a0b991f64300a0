/* What the mails say, in each language. Pure. */
#ifndef PW_DOMAIN_MAIL_WORDS_H
#define PW_DOMAIN_MAIL_WORDS_H

#include "domain/brief.h"

/* What a mail's link is for. */
enum mail_kind {
    MAIL_NONE,
    MAIL_VERIFICATION, /* that the address is the account's owner's */
    MAIL_RESET,        /* a new password */
};

/* Where the link leads: a page of FRONTEND_ORIGIN. */
char *mail_link(struct arena *, enum mail_kind, const char *origin, const char *token);

const char *mail_subject(enum mail_kind, enum language); /* the headline, in UTF-8 */

/* The text with the link, in lines that end with a line feed. */
char *mail_body(struct arena *, enum mail_kind, enum language, const char *link);

#endif
