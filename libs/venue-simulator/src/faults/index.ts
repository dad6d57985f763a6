export * from './fault.js';
export * from './fault-board.js';
export * from './fault-input.js';
export * from './seeded-random.js';
