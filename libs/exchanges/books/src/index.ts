export * from './byte-table.js';
export * from './digits.js';
export * from './frame-scanner.js';
export * from './level-batch.js';
export * from './level-book.js';
