import { createHash } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { ArtifactRow, KoraClient } from '@kora/runtime/client';
import type { Context, Run } from '../context.ts';
import { refusal, usage } from '../fault.ts';
import { plain } from '../output/style.ts';
import { bytes } from '../output/size.ts';
import { ago } from '../output/time.ts';
import { untilInterrupted } from '../patience.ts';
import { pick } from '../pick.ts';
import { brokenOff } from './event/broken-off.ts';

/** Most that can be listed, and so found by the start of an id. */
const mostListed = 500;
const wholeId = /^art_[0-9a-f]{32}$/;

export const list: Run = async ({ client, input, out }) => {
  const [madeBy, limit] = [input.text('by'), input.whole('limit', 1)];
  const query = { ...(madeBy === undefined ? {} : { madeBy }), ...(limit === undefined ? {} : { limit }) };
  const rows = await (await client()).artifacts(query);
  out.result(rows, () =>
    out.table(
      rows,
      [
        { title: 'id', of: (row) => row.artifactId },
        { title: 'type', of: (row) => row.type },
        { title: 'size', of: (row) => bytes(row.size), right: true },
        { title: 'made by', of: (row) => row.madeBy },
        { title: 'made', of: (row) => ago(row.createdAt, out.now) },
        { title: 'kept until', of: (row) => keptUntil(row, out.now) },
        { title: 'name', of: (row) => row.name, flexible: true },
      ],
      'no files are kept',
    ),
  );
  return 'ok';
};

export const show: Run = async (context) => {
  const { client, out } = context;
  const row = await artifactOf(await client(), context);
  out.result(row, () => [
    `${out.style.strong(plain(row.name))}  ${out.style.dim(row.artifactId)}`,
    ...out.facts([
      ['type', row.type],
      ['size', bytes(row.size)],
      ['sha256', row.sha256],
      ['made by', plain(row.madeBy)],
      ['made', ago(row.createdAt, out.now)],
      ['kept until', keptUntil(row, out.now)],
      ...(row.ticketId === null ? [] : [['ticket', String(row.ticketId)] as const]),
    ]),
    out.style.dim(`kora artifact save ${row.artifactId}`),
  ]);
  return 'ok';
};

/** The file gets its name when all of it is on the disk and is what was kept. */
export const save: Run = async (context) => {
  const { host, client, input, out } = context;
  const api = await client();
  const row = await artifactOf(api, context);
  const named = input.text('out') ?? row.name;
  if (input.text('out') === undefined && basename(named) !== named)
    throw usage(`${JSON.stringify(named)} is no name for a file here`, 'kora artifact save ID --out FILE');
  const file = resolve(host.cwd, named);
  if (await stat(file).catch(() => undefined))
    throw usage(`${file} is there already`, 'name another file with --out, or move this one away');
  const until = untilInterrupted(context);
  const aside = `${file}.part`;
  try {
    const body = await api.artifactContent(row.artifactId, until.signal);
    const sha256 = await writeAside(body, aside);
    if (sha256 !== row.sha256)
      throw refusal(
        'KORA_ARTIFACT_DAMAGED',
        `what came is not ${row.artifactId}: nothing was kept`,
        'kora doctor',
      );
    await rename(aside, file);
    const report = { file, artifactId: row.artifactId, bytes: row.size, sha256 };
    out.result(report, () => [`${out.style.good('saved')}  ${plain(file)}, ${bytes(row.size)}, ${row.type}`]);
    return 'ok';
  } catch (error) {
    await rm(aside, { force: true });
    if (!until.interrupted()) throw brokenOff(error, 'the file');
    out.note('called off; nothing was kept');
    return 'interrupted';
  } finally {
    until.release();
  }
};

export const remove: Run = async (context) => {
  const { client, input, out } = context;
  const reason = input.needed('reason');
  const api = await client();
  const { artifactId } = await artifactOf(api, context);
  const row = await api.removeArtifact(artifactId, reason);
  out.result(row, () => [`${out.style.warn('removed')}  ${plain(row.name)} (${row.artifactId})`]);
  return 'ok';
};

/** By its id, or by how one of the newest begins. */
async function artifactOf(api: KoraClient, { input }: Context): Promise<ArtifactRow> {
  const wanted = input.argument('artifact');
  if (wholeId.test(wanted)) return api.artifact(wanted);
  return pick(await api.artifacts({ limit: mostListed }), wanted, {
    noun: 'artifact',
    code: 'KORA_ARTIFACT_UNKNOWN',
    list: 'kora artifact list',
    names: (row) => [row.artifactId, row.name],
  });
}

/** For whoever saved it alone. */
async function writeAside(body: ReadableStream<Uint8Array>, aside: string): Promise<string> {
  const digest = createHash('sha256');
  await using handle = await open(aside, 'w', 0o600);
  for await (const piece of body) {
    await handle.writeFile(piece);
    digest.update(piece);
  }
  await handle.sync();
  return digest.digest('hex');
}

function keptUntil({ expiresAt }: ArtifactRow, now: number): string {
  return expiresAt === null ? 'removed' : ago(expiresAt, now);
}
