import { closeSync, fdatasyncSync, fsyncSync, openSync } from 'node:fs';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { PgliteError } from './errors.ts';

type Init = NodeFS['init'];
type Ready = Awaited<ReturnType<Init>>;

/** What emscripten's Node file system keeps of an open file, as far as a flush needs it. */
interface OpenFile {
  readonly nfd?: number;
  readonly node: object;
}

interface NodeFiles {
  readonly stream_ops: { fsync?: (file: OpenFile) => number };
  readonly realPath: (node: object) => string;
}

/**
 * PGlite's files in a directory, with the flush that its own lacks: emscripten offers `fsync` to a file system, and the
 * one for Node does not take it, so a commit that was answered could be lost with the power. Goes together with
 * `durableSettings`: PostgreSQL must ask for the flush, and by `fsync`, since emscripten answers `fdatasync` itself.
 */
export class DurableFiles extends NodeFS {
  readonly #onFlush: () => void;

  constructor(dataDirectory: string, onFlush: () => void = () => undefined) {
    super(dataDirectory);
    this.#onFlush = onFlush;
  }

  override async init(...[pglite, options]: Parameters<Init>): Promise<Ready> {
    const ready = await super.init(pglite, options);
    const addFlush = (module: object): void => {
      const files = nodeFilesOf(module);
      files.stream_ops.fsync = (file) => {
        this.#onFlush();
        flush(file, files);
        return 0;
      };
    };
    const before = ready.emscriptenOpts.preRun ?? [];
    const preRun = [...(Array.isArray(before) ? before : [before]), addFlush];
    return { emscriptenOpts: { ...ready.emscriptenOpts, preRun } };
  }
}

/** Without this hook no flush would ever happen, and nothing would say so: better not to start. */
function nodeFilesOf(module: object): NodeFiles {
  const files: unknown = Reflect.get(module, 'NODEFS');
  if (typeof files !== 'object' || files === null || !('stream_ops' in files && 'realPath' in files)) {
    throw new PgliteError(
      'KORA_PGLITE_START',
      'this PGlite has no Node file system that could be taught to flush',
      'npm install @kora/pglite, which pins the version that has one',
    );
  }
  return files as NodeFiles;
}

function flush(file: OpenFile, files: NodeFiles): void {
  if (file.nfd !== undefined) return fdatasyncSync(file.nfd);
  const folder = openSync(files.realPath(file.node), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
