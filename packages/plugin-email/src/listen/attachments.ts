import type { PluginContext } from '@kora/runtime/plugin';
import type { Attachment } from 'postal-mime';

const most = 10;
/** Lines about files that were not kept; of more it is said how many. */
const mostNotes = 10;

/** Keeps the files of a letter; what may not be kept is said in words instead. */
export async function keepAttachments(
  artifacts: Pick<PluginContext<unknown>['artifacts'], 'put'>,
  attachments: readonly Attachment[],
): Promise<{ readonly ids: string[]; readonly notes: string[] }> {
  const ids: string[] = [];
  const notes: string[] = [];
  for (const { filename, content } of attachments) {
    const name = (filename ?? 'attachment').replaceAll(/[\p{C}/\\]+/gu, '_').slice(-120) || 'attachment';
    if (ids.length >= most) {
      notes.push(`(not kept: ${name}, as more than ${most} files came)`);
      continue;
    }
    try {
      const kept = await artifacts.put({
        name,
        content: content instanceof ArrayBuffer ? new Uint8Array(content) : content,
      });
      ids.push(kept.artifactId);
    } catch (error) {
      const { code } = error as { readonly code?: unknown };
      if (code !== 'KORA_ARTIFACT_REFUSED' && code !== 'KORA_ARTIFACT_FULL') throw error;
      notes.push(`(not kept: ${name})`);
    }
  }
  const more = notes.length - mostNotes;
  const said = more > 0 ? [...notes.slice(0, mostNotes), `(not kept: ${more} more)`] : notes;
  return { ids, notes: said };
}
