import { channel } from 'node:diagnostics_channel';
import { definePlugin } from '@kora/runtime/plugin';

export default definePlugin({
  id: 'bench',
  register(context) {
    channel('kora-bench').publish(context);
    return Promise.resolve();
  },
});
