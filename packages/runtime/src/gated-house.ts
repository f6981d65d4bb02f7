import { standardGates } from './boot/index.ts';
import type { Gate } from './boot/index.ts';
import type { BootSequence } from './boot-sequence.ts';
import type { MatrixReport } from './capability/index.ts';
import type { Rooms } from './rooms.ts';
import { spendEvidence } from './spend-answers.ts';
import { readControl } from './state/index.ts';
import { epochEvidence } from './store-life.ts';
import { tellTokens } from './token-news.ts';

/** What the gates look at, of a runtime or of a home in which none runs. */
export interface GatedHouse extends Pick<BootSequence, 'ground' | 'migrations'> {
  readonly rooms: Pick<
    Rooms,
    | 'database'
    | 'workspace'
    | 'chain'
    | 'checkpoints'
    | 'tokens'
    | 'gates'
    | 'capabilities'
    | 'spend'
    | 'apply'
  >;
  /** Guests that a check does not start, so that nobody knows what they would declare. */
  readonly guests?: readonly string[];
}

/** The gates of a house, for a boot and for `kora boot --check-only`. */
export function gatesOf({ ground, rooms, migrations, guests = [] }: GatedHouse, checkOnly: boolean): Gate[] {
  const { configuration, home, build } = ground;
  return standardGates({
    database: rooms.database,
    chain: rooms.chain,
    workspaceId: rooms.workspace.workspaceId,
    home: home.directory,
    configFile: configuration.file,
    credentials: configuration.credentials,
    build,
    migrations,
    epoch: () => epochEvidence(home.directory, rooms, checkOnly),
    checkpointed: async () => (await rooms.checkpoints.latest())?.size ?? 0,
    tokens: async (signal) => {
      const { stopLevel } = await readControl(rooms.database, rooms.workspace.workspaceId);
      const looks = await rooms.tokens.check(signal, stopLevel >= 5);
      if (!checkOnly) await tellTokens(ground, rooms, looks);
      return looks;
    },
    spend: { read: () => spendEvidence(ground, rooms.spend) },
    capabilities: { load: async () => matrixSentence(await rooms.capabilities.load(), guests) },
    added: rooms.gates.list(),
    checkOnly,
  });
}

function matrixSentence({ capabilities, grants, unknown }: MatrixReport, guests: readonly string[]): string {
  const idle = unknown.map(({ grantId, capability, to }) => `#${grantId} ${capability} to ${to}`).join(', ');
  const why =
    guests.length === 0
      ? 'nobody declares, and so without effect'
      : `only a guest that a check does not start may declare (${guests.join(', ')})`;
  const lost = idle === '' ? '' : `; of capabilities that ${why}: ${idle}`;
  return `${capabilities} capabilities, ${grants} grants in force${lost}`;
}
