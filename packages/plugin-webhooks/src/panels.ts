import { KoraError } from '@kora/runtime/plugin';
import type { CockpitPanelSpec, PanelInput } from '@kora/runtime/plugin';
import type { SourceConfig } from './config.ts';
import type { Intake } from './intake.ts';
import type { Deliveries } from './keep/deliveries.ts';
import type { Keys } from './keep/keys.ts';
import type { Letters } from './keep/letters.ts';
import { oneLine } from './template/template.ts';

export interface PanelParts {
  readonly sources: Readonly<Record<string, SourceConfig>>;
  readonly deliveries: Deliveries;
  readonly letters: Letters;
  readonly intake: Intake;
  readonly keys: Pick<Keys, 'missing'>;
  /** Where it listens, as in `127.0.0.1:9118`; undefined while it does not. */
  readonly listens: () => string | undefined;
}

const mostRows = 200;

/** Who may send, where, and how much came. */
export function sourcesPanel({ sources, deliveries, keys, listens }: PanelParts): CockpitPanelSpec {
  return {
    id: 'sources',
    title: 'Webhooks',
    view: async () => {
      const named = Object.entries(sources);
      const missing = await Promise.all(
        named.map(([, { secrets }]) =>
          keys.missing(secrets).catch(() => 'secrets are locked until kora resume'),
        ),
      );
      const counts = named.length === 0 ? new Map<string, never>() : await deliveries.counts();
      return {
        kind: 'table',
        columns: columns('source', 'scheme', 'address', 'secrets', 'rules', 'taken', 'last', 'missing'),
        rows: named.map(([source, { scheme, secrets, rules }], at) => ({
          cells: {
            source,
            scheme,
            address: listens() === undefined ? 'not listening' : `${listens()}/webhooks/${source}`,
            secrets: secrets.join(', '),
            rules: rules.length,
            taken: counts.get(source)?.taken ?? 0,
            last: counts.get(source)?.lastAt ?? null,
            missing: missing[at] ?? null,
          },
          ...(typeof missing[at] === 'string' ? { tone: 'warn' as const } : {}),
        })),
      };
    },
  };
}

/** What could not be taken; the page and `kora webhook` see the same. */
export function lettersPanel({ sources, letters, intake }: PanelParts): CockpitPanelSpec {
  return {
    id: 'letters',
    title: 'Dead letters',
    view: async () => {
      const isOff = Object.keys(sources).length === 0;
      const { letters: found, more } = isOff ? { letters: [], more: 0 } : await letters.list(mostRows);
      return {
        kind: 'table',
        columns: columns(
          'letter',
          'source',
          'state',
          'signed',
          'reason',
          'detail',
          'from',
          'bytes',
          'at',
          'headers',
        ),
        rows: found.map((letter) => ({
          cells: {
            letter: letter.letterId,
            source: letter.source,
            state: letter.state,
            signed: letter.proven,
            reason: letter.reason,
            detail: oneLine(letter.detail, 300),
            from: letter.peer,
            bytes: letter.bytes,
            at: letter.receivedAt,
            headers: oneLine(JSON.stringify(letter.headers), 500),
          },
          tone: letter.state === 'kept' ? ('warn' as const) : ('dim' as const),
        })),
        more,
      };
    },
    actions: [
      {
        id: 'show',
        title: 'Open the body',
        purpose: 'observe',
        run: async (input) => {
          const { body } = await intake.read(numberIn(input));
          return { message: oneLine(body.toString('utf8'), 500) };
        },
      },
      {
        id: 'replay',
        title: 'Try again',
        run: async (input) => {
          const letterId = numberIn(input);
          return { message: `dead letter ${letterId} was taken: ${await intake.replay(letterId)}` };
        },
      },
      {
        id: 'drop',
        title: 'Drop',
        confirm: 'What it says is forgotten.',
        run: async (input) => {
          const letterId = numberIn(input);
          if (await letters.end(letterId, 'dropped'))
            return { message: `dead letter ${letterId} is dropped` };
          throw new KoraError('PLUGIN_WEBHOOKS_UNKNOWN', `no dead letter ${letterId} is kept`, {
            fix: 'kora webhook list',
          });
        },
      },
    ],
  };
}

function columns(...names: readonly string[]): { name: string; label: string }[] {
  return names.map((name) => ({ name, label: name }));
}

function numberIn(input: PanelInput): number {
  const value = Number(input['letter']);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new KoraError('PLUGIN_WEBHOOKS_UNKNOWN', 'letter must be the number of a dead letter');
}
