import { defineConfig } from 'tsup';
import { library } from '../../tsup.base.ts';

export default defineConfig(
  library({
    entry: {
      index: 'src/index.ts',
      // The process in which the command loads a plugin's code; importing it starts its work.
      bench: 'src/bench.ts',
      // No door: what a process imports to see what an import does. It must lie beside the others.
      importer: 'src/importer.ts',
    },
  }),
);
