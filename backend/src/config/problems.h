/* Checks of settings that are texts: NULL, or "must ..." without quoting the text. Pure. */
#ifndef PW_CONFIG_PROBLEMS_H
#define PW_CONFIG_PROBLEMS_H

const char *addresses_problem(const char *text); /* LISTEN_ADDRESS */
const char *place_problem(const char *text);     /* an address and a port */
/* a bearer token: what a header may carry (RFC 6750), and nobody guesses */
const char *token_problem(const char *text);

#endif
