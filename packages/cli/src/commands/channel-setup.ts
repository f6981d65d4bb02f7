import type { ChannelRow } from '@kora/runtime/client';
import type { Context, Run } from '../context.ts';
import { usage } from '../fault.ts';
import { plain } from '../output/style.ts';
import { offerFirst } from './channel-first.ts';

type Setup = NonNullable<ChannelRow['setup']>;
type Field = Setup['fields'][number];
type Value = string | number | boolean | string[];

/**
 * Asks what the channel's plugin says it needs, hands it to the runtime, and ends with a real message and its receipt,
 * and with whether it is to tell first. Without a terminal it says what to write where, and writes nothing. A secret is never shown again.
 */
export const setup: Run = async (context) => {
  const { client, input, out } = context;
  const name = input.argument('name');
  const api = await client();
  const row = (await api.channels()).find((each) => each.name === name);
  if (row?.setup === undefined || row.setup === null)
    throw usage(`no plugin here says how a channel ${name} is set up`, 'kora channel list');
  const { style } = out;
  const { setup: wanted } = row;
  for (const line of [style.strong(plain(wanted.title)), ...wanted.guide.map(plain), '']) out.note(line);
  const values: Record<string, Value> = {};
  const secrets: Record<string, string> = {};
  for (const field of wanted.fields) {
    const answer = await askField(context, field);
    if (answer === noTerminal) {
      out.result({ channel: name, ...wanted }, () => [
        'There is no terminal to ask on. Write this by hand, and start Kora again:',
        ...byHand(wanted),
        `  messages.channels in kora.json: [${JSON.stringify(name)}, …], to be told over it first`,
      ]);
      return 'invalid';
    }
    if (answer === undefined) continue;
    if (field.secret) secrets[field.key] = answer;
    else values[field.key] = valueOf(field, answer);
  }
  const reason = `kora channel setup ${name}`;
  const done = await api.setUpChannel(name, { values, secrets, reason });
  for (const file of done.files) out.note(`${style.good('written')}  ${plain(file)}`);
  if (done.applied === 'failed') {
    out.result(done, () => [`${style.bad('not started')}  ${plain(done.reason ?? 'unknown')}`]);
    return 'findings';
  }
  const check = await api.checkChannel(name);
  out.note(`${check.ok ? style.good('ok') : style.bad('fails')}  ${plain(check.detail)}`);
  if (check.fix !== undefined) out.note(`then: ${plain(check.fix)}`);
  const test = await api.testChannel(name);
  const offered = test.delivered
    ? await offerFirst(context, row)
    : { first: null, lines: [`when it delivers, to be told over it first: kora channel first ${name}`] };
  out.result({ ...done, check, test, first: offered.first }, () => [
    test.delivered
      ? `${style.good('delivered')}  message ${test.messageId}, receipt ${plain(test.receipt ?? '')}`
      : `${style.bad('not delivered')}  ${plain(test.error ?? 'unknown')}`,
    ...offered.lines,
  ]);
  return test.delivered ? 'ok' : 'findings';
};

const noTerminal = Symbol('no terminal');

/** Undefined where it may be left out and was. */
async function askField(
  { host, out }: Context,
  field: Field,
): Promise<string | typeof noTerminal | undefined> {
  const { prompt, where, optional, pattern, secret } = field;
  const beside = [where, optional ? 'enter leaves it out' : null].filter((each) => each !== null).map(plain);
  const asked = `${plain(prompt)}${beside.length === 0 ? '' : ` (${beside.join('; ')})`}: `;
  for (;;) {
    const typed = await host.ask(asked, { hidden: secret });
    if (typed === undefined) return noTerminal;
    const answer = typed.trim();
    if (answer === '' && optional) return undefined;
    if (answer === '') throw usage('nothing was typed; nothing was written', 'kora channel setup --help');
    if (pattern === null || new RegExp(pattern, 'u').test(answer)) return answer;
    out.note(`That does not look like one${where === null ? '' : `: ${plain(where)}`}.`);
  }
}

function valueOf({ kind }: Field, answer: string): Value {
  if (kind === 'number') return Number(answer);
  if (kind === 'flag') return /^(y|yes|true|1|on)$/i.test(answer);
  if (kind === 'list')
    return answer
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== '');
  return answer;
}

function byHand({ plugin, fields }: Setup): string[] {
  const prefix = `KORA_PLUGIN_${plugin.toUpperCase().replaceAll('-', '_')}_`;
  return fields.map(({ key, prompt, where, secret, optional }) => {
    const place = secret
      ? `${prefix}${key}_FILE, a file that holds it`
      : `plugins.config.${plugin}.${key} in kora.json`;
    const notes = [prompt, where, optional ? 'may be left out' : null].filter((each) => each !== null);
    return `  ${place}: ${plain(notes.join('; '))}`;
  });
}
