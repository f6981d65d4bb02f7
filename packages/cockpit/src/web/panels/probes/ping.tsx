import type { AlertPing } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Fact, Facts } from '../../kit/facts.tsx';
import { count } from '../../kit/format.ts';
import { Panel } from '../../kit/panel.tsx';
import { Ago, Line } from '../../kit/text.tsx';
import type { PanelView } from '../../store/view.ts';

interface PingProps {
  readonly ping: AlertPing | null;
  readonly view: PanelView;
}

/** The sign of life outside: whoever gets none tells the operator when Kora itself cannot. */
export function Ping({ ping, view }: PingProps): ReactNode {
  return (
    <Panel
      title="Sign of life"
      view={ping === null && view.state === 'ready' ? { state: 'empty', at: view.at } : view}
      whenEmpty="None is given outside: if this machine stops, nobody is told. It is named in kora.json under alerts.deadMan."
    >
      {ping === null ? null : (
        <div className="p-3">
          <Facts>
            <Fact name="To">
              <Line>{ping.place}</Line>
            </Fact>
            <Fact name="Tried">{ping.triedAt === null ? 'not yet' : <Ago at={ping.triedAt} />}</Fact>
            <Fact name="Answered">{ping.answeredAt === null ? 'never' : <Ago at={ping.answeredAt} />}</Fact>
            <Fact name="Failed since">{count(ping.failures)}</Fact>
            {ping.withheld === null ? null : (
              <Fact name="Withheld">
                <Line>{ping.withheld}</Line>
              </Fact>
            )}
            {ping.error === null ? null : (
              <Fact name="Error">
                <Line className="text-stopped">{ping.error}</Line>
              </Fact>
            )}
          </Facts>
        </div>
      )}
    </Panel>
  );
}
