export { promotionEvents } from './events.ts';
