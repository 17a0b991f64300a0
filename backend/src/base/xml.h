/* Text in XML 1.0 (and so in Atom, sitemaps and SVG). */
#ifndef PW_BASE_XML_H
#define PW_BASE_XML_H

#include "base/buf.h"

/* Adds `text` as content of an element, or of an attribute in either kind of quotes. What XML gives
 * a meaning is escaped, and so is a carriage return, which a reader would take for a line end.
 * Characters that XML 1.0 forbids even where they are escaped are left out, and bytes that are no
 * UTF-8 become U+FFFD, so that the document is well-formed whatever comes in. */
void xml_text(struct buf *, const char *text);

/* Adds <name>text</name>. */
void xml_element(struct buf *, const char *name, const char *text);

#endif
