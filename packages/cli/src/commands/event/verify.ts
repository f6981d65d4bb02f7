import type { VerifyResult } from '@kora/runtime/client';
import type { Context, Run } from '../../context.ts';
import { usage } from '../../fault.ts';
import { untilInterrupted } from '../../patience.ts';
import { brokenOff } from './broken-off.ts';
import { readMark, writeMark } from './mark.ts';
import type { Mark } from './mark.ts';
import { createPace } from './pace.ts';
import { verdictLines } from './verdict.ts';

export const verify: Run = async (context) => {
  const { input } = context;
  if (input.text('file') !== undefined) {
    if (input.on('resume') || input.text('from') !== undefined)
      throw usage('a file is verified whole', 'kora event verify --file <export>');
    const { verifyFile } = await import('./verify-file.ts');
    return await verifyFile(context);
  }
  if (input.text('key') !== undefined)
    throw usage('--key goes with --file: the runtime has its own keys', 'kora event verify --help');
  if (input.on('resume') && input.text('from') !== undefined)
    throw usage('--resume goes on where the last pass was, --from says where', 'kora event verify --help');
  return await verifyStore(context);
};

async function verifyStore(context: Context): Promise<'ok' | 'findings' | 'interrupted'> {
  const { client, input, out } = context;
  const api = await client();
  const from = input.whole('from', 1);
  const [home, { workspace }] = await Promise.all([context.home(), api.status()]);
  const mark = input.on('resume') ? await readMark(home, workspace) : undefined;
  if (mark !== undefined) out.note(out.aside.dim(`-- going on behind #${mark.seq}, proven ${mark.at}`));
  const until = untilInterrupted(context);
  const pace = createPace(context, 'verified');
  let proven: { readonly seq: number; readonly hash: string } | undefined;
  const query = { ...(from === undefined ? {} : { from }), ...(mark === undefined ? {} : { after: mark }) };
  // A pass that began somewhere in the middle says nothing of what stands before it.
  const keep = async (point: { readonly seq: number; readonly hash: string } | undefined): Promise<void> => {
    if (from === undefined && point !== undefined) await writeMark(home, markOf(point, workspace, out.now));
  };
  try {
    const onProgress: Parameters<typeof api.verifyFollowed>[1]['onProgress'] = (point, head) => {
      proven = point;
      pace(point.seq, head.seq);
    };
    const found = await api.verifyFollowed(query, { signal: until.signal, onProgress });
    if (found.ok) await keep(found.resumeFrom);
    out.result(found, () => storeLines(found, context));
    return found.ok ? 'ok' : 'findings';
  } catch (error) {
    if (!until.interrupted()) throw brokenOff(error, 'the verification');
    await keep(proven);
    const far = proven === undefined ? 'nothing was proven yet' : `proven up to #${proven.seq}`;
    out.note(`${far}; go on with: kora event verify --resume`);
    return 'interrupted';
  } finally {
    until.release();
  }
}

function markOf(
  { seq, hash }: { readonly seq: number; readonly hash: string },
  workspace: string,
  now: number,
): Mark {
  return { workspace, seq, hash, at: new Date(now).toISOString() };
}

function storeLines(found: VerifyResult, { out }: Context): readonly string[] {
  const { head } = found;
  return [
    ...verdictLines({ ...found, last: head.seq }, out),
    out.style.dim(`head #${head.seq} ${head.hash}`),
  ];
}
