import { Controller, Get, Module, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { DatabaseCheck, HealthModule, ReadinessState } from '#libs/health';
import { HttpModule, Public, configureHttp, createFastifyAdapter } from '#libs/http';
import { Logger, LoggingModule, MetricsModule } from '#libs/observability';
import { Logger as NestLogger } from '@nestjs/common';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

@Controller()
class OrdersLikeController {
  private readonly logger = new NestLogger('orders');

  @Post('/v1/orders')
  @Public()
  place(): unknown {
    this.logger.log('placing');
    return { ok: true };
  }

  @Get('/v1/orders/:id')
  @Public()
  get(): unknown {
    throw new Error('a bug');
  }
}

class AnsweringDatabase extends DatabaseCheck {
  isGone(): boolean {
    return false;
  }

  ping(): Promise<void> {
    return Promise.resolve();
  }

  pendingMigrations(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }
}

const written: string[] = [];
const lines = (): Record<string, unknown>[] => written.map((line) => JSON.parse(line) as Record<string, unknown>);
const waitForLine = (matches: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> =>
  expect
    .poll(() => lines().find(matches), { timeout: 2_000 })
    .toBeDefined()
    .then(() => lines().find(matches)!);

@Module({
  imports: [
    HttpModule,
    LoggingModule.forRoot({ format: 'json', level: 'debug', destination: { write: (line) => written.push(line) } }),
    MetricsModule.forRoot({ version: '1.2.3' }),
    HealthModule,
  ],
  controllers: [OrdersLikeController],
})
class AppModule {}

describe('probes, logs and metrics', () => {
  let app: NestFastifyApplication;
  let state: ReadinessState;
  const client = (): ReturnType<typeof request> => request(app.getHttpServer());

  beforeAll(async () => {
    const fixture = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(DatabaseCheck)
      .useClass(AnsweringDatabase)
      .compile();
    app = fixture.createNestApplication<NestFastifyApplication>(createFastifyAdapter(), { bufferLogs: true });
    app.useLogger(app.get(Logger));
    configureHttp(app);
    await app.listen(0, '127.0.0.1');
    state = app.get(ReadinessState);
  });
  afterAll(() => app.close());

  it('is alive before it is ready, and ready once it has started', async () => {
    await client().get('/health/live').expect(200);
    const before = await client().get('/health/ready').expect(503);
    expect(before.body).toMatchObject({ status: 'error', error: { startup: { status: 'down' } } });
    await client().get('/health/startup').expect(503);
    state.markStarted();
    await client().get('/health/startup').expect(200);
    const after = await client().get('/health/ready').expect(200);
    expect(after.body).toMatchObject({
      status: 'ok',
      details: { database: { status: 'up' }, migrations: { status: 'up' }, configuration: { status: 'up' } },
    });
  });

  it('shows a venue that is down without being taken out of service by it', async () => {
    state.registerVenue('binance-sim', () => 'down');
    const ready = await client().get('/health/ready').expect(200);
    expect(ready.body.details['venue:binance-sim']).toEqual({ status: 'up', state: 'down' });
  });

  it('is not ready when something that was registered does not hold', async () => {
    let held = false;
    state.register('sequencer', () => ({ up: held, lagMs: 7 }));
    const down = await client().get('/health/ready').expect(503);
    expect(down.body.error.sequencer).toEqual({ status: 'down', lagMs: 7 });
    held = true;
    await client().get('/health/ready').expect(200);
  });

  it('writes a line for a request, with method, route, status and duration, under its correlation id', async () => {
    await client().get('/v1/orders/7').set('X-Correlation-Id', 'c-7').expect(500);
    const line = await waitForLine((entry) => entry['msg'] === 'request' && entry['correlationId'] === 'c-7');
    expect(line).toMatchObject({ level: 'warn', method: 'GET', route: '/v1/orders/:id', status: 500 });
    expect(line['durationMs']).toBeTypeOf('number');
  });

  it('writes the error of a bug with its stack under the same correlation id', async () => {
    const line = await waitForLine((entry) => entry['correlationId'] === 'c-7' && entry['err'] !== undefined);
    expect(line).toMatchObject({ level: 'error', msg: 'request failed', err: { message: 'a bug' } });
  });

  it('carries the correlation id of a request with a body onto the lines of its handler', async () => {
    await client().post('/v1/orders').set('X-Correlation-Id', 'c-8').set('Authorization', 'Bearer bw_secret').send({ a: 1 }).expect(201);
    await waitForLine((entry) => entry['msg'] === 'placing' && entry['correlationId'] === 'c-8');
    expect(await waitForLine((entry) => entry['msg'] === 'request' && entry['correlationId'] === 'c-8')).toMatchObject({ level: 'debug' });
    expect(written.join('')).not.toContain('bw_secret');
  });

  it('writes a line for a route that does not exist, without repeating the address', async () => {
    await client().get('/v1/unknown?key=oops').set('X-Correlation-Id', 'c-9').expect(404);
    expect(await waitForLine((entry) => entry['correlationId'] === 'c-9')).toMatchObject({
      route: 'unmatched',
      status: 404,
      level: 'info',
    });
    expect(written.join('')).not.toContain('oops');
  });

  it('serves metrics as Prometheus text', async () => {
    const answer = await client().get('/metrics').expect(200);
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.text).toMatch(
      /http_server_request_duration_seconds_count\{method="GET",route="\/v1\/orders\/:id",status_class="5xx"\} 1/,
    );
    expect(answer.text).toMatch(/breakwater_event_loop_lag_seconds\{quantile="0.99"\} /);
  });

  it('is not ready while it drains, though alive, and admits no order', async () => {
    state.beginDrain();
    const ready = await client().get('/health/ready').expect(503);
    expect(ready.body.error.draining).toEqual({ status: 'down' });
    await client().get('/health/live').expect(200);
    expect((await client().post('/v1/orders').send({}).expect(503)).body.code).toBe('draining');
  });
});
