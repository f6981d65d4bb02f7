import { defineConfig } from 'tsup';
import { library } from '../../tsup.base.ts';

export default defineConfig({
  ...library({ entry: ['src/index.ts', 'src/bin.ts'] }),
  // The client and the few light files of the runtime that src/basics.ts names are taken in, from source, where
  // unused neighbours fall away: `kora status` is done before the whole runtime would have loaded. What `kora up`
  // starts is found by name at run time and stays outside.
  noExternal: [/^@kora\/runtime/],
  esbuildOptions: (options) => {
    options.conditions = ['@kora/source'];
  },
});
