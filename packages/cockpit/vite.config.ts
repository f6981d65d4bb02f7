import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';
import { leanIcons } from './lean-icons.ts';
import { leanSchemas } from './lean-schemas.ts';
import { leanZod } from './lean-zod.ts';
import { precompress } from './precompress.ts';

/** What every page stands on and the first picture needs, in two files: cut as finely as it is shared it came in thirty, and larger. */
const chunks = [
  { name: 'lib', test: /\/node_modules\/(?:react|react-dom|scheduler|wouter|zod)\// },
  // With all that it stands on.
  { name: 'first', test: /\/src\/web\/shell\/app\.tsx$/ },
];

export default defineConfig({
  root: 'src/web',
  // The page owns its routes: `/tickets/41` must find the same assets as `/`, and the policy allows no <base>.
  base: '/',
  // The schemas come from the runtime's source, so the page can be built beside a runtime that is being rebuilt.
  resolve: {
    conditions: ['@kora/source', ...defaultClientConditions],
    // React has had this one itself since its version 18.
    alias: { 'use-sync-external-store/shim/index.js': 'react' },
  },
  plugins: [leanZod(), leanIcons(), leanSchemas(), react(), tailwindcss(), precompress()],
  // `vite` alone serves the page on loopback and asks a running Kora for the data.
  server: { host: '127.0.0.1', proxy: { '/api': { target: 'http://127.0.0.1:9119', changeOrigin: true } } },
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    target: 'es2024',
    // Both values of a token stay one `light-dark()`: what the browsers of the last two years read.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // The page's policy allows no inline script; the polyfill would be one.
    modulePreload: {
      polyfill: false,
      // A page's own code names what it needs; a list of it beforehand, for forty pages, is weight in the first of them.
      resolveDependencies: (_, files, { hostType }) =>
        hostType === 'html' ? files : files.filter((file) => file.endsWith('.css')),
    },
    // Nothing inlined as data: every asset is a file with a hash, cached for good.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: { output: { codeSplitting: { groups: chunks } } },
    // Everything is bundled, so the notices of those who wrote it go along.
    license: { fileName: 'licenses.md' },
  },
});
