#include "sys/draw.h"

#include <pango/pangocairo.h>
#include <pthread.h>

#include "sys/library.h"

/* Loaded by hand: most processes never draw, and linked, Cairo and Pango with their thirty
 * libraries cost each of them memory and time at its start. libpangocairo brings the others with
 * it, so one handle has all names. */
/* clang-format off */
#define FUNCTIONS(X) \
    X(cairo_image_surface_create) \
    X(cairo_surface_destroy) \
    X(cairo_surface_write_to_png_stream) \
    X(cairo_status_to_string) \
    X(cairo_create) X(cairo_destroy) X(cairo_status) X(cairo_save) X(cairo_restore) X(cairo_new_path) X(cairo_arc) \
        X(cairo_close_path) X(cairo_rectangle) X(cairo_clip) X(cairo_fill) X(cairo_move_to) X(cairo_set_source_rgba) \
            X(cairo_set_source) X(cairo_pattern_create_linear) X(cairo_pattern_add_color_stop_rgba) X( \
                cairo_pattern_destroy) X(cairo_font_options_create) X(cairo_font_options_destroy) \
                X(cairo_font_options_set_antialias) X(cairo_font_options_set_hint_style) X(pango_cairo_create_layout) \
                    X(pango_cairo_show_layout) X(pango_cairo_context_set_font_options) X(pango_layout_get_context) \
                        X(pango_layout_set_text) X(pango_layout_set_width) X(pango_layout_set_height) \
                            X(pango_layout_set_wrap) X(pango_layout_set_ellipsize) X(pango_layout_set_alignment) \
                                X(pango_layout_set_font_description) X(pango_layout_get_pixel_size) \
                                    X(pango_layout_get_line_count) X(pango_layout_set_attributes) \
                                        X(pango_attr_list_new) X(pango_attr_list_insert) X(pango_attr_list_unref) \
                                            X(pango_attr_letter_spacing_new) X(pango_attr_insert_hyphens_new) \
                                                X(pango_font_description_from_string) \
                                                    X(pango_font_description_set_absolute_size) \
                                                        X(pango_font_description_set_weight) \
                                                            X(pango_font_description_free) X(g_object_unref)
/* clang-format on */

static struct {
#define FIELD(name) __typeof__(name) *name;
    FUNCTIONS(FIELD)
#undef FIELD
} lib;

static struct {
    pthread_once_t once;
    bool loaded;
    struct err err;
} load = {.once = PTHREAD_ONCE_INIT};

static const double ONE_DEGREE = G_PI / 180;
static const double SHRINK_STEP = 2;

static void pango_load_once(void)
{
    static const struct library_function functions[] = {
#define ROW(name) {#name, &lib.name},
        FUNCTIONS(ROW)
#undef ROW
    };
    load.loaded = library_load("Pango", "libpangocairo-1.0.so.0", functions, COUNT(functions), &load.err);
}

/* ---- boxes ---- */

static double part(uint32_t colour, int shift)
{
    return (double)(colour >> shift & 0xff) / 255;
}

static void set_colour(cairo_t *cr, uint32_t colour)
{
    lib.cairo_set_source_rgba(cr, part(colour, 24), part(colour, 16), part(colour, 8), part(colour, 0));
}

static void set_gradient(cairo_t *cr, const struct shape *s)
{
    cairo_pattern_t *pattern = lib.cairo_pattern_create_linear(s->x, s->y, s->x + s->width, s->y);
    const uint32_t ends[] = {s->colour, s->colour_to};
    for (int i = 0; i < 2; i++)
        lib.cairo_pattern_add_color_stop_rgba(pattern, i, part(ends[i], 24), part(ends[i], 16), part(ends[i], 8),
                                              part(ends[i], 0));
    lib.cairo_set_source(cr, pattern);
    lib.cairo_pattern_destroy(pattern);
}

static void draw_box(cairo_t *cr, const struct shape *s)
{
    double left = s->x + s->radius, right = s->x + s->width - s->radius, top = s->y + s->radius,
           bottom = s->y + s->height - s->radius;
    lib.cairo_new_path(cr);
    lib.cairo_arc(cr, right, top, s->radius, -90 * ONE_DEGREE, 0);
    lib.cairo_arc(cr, right, bottom, s->radius, 0, 90 * ONE_DEGREE);
    lib.cairo_arc(cr, left, bottom, s->radius, 90 * ONE_DEGREE, 180 * ONE_DEGREE);
    lib.cairo_arc(cr, left, top, s->radius, 180 * ONE_DEGREE, 270 * ONE_DEGREE);
    lib.cairo_close_path(cr);
    if (s->colour_to)
        set_gradient(cr, s);
    else
        set_colour(cr, s->colour);
    lib.cairo_fill(cr);
}

/* ---- texts ---- */

/* Grey edges and unhinted shapes, whatever the machine's own fonts.conf prefers for its screen. */
static void use_plain_rendering(PangoLayout *layout)
{
    cairo_font_options_t *options = lib.cairo_font_options_create();
    lib.cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    lib.cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    lib.pango_cairo_context_set_font_options(lib.pango_layout_get_context(layout), options);
    lib.cairo_font_options_destroy(options);
}

/* No hyphens: a word that fills a line is broken anywhere, not at a syllable. */
static void set_attributes(PangoLayout *layout, double spacing)
{
    PangoAttrList *attributes = lib.pango_attr_list_new();
    lib.pango_attr_list_insert(attributes, lib.pango_attr_insert_hyphens_new(FALSE));
    lib.pango_attr_list_insert(attributes, lib.pango_attr_letter_spacing_new((int)(spacing * PANGO_SCALE)));
    lib.pango_layout_set_attributes(layout, attributes);
    lib.pango_attr_list_unref(attributes);
}

static void set_size(PangoLayout *layout, PangoFontDescription *font, double pixels)
{
    lib.pango_font_description_set_absolute_size(font, pixels * PANGO_SCALE);
    lib.pango_layout_set_font_description(layout, font);
}

static bool fits(PangoLayout *layout, const struct shape *s)
{
    int width, height;
    lib.pango_layout_get_pixel_size(layout, &width, &height);
    return width <= s->width && height <= s->height && lib.pango_layout_get_line_count(layout) <= s->lines;
}

static void set_largest_size(PangoLayout *layout, const struct shape *s)
{
    PangoFontDescription *font = lib.pango_font_description_from_string("Noto Sans, DejaVu Sans, sans-serif");
    lib.pango_font_description_set_weight(font, s->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    double least = s->least_size > 0 ? s->least_size : s->size;
    double size = s->size;
    set_size(layout, font, size);
    while (!fits(layout, s) && size - SHRINK_STEP >= least) {
        size -= SHRINK_STEP;
        set_size(layout, font, size);
    }
    lib.pango_font_description_free(font);
}

/* In texts of scripts that run from right to left, Pango's LEFT means right. */
static PangoAlignment alignment_of(const struct shape *s)
{
    return s->centred ? PANGO_ALIGN_CENTER : s->to_right ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT;
}

static void draw_text(cairo_t *cr, const struct shape *s)
{
    PangoLayout *layout = lib.pango_cairo_create_layout(cr);
    int width, height;
    use_plain_rendering(layout);
    lib.pango_layout_set_text(layout, s->text, -1);
    lib.pango_layout_set_width(layout, (int)s->width * PANGO_SCALE);
    lib.pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    lib.pango_layout_set_alignment(layout, alignment_of(s));
    set_attributes(layout, s->spacing);
    set_largest_size(layout, s);
    lib.pango_layout_set_height(layout, -s->lines);
    lib.pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    lib.pango_layout_get_pixel_size(layout, &width, &height);
    set_colour(cr, s->colour);
    lib.cairo_move_to(cr, s->x, s->y + MAX(s->height - height, 0) / 2);
    lib.pango_cairo_show_layout(cr, layout);
    lib.g_object_unref(layout);
}

/* ---- pictures ---- */

static void draw_shape(cairo_t *cr, const struct shape *s)
{
    lib.cairo_save(cr);
    lib.cairo_rectangle(cr, s->x, s->y, s->width, s->height);
    lib.cairo_clip(cr);
    if (s->kind == SHAPE_BOX)
        draw_box(cr, s);
    else
        draw_text(cr, s);
    lib.cairo_restore(cr);
}

static cairo_status_t add_bytes(void *png, const unsigned char *bytes, unsigned len)
{
    buf_add(png, (const char *)bytes, len);
    return CAIRO_STATUS_SUCCESS;
}

bool draw_png(const struct picture *picture, struct buf *png, struct err *err)
{
    pthread_once(&load.once, pango_load_once);
    if (!load.loaded) {
        *err = load.err;
        return false;
    }
    cairo_surface_t *surface = lib.cairo_image_surface_create(CAIRO_FORMAT_RGB24, picture->width, picture->height);
    cairo_t *cr = lib.cairo_create(surface);
    for (int i = 0; i < picture->count; i++)
        draw_shape(cr, &picture->shapes[i]);
    cairo_status_t status = lib.cairo_status(cr);
    if (status == CAIRO_STATUS_SUCCESS)
        status = lib.cairo_surface_write_to_png_stream(surface, add_bytes, png);
    lib.cairo_destroy(cr);
    lib.cairo_surface_destroy(surface);
    return status == CAIRO_STATUS_SUCCESS ||
           fail(err, "while drawing a picture: %s", lib.cairo_status_to_string(status));
}
