import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChannelParts } from './channel-answers.ts';
import { fault } from './fault/index.ts';
import type { ConfigWriter, shape } from './http/index.ts';
import { pluginConfigAnswers } from './plugin-config-answers.ts';
import { secretVariable } from './plugin/index.ts';

type Block = Readonly<Record<string, unknown>>;

/**
 * Writes what a channel needs: its keys into kora.json, each secret into a file of its own that only its owner reads, and
 * the file's name into the home's `.env`. Then its plugin is started with it. Throws KORA_CONFIG_INVALID for what does not
 * fit, and KORA_CONFIG_CLOSED for what no page writes, before anything is written.
 */
export async function setUpChannel(
  parts: ChannelParts,
  { plugin, fields }: shape.ChannelSetup,
  { values, secrets, reason }: shape.NewChannelSetup,
  by: ConfigWriter,
): Promise<shape.ChannelSetUp> {
  const { ground } = parts;
  refuseUnfit(fields, values, secrets);
  refuseSecrets(Object.keys(secrets), by);
  const files: string[] = [];
  const variables: Record<string, string> = {};
  for (const [name, secret] of Object.entries(secrets)) {
    const variable = `${secretVariable(plugin, name)}_FILE`;
    const file = await writeSecret(ground.home.directory, `${plugin}-${name.toLowerCase()}`, secret);
    ground.secrets.add('plugin-secret', secret);
    variables[variable] = file;
    files.push(file);
  }
  if (files.length > 0) {
    files.push(await writeEnvironment(ground.home.directory, variables));
    const { pluginSecrets } = ground.configuration;
    Object.assign(ground.configuration, { pluginSecrets: { ...pluginSecrets, ...variables } });
  }
  const config = pluginConfigAnswers(parts);
  const { block, hash, file } = await config.pluginConfig(plugin);
  const wanted = Object.entries(values).reduce((all, [key, value]) => put(all, key.split('.'), value), block);
  const { applied, reason: why } = await config.configurePlugin(plugin, { block: wanted, hash, reason }, by);
  return { files: [...files, file], applied, reason: why };
}

/** A page writes no secret: who holds one would otherwise have Kora speak, and listen, as somebody else. */
function refuseSecrets(keys: readonly string[], { page }: ConfigWriter): void {
  if (page === null || keys.length === 0) return;
  const issues = keys.map((path) => ({ path, message: 'not from a page: it is a secret' }));
  const told = issues.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw fault('KORA_CONFIG_CLOSED', told, { fix: 'kora channel setup NAME', details: { issues } });
}

function refuseUnfit(
  fields: shape.ChannelSetup['fields'],
  values: shape.NewChannelSetup['values'],
  secrets: shape.NewChannelSetup['secrets'],
): void {
  for (const [given, isSecret] of [[values, false] as const, [secrets, true] as const])
    for (const [key, value] of Object.entries(given)) {
      const field = fields.find((each) => each.key === key && each.secret === isSecret);
      if (field === undefined) throw unfit(key, 'is not asked for');
      const fits = field.pattern === null || new RegExp(field.pattern, 'u').test(String(value));
      if (!fits) throw unfit(key, `does not look like one (${field.prompt})`);
    }
}

/** Says the key, never the value. */
function unfit(key: string, why: string): Error {
  return fault('KORA_CONFIG_INVALID', `${key} ${why}`, { fix: 'kora channel list' });
}

async function writeSecret(home: string, name: string, secret: string): Promise<string> {
  const folder = join(home, 'secrets');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, name);
  await writeWhole(file, `${secret.trim()}\n`);
  return file;
}

/** The lines of other variables stay as they are. */
async function writeEnvironment(home: string, variables: Readonly<Record<string, string>>): Promise<string> {
  const file = join(home, '.env');
  const before = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  });
  const names = Object.keys(variables);
  const kept = before
    .split('\n')
    .filter((line) => line !== '' && !names.some((name) => line.startsWith(`${name}=`)));
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  await writeWhole(file, `${[...kept, ...lines].join('\n')}\n`);
  return file;
}

async function writeWhole(file: string, text: string): Promise<void> {
  const draft = `${file}.new`;
  await writeFile(draft, text, { mode: 0o600 });
  await chmod(draft, 0o600);
  await rename(draft, file);
}

function put(block: Block, [key, ...rest]: readonly string[], value: unknown): Record<string, unknown> {
  if (key === undefined) return { ...block };
  if (rest.length === 0) return { ...block, [key]: value };
  const inner = block[key];
  const under = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : {};
  return { ...block, [key]: put(under as Block, rest, value) };
}
