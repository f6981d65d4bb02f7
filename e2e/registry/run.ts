// `npm run registry`: a real registry on loopback. Every package is published as the release workflow would; then people
// with empty machines use what they get. `--record` keeps the transcript as docs/registry-run.md; `--newcomer` and
// `--operator` tell one of the two stories.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/pack.ts';
import { pnpmOnPath } from '../harness/pnpm.ts';
import { Machine } from './machine.ts';
import { newcomer } from './newcomer.ts';
import { operator } from './operator.ts';
import { Registry } from './registry.ts';
import { Release } from './release.ts';
import { publish } from './publish.ts';
import { Transcript } from './transcript.ts';

const flags = new Set(process.argv.slice(2));
const record = flags.has('--record');
const stories = ['newcomer', 'operator'].filter((story) => flags.has(`--${story}`));
const told = (story: string): boolean => stories.length === 0 || stories.includes(story);

pnpmOnPath();
// A build leaves declarations to those who type against it, and a plugin's author does.
execFileSync('turbo', ['run', 'build', 'declare', '--output-logs', 'errors-only'], {
  cwd: root,
  stdio: 'inherit',
});

const box = mkdtempSync(join(tmpdir(), 'kora-registry-'));
// As root, guests run as another user, who has to reach the packages.
chmodSync(box, 0o755);
const from = performance.now();
try {
  await using registry = await Registry.start(box);
  const transcript = new Transcript([
    [registry.url, 'http://127.0.0.1:4873'],
    [new RegExp(`${box}(?:/(?:operator|newcomer|author))?`), '~'],
    [/(?<=https?:\/\/127\.0\.0\.1:)\d{5}/, '9119'],
    // The page's link is for one use; it is spent, and would say nothing.
    [/(?<=[?#&](?:code|token|ticket|login)=)[\w-]+/, '…'],
  ]);
  const release = Release.prepare(box, registry);
  transcript.heading('Released, as the workflow does it');
  const now = release.versionOf('@kora/runtime');
  await publish({ registry, release, transcript, box });
  if (told('newcomer')) {
    await using machine = new Machine(join(box, 'newcomer'), registry, transcript);
    await newcomer(machine, transcript);
  }
  if (told('operator')) {
    await using author = new Machine(join(box, 'author'), registry, transcript);
    await using machine = new Machine(join(box, 'operator'), registry, transcript);
    await operator({ registry, release, transcript, author, machine, box, now });
  }
  const seconds = ((performance.now() - from) / 1_000).toFixed(0);
  transcript.say(`Everything above took ${seconds} s.`);
  if (record) transcript.write(join(root, 'docs', 'registry-run.md'), introduction());
} finally {
  rmSync(box, { recursive: true, force: true });
}

function introduction(): string {
  return `
# The registry run

What \`npm run registry -- --record\` printed: verdaccio 6.5 on loopback, every package of this repository published to it
with changesets, then people with an empty home folder and nothing but Node ${process.versions.node}, npm and pnpm. Paths are
shortened to \`~\`; everything else is as it was. A run ends at the first command that does otherwise than said here.
Machine: ${process.platform} ${process.arch}, ${cpus().length} cores, not idle.
`;
}
