#include "sys/draw/text.h"

#include <stdlib.h>

#include "base/utf8.h"

enum { SIZES_MAX = 4, BALANCE_STEPS = 3 };

/* Of a font's size: how far the middle of a capital letter is from its foot. */
static const double CAPITAL_MIDDLE = 0.357;

struct text_pen {
    const struct draw_libraries *lib;
    PangoContext *context;
    PangoLayout *layout;
    PangoFontDescription *fonts[2]; /* normal, bold */
    struct glyphs *glyphs;
};

/* ---- the pen ---- */

/* Grey edges and unhinted shapes, whatever the machine's own fonts.conf prefers for its screen. */
static void use_plain_rendering(const struct text_pen *pen)
{
    cairo_font_options_t *options = pen->lib->cairo_font_options_create();
    pen->lib->cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    pen->lib->cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    pen->lib->pango_cairo_context_set_font_options(pen->context, options);
    pen->lib->cairo_font_options_destroy(options);
}

struct text_pen *text_pen_new(const struct draw_libraries *lib)
{
    struct text_pen *pen = must_calloc(1, sizeof *pen);
    pen->lib = lib;
    pen->context = lib->pango_font_map_create_context(lib->pango_cairo_font_map_get_default());
    use_plain_rendering(pen);
    pen->layout = lib->pango_layout_new(pen->context);
    lib->pango_layout_set_wrap(pen->layout, PANGO_WRAP_WORD_CHAR);
    for (int bold = 0; bold < 2; bold++) {
        pen->fonts[bold] = lib->pango_font_description_from_string("Noto Sans, DejaVu Sans, sans-serif");
        lib->pango_font_description_set_weight(pen->fonts[bold], bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    }
    pen->glyphs = glyphs_new(lib);
    return pen;
}

void text_pen_free(struct text_pen *pen)
{
    if (!pen)
        return;
    glyphs_free(pen->glyphs);
    for (int bold = 0; bold < 2; bold++)
        pen->lib->pango_font_description_free(pen->fonts[bold]);
    pen->lib->g_object_unref(pen->layout);
    pen->lib->g_object_unref(pen->context);
    free(pen);
}

void text_pen_trim(struct text_pen *pen)
{
    glyphs_trim(pen->glyphs);
}

/* ---- fitting ---- */

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

/* No hyphens: where a word without end is broken, none belongs. */
static void set_attributes(const struct text_pen *pen, const char *language)
{
    PangoAttrList *attributes = pen->lib->pango_attr_list_new();
    pen->lib->pango_attr_list_insert(attributes, pen->lib->pango_attr_insert_hyphens_new(FALSE));
    pen->lib->pango_attr_list_insert(attributes,
                                     pen->lib->pango_attr_language_new(pen->lib->pango_language_from_string(language)));
    pen->lib->pango_layout_set_attributes(pen->layout, attributes);
    pen->lib->pango_attr_list_unref(attributes);
}

static void set_text(const struct text_pen *pen, const struct shape *s, const char *text, struct arena *arena)
{
    const char *whole = arena_printf(arena, "%s%s%s", or_empty(s->opening), text, or_empty(s->closing));
    pen->lib->pango_layout_set_text(pen->layout, whole, -1);
}

static void set_width(const struct text_pen *pen, int pixels)
{
    pen->lib->pango_layout_set_width(pen->layout, pixels * PANGO_SCALE);
}

static void set_size(const struct text_pen *pen, const struct shape *s, const struct text_size *size)
{
    PangoFontDescription *font = pen->fonts[s->bold];
    pen->lib->pango_font_description_set_absolute_size(font, size->size * PANGO_SCALE);
    pen->lib->pango_layout_set_font_description(pen->layout, font);
}

static int lines_of(const struct text_pen *pen)
{
    return pen->lib->pango_layout_get_line_count(pen->layout);
}

static int size_count(const struct shape *s)
{
    int count = 1;
    while (count < SIZES_MAX && s->sizes[count].size > 0)
        count++;
    return count;
}

/* The code points of the shape's text that stand on the lines that it may have. */
static size_t fitting(const struct text_pen *pen, const struct shape *s, int lines)
{
    GSList *line = pen->lib->pango_layout_get_lines_readonly(pen->layout);
    for (int i = 1; i < lines; i++)
        line = line->next;
    const PangoLayoutLine *last = line->data;
    size_t end = (size_t)(last->start_index + last->length), opening = strlen(or_empty(s->opening));
    return end > opening ? utf8_count(s->text, MIN(end - opening, strlen(s->text))) : 0;
}

/* Shorter and shorter, as an ellipsis and the closing need room, too. */
static void shorten(const struct text_pen *pen, const struct shape *s, int lines, struct arena *arena)
{
    for (size_t max = fitting(pen, s, lines); max > 0 && lines_of(pen) > lines; max -= MAX(max / 16, 1))
        set_text(pen, s, s->shorten(arena, s->text, max), arena);
}

static struct text_size fit(const struct text_pen *pen, const struct shape *s, struct arena *arena)
{
    int count = size_count(s);
    for (int i = 0; i < count; i++) {
        set_size(pen, s, &s->sizes[i]);
        if (lines_of(pen) <= s->sizes[i].lines)
            return s->sizes[i];
    }
    shorten(pen, s, s->sizes[count - 1].lines, arena);
    return s->sizes[count - 1];
}

/* Of all lines together, in pixels. */
static int length_of(const struct text_pen *pen)
{
    int length = 0;
    for (const GSList *line = pen->lib->pango_layout_get_lines_readonly(pen->layout); line; line = line->next) {
        PangoRectangle place;
        pen->lib->pango_layout_line_get_extents(line->data, NULL, &place);
        length += place.width / PANGO_SCALE;
    }
    return length;
}

/* The narrowest width, roughly, that takes no further line: not less than an equal share. */
static void balance(const struct text_pen *pen, const struct shape *s)
{
    int lines = lines_of(pen), least = length_of(pen) / lines, most = s->width;
    for (int i = 0; i < BALANCE_STEPS && lines > 1; i++) {
        int middle = (least + most) / 2;
        set_width(pen, middle);
        if (lines_of(pen) > lines)
            least = middle;
        else
            most = middle;
    }
    set_width(pen, most);
}

/* ---- drawing ---- */

struct run { /* where the next letter goes */
    struct canvas *canvas;
    struct rect clip;
    int ramp, size;
    int x; /* in Pango's units */
    int y;
};

/* What no font has: a frame of its width. */
static void draw_missing(const struct run *run, int width)
{
    enum { EDGE = 2 };
    int left = run->x / PANGO_SCALE + EDGE, right = left + MAX(width / PANGO_SCALE - 2 * EDGE, 3 * EDGE),
        top = run->y - run->size * 7 / 10;
    const struct rect edges[] = {{left, top, right, top + EDGE},
                                 {left, run->y - EDGE, right, run->y},
                                 {left, top, left + EDGE, run->y},
                                 {right - EDGE, top, right, run->y}};
    for (size_t i = 0; i < COUNT(edges); i++)
        canvas_fill(run->canvas, &edges[i], &run->clip, run->ramp);
}

static void draw_run(const struct text_pen *pen, struct run *run, const PangoGlyphItem *item)
{
    for (int i = 0; i < item->glyphs->num_glyphs; i++) {
        const PangoGlyphInfo *info = &item->glyphs->glyphs[i];
        int x = PANGO_PIXELS(run->x + info->geometry.x_offset), y = run->y + PANGO_PIXELS(info->geometry.y_offset);
        if (info->glyph & PANGO_GLYPH_UNKNOWN_FLAG)
            draw_missing(run, info->geometry.width);
        else if (info->glyph != PANGO_GLYPH_EMPTY)
            canvas_glyph(run->canvas, glyph_get(pen->glyphs, item->item->analysis.font, info->glyph),
                         &(struct point){x, y}, &run->clip, run->ramp);
        run->x += info->geometry.width;
    }
}

/* Lines of scripts that run from right to left end at the right, wherever the box is. */
static void draw_line(const struct text_pen *pen, const struct shape *s, struct run *run, PangoLayoutLine *line)
{
    PangoRectangle place;
    pen->lib->pango_layout_line_get_extents(line, NULL, &place);
    bool at_right = s->to_right || line->resolved_dir == PANGO_DIRECTION_RTL;
    run->x = (s->x + (at_right ? s->width : 0)) * PANGO_SCALE - (at_right ? place.width : 0);
    for (const GSList *item = line->runs; item; item = item->next)
        draw_run(pen, run, item->data);
}

/* Where the foot of the first line's letters stands: the middle of its capitals is in the middle
 * of the line. */
static int first_baseline(const struct shape *s, const struct text_size *size, int lines)
{
    int top = s->centred ? s->y + (s->height - lines * size->pitch) / 2 : s->y;
    return (int)(top + size->pitch / 2.0 + CAPITAL_MIDDLE * size->size + 0.5);
}

static void draw_lines(const struct text_pen *pen, struct canvas *canvas, const struct shape *s,
                       const struct text_size *size)
{
    int lines = MIN(lines_of(pen), size->lines);
    struct run run = {.canvas = canvas,
                      .clip = {s->x, s->y, s->x + s->width, s->y + s->height},
                      .ramp = canvas_ramp(canvas, s->ink, s->ground, GLYPH_LEVELS),
                      .size = size->size,
                      .y = first_baseline(s, size, lines)};
    GSList *line = pen->lib->pango_layout_get_lines_readonly(pen->layout);
    for (int i = 0; i < lines && line; i++, line = line->next) {
        draw_line(pen, s, &run, line->data);
        run.y += size->pitch;
    }
}

void text_draw(struct text_pen *pen, struct canvas *canvas, const struct shape *s, struct arena *arena)
{
    set_text(pen, s, s->text, arena);
    set_attributes(pen, s->language);
    set_width(pen, s->width);
    struct text_size size = fit(pen, s, arena);
    if (s->balanced)
        balance(pen, s);
    draw_lines(pen, canvas, s, &size);
}
