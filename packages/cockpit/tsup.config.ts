import { defineConfig } from 'tsup';
import { library } from '../../tsup.base.ts';

// No source map: the entry is one screen long, and the parcel carries none for the page either.
export default defineConfig({ ...library({ entry: ['src/index.ts'] }), sourcemap: false });
