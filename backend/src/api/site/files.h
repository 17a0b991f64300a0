/* Small files that browsers and crawlers ask any site for. */
#ifndef PW_API_SITE_FILES_H
#define PW_API_SITE_FILES_H

#include "api/http/call.h"

void files_show_robots(struct call *);   /* GET /robots.txt (RFC 9309) */
void files_show_manifest(struct call *); /* GET /manifest.webmanifest (W3C Web Application Manifest) */
void files_show_favicon(struct call *);  /* GET /favicon.svg */

#endif
