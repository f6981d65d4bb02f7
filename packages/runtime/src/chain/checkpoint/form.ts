import { openNote, judgeNote, signNote } from './note.ts';
import type { NoteSigner, NoteVerdict, VerifierKey } from './note.ts';

/** What one checkpoint states: the first `size` events have this tree, and the last of them this hash. */
export interface Checkpoint {
  readonly size: number;
  /** RFC 6962 root over the hashes of events 1 to `size`. */
  readonly root: Buffer;
  /** The hash of event `size`: one look tells whether a chain still has it. */
  readonly eventHash: Buffer;
}

/** A checkpoint as it was found somewhere, with what the pinned keys say of it. */
export interface FoundCheckpoint extends Checkpoint {
  /** The signed text, as it is kept in every place. */
  readonly note: string;
  /** Id of the key that signed it. */
  readonly signedBy: string;
  readonly verdict: NoteVerdict;
}

const hashBytes = 32;

/** Who the log is, in its checkpoints: also the name of its keys. */
export function originOf(workspace: string): string {
  return `kora/${workspace}`;
}

/** The note of a checkpoint (C2SP tlog-checkpoint): origin, size, root, and as an extension line the last event's hash. */
export function signCheckpoint({ size, root, eventHash }: Checkpoint, signer: NoteSigner): string {
  const lines = [signer.key.name, size, root.toString('base64'), `event ${eventHash.toString('base64')}`];
  return signNote(`${lines.join('\n')}\n`, signer);
}

/** Reads a checkpoint of this origin; undefined for any other text. */
export function readCheckpoint(
  text: string,
  origin: string,
  pinned: readonly VerifierKey[],
): FoundCheckpoint | undefined {
  const note = openNote(text);
  if (note === undefined) return undefined;
  const [named, sizeText = '', rootText = '', ...extensions] = note.text.slice(0, -1).split('\n');
  if (named !== origin || !/^[1-9]\d{0,15}$/.test(sizeText)) return undefined;
  const event = extensions.find((line) => line.startsWith('event ')) ?? '';
  const [root, eventHash] = [rootText, event.slice(6)].map((encoded) => Buffer.from(encoded, 'base64'));
  if (root?.length !== hashBytes || eventHash?.length !== hashBytes) return undefined;
  const signedBy = note.signatures.find(({ name }) => name === origin)?.keyId ?? '';
  return {
    size: Number(sizeText),
    root,
    eventHash,
    note: text,
    signedBy,
    verdict: judgeNote(note, pinned),
  };
}

/**
 * Finds notes in a stream of lines in which they stand one after the other, each followed by an empty line. Lines that
 * belong to no whole note, such as those of a write that was cut off, are passed over.
 */
export class NoteReader {
  #body: string[] = [];
  #signatures: string[] = [];
  #gap = false;

  /** Takes one line; answers the note that it ends, if it ends one. */
  line(line: string): string | undefined {
    if (line.startsWith('\u2014 ') && (this.#gap || this.#signatures.length > 0)) {
      this.#signatures.push(line);
      return undefined;
    }
    const note = this.end();
    if (line === '') {
      // The empty line after a text may be followed by signatures; the one after a note ends nothing more.
      this.#gap = note === undefined && this.#body.length > 0;
      if (note === undefined) return undefined;
      return note;
    }
    if (this.#gap) this.#body = [];
    this.#gap = false;
    this.#body.push(line);
    return note;
  }

  /** The note that the stream ended with, if it is whole. */
  end(): string | undefined {
    if (this.#signatures.length === 0) return undefined;
    const note = `${this.#body.join('\n')}\n\n${this.#signatures.join('\n')}\n`;
    this.#body = [];
    this.#signatures = [];
    this.#gap = false;
    return note;
  }
}
