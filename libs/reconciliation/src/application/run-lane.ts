import type { RunScope } from './run-context.js';
import type { Run, RunCause } from './run-store.js';

interface Waiting {
  cause: RunCause;
  scope: RunScope;
  readonly promise: Promise<Run>;
}

/** The runs of one account: one at a time. Whoever asks while one runs shares the one run after it, which looks at all they asked for. */
export class RunLane {
  private running: Promise<Run> | null = null;
  private waiting: Waiting | null = null;

  constructor(private readonly perform: (cause: RunCause, scope: RunScope) => Promise<Run>) {}

  run(cause: RunCause, scope: RunScope): Promise<Run> {
    if (this.waiting !== null) {
      this.waiting.scope = merged(this.waiting.scope, scope);
      if (weight(cause) > weight(this.waiting.cause)) this.waiting.cause = cause;
      return this.waiting.promise;
    }
    if (this.running === null) return this.begin(cause, scope);
    const promise = this.running.then(() => {
      const next = this.waiting!;
      this.waiting = null;
      return this.begin(next.cause, next.scope);
    });
    this.waiting = { cause, scope, promise };
    return promise;
  }

  /** Resolves when nothing runs and nothing waits. */
  async idle(): Promise<void> {
    while (this.running !== null || this.waiting !== null) await (this.waiting?.promise ?? this.running);
  }

  private begin(cause: RunCause, scope: RunScope): Promise<Run> {
    const run = this.perform(cause, scope).finally(() => {
      if (this.running === run) this.running = null;
    });
    this.running = run;
    return run;
  }
}

function merged(a: RunScope, b: RunScope): RunScope {
  if (a === b) return a;
  return a === 'all' || b === 'all' ? 'all' : 'both';
}

/** Which of two causes a shared run carries. */
function weight(cause: RunCause): number {
  return ['schedule', 'reconnect', 'daily', 'demand', 'start'].indexOf(cause);
}
