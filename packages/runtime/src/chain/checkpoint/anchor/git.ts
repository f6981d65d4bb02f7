import { appendFile, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '../../../fault/index.ts';
import type { FoundCheckpoint } from '../form.ts';
import { lastOf } from './command.ts';
import type { Anchor, KeptCheckpoint } from './contract.ts';
import { runCommand } from './process.ts';

export interface GitAnchor extends Pick<Anchor, 'name' | 'timeoutMs'> {
  readonly remote: string;
  readonly branch: string;
  /** The file in the repository. */
  readonly file: string;
  /** A folder of the home for the clone; thrown away when it is found broken. */
  readonly clone: string;
  readonly env: NodeJS.ProcessEnv;
  readonly parse: (note: string) => FoundCheckpoint | undefined;
}

/** Nobody is there to be asked, and no hook or signature of a person's own settings belongs here. */
const settings = [
  'user.name=Kora',
  'user.email=kora@localhost',
  'commit.gpgsign=false',
  'core.hooksPath=/dev/null',
  'core.autocrlf=false',
].flatMap((setting) => ['-c', setting]);
const unattended = { GIT_TERMINAL_PROMPT: '0', GIT_SSH_COMMAND: 'ssh -o BatchMode=yes' };

/** An anchor that is a branch of a git remote: each checkpoint is one commit that appends to one file. */
export function gitAnchor(options: GitAnchor): Anchor {
  const repository = new GitFile(options);
  return {
    name: options.name,
    kind: 'git',
    timeoutMs: options.timeoutMs,
    keep: (checkpoint, signal) => repository.append(checkpoint, signal),
    newest: async (signal) =>
      lastOf((await repository.fetch(signal)) ? await repository.text() : '', options.parse),
  };
}

class GitFile {
  readonly #options: GitAnchor;

  constructor(options: GitAnchor) {
    this.#options = options;
  }

  /** Takes the branch as the remote has it; false when the remote has none yet. */
  async fetch(signal: AbortSignal): Promise<boolean> {
    const { clone, remote, branch } = this.#options;
    await mkdir(clone, { recursive: true, mode: 0o700 });
    // A clone that a crash left half done mends itself by being made again: nothing is only there.
    await this.#git(['rev-parse', '--git-dir'], signal).catch(async () => {
      await rm(clone, { recursive: true, force: true });
      await mkdir(clone, { recursive: true, mode: 0o700 });
      await this.#git(['init', '--quiet'], signal);
    });
    await rm(join(clone, '.git', 'index.lock'), { force: true });
    try {
      await this.#git(['fetch', '--quiet', '--depth=1', remote, `refs/heads/${branch}`], signal);
    } catch (error) {
      if (messageOf(error).includes("couldn't find remote ref")) return false;
      throw error;
    }
    await this.#git(['checkout', '--quiet', '--force', '--detach', 'FETCH_HEAD'], signal);
    return true;
  }

  async text(): Promise<string> {
    return readFile(this.#path, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
      throw error;
    });
  }

  async append({ note, size }: KeptCheckpoint, signal: AbortSignal): Promise<void> {
    const { remote, branch, file } = this.#options;
    const known = await this.fetch(signal);
    if ((await this.text()).includes(note)) {
      if (known) return;
    } else {
      await mkdir(dirname(this.#path), { recursive: true });
      await appendFile(this.#path, `${note}\n`);
      await this.#git(['add', '--', file], signal);
      await this.#git(['commit', '--quiet', '-m', `checkpoint of ${size} events`], signal);
    }
    // Without force: when somebody else was faster the next attempt begins from theirs.
    await this.#git(['push', '--quiet', remote, `HEAD:refs/heads/${branch}`], signal);
  }

  get #path(): string {
    return join(this.#options.clone, this.#options.file);
  }

  #git(args: readonly string[], signal: AbortSignal): Promise<string> {
    const { clone, env } = this.#options;
    return runCommand({
      command: ['git', ...settings, ...args],
      directory: clone,
      // The home may lie in somebody's own repository, which is not the one that is meant.
      env: { ...env, ...unattended, LC_ALL: 'C', GIT_CEILING_DIRECTORIES: dirname(clone) },
      signal,
    });
  }
}
