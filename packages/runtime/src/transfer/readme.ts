import type { BackupManifest } from './manifest.ts';

/** What a person reads who finds the folder years later. */
export function readmeOf({ createdAt, build, store }: BackupManifest): string {
  const ends = store.ends.map(({ workspace, seq, hash }) => `- \`${workspace}\`: event ${seq}, ${hash}`);
  return `# A backup of Kora

Made ${createdAt} by Kora ${build} from ${store.description}.

**This folder holds secrets**: the API token, keys and settings of the home (\`home/\`), and everything the store knew
(\`store/\`). Keep it as you keep a password.

Bring it back with

    kora restore <this folder> --home <a new home>

Every file but \`manifest.json\` has its SHA-256 there. \`store/\` holds each table as text of PostgreSQL's COPY, packed
with gzip; \`migrations.json\` holds the statements that make the tables.

Ends of the chains:

${ends.length === 0 ? '- none' : ends.join('\n')}
`;
}
