import { describe, expect, it } from 'vitest';
import { CRASH_POINTS, NoCrashPoints } from '#libs/orders';
import { CrashPointFault, FatalCrashPoints, crashPointsOf } from './fatal-crash-points.js';

describe('crash points', () => {
  it('do nothing unless one is armed', () => {
    expect(crashPointsOf({ crashAt: undefined, environment: 'sandbox' })).toBeInstanceOf(NoCrashPoints);
    expect(crashPointsOf({ crashAt: undefined, environment: 'live' })).toBeInstanceOf(NoCrashPoints);
  });

  it.each(CRASH_POINTS)('arm %s by its name in the sandbox', (point) => {
    expect(crashPointsOf({ crashAt: `${point}:3`, environment: 'sandbox' })).toBeInstanceOf(FatalCrashPoints);
  });

  it('refuse to be armed in live', () => {
    expect(() => crashPointsOf({ crashAt: 'order.accepted', environment: 'live' })).toThrow(CrashPointFault);
  });

  it('refuse a point that is not there, and name those that are', () => {
    expect(() => crashPointsOf({ crashAt: 'order.sent', environment: 'sandbox' })).toThrow(
      /no crash point order\.sent: .*order\.after-send/,
    );
  });

  it('end the process at the armed passing of the armed point, and only there', () => {
    let deaths = 0;
    const points = new FatalCrashPoints({ point: 'order.journaled', passing: 3 }, () => (deaths += 1));
    points.reach('order.journaled');
    points.reach('order.answered');
    points.reach('order.journaled');
    expect(deaths).toBe(0);
    points.reach('order.journaled');
    points.reach('order.journaled');
    expect(deaths).toBe(1);
  });
});
