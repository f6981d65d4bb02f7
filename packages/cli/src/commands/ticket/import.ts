import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { KoraClient, NewTicketInput } from '@kora/runtime/client';
import type { Context, Run } from '../../context.ts';
import { refusal } from '../../fault.ts';
import { counted } from '../../output/count.ts';
import { plain } from '../../output/style.ts';
import { untilInterrupted } from '../../patience.ts';

/** Tickets of one request: few enough that progress is seen. */
const chunk = 2_000;
const requestTimeoutMs = 60_000;
/** Said no more often than this, so that a long run scrolls slowly. */
const everyMs = 2_000;

interface Line {
  readonly number: number;
  readonly ticket: NewTicketInput;
}

interface Imported {
  /** Of the file, that are done with. */
  lines: number;
  added: number;
  /** With a key that a ticket had before. */
  known: number;
}

/** One ticket a line. A line is in with all lines before it, so an import that broke off is gone on with. */
export const importTickets: Run = async (context) => {
  const { host, input, out } = context;
  const named = input.argument('file');
  const file = named === '-' ? 'stdin' : resolve(host.cwd, named);
  if (named !== '-' && (await stat(file).catch(() => undefined))?.isFile() !== true)
    throw refusal('KORA_NOT_FOUND', `there is no file ${file}`, 'kora ticket import --help');
  const from = input.whole('from', 1) ?? 1;
  const api = await context.client(requestTimeoutMs);
  const until = untilInterrupted(context);
  const done: Imported = { lines: from - 1, added: 0, known: 0 };
  const tell = progress(context, done);
  try {
    const source = named === '-' ? host.stdin() : createReadStream(file);
    for await (const part of chunks(linesOf(source, file, from))) {
      if (until.signal.aborted) break;
      await send(api, part, { file, done });
      tell();
    }
  } finally {
    until.release();
  }
  out.result({ file, ...done }, () => [
    `${out.style.good('imported')}  ${plain(file)}`,
    ...out.facts([
      ['added', counted(done.added, 'ticket')],
      ['known', `${done.known}, by their keys`],
      ['lines', String(done.lines)],
    ]),
  ]);
  if (!until.signal.aborted) return 'ok';
  out.note(`called off; go on with --from ${done.lines + 1}`);
  return 'interrupted';
};

async function send(
  api: KoraClient,
  part: readonly Line[],
  { file, done }: { readonly file: string; readonly done: Imported },
): Promise<void> {
  try {
    const added = await api.tickets.addMany(
      part.map(({ ticket }) => ticket),
      { chunk },
    );
    const fresh = added.filter(({ created }) => created).length;
    done.added += fresh;
    done.known += added.length - fresh;
    done.lines = part.at(-1)?.number ?? done.lines;
  } catch (error) {
    throw atLine(error, part, { file, done });
  }
}

/** The line of the file, not the place in a request; and where to go on. */
function atLine(
  error: unknown,
  part: readonly Line[],
  { file, done }: { readonly file: string; readonly done: Imported },
): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return error;
  const details: unknown = Reflect.get(error, 'details');
  const told = typeof details === 'object' && details !== null ? details : {};
  const index: unknown = Reflect.get(told, 'index');
  const line = typeof index === 'number' ? part[index]?.number : undefined;
  const field: unknown = Reflect.get(told, 'field');
  const where = line === undefined ? file : `${file}:${line}${typeof field === 'string' ? ` ${field}` : ''}`;
  return refusal(
    error.code,
    `${where}: ${error.message}`,
    `${done.lines === 0 ? 'no line is' : `lines 1 to ${done.lines} are`} in; mend it and go on with --from ${done.lines + 1}`,
  );
}

async function* linesOf(
  source: NodeJS.ReadableStream,
  file: string,
  from: number,
): AsyncGenerator<Line | { readonly number: number; readonly wrong: Error }> {
  let number = 0;
  for await (const text of createInterface({ input: source, crlfDelay: Infinity })) {
    number += 1;
    if (number < from || text.trim() === '') continue;
    const ticket = parsed(text);
    if (ticket === undefined) {
      const fix = `one JSON object a line: {"title":"…","kind":"…","idempotencyKey":"…"}`;
      yield { number, wrong: refusal('KORA_TICKET_INVALID', `${file}:${number} is no JSON object`, fix) };
      return;
    }
    yield { number, ticket };
  }
}

/** What comes before a line that is no JSON is sent before the line is told. */
async function* chunks(
  lines: AsyncIterable<Line | { readonly number: number; readonly wrong: Error }>,
): AsyncGenerator<Line[]> {
  let part: Line[] = [];
  for await (const line of lines) {
    if ('wrong' in line) {
      if (part.length > 0) yield part;
      throw line.wrong;
    }
    part.push(line);
    if (part.length < chunk) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

function parsed(text: string): NewTicketInput | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    // The runtime's schema decides what it is; it names the field that is wrong.
    return isObject ? (value as NewTicketInput) : undefined;
  } catch {
    return undefined;
  }
}

/** On stderr: how many are done with, and how many a second, measured since the first. */
function progress({ host, out }: Context, done: Imported): () => void {
  const began = host.now();
  const before = done.lines;
  let told = began;
  return () => {
    const now = host.now();
    if (now - told < everyMs) return;
    told = now;
    const rate = Math.round(((done.lines - before) * 1_000) / (now - began));
    out.note(out.aside.dim(`line ${done.lines}  ${done.added} added, ${done.known} known  ${rate} lines/s`));
  };
}
