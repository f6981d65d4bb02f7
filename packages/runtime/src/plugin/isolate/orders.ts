/** What the host may ask of a guest, by method, with the parameters of each. */
export interface GuestOrders {
  /** Import the entry, check it, parse its configuration. */
  readonly load: {
    readonly id: string;
    readonly workspace: string;
    /** Absolute path of the entry module. */
    readonly entry: string;
    readonly configBlock: unknown;
  };
  readonly register: null;
  /** Call a function of something registered. */
  readonly invoke: { readonly handle: number; readonly member: string; readonly args: unknown };
  /** Answered as soon as the guest's event loop turns, with what the guest used: see vitals. */
  readonly ping: null;
  /** Abort the context's signal: the plugin is about to go. */
  readonly leave: null;
}
