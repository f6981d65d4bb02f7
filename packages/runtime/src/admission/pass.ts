import type { Door } from './contract.ts';

declare const issuedFor: unique symbol;

/**
 * Leave to go through one door once. Only `Admission.admit` makes one: the symbol is exported by nobody, so no other
 * code can write this type, and at run time an object that was not issued is refused.
 */
export interface Pass<D extends Door> {
  readonly [issuedFor]: D;
}
