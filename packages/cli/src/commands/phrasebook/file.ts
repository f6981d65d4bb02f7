import { parse, stringify } from 'yaml';
import { refusal } from '../../fault.ts';

/** The one file that holds the operator's entries; JSON is YAML too. */
export interface WrittenBook {
  /** The version that it was written from; what is in force by then must be that one. */
  readonly version?: number | undefined;
  readonly entries: readonly unknown[];
}

const head = `# Your entries of the phrasebook: known questions, answered at no cost. They are asked before those that came with Kora.
#
#   - pattern: is [the] <service> up $       # words; (a|b) one of them, [a] may be left out, <name> keeps a word,
#                                            # * any words, $ nothing follows
#     reply: "{snapshot.service_health.said.<service>}"   # null leaves it to whoever thinks
#     category: services
#     description: one watched service
#
# A value that is not known, or not fresh, is never said: the question goes to whoever thinks.
# What may stand in {}: kora snapshot --json (placeholders). Try it: kora phrasebook preview --file FILE
`;

/** The file for an editor. */
export function writeBook({ version, entries }: WrittenBook): string {
  return `${head}\n${stringify({ version, entries }, { lineWidth: 0 })}`;
}

/** Reads a list of entries, or a version with its entries. Throws KORA_PHRASEBOOK_INVALID naming file and line. */
export function readBook(text: string, file: string): WrittenBook {
  const written = parsed(text, file);
  if (Array.isArray(written)) return { entries: written };
  if (typeof written !== 'object' || written === null || !('entries' in written))
    throw invalid(file, 'it holds neither a list of entries nor `entries:`');
  const { entries } = written;
  const version: unknown = Reflect.get(written, 'version');
  if (!Array.isArray(entries) && entries !== null) throw invalid(file, '`entries:` is no list');
  if (
    version !== undefined &&
    version !== null &&
    (typeof version !== 'number' || !Number.isSafeInteger(version))
  )
    throw invalid(file, '`version:` is no number');
  return {
    entries: (entries ?? []) as readonly unknown[],
    ...(typeof version === 'number' ? { version } : {}),
  };
}

function parsed(text: string, file: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (error) {
    throw invalid(file, error instanceof Error ? error.message : String(error));
  }
}

function invalid(file: string, why: string): Error {
  return refusal(
    'KORA_PHRASEBOOK_INVALID',
    `${file}: ${why}`,
    'kora phrasebook edit --out FILE writes one that fits',
  );
}
