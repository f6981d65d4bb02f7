import type { FixRehearsalView } from '@kora/runtime/client';
import { CircleCheck, CircleX } from 'lucide-react';
import type { ReactNode } from 'react';
import { Line } from '../../kit/text.tsx';

interface ConditionsProps {
  readonly conditions: FixRehearsalView['conditions'];
}

/** What must hold before something is mended, and what was seen of it. */
export function Conditions({ conditions }: ConditionsProps): ReactNode {
  if (conditions.length === 0) return <p className="text-dim">Nothing had to hold.</p>;
  return (
    <ul aria-label="Conditions" className="space-y-1">
      {conditions.map(({ name, holds, saw }) => {
        const Icon = holds ? CircleCheck : CircleX;
        return (
          <li key={name} className="flex flex-wrap items-center gap-x-2">
            <span className={`inline-flex items-center gap-1.5 ${holds ? 'text-ready' : 'text-stopped'}`}>
              <Icon size={14} aria-hidden="true" />
              {holds ? 'holds' : 'does not hold'}
            </span>
            <Line>{name.replaceAll('_', ' ')}</Line>
            <Line className="text-dim">{saw}</Line>
          </li>
        );
      })}
    </ul>
  );
}
