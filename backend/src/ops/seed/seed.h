/* First data, from backend/sql/seed; running it again changes nothing. */
#ifndef PW_OPS_SEED_SEED_H
#define PW_OPS_SEED_SEED_H

int seed_main(int argc, char **argv); /* `seed [--demo]` */

#endif
