import type { FastifyInstance } from 'fastify';
import { ProblemException } from './problem-exception.js';
import { sendProblem } from './problem-filter.js';

/** Whether the gateway is on its way out. One per process; whoever handles the signal begins it. */
export class DrainState {
  private begun = false;

  get draining(): boolean {
    return this.begun;
  }

  begin(): void {
    this.begun = true;
  }
}

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * While draining, every answer asks the client to close its connection, and nothing new that changes anything is admitted.
 * Reads and probes are answered until the socket closes.
 */
export function installDrain(instance: FastifyInstance, state: DrainState): void {
  instance.addHook('onRequest', (request, reply, done) => {
    if (!state.draining) return done();
    reply.header('connection', 'close');
    if (READS.has(request.method)) return done();
    sendProblem(
      request,
      reply,
      new ProblemException('draining', 'the gateway is shutting down; nothing was done', { retryAfterMs: 1_000 }),
    );
  });
}
