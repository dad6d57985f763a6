import { CRASH_POINTS, CrashPoints, NoCrashPoints } from '#libs/orders';
import type { CrashPoint } from '#libs/orders';
import type { Settings } from '#libs/settings';

/** `BREAKWATER_CRASH_AT` names no point, or stands where real money is traded. */
export class CrashPointFault extends Error {
  override readonly name = 'CrashPointFault';
}

export interface ArmedPoint {
  readonly point: CrashPoint;
  /** The process ends when the point is passed for the n-th time, from 1. */
  readonly passing: number;
}

/** Ends the process as a crash would: without a last word to anyone, and before the next statement runs. */
export class FatalCrashPoints extends CrashPoints {
  private passed = 0;

  constructor(
    private readonly armed: ArmedPoint,
    private readonly die: () => void = () => void process.kill(process.pid, 'SIGKILL'),
  ) {
    super();
  }

  reach(point: CrashPoint): void {
    if (point !== this.armed.point) return;
    this.passed += 1;
    if (this.passed === this.armed.passing) this.die();
  }
}

/**
 * The crash points of this process: none, unless `crashAt` arms one. The settings refuse `crashAt` in `live` already; here it is
 * refused once more, since whoever gets this wrong kills a gateway that trades real money.
 * @throws {CrashPointFault} for a point that is not there, and in `live`.
 */
export function crashPointsOf({ crashAt, environment }: Pick<Settings, 'crashAt' | 'environment'>): CrashPoints {
  if (crashAt === undefined) return new NoCrashPoints();
  if (environment !== 'sandbox') throw new CrashPointFault(`BREAKWATER_CRASH_AT: refused while BREAKWATER_ENV is ${environment}`);
  const [name = '', passing = '1'] = crashAt.split(':');
  const point = CRASH_POINTS.find((known) => known === name);
  if (point === undefined)
    throw new CrashPointFault(`BREAKWATER_CRASH_AT: there is no crash point ${name}: one of ${CRASH_POINTS.join(', ')}`);
  return new FatalCrashPoints({ point, passing: Number.parseInt(passing, 10) });
}
