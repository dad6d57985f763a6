import { DatabaseUnavailableError, isPoolExhausted, isSilence } from './database.errors.js';

/**
 * Remembers that the database does not answer, as a frozen machine or a cut network does not: then one statement at a time finds out
 * whether it answers again, and all others are refused at once, rather than each waiting for its own time-out.
 */
export class Silence {
  private silent = false;
  private trying = false;

  /** @throws {DatabaseUnavailableError} while it is silent and someone is trying already. */
  enter(): void {
    if (!this.silent) return;
    if (this.trying) throw new DatabaseUnavailableError('the database does not answer: it is being tried again', { outcome: 'not-done' });
    this.trying = true;
  }

  /** The server said something, be it no. */
  answered(): void {
    this.silent = false;
    this.trying = false;
  }

  /** @returns whether the silence begins here. */
  failed(error: unknown): boolean {
    this.trying = false;
    const before = this.silent;
    if (!isPoolExhausted(error)) this.silent = isSilence(error);
    return this.silent && !before;
  }
}
