import { defineConfig } from "vite";

// Vite's own loads styles and preloads of a part beside it; there are none.
const plainImports = {
  name: "plain-imports",
  enforce: "pre",
  load: (id) => (id === "\0vite/preload-helper.js" ? "export const __vitePreload = (load) => load();" : undefined),
};

// The dashboard has its own copy of what the other lists share: it is small, and a file of its own
// would be one request more. Neither keeps anything.
const ownCopies = {
  name: "own-copies",
  enforce: "pre",
  async resolveId(source, importer = "") {
    if (!/\/(excerpt|follow)$/.test(source) || !/src\/parts\/(home\/|feed-item)/.test(importer)) return undefined;
    return `${(await this.resolve(source, importer, { skipSelf: true })).id}?own`;
  },
};

// A page asks for few files: what most pages use is in the first one, what most of the others use is
// in another.
const FILES = {
  main: /node_modules|src\/(main|act|thread|counted|place|wear|parts\/(author|counted|loaded|mark|time|battle\/sheet))\.tsx?$/,
  home: /src\/(views\/home\.tsx|steady\.ts)$/,
  lists: /src\/(excerpt|follow)\.ts$/,
  form: /src\/(keep\.ts|parts\/field\.tsx)$/,
  posts: /src\/(posts|parts\/(draft\/(text|writing)|post-\w+))\.tsx?$/,
  drafts: /src\/parts\/draft\/(card|deleting|elsewhere|published)\.tsx?$/,
  more: /src\/(style\/more\.(css|ts)|(clipboard|streamed|parts\/(dialog|restored|quota|pages|persona\/(languages|segmented)))\.tsx?$)/,
};

function fileOf(id) {
  return Object.keys(FILES).find((name) => FILES[name].test(id));
}

// Names carry their content's hash, so that they may be kept for ever. Nothing is inlined: the
// pages' policy allows no `data:`. Firefox fetches module preloads under default-src, which is
// 'none', so there are none.
export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  plugins: [plainImports, ownCopies],
  build: {
    target: "es2022",
    minify: "terser",
    terserOptions: { compress: { passes: 3 } },
    modulePreload: false,
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    assetsDir: "a",
    rollupOptions: {
      output: {
        entryFileNames: "a/[hash].js",
        chunkFileNames: "a/[hash].js",
        assetFileNames: "a/[hash].[ext]",
        manualChunks: fileOf,
      },
    },
  },
  // `npm run dev` beside `script/server`: what the API answers comes from there.
  server: { proxy: { "/api": { target: "http://127.0.0.1:8080", rewrite: (path) => path.slice(4) } } },
});
