import { createHash } from 'node:crypto';
import { canonicalJson, storable } from '../../chain/index.ts';
import { fault, messageOf } from '../../fault/index.ts';
import { sideEffects } from '../contract.ts';
import type { OperationSpec } from '../contract.ts';

/** An answer may be so long as canonical JSON, in bytes. */
export const longestResult: number = 256 * 1024;
const longestName = 200;
const longestError = 2_000;

export type Scrub = (text: string) => string;

/** Throws KORA_OPERATION_INVALID naming what is wrong. */
export function checkSpec(spec: OperationSpec): void {
  for (const [what, name] of [
    ['id', spec.id],
    ['tool', spec.tool],
  ] as const) {
    if (typeof name === 'string' && name !== '' && name.length <= longestName && storable(name) === name)
      continue;
    throw invalid(`its ${what} must be a text of 1 to ${longestName} characters`);
  }
  if (!sideEffects.includes(spec.sideEffects))
    throw invalid(`its side effects must be one of ${sideEffects.join(', ')}`);
}

/** What tells one request from another. Throws KORA_OPERATION_INVALID when it is not JSON. */
export function requestHash({ tool, request }: OperationSpec): string {
  const plain = plainJson({ tool, request: request ?? null });
  if ('why' in plain) throw invalid(`its request is no JSON: ${plain.why}`);
  return createHash('sha256').update(plain.json).digest('hex');
}

/** An answer as the ledger keeps it; `json` is null for none, and `why` says what stands against keeping it. */
export function keepable(
  answer: unknown,
  scrub: Scrub,
): { readonly json: string | null } | { readonly why: string } {
  if (answer === undefined) return { json: null };
  const plain = plainJson(answer);
  if ('why' in plain) return plain;
  const json = canonicalJson(storable(JSON.parse(plain.json), scrub));
  const bytes = Buffer.byteLength(json);
  if (bytes <= longestResult) return { json };
  return { why: `it is ${bytes} bytes long, and ${longestResult} can be kept` };
}

/** What went wrong, short enough for a row. */
export function errorText(error: unknown, scrub: Scrub): string {
  return String(storable(messageOf(error).slice(0, longestError), scrub));
}

function plainJson(value: unknown): { readonly json: string } | { readonly why: string } {
  try {
    const json = JSON.stringify(value) as string | undefined;
    return json === undefined
      ? { why: `a ${typeof value} is none` }
      : { json: canonicalJson(JSON.parse(json)) };
  } catch (error) {
    return { why: messageOf(error) };
  }
}

function invalid(why: string): Error {
  return fault('KORA_OPERATION_INVALID', `the operation cannot be kept in the ledger: ${why}`);
}
