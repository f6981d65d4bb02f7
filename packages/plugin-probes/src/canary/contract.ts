/** The name of the probe that fails once a day on purpose. */
export const canaryProbe = 'canary';
