/* `healthcheck`: whether the service of this container or unit lives, without curl. */
#ifndef PW_OPS_HEALTHCHECK_HEALTHCHECK_H
#define PW_OPS_HEALTHCHECK_HEALTHCHECK_H

int healthcheck_main(int argc, char **argv);

#endif
