// A process that makes one checkpoint, and stands still between the table and the file until it is killed.
import { systemClock } from '../../../clock/index.ts';
import { openPool } from '../../../store/index.ts';
import { Checkpointer } from '../checkpointer.ts';
import { CheckpointFile } from '../file.ts';
import { originOf } from '../form.ts';
import { openCheckpointKeys } from '../keys.ts';

const [connection = '{}', workspaceId = '', home = ''] = process.argv.slice(2);
const workspace = 'default';

class StandingFile extends CheckpointFile {
  override append(notes: readonly string[]): Promise<void> {
    if (notes.length === 0) return Promise.resolve();
    process.stdout.write('in the table\n');
    return new Promise(() => undefined);
  }
}

const clock = systemClock();
const keys = await openCheckpointKeys({
  directory: `${home}/keys`,
  workspace,
  configured: undefined,
  publicKeys: [],
  own: true,
});
const checkpointer = new Checkpointer({
  database: openPool({
    connection: JSON.parse(connection) as object,
    server: { kind: 'url', description: 'test' },
    clock,
    onIdleError: () => undefined,
  }),
  workspaceId: Number(workspaceId),
  workspace,
  clock,
  keys,
  file: new StandingFile(`${home}/checkpoints/default.log`, originOf(workspace), keys.pinned),
  anchors: [],
  everyEvents: 1,
  everyMs: 1_000,
  stage: () => Promise.resolve(),
  onRewound: () => Promise.resolve(true),
  accepted: () => Promise.resolve([]),
  onError: (where, error) => void process.stdout.write(`error ${where}: ${String(error)}\n`),
});
await checkpointer.checkpoint();
