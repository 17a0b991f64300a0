/* Cairo and Pango, and ISA-L for its deflate. Loaded by hand: most processes never draw, and
 * linked, these with their thirty libraries cost each process memory and time at its start. */
#ifndef PW_SYS_DRAW_LIBRARIES_H
#define PW_SYS_DRAW_LIBRARIES_H

#include "base/base.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <pango/pangocairo.h>

/* libpangocairo brings the others with it, so one handle has all names. */
/* clang-format off */
#define DRAW_PANGO(X) \
    X(cairo_create) X(cairo_destroy) X(cairo_font_options_create) X(cairo_font_options_destroy) \
    X(cairo_font_options_set_antialias) X(cairo_font_options_set_hint_style) X(cairo_image_surface_create) \
    X(cairo_image_surface_get_data) X(cairo_image_surface_get_stride) X(cairo_scaled_font_glyph_extents) \
    X(cairo_set_scaled_font) X(cairo_set_source_rgb) X(cairo_show_glyphs) X(cairo_surface_destroy) \
    X(cairo_surface_flush) X(cairo_surface_status) \
    X(g_object_ref) X(g_object_unref) \
    X(pango_attr_insert_hyphens_new) X(pango_attr_language_new) X(pango_attr_list_insert) X(pango_attr_list_new) \
    X(pango_attr_list_unref) X(pango_cairo_context_set_font_options) X(pango_cairo_font_get_scaled_font) \
    X(pango_cairo_font_map_get_default) X(pango_font_description_free) X(pango_font_description_from_string) \
    X(pango_font_description_set_absolute_size) X(pango_font_description_set_weight) X(pango_font_map_create_context) \
    X(pango_language_from_string) X(pango_layout_get_line_count) X(pango_layout_get_lines_readonly) \
    X(pango_layout_line_get_extents) X(pango_layout_new) X(pango_layout_set_attributes) \
    X(pango_layout_set_font_description) X(pango_layout_set_text) X(pango_layout_set_width) X(pango_layout_set_wrap)
#define DRAW_ISAL(X) X(crc32_gzip_refl) X(isal_deflate_stateless) X(isal_deflate_stateless_init)
/* clang-format on */

struct draw_libraries {
#define FIELD(name) __typeof__(name) *name;
    DRAW_PANGO(FIELD)
    DRAW_ISAL(FIELD)
#undef FIELD
};

/* NULL: one is missing, and `err` says which. The first call loads them; any thread. */
const struct draw_libraries *draw_libraries(struct err *) MUST_CHECK;

#endif
