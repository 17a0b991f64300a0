/* E-mail addresses as mail servers and headers take them. Pure. */
#ifndef PW_BASE_MAILBOX_H
#define PW_BASE_MAILBOX_H

#include "base/base.h"

/* Whether a mail can be sent to the address: valid UTF-8 with something on both sides of its only
 * '@', and no character that means something in a command to a mail server or in a header (white
 * space, controls, quotes, brackets, commas). Stricter than RFC 5321, whose quoted forms nobody
 * uses. */
bool mail_address_is_fit(const char *address, size_t len);

struct mailbox { /* points into the text that was read */
    const char *name, *address;
    size_t name_len, address_len; /* name_len 0: there is none */
};

/* Reads "address" or "name <address>". False: it is neither. */
bool mailbox_read(const char *text, struct mailbox *) MUST_CHECK;

#endif
