/* A mail as it is sent: headers and text (RFC 5322, MIME), all in ASCII but for an address that
 * isn't. Pure: time and chance come in. */
#ifndef PW_DOMAIN_MAIL_MESSAGE_H
#define PW_DOMAIN_MAIL_MESSAGE_H

#include "base/arena.h"

struct mail {
    const char *from;           /* as MAIL_FROM has it; mailbox_read takes it */
    const char *to;             /* mail_address_is_fit */
    const char *subject, *body; /* UTF-8; the body's lines end with a line feed */
    const char *id;             /* of no other mail: letters, digits and hyphens */
    int64_t unix_s;             /* when it is sent */
};

/* The message, with CR LF at each line's end. */
char *mail_message(struct arena *, const struct mail *);

#endif
