import type { Kind } from './arguments.ts';
import type { Manager } from './manager.ts';

/** What a person at a terminal is asked. Each rejects with CREATE_KORA_CANCELLED when they leave. */
export interface Questions {
  kind(): Promise<Kind>;
  folder(usual: string): Promise<string>;
  /** `problem` says what is wrong with an answer. */
  id(proposed: string, problem: (id: string) => string | undefined): Promise<string>;
  install(manager: Manager): Promise<boolean>;
}
