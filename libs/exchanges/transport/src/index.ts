export * from './backoff.js';
export * from './random.js';
export * from './ws-session.js';
