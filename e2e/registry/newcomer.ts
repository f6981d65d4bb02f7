import { Host } from './host.ts';
import type { Machine } from './machine.ts';
import type { Transcript } from './transcript.ts';

const goalSeconds = 180;

/** From nothing to a plugin of one's own that has ticked in a real Kora. Throws when it takes longer than the goal. */
export async function newcomer(machine: Machine, transcript: Transcript): Promise<void> {
  transcript.heading('A newcomer writes a plugin');
  const commandsBefore = transcript.commands;
  const from = performance.now();
  const seconds = (): number => (performance.now() - from) / 1_000;

  await machine.type(machine.box, 'npm create kora tides -- --plugin');
  const created = seconds();
  const folder = machine.folder('tides');
  await machine.type(folder, 'npm test');
  const tested = seconds();
  // It runs until it is interrupted; the first event it prints is the plugin's own.
  const dev = await machine.start(folder, 'npm start', /tides\.counted/);
  const ticked = seconds();
  await machine.interrupt(dev);

  await machine.type(machine.box, 'npm create kora ops -- --yes');
  const ops = new Host(machine, 'ops');
  await ops.type('npm install ../tides');
  await ops.start('npm start');
  await ops.becomes('tides', 'proven');
  const proven = seconds();
  await ops.type('npx kora plugin list');
  const commands = transcript.commands - commandsBefore;
  await ops.stop();
  await machine.type(folder, 'npm run check');

  transcript.say(
    [
      '| since the first key | seconds |',
      '|---|---|',
      `| the plugin is created and installed | ${created.toFixed(1)} |`,
      `| its test has passed | ${tested.toFixed(1)} |`,
      `| its first tick under \`npm start\`, with no server, key or database | ${ticked.toFixed(1)} |`,
      `| \`proven\` in a real Kora (goal: ${goalSeconds}) | ${proven.toFixed(1)} |`,
      '',
      `Commands typed: ${commands}, and two \`cd\`. Files edited: 0.`,
    ].join('\n'),
  );
  if (proven > goalSeconds)
    throw new Error(`${proven.toFixed(0)} s to the first proven tick; the goal is ${goalSeconds}`);
}
