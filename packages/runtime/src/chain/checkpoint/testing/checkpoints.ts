import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../../clock/index.ts';
import { Scope } from '../../../scope/index.ts';
import type { Database } from '../../../store/index.ts';
import type { Chain } from '../../chain.ts';
import type { Anchor } from '../anchor/contract.ts';
import { Checkpointer } from '../checkpointer.ts';
import { CheckpointFile } from '../file.ts';
import { originOf } from '../form.ts';
import type { AcceptedRewinding } from '../given-up.ts';
import { openCheckpointKeys } from '../keys.ts';
import type { CheckpointKeys } from '../keys.ts';
import type { Rewinding } from '../rewound.ts';

export interface TestCheckpoints {
  readonly checkpointer: Checkpointer;
  readonly keys: CheckpointKeys;
  readonly scope: Scope;
  readonly rewindings: Rewinding[];
  readonly errors: string[];
}

export interface TestCheckpointsOn {
  readonly database: Database;
  readonly chain: Chain;
  /** A folder that stands for the home. */
  readonly home: string;
  readonly everyEvents?: number;
  readonly everyMs?: number;
  readonly own?: boolean;
  readonly publicKeys?: readonly string[];
  readonly anchors?: (keys: CheckpointKeys) => readonly Anchor[];
  /** Rewindings that people accepted. */
  readonly accepts?: (rewinding: Rewinding) => boolean;
}

/** A checkpointer of one home, which looks only when it is told to or started. */
export async function checkpointsOn(options: TestCheckpointsOn): Promise<TestCheckpoints> {
  const { database, chain, home, own = true, publicKeys = [] } = options;
  const workspace = 'default';
  const directory = join(home, 'keys');
  const keys = await openCheckpointKeys({ directory, workspace, configured: undefined, publicKeys, own });
  const scope = new Scope('checkpoints');
  onTestFinished(() => scope.dispose());
  const rewindings: Rewinding[] = [];
  const accepted: AcceptedRewinding[] = [];
  const errors: string[] = [];
  const checkpointer = new Checkpointer({
    database,
    workspaceId: chain.owner.workspaceId,
    workspace,
    clock: systemClock(),
    keys,
    file: new CheckpointFile(join(home, 'checkpoints', 'default.log'), originOf(workspace), keys.pinned),
    anchors: options.anchors?.(keys) ?? [],
    everyEvents: options.everyEvents ?? 1_000_000,
    everyMs: options.everyMs ?? 3_600_000,
    stage: (tx, drafts) => chain.stage(tx, drafts),
    onRewound: (rewinding) => {
      if (options.accepts?.(rewinding) === true) {
        accepted.push({ ...rewinding, hash: rewinding.eventHash.toString('hex', 0, 4) });
        return Promise.resolve(false);
      }
      rewindings.push(rewinding);
      return Promise.resolve(true);
    },
    accepted: () => Promise.resolve(accepted),
    onError: (where, error) => void errors.push(`${where}: ${String(error)}`),
  });
  const listening = chain.onSealed((seq) => checkpointer.sealed(seq));
  scope.add('seals', () => listening[Symbol.dispose]());
  return { checkpointer, keys, scope, rewindings, errors };
}
