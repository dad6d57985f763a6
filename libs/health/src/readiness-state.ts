import { Inject, Injectable, Optional } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { HttpAdapter } from '#libs/http';

/** What a check says. `up: false` takes the whole gateway out of service; everything else in it is shown. */
export interface CheckResult {
  readonly up: boolean;
  readonly [detail: string]: unknown;
}

/** Answers at once, from what is already known: a probe must never wait for anyone. */
export type Check = () => CheckResult;

/** Where the process stands in its life, and what else must hold before it may be sent requests. */
@Injectable()
export class ReadinessState {
  private startedFlag = false;
  private drainingFlag = false;
  private readonly registered = new Map<string, Check>();

  constructor(@Optional() @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost | null = null) {}

  get started(): boolean {
    return this.startedFlag;
  }

  get draining(): boolean {
    return this.drainingFlag;
  }

  /** Start-up is finished: open orders are loaded, streams are joined. */
  markStarted(): void {
    this.startedFlag = true;
  }

  /** Not ready from now on, and the HTTP server admits nothing new. There is no way back. */
  beginDrain(): void {
    this.drainingFlag = true;
    (this.host?.httpAdapter as Partial<HttpAdapter> | undefined)?.drain?.begin();
  }

  /** Adds a condition to readiness. For what the gateway cannot work without, never for a venue. */
  register(name: string, check: Check): void {
    this.registered.set(name, check);
  }

  /** Shows a venue's state in readiness. A venue that is down degrades the gateway and does not take it out of service. */
  registerVenue(venue: string, state: () => string): void {
    this.register(`venue:${venue}`, () => ({ up: true, state: state() }));
  }

  checks(): ReadonlyMap<string, Check> {
    return this.registered;
  }
}
