import { join } from 'node:path';
import type { Registry } from './registry.ts';
import type { Release } from './release.ts';
import { inspect } from './shelf.ts';
import type { Transcript } from './transcript.ts';

interface Publishing {
  readonly registry: Registry;
  readonly release: Release;
  readonly transcript: Transcript;
  readonly box: string;
}

/** Publishes what is new, takes it all from the registry again, and tells what is there, in the order it came. */
export async function publish({ registry, release, transcript, box }: Publishing): Promise<void> {
  for (const { command, output, seconds } of release.publish())
    transcript.typed(command, { code: 0, stdout: told(output) }, seconds);
  const shelved = await inspect(registry, release, join(box, 'shelf'));
  const rows = shelved.map(({ parcel: { manifest, files } }) => {
    const needs = Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies })
      .filter(([name]) => name.startsWith('@kora/'))
      .map(([name, range]) => `\`${name} ${range}\``);
    return `| ${manifest.name} | ${manifest.version} | ${files.length} | ${needs.join(', ')} |`;
  });
  transcript.say(
    [
      'Taken from the registry again, in the order they came: each was there after everything it depends on, every range is',
      'satisfied by what was published, and no file is in a tarball that should not be.',
      '',
      '| package | version | files | of ours it needs |',
      '|---|---|---|---|',
      ...rows,
    ].join('\n'),
  );
}

/** changesets draws a frame around what it says, and a bar while it works. */
function told(output: string): string {
  return output
    .split('\n')
    .map((line) => line.replace(/^[┌│└◇●▲■◆├╮╯─\s]+/u, ''))
    .map((line) => line.slice(Math.max(line.lastIndexOf('◇'), line.lastIndexOf('└'), -1) + 1).trim())
    .filter((line) => line !== '')
    .join('\n');
}
