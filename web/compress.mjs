// After vite: gives the theme's script a name of its content like all others, and writes each asset
// a second and third time, compressed as small as it gets. What isn't smaller isn't kept.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const assets = new URL("dist/a/", import.meta.url);
const page = new URL("dist/index.html", import.meta.url);

// It runs before the first paint, so it is a classic script: a module would wait for the document.
const theme = readFileSync(new URL("src/theme.js", import.meta.url), "utf8").replace(/^\/\/.*\n/gm, "");
const name = `${createHash("sha256").update(theme).digest("base64url").slice(0, 8)}.js`;
writeFileSync(new URL(name, assets), theme);
writeFileSync(page, readFileSync(page, "utf8").replace("<!--head-->", `<!--head-->\n  <script src="/a/${name}"></script>`));

for (const file of readdirSync(assets)) {
  const bytes = readFileSync(new URL(file, assets));
  const smaller = {
    gz: gzipSync(bytes, { level: 9 }),
    br: brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
  };
  for (const [ending, packed] of Object.entries(smaller))
    if (packed.length < bytes.length) writeFileSync(new URL(`${file}.${ending}`, assets), packed);
}
