import { fileURLToPath, URL } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// The Host header stays as the browser sent it, so the server's Origin check passes.
const server = { target: process.env.FRONTDESK_URL ?? 'http://127.0.0.1:8000', changeOrigin: false };

export default defineConfig({
  base: '/admin/',
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: {
    port: 5173,
    strictPort: true,
    proxy: {
      '/api': server,
      '/docs': server,
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
