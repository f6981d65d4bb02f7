import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Facet } from '../../kit/facets.tsx';
import { lookOf } from '../../kit/mark.tsx';
import { Panel } from '../../kit/panel.tsx';
import { Ago, Line } from '../../kit/text.tsx';
import { Tabs } from '../../kit/tabs.tsx';
import { toneText } from '../../kit/tone.ts';
import { FilterBox, Page } from '../../shell/page.tsx';
import { matches, useFilter, writeFilter } from '../../shell/query.ts';
import { useList, useView } from '../../store/use.ts';
import { type Side, sideOf, sides, statusesOf } from './log.ts';
import { MessageLog } from './message-log.tsx';
import { MessageItem } from './message.tsx';
import { type Thread, threadsOf } from './threads.ts';

/** Which side, which words, which thread of what was told, which channel and state of the log. */
export const inboxFilterKeys = ['q', 'thread', 'side', 'channel', 'status'] as const;

const sideTitles: Readonly<Record<Side, string>> = {
  told: 'Told',
  sent: 'Sent',
  received: 'Received',
  refused: 'Refused',
};
const channels = ['email', 'slack', 'webhook', 'inbox'].map((value) => ({ value, title: value }));

/** What the operator was told, thread by thread; and what went out, came in and was turned away, channel by channel. */
export function InboxPage(): ReactNode {
  const [filter, change] = useFilter(inboxFilterKeys);
  const side = sideOf(filter.side);
  const told = useList('messages');
  return (
    <Page
      title="Inbox"
      tools={
        <>
          {side === 'told' ? null : (
            <Facet
              first
              label="Channel"
              value={filter.channel}
              choices={channels}
              onChange={(channel) => change({ channel })}
            />
          )}
          {side === 'sent' || side === 'received' ? (
            <Facet
              label="State"
              value={filter.status}
              choices={statusesOf[side].map((value) => ({ value, title: value }))}
              onChange={(status) => change({ status })}
            />
          ) : null}
          <FilterBox label="Filter messages" value={filter.q} onChange={(q) => change({ q })} />
        </>
      }
    >
      <Tabs
        label="Sides of the inbox"
        current={side}
        tabs={sides.map((name) => ({
          name,
          title: sideTitles[name],
          href: `/inbox${writeFilter({ ...filter, side: name === 'told' ? '' : name, status: '' }, inboxFilterKeys)}`,
          count: name === 'told' ? (told?.length ?? null) : null,
        }))}
      />
      {side === 'told' ? (
        <Threads q={filter.q} thread={filter.thread} />
      ) : (
        <MessageLog asked={{ side, channel: filter.channel, status: filter.status }} q={filter.q} />
      )}
    </Page>
  );
}

function Threads({ q, thread: name }: { readonly q: string; readonly thread: string }): ReactNode {
  const all = threadsOf(useList('messages') ?? []);
  const threads = all.filter((thread) =>
    matches(q, thread.title, thread.name, ...thread.messages.map((message) => message.body)),
  );
  const chosen = threads.find((thread) => thread.name === name) ?? threads[0];
  const view = useView('messages', threads.length === 0);
  return (
    <div className="grid items-start gap-4 md:grid-cols-[360px_minmax(0,1fr)]">
      <Panel
        title="Threads"
        count={threads.length}
        view={view}
        whenEmpty={
          all.length === 0
            ? 'Kora has told nothing yet. Alerts and findings arrive here.'
            : 'No thread matches the filter.'
        }
      >
        <ul>
          {threads.map((thread) => (
            <ThreadRow key={thread.name} thread={thread} words={q} current={thread === chosen} />
          ))}
        </ul>
      </Panel>
      {chosen === undefined ? null : (
        <Panel title={chosen.title} count={chosen.messages.length} view={view} whenEmpty="">
          <ol>
            {chosen.messages.map((message) => (
              <MessageItem key={message.messageId} message={message} />
            ))}
          </ol>
        </Panel>
      )}
    </div>
  );
}

interface ThreadRowProps {
  readonly thread: Thread;
  readonly words: string;
  readonly current: boolean;
}

function ThreadRow({ thread, words, current }: ThreadRowProps): ReactNode {
  const look = lookOf('severity', thread.worst);
  const Icon = look.icon;
  const last = thread.messages.at(-1);
  const here = { q: words, thread: thread.name, side: '', channel: '', status: '' };
  const href = `/inbox${writeFilter(here, inboxFilterKeys)}`;
  return (
    <li data-row={href} tabIndex={-1} className="border-b border-line last:border-b-0">
      <Link
        href={href}
        aria-current={current ? 'true' : undefined}
        className="block px-3 py-2 hover:bg-raised/60 aria-[current]:bg-raised"
      >
        <span className="flex items-center gap-2">
          <Icon size={14} aria-label={look.word} className={`shrink-0 ${toneText[look.tone]}`} />
          <Line className="min-w-0 flex-1 truncate font-semibold">{thread.title}</Line>
          {thread.messages.length > 1 ? (
            <span className="text-dim tabular-nums">{thread.messages.length}</span>
          ) : null}
          <Ago at={thread.lastAt} className="text-dim" />
        </span>
        <Line className="mt-0.5 block truncate text-dim">{last?.body ?? ''}</Line>
      </Link>
    </li>
  );
}
