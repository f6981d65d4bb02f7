import type { MessageRow } from '@kora/runtime/client';

export type Severity = MessageRow['severity'];

/** Messages about one thing, oldest first, as they were told. */
export interface Thread {
  readonly name: string;
  /** The title of its first message. */
  readonly title: string;
  readonly worst: Severity;
  readonly lastAt: string;
  readonly messages: readonly MessageRow[];
}

const rank = { critical: 0, warning: 1, info: 2 } as const;

/** Messages gathered by thread, the thread that spoke last first. */
export function threadsOf(messages: readonly MessageRow[]): readonly Thread[] {
  const threads: Thread[] = [];
  for (const [name, rows] of Map.groupBy(messages, (message) => message.thread)) {
    const told = rows.toSorted((a, b) => a.messageId - b.messageId);
    const [first] = told;
    const last = told.at(-1);
    if (first === undefined || last === undefined) continue;
    const worst = told.reduce<Severity>((a, b) => (rank[b.severity] < rank[a] ? b.severity : a), 'info');
    threads.push({ name, title: first.title, worst, lastAt: last.createdAt, messages: told });
  }
  return threads.sort((a, b) => Date.parse(b.lastAt) - Date.parse(a.lastAt) || a.name.localeCompare(b.name));
}
