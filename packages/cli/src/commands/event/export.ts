import { createHash } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { Context, Run } from '../../context.ts';
import { refusal, usage } from '../../fault.ts';
import { bytes } from '../../output/size.ts';
import { counted } from '../../output/count.ts';
import { plain } from '../../output/style.ts';
import { untilInterrupted } from '../../patience.ts';
import { brokenOff } from './broken-off.ts';
import { createPace } from './pace.ts';
import type { Pace } from './pace.ts';

const headerSchema = z.object({ from: z.number(), to: z.number(), keys: z.array(z.string()) });
const endSchema = z.object({ end: z.object({ events: z.number(), checkpoints: z.number() }) });
/** The first and the last line are short; anything longer there is no export. */
const longestEdge = 65_536;

/** The file gets its name when all of it is on the disk. */
export const exportEvents: Run = async (context) => {
  const { host, input, out } = context;
  const file = resolve(host.cwd, input.needed('out'));
  const [from, to] = [input.whole('from', 1), input.whole('to', 1)];
  if (await stat(file).catch(() => undefined))
    throw usage(`${file} is there already`, 'name another file, or move this one away');
  const api = await context.client();
  const until = untilInterrupted(context);
  const aside = `${file}.part`;
  try {
    const range = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    const body = await api.exportChain(range, until.signal);
    const written = await writeAside(body, aside, createPace(context, 'exported'));
    await rename(aside, file);
    const report = { file, ...written };
    out.result(report, () => reportLines(report, context));
    return 'ok';
  } catch (error) {
    await rm(aside, { force: true });
    if (!until.interrupted()) throw brokenOff(error, 'the export');
    out.note('called off; nothing was kept');
    return 'interrupted';
  } finally {
    until.release();
  }
};

interface Written {
  readonly from: number;
  readonly to: number;
  readonly events: number;
  readonly checkpoints: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly keys: readonly string[];
}

async function writeAside(body: ReadableStream<Uint8Array>, aside: string, pace: Pace): Promise<Written> {
  const digest = createHash('sha256');
  const edges = new Edges();
  let size = 0;
  // Everything the log knew, also what is internal: for the owner alone.
  await using handle = await open(aside, 'w', 0o600);
  for await (const piece of body) {
    await handle.writeFile(piece);
    digest.update(piece);
    size += piece.byteLength;
    edges.take(piece);
    const header = edges.header();
    if (header !== undefined) pace(Math.min(header.to, header.from + edges.lines), header.to);
  }
  await handle.sync();
  const [header, end] = [edges.header(), edges.end()];
  if (header === undefined || end === undefined)
    throw refusal('KORA_UNREACHABLE', 'the export broke off before its last line', 'kora doctor');
  return { ...header, ...end, bytes: size, sha256: digest.digest('hex') };
}

/** The first line, the last line and how many there are, of bytes that pass by. */
class Edges {
  lines = 0;
  #first = '';
  #header: z.infer<typeof headerSchema> | undefined;
  #last = '';

  take(piece: Uint8Array): void {
    const bytesOf = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    for (let at = bytesOf.indexOf(10); at !== -1; at = bytesOf.indexOf(10, at + 1)) this.lines += 1;
    const head = longestEdge - this.#first.length;
    if (head > 0) this.#first += bytesOf.toString('latin1', 0, head);
    this.#last = (this.#last + bytesOf.toString('latin1', Math.max(0, bytesOf.length - longestEdge))).slice(
      -longestEdge,
    );
  }

  header(): z.infer<typeof headerSchema> | undefined {
    this.#header ??= parsed(headerSchema, this.#first.slice(0, Math.max(0, this.#first.indexOf('\n'))));
    return this.#header;
  }

  end(): z.infer<typeof endSchema>['end'] | undefined {
    if (!this.#last.endsWith('\n')) return undefined;
    return parsed(endSchema, this.#last.slice(this.#last.lastIndexOf('\n', this.#last.length - 2) + 1))?.end;
  }
}

function parsed<T extends z.ZodType>(schema: T, text: string): z.infer<T> | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // not a whole line yet, or cut off
  }
}

function reportLines(
  { file, ...written }: Written & { readonly file: string },
  { out }: Context,
): readonly string[] {
  const [key] = written.keys;
  const pinned = key === undefined ? '' : ` --key '${plain(key)}'`;
  return [
    `${out.style.good('exported')}  ${plain(file)}`,
    ...out.facts([
      [
        'events',
        `${written.events}, #${written.from} to #${written.to}, with ${counted(written.checkpoints, 'checkpoint')}`,
      ],
      ['size', bytes(written.bytes)],
      ['sha256', written.sha256],
    ]),
    out.style.dim(`verify it anywhere: kora event verify --file ${plain(file)}${pinned}`),
    out.style.dim('or without Kora: node verify-export.mjs, from docs/ of the repository'),
  ];
}
