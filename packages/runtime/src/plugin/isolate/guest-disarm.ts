import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { fault } from '../../fault/index.ts';

/**
 * Takes from this process, before a plugin's code is here, what Node's permission model leaves in it and no plugin needs:
 * signals to other processes of the same user, and their priorities. The bindings beneath are out of a plugin's reach:
 * the permission model keeps `process.binding`, addons and workers.
 */
export function disarm(): void {
  for (const name of ['kill', '_kill', '_debugProcess', '_debugEnd']) refuse(process, name);
  refuse(os, 'setPriority');
  // What was imported by its name from 'node:process' or 'node:os' is this as well.
  syncBuiltinESMExports();
}

function refuse(owner: object, name: string): void {
  const value = (): never => {
    throw fault('KORA_PLUGIN_REFUSED', `a plugin in a process of its own has no ${name}`);
  };
  Object.defineProperty(owner, name, { value, writable: false, configurable: false });
}
