import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { PhrasebookPreview, PhrasebookVersionRow } from '@kora/runtime/client';
import type { Context, Run } from '../../context.ts';
import { problemOf, refusal, usage } from '../../fault.ts';
import type { Console } from '../../output/console.ts';
import { plain } from '../../output/style.ts';
import { ago } from '../../output/time.ts';
import { readBook, writeBook } from './file.ts';
import type { WrittenBook } from './file.ts';

export const edit: Run = async (context) => {
  const { host, input, out } = context;
  const api = await context.client();
  const target = input.text('out');
  if (target !== undefined) {
    const file = resolve(host.cwd, target);
    const { version, overlay } = await api.phrasebook();
    await writeFile(file, writeBook({ version, entries: overlay }), { flag: 'wx' }).catch(
      (error: unknown) => {
        throw refusal('KORA_USAGE', `${file} cannot be written: ${messageOf(error)}`, 'name a new file');
      },
    );
    out.result({ file, version, entries: overlay.length }, () => [
      `${out.style.good('written')}  ${plain(file)}`,
    ]);
    return 'ok';
  }
  const reason = input.needed('reason');
  const named = input.text('file');
  if (named !== undefined) {
    const { version, entries } = await bookIn(context, named);
    const made = await api.editPhrasebook(
      entries,
      reason,
      version === undefined ? {} : { expectedVersion: version },
    );
    return tell(context, made);
  }
  const before = await api.phrasebook();
  const typed = await typedIn(context, { version: before.version, entries: before.overlay });
  if (typed === undefined) return tell(context, before);
  try {
    const { version, entries } = readBook(typed.text, typed.file);
    const made = await api.editPhrasebook(entries, reason, { expectedVersion: version ?? before.version });
    await typed.forget();
    return tell(context, made);
  } catch (error) {
    out.note(out.aside.warn(`what you wrote is kept in ${typed.file}`));
    const { code, message } = problemOf(error, {});
    throw refusal(code, message, `mend it, then: kora phrasebook edit --file ${typed.file} --reason '...'`);
  }
};

export const preview: Run = async (context) => {
  const { input, out } = context;
  const { entries } = await bookIn(context, input.needed('file'));
  const limit = input.whole('limit', 1);
  const seen = await (await context.client()).previewPhrasebook(
    entries,
    limit === undefined ? {} : { limit },
  );
  out.result(seen, () => previewLines(seen, out));
  return 'ok';
};

export const revert: Run = async (context) => {
  const { input } = context;
  const reason = input.needed('reason');
  const to = input.whole('to', 1);
  return tell(
    context,
    await (await context.client()).revertPhrasebook(reason, to === undefined ? {} : { to }),
  );
};

function tell({ out }: Context, made: PhrasebookVersionRow): 'ok' {
  const { version, overlayEntries, baseEntries, at } = made;
  out.result(made, () => [
    `${out.style.strong(`version ${version}`)} answers, since ${ago(at, out.now)}: ${overlayEntries} of yours, ${baseEntries} shipped`,
  ]);
  return 'ok';
}

async function bookIn({ host }: Context, named: string): Promise<WrittenBook> {
  if (named === '-') {
    let text = '';
    for await (const piece of host.stdin()) text += String(piece);
    return readBook(text, 'stdin');
  }
  const file = resolve(host.cwd, named);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw refusal(
      'KORA_NOT_FOUND',
      `${file} cannot be read: ${messageOf(error)}`,
      'kora phrasebook edit --help',
    );
  });
  return readBook(text, file);
}

interface Typed {
  readonly text: string;
  readonly file: string;
  readonly forget: () => Promise<void>;
}

/** What the operator made of the book in an editor; undefined when it is as it was. */
async function typedIn({ host }: Context, book: WrittenBook): Promise<Typed | undefined> {
  const [command, ...args] = editorOf(host.env);
  if (command === undefined || !host.stdout.isTTY)
    throw usage(
      command === undefined ? 'no editor is named' : 'there is no terminal for an editor',
      'set EDITOR, or: kora phrasebook edit --out FILE, and then --file FILE',
    );
  const folder = await mkdtemp(join(tmpdir(), 'kora-phrasebook-'));
  const file = join(folder, 'phrasebook.yaml');
  const forget = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const before = writeBook(book);
  await writeFile(file, before, { mode: 0o600 });
  const code = await host.runTool({
    command,
    args: [...args, file],
    cwd: host.cwd,
    env: host.env,
    onOutput: () => undefined,
    ownsTerminal: true,
  });
  const text = await readFile(file, 'utf8').catch(() => before);
  if (code === 0 && text !== before) return { text, file, forget };
  await forget();
  if (code === 0) return undefined;
  throw refusal(
    'KORA_USAGE',
    `${command} ended with ${code ?? 'nothing'}; the phrasebook is as it was`,
    'set EDITOR',
  );
}

/** `EDITOR='code --wait'` is a command and an argument; no shell reads it. */
function editorOf(env: NodeJS.ProcessEnv): readonly string[] {
  const named = [env['VISUAL'], env['EDITOR']].find((word) => word !== undefined && word.trim() !== '');
  return named === undefined ? [] : named.trim().split(/\s+/);
}

function previewLines(
  { questions, answeredBefore, answeredAfter, changes }: PhrasebookPreview,
  out: Console,
) {
  return [
    `of ${questions} questions, ${answeredBefore} are answered now at no cost, and ${answeredAfter} would be`,
    '',
    ...out.table(
      changes,
      [
        { title: 'asked', of: (row) => String(row.times), right: true },
        { title: 'last', of: (row) => ago(row.lastAt, out.now) },
        { title: 'question', of: (row) => plain(row.text), flexible: true },
        { title: 'now', of: (row) => answerOf(row.before), flexible: true },
        { title: 'would be', of: (row) => answerOf(row.after), flexible: true },
      ],
      'no question would be answered otherwise',
    ),
  ];
}

function answerOf(lookup: PhrasebookPreview['changes'][number]['before']): string {
  if (lookup.outcome === 'answered') return plain(lookup.text);
  return lookup.outcome === 'unknown' ? `(${plain(lookup.missing)} is unknown)` : '(whoever thinks)';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
