// Brings a checkout from nothing but Node and npm to installed and built, and does nothing when it already is.
//
// Two stamps say what was done: one over the lockfile and the manifests (install), one over those and every
// source (build). Only when one differs is anything started. pnpm comes through one npx call; its place is
// remembered, so later calls skip npx, which takes seconds and is silent for a minute without a network.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, 'node_modules', '.cache', 'kora');
const bin = join(root, 'node_modules', '.bin');
const failedInside = 41;
const headLines = 120;
const tailLines = 40;

// Progress goes to stderr: stdout belongs to what is started. Inside the npx call it is the other way round, because
// npx complains on stderr, and what it says there must be caught; the caller turns that stdout back into its stderr.
const isInside = process.argv[1] === fileURLToPath(import.meta.url);
const progress = isInside ? process.stdout : process.stderr;

/** @type {{ packageManager: string }} */
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const pnpmSpec = manifest.packageManager;

/** An ending whose message is all a person needs: printed without a stack. */
export class Plain extends Error {
  plain = true;
}

/**
 * Installs and builds what changed since the last time.
 * With `pnpm: true` it also makes sure that pnpm itself is at hand, which a start that changes nothing does not need.
 * @param {{ pnpm?: boolean }} [options]
 * @returns {Promise<{ node: string, env: NodeJS.ProcessEnv }>} the pinned Node, and an environment that prefers it
 */
export async function prepare(options = {}) {
  /** @type {string[]} */
  const steps = [];
  if (readStamp('install') !== installHash()) steps.push('install');
  if (readStamp('build') !== buildHash() || !built()) steps.push('build');
  const pnpm = rememberedPnpm();
  if (steps.length > 0 || (options.pnpm === true && pnpm === undefined)) await enter(steps, pnpm);
  return { node: pinnedNode(), env: environment() };
}

/**
 * Runs one phase quietly and prints one line for it; what it said is shown only when it fails.
 * @param {string} name
 * @param {string} command
 * @param {string[]} args
 * @param {{ env: NodeJS.ProcessEnv, explain?: (output: string) => string | undefined, beside?: boolean }} options
 *   `explain` may replace a failed command's output by a sentence for people; `beside` others its line comes whole, at its end
 * @returns {Promise<boolean>} whether it succeeded
 */
export async function phase(name, command, args, options) {
  const from = performance.now();
  const named = `  ${name.padEnd(28)} `;
  if (options.beside !== true) progress.write(named);
  const { code, output } = await run(command, args, options);
  const seconds = ((performance.now() - from) / 1000).toFixed(1);
  const ended = `${code === 0 ? 'ok' : 'FAILED'} ${seconds.padStart(6)} s\n`;
  progress.write(options.beside === true ? named + ended : ended);
  if (code !== 0) progress.write(`${options.explain?.(output) ?? excerpt(output)}\n`);
  return code === 0;
}

/**
 * The beginning of what a failed command said, where its first finding is, and the end, where its count is.
 * @param {string} output
 */
function excerpt(output) {
  const lines = output.trimEnd().split('\n');
  if (lines.length <= headLines + tailLines) return lines.join('\n');
  const left = lines.length - headLines - tailLines;
  return [...lines.slice(0, headLines), `    (${left} more lines)`, ...lines.slice(-tailLines)].join('\n');
}

/** Tools run on the pinned Node and find each other; none of them reports home. */
function environment() {
  const pnpm = rememberedPnpm();
  const path = [bin, ...(pnpm === undefined ? [] : [dirname(pnpm)]), process.env.PATH ?? ''];
  return {
    ...process.env,
    ...authorities(),
    PATH: path.join(delimiter),
    TURBO_TELEMETRY_DISABLED: '1',
    // Tools take a pipe for a terminal when another tool stands between; a log file wants no colours.
    ...(process.stderr.isTTY || isInside ? {} : { NO_COLOR: '1' }),
    // Few retries, soon: without a network the answer comes in seconds instead of after a silent minute.
    npm_config_fetch_retries: '1',
    npm_config_fetch_retry_mintimeout: '1000',
    pnpm_config_fetch_retries: '2',
    pnpm_config_fetch_retry_mintimeout: '1000',
  };
}

/**
 * Behind a company's proxy the registry is signed by an authority that only the system knows; Node asks its own list.
 * @returns {{ NODE_EXTRA_CA_CERTS?: string }}
 */
function authorities() {
  const known = [
    '/etc/ssl/certs/ca-certificates.crt',
    '/etc/pki/tls/certs/ca-bundle.crt',
    '/etc/ssl/cert.pem',
  ];
  const file = process.env.NODE_EXTRA_CA_CERTS ?? known.find((path) => existsSync(path));
  return file === undefined ? {} : { NODE_EXTRA_CA_CERTS: file };
}

/** Node 24 from the lockfile; where it is not packaged (macOS, Windows) the machine's own, when new enough. */
function pinnedNode() {
  const pinned = join(bin, 'node');
  if (existsSync(pinned)) return pinned;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  throw new Plain(
    `kora: no Node 24 is packaged for ${process.platform}-${process.arch}, and Node ${process.versions.node} is too old for it.\n` +
      '      Install Node 22.18 or newer (24 is best) and run the same command again.',
  );
}

// --- entering: once, with pnpm on PATH -------------------------------------------------------------------

/**
 * @param {string[]} steps
 * @param {string | undefined} pnpm
 */
async function enter(steps, pnpm) {
  const inside = ['scripts/prepare.mjs', ...steps];
  if (pnpm !== undefined) {
    const { code } = await run(process.execPath, inside, { env: environment(), inside: true });
    if (code !== 0) throw new Plain('');
    return;
  }
  process.stderr.write(`  fetching ${pnpmSpec}\n`);
  const npx = ['--yes', '-p', pnpmSpec, '-c', `node ${inside.join(' ')}`];
  const { code, output } = await run('npx', npx, { env: environment(), inside: true });
  if (code === 0) return;
  if (code === failedInside) throw new Plain('');
  throw new Plain(unreachable(output) ?? `kora: npx could not fetch ${pnpmSpec}:\n${output.trimEnd()}`);
}

/**
 * What runs inside the npx call, in a process that has pnpm on PATH.
 * @param {string[]} steps
 * @returns {Promise<number>}
 */
async function inside(steps) {
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, 'pnpm'), findOnPath('pnpm') ?? '');
  if (steps.includes('install')) {
    const hash = installHash();
    // `--reporter append-only` keeps a failure's log readable.
    const args = ['install', '--frozen-lockfile', '--reporter', 'append-only'];
    const options = { env: environment(), explain: unreachable };
    if (!(await phase('install packages', 'pnpm', args, options))) return failedInside;
    // The install may replace node_modules as a whole.
    mkdirSync(cache, { recursive: true });
    writeFileSync(join(cache, 'pnpm'), findOnPath('pnpm') ?? '');
    writeStamp('install', hash);
  }
  if (steps.includes('build')) {
    const hash = buildHash();
    // Only what runs: declarations are made by those who pack or publish.
    const args = ['run', 'build', '--output-logs', 'errors-only'];
    if (!(await phase('build packages', join(bin, 'turbo'), args, { env: environment() })))
      return failedInside;
    writeStamp('build', hash);
  }
  return 0;
}

/**
 * @param {string} output
 * @returns {string | undefined}
 */
function unreachable(output) {
  const sign =
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|network|dns error|error sending request/i;
  if (!sign.test(output)) return undefined;
  const registry = process.env.npm_config_registry ?? 'https://registry.npmjs.org/';
  return (
    `kora: the package registry ${registry} cannot be reached; the first run needs it once.\n` +
    '      Check the network or proxy (npm ping), then run the same command again.'
  );
}

// --- stamps -----------------------------------------------------------------------------------------------

/** @param {string} name */
function readStamp(name) {
  try {
    return readFileSync(join(cache, name), 'utf8');
  } catch {
    // Never written, or node_modules was removed: both mean that the step is due.
    return undefined;
  }
}

/**
 * @param {string} name
 * @param {string} hash
 */
function writeStamp(name, hash) {
  writeFileSync(join(cache, name), hash);
}

function rememberedPnpm() {
  const path = readStamp('pnpm');
  return path !== undefined && path !== '' && existsSync(path) ? path : undefined;
}

function workspaces() {
  const folders = ['bench', 'chaos', 'e2e'];
  for (const parent of ['packages', 'examples']) {
    const path = join(root, parent);
    if (existsSync(path)) folders.push(...readdirSync(path).map((name) => join(parent, name)));
  }
  return folders.filter((folder) => existsSync(join(root, folder, 'package.json')));
}

function installHash() {
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'];
  return digest([...files, ...workspaces().map((folder) => join(folder, 'package.json'))]);
}

/** Everything a build reads. Tests are left out: changing one must not cost a build. */
function buildHash() {
  const files = ['tsconfig.base.json', 'tsup.base.ts', 'turbo.json'];
  for (const folder of workspaces().filter((name) => name.startsWith('packages'))) walk(folder, files);
  return digest(files) + installHash();
}

/**
 * @param {string} folder
 * @param {string[]} files collects what was found
 */
function walk(folder, files) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!['node_modules', 'dist', '.turbo'].includes(entry.name)) walk(path, files);
    } else if (!/\.test\.tsx?$|\.md$/.test(entry.name) || folder.includes('identity')) files.push(path);
  }
}

/** @param {string[]} files */
function digest(files) {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}\n`);
  for (const file of files.toSorted()) {
    const content = readFileSync(join(root, file));
    hash.update(`${file} ${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}

/** A dist removed by hand is missed by the stamps, so one file per package is looked for. */
function built() {
  return workspaces()
    .filter((folder) => folder.startsWith('packages'))
    .every((folder) => existsSync(join(root, folder, 'dist', 'index.js')));
}

// --- processes --------------------------------------------------------------------------------------------

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ env: NodeJS.ProcessEnv, cwd?: string, inside?: boolean }} options `inside` lets its progress through
 * @returns {Promise<{ code: number, output: string }>} the output that was not let through
 */
function run(command, args, { env, cwd = root, inside = false }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', inside ? process.stderr : 'pipe', 'pipe'],
      // npm and pnpm are command scripts there.
      shell: process.platform === 'win32',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => (output += text));
    }
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: code ?? (signal === 'SIGINT' ? 130 : 1), output }));
  });
}

/** @param {string} name */
function findOnPath(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, process.platform === 'win32' ? `${name}.cmd` : name);
    if (existsSync(path) && statSync(path).isFile()) return path;
  }
  return undefined;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = await inside(process.argv.slice(2));
