import { KoraError } from '@kora/runtime/plugin';
import type { FaultTable } from './runtime.ts';
import { ownVersion } from './version.ts';

/** How a command ends, by name; the number is the runtime's one table of exit codes. */
export type Outcome =
  | 'ok'
  | 'findings'
  | 'couldNotRun'
  | 'usage'
  | 'unreachable'
  | 'held'
  | 'temporary'
  | 'denied'
  | 'invalid'
  | 'budget'
  | 'stopped'
  | 'interrupted';

/** The families of `--json` errors, one per exit code. */
const families: Readonly<Record<number, string>> = {
  1: 'failed',
  2: 'could_not_run',
  64: 'usage',
  69: 'unreachable',
  73: 'held',
  75: 'temporary',
  77: 'denied',
  78: 'invalid',
  79: 'budget',
  80: 'stopped',
  130: 'interrupted',
};
/** Exit code of a code that the table does not have. */
const unlisted = 1;

/** A failure as it is told: in the envelope with `--json`, in two lines otherwise. */
export interface Problem {
  /** The family, one per exit code. */
  readonly type: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly exit: number;
}

/** A command line that is not understood; exit 64. */
export function usage(message: string, fix?: string): KoraError {
  return refusal('KORA_USAGE', message, fix);
}

export function refusal(code: string, message: string, fix?: string): KoraError {
  return new KoraError(code, message, fix === undefined ? {} : { fix });
}

/**
 * Reads any thrown thing by its shape, not its class: the host project may bring its own copy of the runtime, and a
 * refusal of the API crosses the wire.
 */
export function problemOf(error: unknown, table: FaultTable): Problem {
  if (isForeignShape(error)) return problemOf(foreignShape(error), table);
  const code = textOf(error, 'code');
  const known = code !== undefined && /^(KORA|PLUGIN)_[A-Z0-9_]+$/.test(code) ? code : 'KORA_INTERNAL';
  const exit = table[known]?.exit ?? unlisted;
  const hint = textOf(error, 'fix') ?? textOf(error, 'hint');
  const message = error instanceof Error ? error.message : String(error);
  return {
    type: families[exit] ?? 'failed',
    code: known,
    message: message === '' ? known : message,
    hint,
    exit,
  };
}

/** The client parses every answer; one that does not fit comes from a runtime of another version. */
function isForeignShape(error: unknown): error is Error & { readonly issues: readonly ShapeIssue[] } {
  return (
    error instanceof Error &&
    'issues' in error &&
    Array.isArray(error.issues) &&
    error.name.includes('ZodError')
  );
}

interface ShapeIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function foreignShape({ issues }: { readonly issues: readonly ShapeIssue[] }): KoraError {
  const [first] = issues;
  const where =
    first === undefined ? 'the whole' : first.path.filter((key) => key !== 'data').join('.') || 'the whole';
  const message = `the runtime answered in a shape that this command (${ownVersion()}) does not know: ${where}`;
  return refusal('KORA_INTERNAL', message, 'install one version of @kora/cli and @kora/runtime');
}

function textOf(value: unknown, key: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found: unknown = Reflect.get(value, key);
  return typeof found === 'string' && found !== '' ? found : undefined;
}
