import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** What a browser has to fetch of a built page, in kB of 1 000 bytes as they travel. */
export interface Weight {
  readonly js: number;
  readonly css: number;
  /** Largest first. */
  readonly lazy: readonly { readonly file: string; readonly kB: number }[];
}

/** What a built page names in its document, and the rest of its JavaScript, compressed as it is served. */
export function weigh(folder: string): Weight {
  const html = readFileSync(join(folder, 'index.html'), 'utf8');
  const first = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(([, file]) => String(file));
  const kB = (file: string): number =>
    gzipSync(readFileSync(join(folder, file)), { level: 9 }).byteLength / 1_000;
  const sum = (end: string): number =>
    first.filter((file) => file.endsWith(end)).reduce((total, file) => total + kB(file), 0);
  const lazy = readdirSync(join(folder, 'assets'))
    .map((name) => `assets/${name}`)
    .filter((file) => file.endsWith('.js') && !first.includes(file))
    .map((file) => ({ file: file.replace('assets/', '').replace(/-[\w-]{8}\.js$/, ''), kB: kB(file) }))
    .toSorted((a, b) => b.kB - a.kB);
  return { js: sum('.js'), css: sum('.css'), lazy };
}
