export type { AnchorConfiguration } from './chain.ts';
export { contradiction } from './credentials.ts';
export type { CredentialSource } from './credentials.ts';
export { forgetSecrets } from './forget.ts';
export { loadConfiguration } from './load.ts';
export type { LoadConfiguration, LoadedConfiguration } from './load.ts';
export type { Configuration } from './schema.ts';
