import type { z } from 'zod';
import type { House } from '../../house.ts';
import * as shape from '../contract.ts';

/** The questions about what came in, as they are asked; each is answered with a sample. */
export function scriptedInbound(
  sample: <T extends z.ZodType>(schema: T) => z.infer<T>,
  says: <T>(question: string, answer: T) => (...args: unknown[]) => Promise<T>,
): House['inbound'] {
  const row = sample(shape.inboundSchema);
  return {
    list: says('inbound', [row]),
    show: says('inbound.show', sample(shape.inboundDetailSchema)),
    release: says('inbound.release', row),
    drop: says('inbound.drop', row),
  };
}
