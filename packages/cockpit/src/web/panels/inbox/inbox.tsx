import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { lookOf } from '../../kit/mark.tsx';
import { Panel } from '../../kit/panel.tsx';
import { Ago, Line } from '../../kit/text.tsx';
import { toneText } from '../../kit/tone.ts';
import { FilterBox, Page } from '../../shell/page.tsx';
import { matches, useFilter, writeFilter } from '../../shell/query.ts';
import { useList, useView } from '../../store/use.ts';
import { MessageItem } from './message.tsx';
import { type Thread, threadsOf } from './threads.ts';

export const inboxFilterKeys = ['q', 'thread'] as const;

/** What the operator was told, thread by thread. */
export function InboxPage(): ReactNode {
  const [filter, change] = useFilter(inboxFilterKeys);
  const all = threadsOf(useList('messages') ?? []);
  const threads = all.filter((thread) =>
    matches(filter.q, thread.title, thread.name, ...thread.messages.map((message) => message.body)),
  );
  const chosen = threads.find((thread) => thread.name === filter.thread) ?? threads[0];
  const view = useView('messages', threads.length === 0);
  return (
    <Page
      title="Inbox"
      tools={<FilterBox label="Filter messages" value={filter.q} onChange={(q) => change({ q })} />}
    >
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
              <ThreadRow key={thread.name} thread={thread} words={filter.q} current={thread === chosen} />
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
    </Page>
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
  return (
    <li className="border-b border-line last:border-b-0">
      <Link
        href={`/inbox${writeFilter({ q: words, thread: thread.name }, inboxFilterKeys)}`}
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
