export { reasonEvents } from './events.ts';
