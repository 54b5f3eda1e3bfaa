import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';

export default defineConfig({
  // Relative, so that the page works under any path that a proxy gives it.
  base: './',
  plugins: [preact()],
  build: { outDir: '../../dist/dashboard', emptyOutDir: true },
  // In development the page is served by Vite and everything else by a master on this machine.
  server: { proxy: { '/api': { target: process.env['SEALCAST_MASTER'] ?? 'https://localhost:8443', secure: false } } },
});
