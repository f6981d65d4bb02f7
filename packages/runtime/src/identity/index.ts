export { chooseIdentity, identityEvents, readChoice } from './choice.ts';
export type { ChooseContext } from './choice.ts';
export type { IdentityProvider, IdentityQuery, IdentitySpec, ResolvedIdentity } from './contract.ts';
export { Identities } from './identities.ts';
export type { IdentityLook, IdentityWish } from './identities.ts';
