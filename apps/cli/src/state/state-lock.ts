import { linkSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, startTicks } from '#libs/processes';
import { CommandFault } from './command-fault.js';

const TAKEOVER_WAIT_MS = 5000;
const POLL_MS = 20;
const LEFTOVER_WAIT_MS = 8000;

/** One process: the pid alone may be given to another one later. */
interface ProcessCard {
  readonly pid: number;
  readonly started: string | null;
}

interface LockCard extends ProcessCard {
  readonly children: readonly (ProcessCard & { readonly name: string })[];
}

/**
 * One process at a time works on a state folder. The lock of a process that was killed is taken over, and what it left
 * running is stopped: it would still hold the ports.
 */
export class StateLock {
  private card: LockCard = { pid: process.pid, started: startTicks(process.pid), children: [] };

  private constructor(private readonly file: string) {}

  /** @throws {CommandFault} in one line when another process holds it. */
  static async take(file: string): Promise<StateLock> {
    const lock = new StateLock(file);
    if (lock.create()) return lock;
    await lock.takeOver();
    return lock;
  }

  /** Who holds the lock now; `null` when nobody alive does. */
  static holder(file: string): number | null {
    const card = read(file);
    return card !== null && lives(card) ? card.pid : null;
  }

  /** Remembers a child, so that the next process can stop it should this one be killed. */
  addChild(name: string, pid: number): void {
    this.card = { ...this.card, children: [...this.card.children, { name, pid, started: startTicks(pid) }] };
    const draft = `${this.file}.${process.pid}`;
    writeFileSync(draft, JSON.stringify(this.card), { mode: 0o600 });
    renameSync(draft, this.file);
  }

  release(): void {
    if (read(this.file)?.pid === process.pid) rmSync(this.file, { force: true });
  }

  /** A link either is made with its whole content or not at all. */
  private create(): boolean {
    const draft = `${this.file}.${process.pid}`;
    writeFileSync(draft, JSON.stringify(this.card), { mode: 0o600 });
    try {
      linkSync(draft, this.file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      rmSync(draft, { force: true });
    }
  }

  /** Under a folder as a lock of its own, so that of two who find a dead holder only one removes it. */
  private async takeOver(): Promise<void> {
    const gate = `${this.file}.takeover`;
    const deadline = performance.now() + TAKEOVER_WAIT_MS;
    while (performance.now() < deadline) {
      const card = read(this.file);
      if (card !== null && lives(card)) break;
      if (enter(gate)) {
        try {
          const again = read(this.file);
          if (again !== null && lives(again)) break;
          if (again !== null) await stopLeftovers(again);
          rmSync(this.file, { force: true });
          if (this.create()) return;
        } finally {
          rmdirSync(gate);
        }
      }
      await delay(POLL_MS);
    }
    const pid = read(this.file)?.pid;
    throw new CommandFault(
      `Breakwater is already running in this state folder (BREAKWATER_HOME)${pid === undefined ? '' : `, pid ${pid}`}`,
    );
  }
}

function enter(gate: string): boolean {
  try {
    mkdirSync(gate);
    return true;
  } catch {
    // Its maker was killed between two lines: nobody holds such a gate for longer than the leftovers take to stop.
    const age = Date.now() - (statSync(gate, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > LEFTOVER_WAIT_MS + TAKEOVER_WAIT_MS) rmSync(gate, { recursive: true, force: true });
    return false;
  }
}

async function stopLeftovers(card: LockCard): Promise<void> {
  const running = card.children.filter(lives);
  for (const child of running) signal(child, 'SIGTERM');
  const deadline = performance.now() + LEFTOVER_WAIT_MS;
  while (running.some(lives)) {
    if (performance.now() > deadline) for (const child of running.filter(lives)) signal(child, 'SIGKILL');
    await delay(POLL_MS);
  }
}

function signal(child: ProcessCard, name: NodeJS.Signals): void {
  try {
    process.kill(child.pid, name);
  } catch {
    // Gone meanwhile.
  }
}

/** The same process, not another one with its number. */
function lives(card: ProcessCard): boolean {
  return isAlive(card.pid) && (card.started === null || startTicks(card.pid) === card.started);
}

function read(file: string): LockCard | null {
  try {
    const card = JSON.parse(readFileSync(file, 'utf8')) as LockCard;
    return Number.isInteger(card.pid) && Array.isArray(card.children) ? card : null;
  } catch {
    return null;
  }
}
