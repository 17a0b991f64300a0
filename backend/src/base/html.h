/* Text in HTML: what people wrote becomes neither markup nor a parse error (HTML standard, section
 * 13.2.3.5). Pure, in one pass. */
#ifndef PW_BASE_HTML_H
#define PW_BASE_HTML_H

#include "base/buf.h"

/* Adds the text for a place between tags, or within an attribute's quotes of either kind. A parser
 * reads the same text again, with two exceptions: CR LF and CR are LF, as in any HTML, and what
 * HTML can't have (control characters, noncharacters, bytes that are no UTF-8) is U+FFFD. Not for
 * what is in <script> or <style>. */
void buf_html(struct buf *, const char *text);

/* Adds valid JSON for a <script type="application/json">: the same value, in which nothing ends or
 * comments out the script. What HTML can't have, and U+2028 and U+2029, are escapes of JSON. */
void buf_html_json(struct buf *, const char *json, size_t len);

#endif
