import { z } from 'zod';
import type { ChainCalls } from '../chain/client.ts';
import * as shape from '../contract.ts';

/** The part of the typed API that is about daemons. */
export function daemonClient({ read, write }: Pick<ChainCalls, 'read' | 'write'>) {
  const of = (name: string): string => `/api/daemons/${encodeURIComponent(name)}`;
  return {
    daemons: () => read('/api/daemons', z.array(shape.daemonSchema)),
    daemon: (name: string) => read(of(name), shape.daemonSchema),
    restartDaemon: (name: string, reason: string) =>
      write(`${of(name)}/restart`, shape.receiptSchema, { reason }),
  };
}
