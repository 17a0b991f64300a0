#include "sys/draw/draw.h"

#include <pthread.h>
#include <stdlib.h>

#include "sys/draw/text.h"

/* What a drawing thread keeps. Pango's fonts must never be another thread's, so it ends with the
 * thread. */
struct studio {
    struct text_pen *pen;
    struct canvas *canvas;
    int width, height; /* the canvas's */
    struct png_press *press;
};

static struct {
    pthread_once_t once;
    pthread_key_t key;
} studios = {.once = PTHREAD_ONCE_INIT};

static void studio_free(void *ctx)
{
    struct studio *studio = ctx;
    text_pen_free(studio->pen);
    canvas_free(studio->canvas);
    png_press_free(studio->press);
    free(studio);
}

static void make_key(void)
{
    if (pthread_key_create(&studios.key, studio_free) != 0)
        abort();
}

static struct studio *studio_new(const struct draw_libraries *lib)
{
    struct studio *studio = must_calloc(1, sizeof *studio);
    studio->pen = text_pen_new(lib);
    studio->press = png_press_new(lib);
    return studio;
}

/* This thread's. */
static struct studio *studio_here(const struct draw_libraries *lib)
{
    pthread_once(&studios.once, make_key);
    struct studio *studio = pthread_getspecific(studios.key);
    if (!studio) {
        studio = studio_new(lib);
        if (pthread_setspecific(studios.key, studio) != 0)
            abort();
    }
    return studio;
}

static struct canvas *canvas_for(struct studio *studio, const struct picture *picture)
{
    if (!studio->canvas || studio->width != picture->width || studio->height != picture->height) {
        canvas_free(studio->canvas);
        studio->canvas = canvas_new(picture->width, picture->height);
        studio->width = picture->width;
        studio->height = picture->height;
    }
    canvas_clear(studio->canvas);
    return studio->canvas;
}

bool draw_png(const struct picture *picture, struct buf *png, struct err *err)
{
    const struct draw_libraries *lib = draw_libraries(err);
    if (!lib)
        return false;
    struct studio *studio = studio_here(lib);
    struct canvas *canvas = canvas_for(studio, picture);
    text_pen_trim(studio->pen);
    for (int i = 0; i < picture->count; i++) {
        const struct shape *s = &picture->shapes[i];
        if (s->kind == SHAPE_BOX)
            canvas_box(canvas, s);
        else
            text_draw(studio->pen, canvas, s, png->arena);
    }
    canvas_finish(canvas);
    struct png_image image = canvas_image(canvas);
    png_write(studio->press, &image, png);
    return true;
}
