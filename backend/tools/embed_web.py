#!/usr/bin/env python3
"""embed_web.py DIST OUT.h OUT.c OUT.d: turns the built pages into C tables. The program is one file.

DIST:   what `npm run build` made in web/: index.html, and in a/ the assets, each beside its
        compressed forms (NAME.gz, NAME.br) where these are smaller. "-": there are no pages, and
        the tables are empty, and WEB_IS_BUILT is 0.
OUT.d:  The dependencies, in the form that make and ninja read. A folder is one of them: it changes
        when a file comes or goes.
"""
import pathlib
import re
import sys

TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".svg": "image/svg+xml"}

HEADER = """/* The pages' application: its assets, and what loads them. Made by tools/embed_web.py. */
#ifndef WEB_ASSETS_H
#define WEB_ASSETS_H

#include <stddef.h>

#define WEB_IS_BUILT @IS_BUILT@ /* 0: the program has no application */

/* The bytes of an asset in one coding; `bytes` NULL: it isn't kept in that one. */
struct web_bytes {
    const unsigned char *bytes;
    size_t len;
};

struct web_asset {
    const char *name, *type; /* "BoFylmzL.css": it changes with the content */
    struct web_bytes identity, gzip, brotli;
};

/* By name. */
extern const struct web_asset web_assets[];
extern const int web_asset_count;
/* The tags of a page's head that load the application; "" where there is none. */
extern const char web_tags[];

#endif
"""


def array(name, data):
    lines = (data[at:at + 32] for at in range(0, len(data), 32))
    text = "\n".join("    " + " ".join(f"{byte}," for byte in line) for line in lines)
    return f"static const unsigned char {name}[] = {{\n{text}\n}};\n"


def form(place, coding, path, arrays):
    if not path.is_file():
        return "{0}"
    data = path.read_bytes()
    arrays.append(array(f"{coding}_{place}", data))
    return f"{{{coding}_{place}, sizeof {coding}_{place}}}"


def asset(place, path, arrays):
    forms = ((coding, path.with_name(path.name + ending))
             for coding, ending in (("identity", ""), ("gzip", ".gz"), ("brotli", ".br")))
    columns = ", ".join(form(place, coding, packed, arrays) for coding, packed in forms)
    return f'    {{"{path.name}", "{TYPES[path.suffix]}", {columns}}},\n'


def tags_of(page):
    """What vite wrote into the head behind its mark. The application waits for what paints the page."""
    head = re.search(r"<!--head-->\s*(.*?)\s*</head>", page, re.DOTALL)
    if not head:
        sys.exit("embed_web.py: index.html has no <!--head-->")
    tags = (line.strip().replace(" crossorigin", "") for line in head[1].splitlines())
    return "".join(f"{tag}\n" for tag in tags).replace('type="module"', 'type="module" fetchpriority="low"')


def c_string(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def main(dist, header, source, dependencies):
    folder = pathlib.Path(dist)
    has_pages = dist != "-"
    files = sorted(path for path in (folder / "a").iterdir() if path.suffix in TYPES) if has_pages else []
    tags = tags_of((folder / "index.html").read_text(encoding="utf-8")) if has_pages else ""
    arrays = []
    rows = "".join(asset(place, path, arrays) for place, path in enumerate(files))
    pathlib.Path(header).write_text(HEADER.replace("@IS_BUILT@", str(int(has_pages))), encoding="utf-8")
    pathlib.Path(source).write_text(
        f'#include "web_assets.h"\n\n{"".join(arrays)}\n'
        f"const struct web_asset web_assets[] = {{\n{rows}    {{0}},\n}};\n"
        f"const int web_asset_count = {len(files)};\n"
        f"const char web_tags[] = {c_string(tags)};\n", encoding="utf-8")
    read = [folder / "index.html", folder / "a", *(folder / "a").iterdir()] if has_pages else []
    pathlib.Path(dependencies).write_text(f"{header} {source}: {' '.join(map(str, read))}\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
