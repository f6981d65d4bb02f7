import { NoteReader } from '../form.ts';
import type { FoundCheckpoint } from '../form.ts';
import type { Anchor } from './contract.ts';
import { runCommand } from './process.ts';

export interface CommandAnchor extends Pick<Anchor, 'name' | 'timeoutMs'> {
  readonly command: readonly string[];
  /** Prints the newest note, or nothing. */
  readonly read: readonly string[] | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** Takes a note for a checkpoint of this chain, or says that it is none. */
  readonly parse: (note: string) => FoundCheckpoint | undefined;
}

/** An anchor that is a program: the note on its input, exit code 0 for kept. */
export function commandAnchor({ name, timeoutMs, command, read, env, parse }: CommandAnchor): Anchor {
  const anchor: Anchor = {
    name,
    kind: 'command',
    timeoutMs,
    keep: async ({ note, size }, signal) => {
      await runCommand({ command, input: note, env: { ...env, CHECKPOINT_SIZE: String(size) }, signal });
    },
  };
  if (read === undefined) return anchor;
  return {
    ...anchor,
    newest: async (signal) => lastOf(await runCommand({ command: read, env, signal }), parse),
  };
}

/** The last checkpoint in a text of notes that a pinned key signed. */
export function lastOf(
  text: string,
  parse: (note: string) => FoundCheckpoint | undefined,
): FoundCheckpoint | undefined {
  const reader = new NoteReader();
  const notes = [...text.split('\n').map((line) => reader.line(line)), reader.end()];
  return notes
    .map((note) => (note === undefined ? undefined : parse(note)))
    .findLast((found) => found?.verdict === 'valid');
}
