import { readFileSync } from 'node:fs';
import { fileURLToPath, URL } from 'node:url';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

// The Host header stays as the browser sent it, so the server's Origin check passes.
const server = { target: process.env.FRONTDESK_URL ?? 'http://127.0.0.1:8000', changeOrigin: false };

// The page /redoc is the server's; ReDoc itself, as its package has it, comes with the dashboard's files.
const redoc: Plugin = {
  name: 'redoc',
  apply: 'build',
  generateBundle() {
    const files = {
      'redoc.standalone.js': 'bundles/redoc.standalone.js',
      'redoc.standalone.js.LICENSE.txt': 'bundles/redoc.standalone.js.LICENSE.txt',
      LICENSE: 'LICENSE',
    };
    for (const [name, path] of Object.entries(files)) {
      const source = readFileSync(new URL(`./node_modules/redoc/${path}`, import.meta.url));
      this.emitFile({ type: 'asset', fileName: `redoc/${name}`, source });
    }
  },
};

export default defineConfig({
  base: '/admin/',
  plugins: [react(), redoc],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: {
    port: 5173,
    strictPort: true,
    proxy: {
      '/api': server,
      '/docs': server,
      '/redoc': server,
      '/webhooks': server,
      '/ws': { ...server, ws: true },
    },
  },
  build: {
    target: 'es2022',
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      // @mantine/schedule probes a default export of rrule that its ES module does not have; it falls back by itself.
      onLog(level, log, report) {
        if (log.code !== 'IMPORT_IS_UNDEFINED' || !log.id?.includes('@mantine/schedule')) report(level, log);
      },
    },
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['./src/test/setup.ts'],
    restoreMocks: true,
  },
});
