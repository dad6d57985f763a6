import { Controller, Get, Inject, Res, ServiceUnavailableException } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { HealthCheckService, HealthIndicatorService, type HealthCheckResult, type HealthIndicatorFunction } from '@nestjs/terminus';
import { Public } from '#libs/http';
import type { FastifyReply } from 'fastify';
import { DatabaseProbe } from './database-probe.js';
import { ReadinessState, type Check } from './readiness-state.js';

const ok = ApiResponse({ status: 200, description: 'Up: `{ status, info, error, details }` as Terminus writes it.' });
const down = ApiResponse({ status: 503, description: 'Not up; the same form, with what is down under `error`.' });

/** Kubernetes probes. They answer from memory: nothing here waits for a database or a venue. */
@ApiTags('operating')
@Controller('/health')
export class HealthController {
  constructor(
    @Inject(HealthCheckService) private readonly health: HealthCheckService,
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
    @Inject(ReadinessState) private readonly state: ReadinessState,
    @Inject(DatabaseProbe) private readonly probe: DatabaseProbe,
  ) {}

  /** Only the process itself: what a restart would mend. Never the database, never a venue. */
  @Get('live')
  @Public()
  @ApiOperation({ summary: 'Liveness: only the process itself' })
  @ok
  @down
  live(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthCheckResult> {
    return this.answer(reply, { process: () => ({ up: true, uptimeSeconds: Math.round(process.uptime()) }) });
  }

  /** Whether requests may be sent here now. */
  @Get('ready')
  @Public()
  @ApiOperation({ summary: 'Readiness: whether requests may be sent here now' })
  @ok
  @down
  ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthCheckResult> {
    return this.answer(reply, {
      ...this.startChecks(),
      database: () => this.probe.database(),
      draining: () => ({ up: !this.state.draining }),
      ...Object.fromEntries(this.state.checks()),
    });
  }

  /** Whether start-up has finished. */
  @Get('startup')
  @Public()
  @ApiOperation({ summary: 'Whether start-up has finished' })
  @ok
  @down
  startup(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthCheckResult> {
    return this.answer(reply, this.startChecks());
  }

  /** The configuration has been read where this code runs at all; it is listed so that a probe shows what was checked. */
  private startChecks(): Record<string, Check> {
    return {
      startup: () => ({ up: this.state.started }),
      configuration: () => ({ up: true }),
      migrations: () => this.probe.migrations(),
    };
  }

  private async answer(reply: FastifyReply, checks: Readonly<Record<string, Check>>): Promise<HealthCheckResult> {
    try {
      return await this.health.check(Object.entries(checks).map(([name, check]) => this.indicator(name, check)));
    } catch (error) {
      if (!(error instanceof ServiceUnavailableException)) throw error;
      reply.code(503);
      return error.getResponse() as HealthCheckResult;
    }
  }

  private indicator(name: string, check: Check): HealthIndicatorFunction {
    return () => {
      const { up, ...details } = check();
      const session = this.indicators.check(name);
      return up ? session.up(details) : session.down(details);
    };
  }
}
