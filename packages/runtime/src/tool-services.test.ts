import { expect, test } from 'vitest';
import { HandedFiles } from './handed-files.ts';
import { toolServices } from './tool-services.ts';
import type { PluginOwner } from './plugin/index.ts';

const nowhere = new AbortController().signal;

/** The services of a plugin in a house with one file, which another made. */
function houseOf(owner: PluginOwner) {
  const handed = new HandedFiles(owner);
  const artifacts = {
    find: (artifactId: string) =>
      Promise.resolve({ artifactId, madeBy: artifactId === 'own' ? owner.id : 'ledger' }),
    get: (artifactId: string) => Promise.resolve({ artifactId, content: Buffer.from('secret') }),
  };
  const { artifacts: files } = toolServices(
    { artifacts, tools: {} } as unknown as Parameters<typeof toolServices>[0],
    owner,
    handed,
  );
  const channel = handed.by({ name: 'wire', send: () => Promise.resolve({ receipt: 'sent' }) });
  const send = (key: string) =>
    channel.send({ key, attachments: ['theirs'] } as unknown as Parameters<typeof channel.send>[0], nowhere);
  return { files, send };
}

test('an untrusted plugin reads its own files, and no other for having read its id in an event', async () => {
  const { files, send } = houseOf({ id: 'mail', trusted: false });
  expect((await files.get('own')).artifactId).toBe('own');
  await expect(files.get('theirs')).rejects.toMatchObject({ code: 'KORA_ARTIFACT_UNKNOWN' });
  // A message that it wrote itself hands it nothing.
  await send('mail:mine');
  await expect(files.get('theirs')).rejects.toMatchObject({ code: 'KORA_ARTIFACT_UNKNOWN' });
  await send('ledger:report');
  expect((await files.get('theirs')).artifactId).toBe('theirs');
});

test('a trusted plugin reads what it can name', async () => {
  const { files } = houseOf({ id: 'desk', trusted: true });
  expect((await files.get('theirs')).artifactId).toBe('theirs');
});
