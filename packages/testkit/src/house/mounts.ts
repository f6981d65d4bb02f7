import { fault, handedOver } from '@kora/runtime/testkit';
import type { HttpMountSpec, MountRequest, MountResponse } from '@kora/runtime/plugin';
import { z } from 'zod';

/** What of a request a test says; the rest is a plain GET. */
export type MountAsk = Partial<Pick<MountRequest, 'method' | 'query' | 'headers'>> & {
  readonly body?: string | Uint8Array;
};

export interface MountAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

const answerSchema: z.ZodType<MountAnswer> = z.object({
  status: z.number().int().min(200).max(599).default(200),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.union([z.string(), z.instanceof(Uint8Array)]).default(''),
});

/** Asks the mount with the longest path that the request's begins with; files are not looked at. */
export async function askMount(
  mounts: readonly HttpMountSpec[],
  path: string,
  { method = 'GET', query = '', headers = {}, body = '' }: MountAsk,
  signal: AbortSignal,
): Promise<MountAnswer> {
  const [mount] = mounts
    .filter((each) => each.handle !== undefined && isBelow(path, each.path))
    .toSorted((a, b) => b.path.length - a.path.length);
  if (mount === undefined) throw fault('KORA_NOT_FOUND', `no mount of the plugin answers ${path}`);
  const inside = mount.path === '/' ? path : path.slice(mount.path.length);
  const answer: MountResponse | undefined = await mount.handle?.({
    method,
    path: inside === '' ? '/' : inside,
    query,
    headers,
    body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
    signal,
  });
  return handedOver.parsed(answerSchema, answer);
}

function isBelow(path: string, mount: string): boolean {
  return mount === '/' || path === mount || path.startsWith(`${mount}/`);
}
