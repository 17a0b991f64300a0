/* `personaworlds triage`: the runbook's first ten minutes in one look. */
#ifndef PW_OPS_TRIAGE_TRIAGE_H
#define PW_OPS_TRIAGE_TRIAGE_H

int triage_main(int argc, char **argv); /* the process's exit code (exit_codes.h) */

#endif
