// What is learned is decided about in the room of promotion, in its words; what is changed by it is acted on here.
export type {
  ChangeKindSpec,
  ChangeLine,
  ChangePlace,
  ChangeSeen,
  Overlay,
} from '../../promotion/contract.ts';
