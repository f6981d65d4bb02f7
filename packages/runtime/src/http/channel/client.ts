import { z } from 'zod';
import type { ChainCalls } from '../chain/client.ts';
import * as shape from './contract.ts';

/** The part of the typed API that is about the ways to the operator. */
export function channelClient({ read, write }: Pick<ChainCalls, 'read' | 'write'>) {
  const path = (name: string, verb: string): string => `/api/channels/${encodeURIComponent(name)}/${verb}`;
  return {
    channels: () => read('/api/channels', z.array(shape.channelSchema)),
    checkChannel: (name: string) => write(path(name, 'check'), shape.channelCheckSchema, {}),
    testChannel: (name: string) => write(path(name, 'test'), shape.channelTestSchema, {}),
    tellFirst: (name: string, reason: string) =>
      write(path(name, 'first'), shape.channelFirstSchema, { reason }),
    setUpChannel: (name: string, wish: z.input<typeof shape.newChannelSetupSchema>) =>
      write(path(name, 'setup'), shape.channelSetUpSchema, wish),
  };
}

export type ChannelRow = z.infer<typeof shape.channelSchema>;
