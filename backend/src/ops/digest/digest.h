/* `personaworlds digest rebuild`: asks again for digests that are missing or stale. */
#ifndef PW_OPS_DIGEST_DIGEST_H
#define PW_OPS_DIGEST_DIGEST_H

/* the process's exit code: 0; 1: no such persona or user; 3 for a wrong command line; 4: the
 * database couldn't be asked */
int digest_main(int argc, char **argv);

#endif
