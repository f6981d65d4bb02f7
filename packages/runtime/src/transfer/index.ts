export type { ChainEnd, TableCount } from './contract.ts';
export { isUnfinished } from './mark.ts';
export type { ChainProof } from './proof.ts';
export { transferStore } from './transfer.ts';
export type { TransferOptions, TransferReport } from './transfer.ts';
