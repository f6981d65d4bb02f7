/**
 * `@kora/runtime/client`: the API's schemas and a typed client. Browser-safe: nothing here imports from Node.
 */
export * from './http/contract.ts';
export { createKoraClient, KoraApiError } from './http/client.ts';
export type { KoraClient, KoraClientOptions } from './http/client.ts';
