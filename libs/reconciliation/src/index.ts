export { RECONCILIATION_ENTITIES } from './persistence/index.js';
