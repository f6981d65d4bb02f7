export { capabilityEvents } from './events.ts';
