import type { PluginContext } from '@kora/runtime/plugin';
import type { WebClient } from '@slack/web-api';
import { isLasting, slackError } from '../call/refusal.ts';
import { kept, markOf } from './mark.ts';
import { escaped } from './text.ts';

/** Bytes that the files of one message may have together: what fits into the time of a send. */
const mostBytes = 50 * 1024 * 1024;

export interface Files {
  readonly ids: readonly string[];
  readonly channel: string;
  /** The message under which they stand. */
  readonly thread: string;
  /** ISO 8601, of the message. */
  readonly since: string;
  /** Whether an earlier attempt may have sent some of them. */
  readonly isAgain: boolean;
  readonly workspace: string;
  readonly key: string;
}

/**
 * Puts the message's files under it, each once. One that cannot go is said in words there: the message itself was told.
 * Throws what Slack says where another attempt may do it.
 */
export async function attach(
  client: WebClient,
  artifacts: Pick<PluginContext<unknown>['artifacts'], 'get'>,
  files: Files,
): Promise<void> {
  const there = files.isAgain ? await namesThere(client, files) : [];
  const unsent: string[] = [];
  let bytes = 0;
  for (const id of files.ids) {
    const file = await artifacts.get(id).catch((error: unknown) => {
      if (Reflect.get(Object(error), 'code') === 'KORA_ARTIFACT_UNKNOWN') return undefined;
      throw error;
    });
    if (file === undefined) {
      unsent.push(`${id}: no longer kept`);
      continue;
    }
    const at = there.indexOf(file.name);
    if (at >= 0) {
      there.splice(at, 1);
      continue;
    }
    bytes += file.size;
    const problem = await upload(client, files, file, bytes);
    if (problem !== undefined) unsent.push(`${file.name} (${id}): ${problem}`);
  }
  if (unsent.length > 0) await sayUnsent(client, files, unsent);
}

/** Why it cannot go; undefined when it went. */
async function upload(
  client: WebClient,
  { channel, thread }: Files,
  { name, content }: { readonly name: string; readonly content: Uint8Array },
  bytes: number,
): Promise<string | undefined> {
  if (content.byteLength === 0) return 'it is empty';
  if (bytes > mostBytes) return 'too large together with the others';
  try {
    const file = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    await client.files.uploadV2({
      channel_id: channel,
      thread_ts: thread,
      file,
      filename: name,
      title: name,
    });
    return undefined;
  } catch (error) {
    const said = slackError(error);
    if (said === undefined || !(isLasting(error) || /file|storage|length/.test(said))) throw error;
    return `Slack refused it: ${said}`;
  }
}

async function namesThere(client: WebClient, { channel, thread, since }: Files): Promise<string[]> {
  const names: string[] = [];
  for await (const { files = [] } of kept(client, { channel, thread, since }))
    names.push(...files.map(({ title, name }) => title ?? name ?? ''));
  return names;
}

async function sayUnsent(client: WebClient, files: Files, unsent: readonly string[]): Promise<void> {
  const { channel, thread, workspace, key } = files;
  const text = escaped(`Not attached:\n${unsent.join('\n')}`);
  await client.apiCall('chat.postMessage', {
    channel,
    thread_ts: thread,
    text,
    parse: 'none',
    ...markOf(workspace, `${key}\nunsent files`),
  });
}
