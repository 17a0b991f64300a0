/* The service level objectives (docs/SLO.md) as `triage` and `verify` judge by them. A test holds
 * them against docs/SLO.md and deploy/prometheus/rules.yml. Shares are of 1, times in seconds. */
#ifndef PW_OPS_SHARED_OBJECTIVES_H
#define PW_OPS_SHARED_OBJECTIVES_H

#define OBJECTIVE_AVAILABILITY 0.999  /* of requests are answered without a 5xx */
#define OBJECTIVE_LATENCY_S 0.75      /* p95 of routes without a model */
#define OBJECTIVE_MODEL_LATENCY_S 8.0 /* p95 of routes that wait for one */
#define OBJECTIVE_JOBS_DONE 0.985     /* of the jobs that end; the others failed for good */

/* From this share and this number of errors on a route is in trouble. The share is ten times what
 * availability allows: it would use up a month's allowance in three days. One error is chance, two
 * may be one client that tried again. */
#define ERROR_SHARE 0.01
#define ERRORS_AT_LEAST 3

#endif
