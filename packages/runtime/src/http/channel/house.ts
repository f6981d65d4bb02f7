import type { z } from 'zod';
import type { ConfigWriter } from '../config/house.ts';
import type * as shape from './contract.ts';

/** The ways to the operator. */
export interface ChannelHouse {
  channels(): Promise<z.infer<typeof shape.channelSchema>[]>;
  /** Whether it would work; sends nothing. */
  checkChannel(name: string): Promise<z.infer<typeof shape.channelCheckSchema>>;
  /** Sends a message over it and waits for its receipt. */
  testChannel(name: string): Promise<z.infer<typeof shape.channelTestSchema>>;
  /** Makes it the first over which the operator is told. */
  tellFirst(name: string, reason: string): Promise<z.infer<typeof shape.channelFirstSchema>>;
  setUpChannel(
    name: string,
    wish: z.infer<typeof shape.newChannelSetupSchema>,
    by: ConfigWriter,
  ): Promise<z.infer<typeof shape.channelSetUpSchema>>;
}
