import { reasonRunSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { z } from 'zod';
import { Link } from 'wouter';
import { microDollars } from '../../kit/money.ts';
import { Panel } from '../../kit/panel.tsx';
import { For, Line } from '../../kit/text.tsx';
import { useDetail } from '../../store/detail.ts';
import { isMeasured } from '../reasoning/known.ts';

const runsSchema = z.array(reasonRunSchema);
const stirs: readonly string[] = ['reasoning.'];

/** What is being thought about now, how long already, and what it cost so far. Nothing where nothing is. */
export function Thinking(): ReactNode {
  const { data, view } = useDetail('/api/reason/runs?status=open&limit=5', runsSchema, stirs, true);
  if (data === null || data.length === 0) return null;
  return (
    <Panel title="Thinking" count={data.length} view={view} whenEmpty="">
      <ul>
        {data.map((run) => (
          <li key={run.runId} className="border-b border-line px-3 py-2 last:border-b-0">
            <Link
              href={`/reasoning/${encodeURIComponent(run.runId)}`}
              className="block truncate font-semibold hover:underline"
            >
              <Line>{run.question}</Line>
            </Link>
            <span className="text-dim tabular-nums">
              for <For since={run.startedAt} />,{' '}
              {isMeasured(run) ? `${microDollars(run.receipt.costMicroUsd)} so far` : 'cost unknown yet'},{' '}
              <Line>{run.route}</Line>
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
