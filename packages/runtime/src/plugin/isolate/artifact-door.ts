import { fault } from '../../fault/index.ts';
import type { PluginContext } from '../contract.ts';
import { parsed } from './arrivals.ts';
import * as arrivals from './artifact-arrivals.ts';
import type { ArtifactWords } from './artifact-arrivals.ts';

/** Bytes that go out in one piece. */
const pieceBytes = 1024 * 1024;

interface Arriving {
  readonly words: ArtifactWords;
  readonly pieces: Buffer[];
  size: number;
}

/** A guest's files: one comes in and one goes out at a time, so that a guest holds no more of our memory than two. */
export function artifactMethods({
  artifacts,
}: Pick<PluginContext<unknown>, 'artifacts'>): [string, (params: unknown) => Promise<unknown>][] {
  let arriving: Arriving | undefined;
  let leaving: Buffer | undefined;
  return [
    [
      'artifacts.begin',
      async (params) => {
        arriving = { words: parsed(arrivals.artifactWords, params), pieces: [], size: 0 };
      },
    ],
    [
      'artifacts.piece',
      async (params) => {
        const piece = Buffer.from(parsed(arrivals.artifactPiece, params).content, 'base64');
        if (arriving === undefined)
          throw fault('KORA_PLUGIN_INVALID', 'a piece of a file that was not begun');
        arriving.size += piece.length;
        arriving.pieces.push(piece);
        if (arriving.size <= arriving.words.size) return;
        arriving = undefined;
        throw fault('KORA_PLUGIN_INVALID', 'more of a file than was said');
      },
    ],
    [
      'artifacts.put',
      async () => {
        if (arriving === undefined) throw fault('KORA_PLUGIN_INVALID', 'a file that was not begun');
        const { words, pieces, size } = arriving;
        arriving = undefined;
        const { size: said, ...artifact } = words;
        if (size !== said) throw fault('KORA_PLUGIN_INVALID', 'less of a file than was said');
        return artifacts.put({ ...artifact, content: Buffer.concat(pieces) });
      },
    ],
    [
      'artifacts.get',
      async (params) => {
        const { content, ...artifact } = await artifacts.get(
          parsed(arrivals.artifactNamed, params).artifactId,
        );
        leaving = Buffer.from(content);
        return artifact;
      },
    ],
    [
      'artifacts.read',
      async (params) => {
        const { offset } = parsed(arrivals.artifactRead, params);
        const content = leaving?.toString('base64', offset, offset + pieceBytes) ?? '';
        if (leaving !== undefined && offset + pieceBytes >= leaving.length) leaving = undefined;
        return { content };
      },
    ],
    ['artifacts.list', async (params) => artifacts.list(parsed(arrivals.artifactQuery, params))],
  ];
}
