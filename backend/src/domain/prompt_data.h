/* What people wrote, as it stands between two tags of a prompt.
 *
 * No text can open or close an element, or look as if it did:
 *
 *   & < >                 are `&amp;`, `&lt;`, `&gt;`, as in XML
 *   a look-alike of these is a reference in hexadecimal, `&#x2039;`: full-width and small forms,
 *                         and brackets that Unicode's tables of confusables and compatibility
 *                         name; so are `[/` and `[` before a capital letter, with which the tokens
 *                         of some chat templates begin (`[INST]`)
 *   any other line end    is a line feed, as XML has it: CR, CR LF, VT, FF, NEL, the line and
 *                         paragraph separators
 *   what no reader sees   is left out, since nobody can have approved it: control characters
 *                         except tab and line feed, direction marks and overrides, zero-width
 *                         spaces, soft hyphens, blank letters, tag characters, the variation
 *                         selectors of plane 14 and noncharacters. Joiners and U+FE00-FE0F stay:
 *                         scripts and emoji are written with them.
 *
 * Bytes that are no UTF-8 are left out, too. All the rest stays as it is, so a reader that
 * resolves the references has the text again, less what is left out. Quotation marks (« », “ ”)
 * are no look-alikes: one of them isn't taken for a single bracket, and Turkish is full of them.
 */
#ifndef PW_DOMAIN_PROMPT_DATA_H
#define PW_DOMAIN_PROMPT_DATA_H

#include "base/buf.h"

void prompt_data_add(struct buf *, const char *text);

#endif
