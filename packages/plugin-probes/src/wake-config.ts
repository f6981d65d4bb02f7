import { z } from 'zod';

/** Keys of the plugin's block that are about wakes. */
export interface WakeConfig {
  /** Seconds in which a second incident of one probe, target and category gets no investigation; 0 to 86 400. Default 600. */
  readonly debounceSeconds: number;
  /** Whether a critical incident is investigated in that time all the same. Default false. */
  readonly debounceBypassCritical: boolean;
  readonly investigation: InvestigationConfig;
  readonly canary: CanaryConfig;
}

export interface InvestigationConfig {
  /** Whether whoever thinks is asked where rules cannot say. Default true. */
  readonly model: boolean;
  /** Dollars that one investigation may cost. Default 0.1. */
  readonly budgetUsd: number;
  /** Seconds it may think. Default 60. */
  readonly seconds: number;
  /** Starts in an hour past which all but critical ones wait. Default 20. */
  readonly softPerHour: number;
  /** Starts in an hour past which all wait. Default 40. */
  readonly hardPerHour: number;
}

export interface CanaryConfig {
  /** Whether a synthetic fault travels the whole way once a day. Default true. */
  readonly enabled: boolean;
  /** When, as cron in UTC. Default `33 5 * * *`. */
  readonly cron: string;
}

/** To be spread into the shape of the plugin's block. */
export const wakeShape = {
  debounceSeconds: z.number().min(0).max(86_400).default(600),
  debounceBypassCritical: z.boolean().default(false),
  investigation: z
    .strictObject({
      model: z.boolean().default(true),
      budgetUsd: z.number().min(0.001).max(1_000).default(0.1),
      seconds: z.int().min(5).max(600).default(60),
      softPerHour: z.int().min(1).max(10_000).default(20),
      hardPerHour: z.int().min(1).max(10_000).default(40),
    })
    .refine(({ softPerHour, hardPerHour }) => softPerHour <= hardPerHour, {
      path: ['softPerHour'],
      error: 'must not be above hardPerHour',
    })
    .prefault({}),
  canary: z
    .strictObject({
      enabled: z.boolean().default(true),
      cron: z.string().min(1).max(100).default('33 5 * * *'),
    })
    .prefault({}),
};
