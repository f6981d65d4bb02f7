import { OperationalStateHolder, gateFragment } from '../../packages/runtime/src/state/index.ts';
import type { HolderOptions } from '../../packages/runtime/src/state/index.ts';
import type { Lens } from './way.ts';

/** Bugs that the model must find, each one wrong thing handed to the shipped code. */
export const plantedBugs = [
  'claim-ignores-holds',
  'resume-clears-cost',
  'release-unpauses',
  'restart-forgets-holds',
  'stop-seen-by-issuer',
  'out-of-order',
] as const;
export type PlantedBug = (typeof plantedBugs)[number];

/** What a process is handed beside its own. */
export interface Wrong {
  readonly worker?: Lens;
  readonly answers?: Lens;
  /** Of one process, which began at `startedAt` by the clock of the database and issued the commands of `issued`. */
  readonly control?: (life: { readonly startedAt: string; readonly issued: ReadonlySet<string> }) => Lens;
  readonly holder?: typeof OperationalStateHolder;
  readonly record?: (record: HolderOptions['record']) => HolderOptions['record'];
}

interface Viewed {
  readonly holds?: readonly { readonly since: string }[];
  readonly commands?: readonly { readonly commandId: string }[];
}

/** Changes what a process reads of what is in force. */
function viewing(change: (view: Viewed) => Viewed): Lens {
  return {
    rows: (statement, rows) =>
      statement.includes('"resetEvent"') ? rows.map((row) => ({ ...row, ...change(row) })) : rows,
  };
}

class UnpausingHolder extends OperationalStateHolder {
  override async transition(
    ...[cause, change, options]: Parameters<OperationalStateHolder['transition']>
  ): Promise<void> {
    await super.transition(cause, change, options);
    if (cause === 'claim.released' && this.inputs.holds.length > 0)
      await super.transition('hold.cleared', { holds: [] });
  }
}

/** Answers at once, and writes what came together the other way round. */
function reversed(record: HolderOptions['record']): HolderOptions['record'] {
  const waiting: Parameters<HolderOptions['record']>[0][] = [];
  return (drafts) => {
    if (waiting.push(drafts) === 1)
      setImmediate(() => {
        void (async () => {
          for (const each of waiting.splice(0).reverse()) await record(each);
        })();
      });
    return Promise.resolve();
  };
}

export const wrongs: Readonly<Record<PlantedBug, Wrong>> = {
  'claim-ignores-holds': {
    worker: { text: (statement) => statement.replace(gateFragment({ workspace: '$1' }), 'true') },
  },
  'resume-clears-cost': {
    answers: {
      text: (statement) =>
        statement.startsWith('update kora.hold')
          ? statement.replace(`cause = 'operator'`, 'true')
          : statement,
    },
  },
  'release-unpauses': { holder: UnpausingHolder },
  'restart-forgets-holds': {
    control: ({ startedAt }) =>
      viewing(({ holds = [] }) => ({
        holds: holds.filter(({ since }) => Date.parse(since) > Date.parse(startedAt)),
      })),
  },
  'stop-seen-by-issuer': {
    control: ({ issued }) =>
      viewing(({ commands = [] }) => ({
        commands: commands.filter(({ commandId }) => issued.has(commandId)),
      })),
  },
  'out-of-order': { record: reversed },
};
