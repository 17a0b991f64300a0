import { defineConfig } from "vite";

// Names carry their content's hash, so that they may be kept for ever. Nothing is inlined: the
// pages' policy allows no `data:`. Firefox fetches module preloads under default-src, which is
// 'none', so there are none.
export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    target: "es2022",
    modulePreload: false,
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    assetsDir: "a",
    rollupOptions: {
      output: {
        entryFileNames: "a/[hash].js",
        chunkFileNames: "a/[hash].js",
        assetFileNames: "a/[hash].[ext]",
      },
    },
  },
  // `npm run dev` beside `script/server`: what the API answers comes from there.
  server: { proxy: { "/api": { target: "http://127.0.0.1:8080", rewrite: (path) => path.slice(4) } } },
});
