export * from './book-sync.js';
export * from './frame-reader.js';
export * from './frames.js';
export * from './parse.js';
export * from './sequence.js';
export * from './synced-book.js';
