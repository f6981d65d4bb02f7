import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';
import { leanSchemas } from './lean-schemas.ts';
import { leanZod } from './lean-zod.ts';
import { precompress } from './precompress.ts';

/** What every page stands on, in two files: cut as finely as it is shared it came in thirty, and larger. */
const chunks = [
  { name: 'lib', test: /\/node_modules\/(?:react|react-dom|scheduler|wouter|zod)\// },
  {
    name: 'kit',
    test: /\/src\/web\/(?:store|api|kit\/(?:act|button|chip|command|dialog|format|glyphs|mark|money|panel|plain|text|tone)\.)/,
  },
];

export default defineConfig({
  root: 'src/web',
  // The page owns its routes: `/tickets/41` must find the same assets as `/`, and the policy allows no <base>.
  base: '/',
  // The schemas come from the runtime's source, so the page can be built beside a runtime that is being rebuilt.
  resolve: { conditions: ['@kora/source', ...defaultClientConditions] },
  plugins: [leanZod(), leanSchemas(), react(), tailwindcss(), precompress()],
  // `vite` alone serves the page on loopback and asks a running Kora for the data.
  server: { host: '127.0.0.1', proxy: { '/api': { target: 'http://127.0.0.1:9119', changeOrigin: true } } },
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    target: 'es2024',
    // Both values of a token stay one `light-dark()`: what the browsers of the last two years read.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // The page's policy allows no inline script; the polyfill would be one.
    modulePreload: { polyfill: false },
    // Nothing inlined as data: every asset is a file with a hash, cached for good.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: { output: { codeSplitting: { groups: chunks } } },
    // Everything is bundled, so the notices of those who wrote it go along.
    license: { fileName: 'licenses.md' },
  },
});
