import { readFileSync } from 'node:fs';

/** npm, the terminal and the launcher may each deliver the same Ctrl-C: what follows the first this closely is the same wish. */
const SAME_WISH_MS = 700;
const WATCH_MS = 500;

function hangupIsIgnored(): boolean {
  try {
    const mask = /^SigIgn:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return mask !== undefined && (BigInt(`0x${mask}`) & 1n) === 1n;
  } catch {
    return false;
  }
}

/** Tells when the person, the system or a vanished parent wants us to stop. */
export class StopSignals {
  /** Aborted by the first wish; its reason says what it was. */
  readonly first: AbortSignal;
  private readonly controller = new AbortController();
  private hurryListener: () => void = () => undefined;
  private firstMs = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor() {
    this.first = this.controller.signal;
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => this.wish(name));
    // Under nohup a hang-up is none of our business, and a listener would make it one.
    if (!hangupIsIgnored()) process.on('SIGHUP', () => this.wish('SIGHUP'));
    // Under the launcher our parent only goes away when it is killed. Any other parent may leave us to ourselves.
    const parent = process.ppid;
    if (process.env['BREAKWATER_LAUNCHER'] !== String(parent)) return;
    this.timer = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(this.timer);
      this.wish('the launcher is gone');
    }, WATCH_MS);
    this.timer.unref();
  }

  /** Called when someone asks again. */
  onHurry(listener: () => void): void {
    this.hurryListener = listener;
  }

  private wish(reason: string): void {
    const nowMs = performance.now();
    if (!this.first.aborted) {
      this.firstMs = nowMs;
      this.controller.abort(reason);
    } else if (nowMs - this.firstMs > SAME_WISH_MS) this.hurryListener();
  }
}
