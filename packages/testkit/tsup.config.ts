import { defineConfig } from 'tsup';
import { library } from '../../tsup.base.ts';

export default defineConfig(
  library({
    entry: {
      index: 'src/index.ts',
      // The process in which the command loads a plugin's code; importing it starts its work.
      bench: 'src/bench.ts',
    },
  }),
);
