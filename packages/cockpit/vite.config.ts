import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'src/web',
  // The runtime mounts the page under a path of its choosing, so assets are named relative to it.
  base: './',
  plugins: [react(), tailwindcss()],
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    target: 'es2024',
    // The page's policy allows no inline script; the polyfill would be one.
    modulePreload: { polyfill: false },
    // Nothing inlined as data: every asset is a file with a hash, cached for good.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
});
