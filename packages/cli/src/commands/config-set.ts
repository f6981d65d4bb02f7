import type { ConfigChange, ConfigWritten } from '@kora/runtime/client';
import { configSource, rowOf } from '../config-source.ts';
import type { ConfigKey } from '../config-source.ts';
import type { Context, Run } from '../context.ts';
import { usage } from '../fault.ts';
import { startCommand } from '../connect.ts';
import { plain } from '../output/style.ts';
import { parseSpan } from '../output/time.ts';
import { plainText, refuseCodeFile } from './config-get.ts';

type Value = ConfigChange['changes'][number]['value'];

/** Writes a key into the file; a running runtime does it, and has in force at once what is hot. */
export const set: Run = async (context) =>
  await change(context, (row) => ({ value: valueFrom(row, context.input.argument('value')) }));

/** Takes a key out of the file, so that its default holds. */
export const unset: Run = async (context) => await change(context, () => ({}));

async function change(context: Context, to: (row: ConfigKey) => { readonly value?: Value }): ReturnType<Run> {
  const { input, out } = context;
  refuseCodeFile(input.text('config'));
  const source = await configSource(context);
  const row = rowOf(source.view, input.argument('key'));
  const changes = [{ key: row.key, ...to(row) }];
  const reason = input.text('reason')?.trim() || `kora ${input.command} ${row.key}`;
  if (source.kind === 'runtime') {
    const { digest } = source.view;
    const api = await context.client();
    const { target, written } = await api.configure({ changes, digest, reason });
    out.result({ target, written, running: true }, () => lines(context, { target, written, running: true }));
    return 'ok';
  }
  const { target, written } = await source.write(changes);
  out.note(out.aside.dim(`written into the file by this command: no event says so, ${why(context)}`));
  out.result({ target, written, running: false }, () => lines(context, { target, written, running: false }));
  return 'ok';
}

function why({ input }: Context): string {
  return input.text('config') === undefined
    ? 'for no runtime is running'
    : 'and whatever runs with it reads it at its next start';
}

type Done = Pick<ConfigWritten, 'target' | 'written'> & { readonly running: boolean };

function lines({ globals, out }: Context, { target, written, running }: Done): readonly string[] {
  const { style } = out;
  if (written.length === 0) return [`${style.good('unchanged')}  ${plain(target)} says so already`];
  return [
    ...written.map(
      ({ key, from, to }) =>
        `${style.good('written')}  ${plain(key)}: ${plain(plainText(from))} → ${plain(plainText(to))}  in ${plain(target)}`,
    ),
    ...written.map((each) => plain(holdsWords(each, running, startCommand(globals)))),
  ];
}

function holdsWords(
  { key, holds, class: kind }: ConfigWritten['written'][number],
  running: boolean,
  start: string,
): string {
  if (holds === 'overruled')
    return `${key} is said by a flag or a variable too, and that one counts: kora config explain ${key}`;
  if (holds === 'now') return `${key} is in force now`;
  if (!running) return `${key} is in force at the next start`;
  return `${key} is in force when the runtime is started again (${kind}): kora down && ${start} --detach`;
}

const yes = /^(?:true|yes|on|1)$/i;
const no = /^(?:false|no|off|0)$/i;
const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, min: 60_000, days: 86_400_000 };

/** What was typed, as the key takes it; what cannot be read so goes on as it is, for the schema to name. */
export function valueFrom(
  { key, kind, unit }: Pick<ConfigKey, 'key' | 'kind' | 'unit'>,
  text: string,
): Value {
  if (kind === 'boolean') return yes.test(text) ? true : no.test(text) ? false : text;
  if (kind === 'number') {
    if (text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
    const [each, span] = [unitsMs[unit ?? ''], parseSpan(text)];
    return each === undefined || span === undefined ? text : span / each;
  }
  if (kind === 'lines' && !text.trim().startsWith('['))
    return text
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== '');
  if (kind !== 'json' && kind !== 'lines') return text;
  try {
    return JSON.parse(text) as Value;
  } catch {
    throw usage(`${key} takes JSON, not ${JSON.stringify(text)}`, `kora config explain ${key}`);
  }
}
