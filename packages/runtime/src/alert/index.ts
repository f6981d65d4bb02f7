export { alertEvents } from './events.ts';
