export { chooseIdentity, identityEvents, readChoice } from './choice.ts';
export type { ChooseContext } from './choice.ts';
export type { IdentityProvider, IdentityQuery, IdentitySpec } from './contract.ts';
export { Identities } from './identities.ts';
export type { IdentityWish, ResolvedIdentity } from './identities.ts';
