import type { HttpMountSpec } from '../contract.ts';
import type { WireAnswer, WireRequest } from './mount-arrivals.ts';
import type { Shelf } from './shelf.ts';

/** The functions of a mount, to be kept here, and the data of it, to be sent. Bodies cross as base64. */
export function describeMount(mount: HttpMountSpec): {
  readonly functions: Parameters<Shelf['keep']>[0];
  readonly data: object;
} {
  const { path, directory, fallback, deadlineMs } = mount;
  const data = { path, directory, fallback, deadlineMs, handles: mount.handle !== undefined };
  if (mount.handle === undefined) return { functions: {}, data };
  return {
    functions: { handle: (args, signal) => answerHere(mount, args as WireRequest, signal) },
    data,
  };
}

async function answerHere(
  mount: HttpMountSpec,
  { body, ...request }: WireRequest,
  signal: AbortSignal,
): Promise<WireAnswer> {
  const given = await mount.handle?.({ ...request, body: Buffer.from(body, 'base64'), signal });
  const answer = given ?? {};
  return {
    status: answer.status ?? 200,
    headers: { ...(typeof answer.body === 'string' ? plainText : {}), ...lowerCased(answer.headers ?? {}) },
    body: Buffer.from(answer.body ?? '').toString('base64'),
  };
}

const plainText = { 'content-type': 'text/plain; charset=utf-8' };

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
