/* `verify`: the runbook's recovery checklist, watched until all of it has held for a while. */
#ifndef PW_OPS_VERIFY_VERIFY_H
#define PW_OPS_VERIFY_VERIFY_H

int verify_main(int argc, char **argv);

#endif
