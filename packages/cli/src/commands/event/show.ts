import type { Run } from '../../context.ts';
import { sequence } from './sequence.ts';
import { eventFacts } from './lines.ts';

/** A proof goes through every hash before the checkpoint. */
const proofTimeoutMs = 5 * 60_000;

export const show: Run = async ({ client, input, out }) => {
  const seq = sequence(input.argument('seq'));
  const proof = input.on('proof');
  const event = await (await client(proof ? proofTimeoutMs : undefined)).event(seq, { proof });
  out.result(event, () => eventFacts(event, out));
  return 'ok';
};
