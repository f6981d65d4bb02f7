import { type AlertRow, alertSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Fact, Facts } from '../../kit/facts.tsx';
import { count, counted } from '../../kit/format.ts';
import { lookOf, Mark } from '../../kit/mark.tsx';
import { Panel } from '../../kit/panel.tsx';
import { type Column, Table } from '../../kit/table.tsx';
import { Ago, Code, Line, Prose } from '../../kit/text.tsx';
import { Page } from '../../shell/page.tsx';
import { useDetail } from '../../store/detail.ts';
import { useServerNow } from '../../store/use.ts';
import { toldHref } from '../inbox/message-href.ts';
import { Answered, alertEvents, Investigation } from './alerts.tsx';
import { Answers } from './answers.tsx';
import { troubleOfAlert } from './trouble.ts';

/** One alert: what is wrong, what to do, who was told and who knows. */
export function AlertPage({ id }: { readonly id: string }): ReactNode {
  const { data, view } = useDetail(`/api/alerts/${encodeURIComponent(id)}`, alertSchema, alertEvents);
  const now = useServerNow();
  const told = data?.tellings ?? [];
  return (
    <Page title={data?.title ?? `Alert #${id}`} tools={<Code className="text-dim">{`#${id}`}</Code>}>
      <Panel
        title="Facts"
        view={view}
        whenEmpty=""
        tools={data === null ? null : <Answers trouble={troubleOfAlert(data, now)} />}
      >
        {data === null ? null : <AlertFacts alert={data} />}
      </Panel>
      <Panel
        title="Who was told"
        count={told.length}
        view={told.length === 0 && view.state === 'ready' ? { state: 'empty', at: view.at } : view}
        whenEmpty="No message about it has gone out."
      >
        <Table
          caption="Messages about it, newest first"
          columns={tellingColumns}
          rows={told}
          keyOf={(row) => `${row.saidAt} ${row.channel}`}
        />
      </Panel>
    </Page>
  );
}

function AlertFacts({ alert }: { readonly alert: AlertRow }): ReactNode {
  const trouble = troubleOfAlert(alert, useServerNow());
  return (
    <div className="space-y-3 p-3">
      <Prose>{alert.detail}</Prose>
      <Facts>
        <Fact name="Severity">
          <Mark look={lookOf('severity', alert.severity)} />
        </Fact>
        <Fact name="Stands">{trouble.substatus}</Fact>
        <Fact name="What to do">
          <Line>{alert.next}</Line>
        </Fact>
        <Fact name="Source">
          <Line>{`${alert.source} · ${alert.key}`}</Line>
        </Fact>
        <Fact name="First seen">
          <Ago at={alert.firstSeenAt} />
        </Fact>
        <Fact name="Last seen">
          <Ago at={alert.lastSeenAt} />
        </Fact>
        <Fact name="Began">{counted(alert.returns, 'time')}</Fact>
        <Fact name="Told">{alert.toldAt === null ? 'not yet' : <Ago at={alert.toldAt} />}</Fact>
        <Fact name="Heard">
          {alert.heardAt === null ? (
            <span className={alert.toldAt === null ? '' : 'text-stopped'}>by nobody</span>
          ) : (
            <>
              <Ago at={alert.heardAt} /> over <Line>{alert.heardOver}</Line>
            </>
          )}
        </Fact>
        <Fact name="Answered">
          <Answered trouble={trouble} />
        </Fact>
        {alert.acknowledgeReason === null ? null : (
          <Fact name="Because">
            <Line>{alert.acknowledgeReason}</Line>
          </Fact>
        )}
        <Fact name="Investigation">
          <Investigation trouble={trouble} />
        </Fact>
        {alert.nextReminder === null ? null : (
          <Fact name="Next reminder">
            <Ago at={alert.nextReminder.at} />, {alert.nextReminder.reminder} of {alert.nextReminder.of}, over{' '}
            <Line>{alert.nextReminder.channel}</Line>
          </Fact>
        )}
        {alert.resolvedAt === null ? null : (
          <Fact name="Over">
            <Ago at={alert.resolvedAt} />
          </Fact>
        )}
      </Facts>
    </div>
  );
}

type Telling = AlertRow['tellings'][number];

const tellingColumns: readonly Column<Telling>[] = [
  {
    name: 'Message',
    cell: (row) =>
      row.messageId === undefined ? (
        <Line className="block truncate">{row.title}</Line>
      ) : (
        <Link href={toldHref(row.messageId)} className="block truncate text-active underline">
          <Line>{row.title}</Line>
        </Link>
      ),
    wide: true,
  },
  { name: 'Channel', cell: (row) => <Line>{row.channel}</Line> },
  { name: 'Said', cell: (row) => <Ago at={row.saidAt} /> },
  {
    name: 'Taken',
    cell: (row) =>
      row.receiptAt === null ? <span className="text-stopped">not yet</span> : <Ago at={row.receiptAt} />,
  },
  { name: 'Attempts', cell: (row) => count(row.attempts), align: 'end', from: 'sm' },
  {
    name: 'Error',
    cell: (row) => (row.error === null ? null : <Line className="text-stopped">{row.error}</Line>),
    from: 'md',
  },
];
