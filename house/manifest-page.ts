// packages/runtime/manifest.schema.json, made from the schema that reads manifests. `npm run events` writes it; a test
// compares.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { manifestDocument } from '../packages/runtime/src/plugin/manifest-document.ts';

export const published: URL = new URL('../packages/runtime/manifest.schema.json', import.meta.url);

/** The file as it has to be. */
export function manifestPage(): string {
  return `${JSON.stringify(manifestDocument(), null, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(published, manifestPage());
