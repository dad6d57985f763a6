export { StreamModule } from './stream.module.js';
export { StreamServer } from './ws/stream-server.js';
export { useStreamAdapter } from './ws/stream-adapter.js';
