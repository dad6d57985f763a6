import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { Clock, SystemClock } from '#libs/kernel';
import { Metrics } from '#libs/observability';

export interface Denial {
  readonly reason: string;
  /** The id in the key that was shown, also where the secret was wrong; `null` where there was none. */
  readonly keyId: string | null;
  readonly address: string;
  readonly method: string;
  readonly route: string;
  readonly correlationId: string | null;
}

/** One event for the same reason, key and address in this time; what came between is counted in the next one. */
const QUIET_MS = 10_000;
/** Different offenders remembered at once; past that, all share one entry. */
const OFFENDERS_MAX = 1_000;

interface Offender {
  writtenAtMs: number;
  suppressed: number;
}

/** Records refusals in the trail, at a rate that an attacker cannot choose. */
@Injectable()
export class DenialLog {
  private readonly logger = new Logger('access');
  private readonly offenders = new Map<string, Offender>();

  constructor(
    @Inject(AuditTrail) private readonly trail: AuditTrail,
    @Optional() @Inject(Metrics) private readonly metrics: Metrics | null = null,
    @Optional() @Inject(Clock) private readonly clock: Clock = new SystemClock(),
  ) {}

  /** Counts it, and writes it unless the same was written lately. Never waits and never fails: the refusal stands in any case. */
  note(denial: Denial): void {
    this.metrics?.authFailed(denial.reason);
    const offender = this.offenderOf(`${denial.reason}|${denial.keyId ?? ''}|${denial.address}`);
    const nowMs = this.clock.monotonicMs();
    if (nowMs - offender.writtenAtMs < QUIET_MS) {
      offender.suppressed += 1;
      return;
    }
    const { suppressed } = offender;
    offender.writtenAtMs = nowMs;
    offender.suppressed = 0;
    const { keyId, correlationId, ...data } = denial;
    const event = {
      type: 'access.denied',
      actor: keyId === null ? 'anonymous' : `key:${keyId}`,
      correlationId,
      data: { ...data, suppressed },
    };
    this.trail.record([event]).catch((error: unknown) => this.logger.warn({ msg: 'a refusal could not be recorded', err: error }));
  }

  private offenderOf(name: string): Offender {
    const known = this.offenders.get(name);
    if (known !== undefined) return known;
    if (this.offenders.size >= OFFENDERS_MAX) this.forgetQuiet();
    const key = this.offenders.size >= OFFENDERS_MAX ? 'others' : name;
    const offender = this.offenders.get(key) ?? { writtenAtMs: Number.NEGATIVE_INFINITY, suppressed: 0 };
    this.offenders.set(key, offender);
    return offender;
  }

  private forgetQuiet(): void {
    const nowMs = this.clock.monotonicMs();
    for (const [name, offender] of this.offenders) {
      if (nowMs - offender.writtenAtMs >= QUIET_MS) this.offenders.delete(name);
    }
  }
}
