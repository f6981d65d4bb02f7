import { plain, plainLines } from './style.ts';
import type { Style } from './style.ts';
import { clockOrDay } from './time.ts';

/** What an operator message shows of itself. */
export interface Told {
  readonly severity: 'critical' | 'warning' | 'info';
  readonly title: string;
  readonly body: string;
  readonly createdAt: string;
  /** Ids of artifacts. */
  readonly attachments?: readonly string[];
}

const indent = ' '.repeat(10);

/** A message as the terminal inbox shows it: when, how grave, what; the body indented below. */
export function messageLines(message: Told, style: Style, now: number): string[] {
  const paint = { critical: style.bad, warning: style.warn, info: style.dim }[message.severity];
  const head = `${style.dim(clockOrDay(message.createdAt, now))}  ${paint(message.severity.padEnd(8))}  ${style.strong(plain(message.title))}`;
  const body = plainLines(message.body.trim()).map((line) => (line === '' ? '' : indent + line));
  const files = (message.attachments ?? []).map(
    (id) => `${indent}${style.dim(`with a file: kora artifact save ${plain(id)}`)}`,
  );
  return [head, ...(body.length === 1 && body[0] === '' ? [] : body), ...files];
}
