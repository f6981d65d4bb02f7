import { createHash } from 'node:crypto';
import { issueStop } from '../state/index.ts';
import type { ControlContext, IssuedStop, StopLevel } from '../state/index.ts';
import type { Transaction } from '../store/index.ts';
import { operatorActor } from '../workspace/index.ts';
import type { Sentinel } from './sentinel.ts';

/** The id of the command that a sentinel becomes: the same sentinel is the same command, whoever reads it and how often. */
export function commandIdOf({ digest, at }: Pick<Sentinel, 'digest' | 'at'>): string {
  const hash = createHash('sha256').update(`${digest} ${at}`).digest();
  // A uuid of version 8: made by a rule of our own.
  hash.writeUInt8(((hash[6] ?? 0) & 0x0f) | 0x80, 6);
  hash.writeUInt8(((hash[8] ?? 0) & 0x3f) | 0x80, 8);
  const hex = hash.toString('hex', 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/**
 * Makes a sentinel a row, once. Whoever can write into the home is the operator; what the watchdog lays down carries on
 * the operator's own stop.
 */
export function issueSentinel(
  tx: Transaction,
  context: ControlContext,
  sentinel: Sentinel,
): Promise<IssuedStop> {
  return issueStop(tx, context, {
    level: sentinel.level satisfies StopLevel,
    reason: sentinel.reason.trim() || 'no reason was given',
    issuer: { actorId: operatorActor, kind: 'operator' },
    via: sentinel.by === 'watchdog' ? 'watchdog' : 'sentinel',
    commandId: commandIdOf(sentinel),
  });
}
