export * from './protocol.js';
export * from './start-simulator.js';
export { LiveSocket } from './live-socket.js';
export type { EventTag } from './live-socket.js';
export * from './world.js';
