import { defineConfig } from "vitest/config";

const runner = "http://127.0.0.1:8000";

export default defineConfig({
  // Preact through the compiler's own JSX transform: no plugin needed.
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  server: {
    host: "127.0.0.1",
    proxy: {
      "/api": runner,
      "/hls": runner,
      "/ws": { target: runner, ws: true },
    },
  },
  build: {
    target: "es2022",
    // The content security policy allows only what the runner serves: nothing inlined.
    assetsInlineLimit: 0,
    // Vega and video.js are what they are; both are chunks of their own.
    chunkSizeWarningLimit: 1200,
  },
  test: { include: ["src/**/*.test.ts"] },
});
