/* One mail to an SMTP server, in the calling thread, which it blocks: libcurl says goodbye to such
 * servers by blocking even in its multi interface, and a server that hangs then would hold up an
 * event loop. Certificates are verified; proxies aren't used. smtp_start comes first. */
#ifndef PW_SYS_CURL_SMTP_H
#define PW_SYS_CURL_SMTP_H

#include <stdatomic.h>

#include "base/base.h"

bool smtp_start(struct err *err) MUST_CHECK; /* false: there is no libcurl that can be used */

struct smtp_ask {
    const char *ca_bundle; /* the file of the authorities that are trusted; "": the system's */
    const char *url;       /* smtp:// or smtps://, with the login, if there is one */
    bool needs_tls;        /* nothing is said before the connection is encrypted (STARTTLS) */
    const char *from, *to; /* addresses alone, fit by base/mailbox.h */
    /* headers and text, with CR LF; NULL: the server is only looked at, up to the login */
    const char *message;
    size_t len;
    uint64_t timeout_ms; /* from now to the server's last word, at least 1 */
    /* another thread sets it to have the mail given up within a second; NULL: nobody does */
    const atomic_bool *cancelled;
};

enum smtp_outcome {
    SMTP_SENT,    /* the server has the mail now; or, without a message, it can be used */
    SMTP_REFUSED, /* it will never take this mail (5xx to the recipient or the text) */
    SMTP_FAILED,  /* all else: it may take the mail later, or may even have taken it */
};

struct smtp_reply { /* valid during the callback */
    enum smtp_outcome outcome;
    int status; /* the server's last number; 0: it said nothing */
    bool is_tls_fault, is_login_refused;
    const char *problem; /* for the operator: no address of a mail, no password; NULL: none */
};

typedef void smtp_done(void *ctx, const struct smtp_reply *);

/* Calls done(ctx, reply) once, before the connection is closed, and returns when it is. */
void smtp_send(const struct smtp_ask *, smtp_done *done, void *ctx);

#endif
