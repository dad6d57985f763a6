export { isAlive, parentOf, startTicks, worksIn } from './process-facts.js';
