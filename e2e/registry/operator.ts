import type { Machine } from './machine.ts';
import { Host } from './host.ts';
import { publish } from './publish.ts';
import type { Registry } from './registry.ts';
import type { Release } from './release.ts';
import { strangersOn, type Strangers } from './strangers.ts';
import type { Transcript } from './transcript.ts';

interface Scene {
  readonly registry: Registry;
  readonly release: Release;
  readonly transcript: Transcript;
  /** Where strangers write and publish their plugins. */
  readonly author: Machine;
  /** The operator's, with nothing on it. */
  readonly machine: Machine;
  readonly box: string;
  /** The runtime's version before the upgrade. */
  readonly now: string;
}

/** A host project from nothing, Marvin, strangers' plugins, and the runtime's next version under all of them. */
export async function operator(scene: Scene): Promise<void> {
  const { registry, release, transcript, author, machine, box, now } = scene;
  const next = minorAfter(now);
  const { tides } = await strangers(scene, next);

  transcript.heading('An empty folder becomes a Kora, and Kora becomes Marvin');
  await machine.type(machine.box, 'npm create kora ops -- --yes --manager pnpm');
  const ops = new Host(machine, 'ops');
  await ops.type('pnpm add @kora/plugin-marvin');
  await ops.start('pnpm start');
  await ops.becomes('marvin', 'proven');
  await ops.type("pnpm exec kora identity use marvin --reason 'a wish'");
  await ops.type('pnpm exec kora identity list');

  transcript.heading(`Strangers' plugins on ${now}: one is refused, with its reason`);
  transcript.say('Kora goes on running; what is installed comes up beside it.');
  await ops.type('pnpm add kora-plugin-tides kora-plugin-yesterday kora-plugin-tomorrow');
  // 1: one of them is refused, and it says which.
  await ops.type('pnpm exec kora plugin sync', 1);
  await ops.becomes('tides', 'proven');
  await ops.becomes('yesterday', 'proven');
  await ops.becomes('tomorrow', 'incompatible', 'runtime_too_old');
  await ops.type('pnpm exec kora plugin list');
  await ops.type('pnpm exec kora plugin why tomorrow');

  transcript.heading('One of them has a new version: it is upgraded alone');
  await author.type(tides, 'npm version minor --no-git-tag-version && npm publish');
  const neighbour = (await ops.becomes('yesterday', 'proven')).pid;
  await ops.type('pnpm add kora-plugin-tides@^1.1.0');
  await ops.type('pnpm exec kora plugin sync', 1);
  const upgraded = await ops.becomes('tides', 'proven');
  if (upgraded.version !== '1.1.0') throw new Error(`tides is still ${upgraded.version}`);
  if ((await ops.becomes('yesterday', 'proven')).pid !== neighbour)
    throw new Error('its neighbour was restarted');
  transcript.say(`tides is proven again, as 1.1.0; its neighbour is the process it was, ${neighbour}.`);
  await ops.stop();

  transcript.heading(`The next release: ${next}`);
  const { command, output, seconds } = release.version();
  transcript.typed(command, { code: 0, stdout: output.trim() }, seconds);
  if (release.versionOf('@kora/runtime') !== next) throw new Error(`expected ${next}`);
  await publish({ registry, release, transcript, box });

  transcript.heading(
    `The same host on ${next}: plugins published for ${now} go on, the incompatible one is refused`,
  );
  await ops.type(`pnpm add @kora/cli@^${next} @kora/runtime@^${next}`);
  await ops.start('pnpm start');
  await ops.becomes('tides', 'proven');
  await ops.becomes('tomorrow', 'proven');
  await ops.becomes('yesterday', 'incompatible', 'peer_range');
  const marvin = await ops.becomes('marvin', 'proven');
  if (marvin.version !== now) throw new Error(`marvin was upgraded too, to ${marvin.version}`);
  await ops.type('pnpm exec kora plugin list');
  await ops.type('pnpm exec kora plugin why yesterday');
  await ops.type('pnpm exec kora identity list');
  await ops.type('pnpm exec kora event verify');
  await ops.stop();
}

async function strangers({ author, transcript, now }: Scene, next: string): Promise<Strangers> {
  transcript.heading('Strangers publish plugins');
  const folders = strangersOn(author, { now, next });
  const { tides, tomorrow, yesterday } = folders;
  await author.type(tides, `npm install --save-dev @kora/runtime@^${now} && npm run build && npm publish`);
  for (const folder of [tomorrow, yesterday]) await author.type(folder, 'npm publish');
  return folders;
}

/** What a release with a minor change makes of a version. */
function minorAfter(version: string): string {
  const [major = '0', minor = '0'] = version.split('.');
  return `${major}.${Number(minor) + 1}.0`;
}
