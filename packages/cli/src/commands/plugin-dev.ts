import { readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { BenchOrder, DevAnswer, Happening } from '@kora/testkit/bench';
import { atBench, pluginFolder } from '../bench.ts';
import type { Context, Run } from '../context.ts';
import { problemOf } from '../fault.ts';
import type { Console } from '../output/console.ts';
import { plain } from '../output/style.ts';
import { untilInterrupted } from '../patience.ts';

/** Editors write a file in several steps, and a formatter writes it again. */
const restMs = 150;
const ignored = /(^|[\\/])(node_modules|dist|\.git|coverage)([\\/]|$)/;

export const dev: Run = async (context) => {
  const { input, out } = context;
  const directory = pluginFolder(context);
  const order = devOrder(context, directory);
  if (input.on('once')) return (await runOnce(context, order)) ? 'ok' : 'findings';
  const until = untilInterrupted(context);
  const saves = watchSaves(directory, until.signal);
  try {
    while (!until.signal.aborted) {
      const change = saves.next();
      const stop = new AbortController();
      const run = runOnce(context, order, AbortSignal.any([stop.signal, until.signal]));
      // What is being told of a version that was just replaced is of no use.
      void change.then(() => stop.abort());
      await run;
      if (!until.signal.aborted) out.note(out.aside.dim('-- waiting for a save; Ctrl-C ends it'));
      await change;
    }
  } finally {
    saves.close();
    until.release();
  }
  return 'ok';
};

function devOrder({ input, host }: Context, directory: string): BenchOrder {
  const entry = input.text('entry');
  const forMs = input.span('for');
  return {
    verb: 'dev',
    directory,
    tickets: input.many('ticket'),
    events: input.many('event'),
    tools: input.many('tool'),
    questions: input.many('ask'),
    // What is meant for plugins; the bench hands this one what it declares.
    secrets: Object.fromEntries(
      Object.entries(host.env).flatMap(([name, value]) =>
        name.startsWith('KORA_PLUGIN_') && value !== undefined ? [[name, value]] : [],
      ),
    ),
    ...(entry === undefined ? {} : { entry }),
    ...(forMs === undefined ? {} : { forMs }),
  };
}

/** Whether it went well; what went wrong is told, and waits for the next save. */
async function runOnce(context: Context, order: BenchOrder, signal?: AbortSignal): Promise<boolean> {
  const { host, out } = context;
  const onHappening = (happening: Happening): void =>
    out.item(happening, () => [happeningLine(happening, out)]);
  try {
    const answer = (await atBench(context, order, { onHappening, ...(signal && { signal }) })) as DevAnswer;
    out.item({ kind: 'summary', ...answer }, () => summaryLines(answer, out));
    return answer.difference === null && answer.failedDaemons.length === 0 && answer.parked.length === 0;
  } catch (error) {
    if (signal?.aborted === true) return false;
    out.problem(problemOf(error, (await host.runtime.basics()).faultTable));
    return false;
  }
}

function happeningLine({ kind, at, text }: Happening, { style }: Console): string {
  const paint = {
    wake: style.strong,
    decision: style.good,
    cost: style.warn,
    event: style.strong,
    log: style.dim,
  }[kind];
  return `${style.dim(at.slice(0, 19))}  ${paint(kind.padEnd(8))}  ${plain(text)}`;
}

function summaryLines(answer: DevAnswer, { style }: Console): readonly string[] {
  const { plugin, entry, registered, difference, events, tickets, messages, failedDaemons, parked } = answer;
  const kinds = Object.entries(registered).filter(([, names]) => names.length > 0);
  return [
    `${style.strong(plain(plugin))}  ${style.dim(plain(entry))}  ${events} events, ${tickets} tickets, ${messages} messages, $${(answer.spentMicroUsd / 1_000_000).toFixed(6)}`,
    ...kinds.map(([kind, names]) => style.dim(`  ${kind}: ${plain(names.join(', '))}`)),
    ...(difference === null
      ? []
      : [`${style.warn('differs')}  ${plain(difference)}`, '  fix: kora plugin manifest']),
    ...failedDaemons.map((each) => `${style.bad('failed')}  ${plain(each)}`),
    ...parked.map((each) => `${style.bad('parked')}  ${plain(each)}`),
  ];
}

interface Saves {
  /** Resolves after the next save, once the folder is at rest, or when the watch ends. */
  next(): Promise<void>;
  close(): void;
}

function watchSaves(directory: string, signal: AbortSignal): Saves {
  let wake: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  const tell = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => wake?.(), restMs);
  };
  const hear = (_event: string, file: string | null): void => {
    if (file === null || !ignored.test(file)) tell();
  };
  // Folder by folder: a watch of the whole would hold a handle for everything under node_modules.
  const folders = readdirSync(directory, { withFileTypes: true }).filter(
    (each) => each.isDirectory() && !each.name.startsWith('.') && !ignored.test(each.name),
  );
  const watchers = [
    watch(directory, hear),
    ...folders.map(({ name }) => watch(join(directory, name), { recursive: true }, hear)),
  ];
  signal.addEventListener('abort', () => wake?.(), { once: true });
  return {
    next: () => new Promise((resolve) => (wake = resolve)),
    close: () => {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}
