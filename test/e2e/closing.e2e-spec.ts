import { Agent, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Controller, Get, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { HttpModule, Public, configureHttp, createFastifyAdapter } from '#libs/http';
import { beforeEach, describe, expect, it } from 'vitest';

let entered: () => void;
let finish: () => void;

@Controller()
class SlowController {
  @Get('/quick')
  @Public()
  quick(): unknown {
    return { done: true };
  }

  @Get('/slow')
  @Public()
  async slow(): Promise<unknown> {
    entered();
    await new Promise<void>((resolve) => (finish = resolve));
    return { done: true };
  }
}

@Module({ imports: [HttpModule], controllers: [SlowController] })
class AppModule {}

describe('closing the server', () => {
  const adapterOf = (): ReturnType<typeof createFastifyAdapter> => createFastifyAdapter({ keepAliveTimeoutMs: 30_000 });
  let app: NestFastifyApplication;
  let agent: Agent;

  const get = (path: string): Promise<{ status: number; connection: string | undefined }> =>
    new Promise((resolve, reject) => {
      const { port } = app.getHttpServer().address() as AddressInfo;
      const sent = httpRequest({ port, path, agent, host: '127.0.0.1' }, (answer) => {
        answer.resume();
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, connection: answer.headers.connection }));
      });
      sent.on('error', reject).end();
    });

  beforeEach(async () => {
    const adapter = adapterOf();
    const fixture = await Test.createTestingModule({ imports: [AppModule] }).compile();
    app = fixture.createNestApplication<NestFastifyApplication>(adapter, { logger: false });
    configureHttp(app);
    await app.listen(0, '127.0.0.1');
    agent = new Agent({ keepAlive: true, maxSockets: 1 });
    return () => agent.destroy();
  });

  it('does not wait for a client that keeps an idle connection', async () => {
    expect((await get('/quick')).connection).toBe('keep-alive');
    const startedMs = performance.now();
    await app.close();
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });

  it('answers what is under way first, and then does not wait for the connection that it came on', async () => {
    const isEntered = new Promise<void>((resolve) => (entered = resolve));
    const slow = get('/slow');
    await isEntered;
    let closed = false;
    const closing = app.close().then(() => (closed = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toBe(false);
    finish();
    expect(await slow).toMatchObject({ status: 200 });
    const answeredMs = performance.now();
    await closing;
    expect(performance.now() - answeredMs).toBeLessThan(2_000);
  });
});
