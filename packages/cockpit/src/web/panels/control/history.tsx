import type { KoraControl } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { counted } from '../../kit/format.ts';
import { type Column, Table } from '../../kit/table.tsx';
import { Ago, Line } from '../../kit/text.tsx';

type StopRecord = KoraControl['commands'][number];

interface StopHistoryProps {
  /** Newest first. */
  readonly commands: readonly StopRecord[];
}

/** Who stopped it, when, how far and why; what came of it, and what ended it. */
export function StopHistory({ commands }: StopHistoryProps): ReactNode {
  return (
    <Table caption="Stops" rows={commands} keyOf={(row) => row.commandId} columns={columnsOf(commands)} />
  );
}

function columnsOf(commands: readonly StopRecord[]): readonly Column<StopRecord>[] {
  return [
    { name: 'When', cell: (row) => <Ago at={row.createdAt} /> },
    { name: 'What', cell: (row) => (row.level === 0 ? 'Resume' : `L${row.level} ${row.kind}`) },
    { name: 'By', cell: (row) => <Line>{row.issuerActor}</Line> },
    { name: 'Reason', wide: true, cell: (row) => <Line className="block truncate">{row.reason}</Line> },
    { name: 'Came of it', from: 'sm', cell: effectOf },
    { name: 'Ended', from: 'md', cell: (row) => endOf(row, commands) },
  ];
}

/** Summed over the runtimes that measured; unknown while none did. */
function effectOf({ level, acknowledgements }: StopRecord): ReactNode {
  if (level === 0) return 'lets it go on';
  const failed = acknowledgements.find((each) => each.failure !== null)?.failure;
  if (failed !== undefined && failed !== null) return <Line className="text-stopped">{failed}</Line>;
  const effects = acknowledgements.flatMap(({ effect }) => (effect === null ? [] : [effect]));
  if (effects.length === 0) {
    const enforced = acknowledgements.some(({ enforcedAt }) => enforcedAt !== null);
    return enforced ? 'in force, not measured yet' : 'not in force anywhere yet';
  }
  const sum = (of: (effect: (typeof effects)[number]) => number): number =>
    effects.reduce((total, effect) => total + of(effect), 0);
  return `${counted(
    sum((effect) => effect.claimsReleased),
    'claim',
  )} released, ${counted(
    sum((effect) => effect.callsRefused),
    'call',
  )} refused`;
}

function endOf({ level, supersededBy, expiresAt }: StopRecord, all: readonly StopRecord[]): ReactNode {
  if (level === 0) return '—';
  const reset = all.find((each) => each.sequence === supersededBy);
  if (reset !== undefined) {
    return (
      <>
        <Ago at={reset.createdAt} /> by <Line>{reset.issuerActor}</Line>
      </>
    );
  }
  if (supersededBy !== null) return 'ended';
  return expiresAt === null ? 'in force until resumed' : <Ago at={expiresAt} />;
}
