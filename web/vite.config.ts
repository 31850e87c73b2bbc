import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { mantineCss } from './build/mantine-css.ts';
import { openapi } from './build/openapi.ts';
import { themeCss } from './build/theme-css.ts';

// Everything that the API answers; the rest are pages. In development it goes to BERTH_API (see README.md).
const apiPaths = ['/v1', '/v2', '/api', '/oauth', '/openapi'];
const target = process.env.BERTH_API ?? 'http://127.0.0.1:22501';

export default defineConfig({
  plugins: [react(), mantineCss(), themeCss(), openapi()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      output: {
        manualChunks(id) {
          if (/node_modules\/(react|react-dom|scheduler|react-router|react-router-dom|@remix-run)\//.test(id)) return 'react';
          return undefined;
        },
      },
    },
  },
  server: {
    port: 22500,
    proxy: Object.fromEntries(apiPaths.map((path) => [path, { target, changeOrigin: false }])),
  },
});
