import { definePlugin } from '@kora/runtime/plugin';

// Probes that are good until told to fail: the benchmark says when, and learns when the deciding look had its answer.
export default definePlugin({
  id: 'failing-probes',
  async register(context) {
    const { count, everyMs, answered, failing } = globalThis.koraBench;
    for (let at = 0; at < count; at += 1) {
      const name = `bench-${at}`;
      await context.registerProbe({
        name,
        kind: 'custom',
        target: name,
        everyMs,
        check: async () => {
          if (!failing.has(name)) return { status: 'healthy', details: {} };
          answered.set(name, performance.now());
          return { status: 'unhealthy', details: {}, error: 'told to fail' };
        },
      });
    }
  },
});
