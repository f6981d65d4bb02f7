import { defineConfig } from 'tsup';
import { library } from '../../tsup.base.ts';

export default defineConfig(
  library({
    entry: {
      index: 'src/index.ts',
      plugin: 'src/plugin.ts',
      client: 'src/client.ts',
      testkit: 'src/testkit.ts',
      // No door: what runs in the process of an untrusted plugin. It must lie beside index.js.
      guest: 'src/plugin/isolate/guest.ts',
      // No door either: the thread that hashes while the log is verified.
      'hash-worker': 'src/chain/verify/hash-worker.ts',
      // The thread that stops a runtime whose main thread cannot.
      'keeper-thread': 'src/control/keeper/keeper-thread.ts',
      // The thread that keeps what this runtime has claimed.
      'session-keeper-thread': 'src/ticket/session/keeper-thread.ts',
    },
  }),
);
