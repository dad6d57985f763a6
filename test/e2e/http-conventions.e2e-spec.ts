import { connect } from 'node:net';
import { Body, Controller, Delete, Get, HttpCode, Module, Param, Post, Query } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { VenueError } from '#libs/exchanges/contract';
import {
  BodyLimit,
  HttpModule,
  ProblemException,
  Problems,
  Public,
  Scopes,
  apiOk,
  configureHttp,
  createFastifyAdapter,
  currentCorrelationId,
  decimalOut,
  decodeCursor,
  pageFrom,
  pageOf,
  pageQuery,
  positiveDecimalSchema,
  problemFromVenueError,
  setupOpenApi,
  symbolSchema,
  uuidSchema,
} from '#libs/http';
import { decimalText, type Decimal } from '#libs/kernel';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

const thingSchema = z.strictObject({
  symbol: symbolSchema,
  price: positiveDecimalSchema,
  note: z.string().max(10).optional(),
  legs: z
    .array(z.strictObject({ quantity: positiveDecimalSchema }))
    .max(3)
    .optional(),
});
const thingOut = z.object({ price: decimalOut, seen: z.string() }).meta({ id: 'Thing' });
const listSchema = z.strictObject({ ...pageQuery });

@Controller('/v1/things')
class ThingsController {
  @Post()
  @Scopes('orders:write')
  @Problems('insufficient-funds', 'order-not-found')
  @apiOk(thingOut, 201, 'Made')
  create(@Body({ schema: thingSchema }) body: { price: Decimal }): unknown {
    return { price: decimalText(body.price), seen: currentCorrelationId() };
  }

  @Post('batch')
  @Public()
  @BodyLimit(256 * 1024)
  @HttpCode(200)
  batch(@Body({ schema: z.looseObject({}) }) body: object): unknown {
    return { bytes: JSON.stringify(body).length };
  }

  @Get()
  @Scopes('orders:read')
  @apiOk(pageOf(thingOut))
  list(@Query({ schema: listSchema }) query: z.output<typeof listSchema>): unknown {
    const after = query.cursor === undefined ? 0 : decodeCursor(query.cursor, z.strictObject({ after: z.number() })).after;
    const rows = Array.from({ length: query.limit + 1 }, (_, index) => after + index + 1).filter((row) => row <= 250);
    return pageFrom(
      rows,
      query.limit,
      (row) => ({ after: row }),
      (row) => ({ row }),
    );
  }

  @Get('fails/:how')
  @Public()
  fail(@Param('how') how: string): unknown {
    if (how === 'venue') {
      const error = new VenueError('the account does not hold enough', {
        venue: 'x',
        code: 'insufficient-funds',
        outcome: 'refused',
        venueCode: '-2010',
        retryAfterMs: 1_200,
      });
      throw problemFromVenueError(error, { orderId: '0190a5d0-0000-7000-8000-000000000000' });
    }
    if (how === 'engaged') throw new ProblemException('kill-switch-engaged', 'lifted by an admin');
    if (how === 'database') throw Object.assign(new Error('terminating connection'), { code: '57P01' });
    throw new Error('secret text that must not leave the process');
  }

  @Delete(':id')
  @Public()
  remove(@Param('id', { schema: uuidSchema }) id: string): unknown {
    return { id };
  }
}

@Module({ imports: [HttpModule], controllers: [ThingsController] })
class AppModule {}

describe('the conventions of the HTTP API', () => {
  const adapter = createFastifyAdapter();
  let app: NestFastifyApplication;
  const client = (): ReturnType<typeof request> => request(app.getHttpServer());
  const body = { symbol: 'BTC/USDT', price: '0.0100' };

  beforeAll(async () => {
    const fixture = await Test.createTestingModule({ imports: [AppModule] }).compile();
    app = fixture.createNestApplication<NestFastifyApplication>(adapter, { logger: false });
    configureHttp(app);
    setupOpenApi(app, { version: '1.2.3' });
    await app.listen(0, '127.0.0.1');
  });
  afterAll(() => app.close());

  it('takes decimals as text and hands the handler exact numbers', async () => {
    const answer = await client().post('/v1/things').send(body).expect(201);
    expect(answer.body.price).toBe('0.01');
  });

  it('accepts a correlation id, returns it, and shows it to the handler of a request with a body', async () => {
    const answer = await client().post('/v1/things').set('X-Correlation-Id', 'abc:1.2-3').send(body).expect(201);
    expect(answer.headers['x-correlation-id']).toBe('abc:1.2-3');
    expect(answer.body.seen).toBe('abc:1.2-3');
  });

  it('makes a correlation id where none is sent or where it is not a clean one', async () => {
    const none = await client().post('/v1/things').send(body).expect(201);
    const dirty = await client().post('/v1/things').set('X-Correlation-Id', 'a b').send(body).expect(201);
    expect(none.headers['x-correlation-id']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(dirty.headers['x-correlation-id']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });

  it('refuses JSON numbers as decimals, unknown properties and missing ones, each with its path', async () => {
    const answer = await client()
      .post('/v1/things')
      .send({ symbol: 'BTCUSDT', prise: '1', legs: [{ quantity: 1 }] })
      .expect(400);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({ status: 400, code: 'invalid-request', type: 'urn:breakwater:problem:invalid-request' });
    expect(answer.body.correlationId).toBe(answer.headers['x-correlation-id']);
    expect(answer.body.errors).toEqual(
      expect.arrayContaining([
        { path: '/prise', message: 'unknown property; did you mean "price"?' },
        { path: '/price', message: 'is required' },
        { path: '/symbol', message: 'must be a unified symbol, like "BTC/USDT"' },
        { path: '/legs/0/quantity', message: 'decimals are strings: write "0.010", not 0.010' },
      ]),
    );
  });

  it('names the nearest property inside of a list too', async () => {
    const answer = await client()
      .post('/v1/things')
      .send({ ...body, legs: [{ quantity: '1', quantty: '1' }] })
      .expect(400);
    expect(answer.body.errors).toEqual([{ path: '/legs/0/quantty', message: 'unknown property; did you mean "quantity"?' }]);
  });

  it.each(['0', '-1', '1e3', ' 1', ''])('refuses %j as a price', async (price) => {
    const answer = await client()
      .post('/v1/things')
      .send({ ...body, price })
      .expect(400);
    expect(answer.body.errors[0].path).toBe('/price');
  });

  it.each([
    ['not JSON', '{"symbol":', 400, 'invalid-request'],
    ['a prototype key', '{"__proto__":{"admin":true}}', 400, 'invalid-request'],
    ['a constructor key', '{"constructor":{"prototype":{}}}', 400, 'invalid-request'],
    ['nothing at all', '', 400, 'invalid-request'],
    ['more than the limit', JSON.stringify({ note: 'x'.repeat(70_000) }), 413, 'payload-too-large'],
  ])('answers a problem for a body that is %s', async (_name, text, status, code) => {
    const answer = await client().post('/v1/things').set('Content-Type', 'application/json').send(text).expect(status);
    expect(answer.body).toMatchObject({ code, status });
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml'])('answers 415 for %s', async (type) => {
    const answer = await client().post('/v1/things').set('Content-Type', type).send('a=1').expect(415);
    expect(answer.body.code).toBe('unsupported-media-type');
  });

  it('takes a larger body where the route says so', async () => {
    const answer = await client()
      .post('/v1/things/batch')
      .send({ note: 'x'.repeat(100_000) })
      .expect(200);
    expect(answer.body.bytes).toBeGreaterThan(100_000);
    await client()
      .post('/v1/things/batch')
      .send({ note: 'x'.repeat(300_000) })
      .expect(413);
  });

  it('answers a problem for a route that does not exist and for an address that cannot be read', async () => {
    const unknown = await client().get('/v1/nothing').expect(404);
    expect(unknown.body).toMatchObject({ code: 'not-found', correlationId: unknown.headers['x-correlation-id'] });
    const broken = await client().get('/v1/things/fails/%zz').expect(400);
    expect(broken.body.code).toBe('invalid-request');
  });

  it('answers a problem to bytes that are not HTTP', async () => {
    const { port } = app.getHttpServer().address() as { port: number };
    const text = await new Promise<string>((resolve, reject) => {
      let received = '';
      const socket = connect(port, '127.0.0.1', () => socket.write('BLAH\r\n\r\n'));
      socket.on('data', (chunk) => (received += chunk.toString()));
      socket.on('close', () => resolve(received)).on('error', reject);
    });
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain('application/problem+json');
  });

  it('turns what a venue said into a problem with the order and when to come back', async () => {
    const answer = await client().get('/v1/things/fails/venue').expect(422);
    expect(answer.body).toMatchObject({
      code: 'insufficient-funds',
      venueCode: '-2010',
      orderId: '0190a5d0-0000-7000-8000-000000000000',
      retryAfterMs: 1_200,
    });
    expect(answer.headers['retry-after']).toBe('2');
  });

  it('never tells a client what went wrong inside', async () => {
    const answer = await client().get('/v1/things/fails/bug').expect(500);
    expect(answer.body.code).toBe('internal');
    expect(answer.text).not.toContain('secret text');
    expect((await client().get('/v1/things/fails/database').expect(503)).body.code).toBe('database-unavailable');
  });

  it('pages with a cursor that cannot be edited', async () => {
    const first = await client().get('/v1/things').expect(200);
    expect(first.body.data).toHaveLength(100);
    const last = await client().get('/v1/things').query({ limit: 200, cursor: first.body.nextCursor }).expect(200);
    expect(last.body.data).toHaveLength(150);
    expect(last.body.nextCursor).toBeNull();
    const edited = Buffer.from(Buffer.from(first.body.nextCursor, 'base64url').toString().replace('100', '101')).toString('base64url');
    for (const cursor of [edited, 'zzz', '%00']) {
      const refused = await client().get('/v1/things').query({ cursor }).expect(400);
      expect(refused.body.errors[0].path).toBe('/cursor');
    }
  });

  it.each(['0', '1001', '-1', '1.5', 'all'])('refuses limit=%s', async (limit) => {
    await client().get('/v1/things').query({ limit }).expect(400);
  });

  it('checks route parameters', async () => {
    const answer = await client().delete('/v1/things/7').expect(400);
    expect(answer.body.errors[0].message).toBe('must be a UUID');
    await client().delete('/v1/things/0190a5d0-0000-7000-8000-000000000000').set('Content-Type', 'application/json').expect(200);
  });

  it('sets security headers on every answer, errors included, and names no product', async () => {
    for (const path of ['/v1/things', '/v1/nothing', '/v1/things/fails/bug']) {
      const { headers } = await client().get(path);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['strict-transport-security']).toContain('max-age=31536000');
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['x-powered-by']).toBeUndefined();
    }
  });

  it('describes itself as OpenAPI 3.1: schemas, scopes and problems', async () => {
    const { body: document } = await client().get('/openapi.json').expect(200);
    expect(document.openapi).toBe('3.1.0');
    const post = document.paths['/v1/things'].post;
    expect(post['x-scopes']).toEqual(['orders:write']);
    expect(post.security).toEqual([{ key: [] }]);
    expect(post.operationId).toBe('things.create');
    expect(post['x-problems']).toEqual(expect.arrayContaining(['insufficient-funds', 'order-not-found', 'forbidden']));
    expect(Object.keys(post.responses)).toEqual(expect.arrayContaining(['201', '400', '401', '403', '404', '422', '500']));
    expect(post.requestBody.content['application/json'].schema.properties.price.type).toBe('string');
    expect(post.requestBody.content['application/json'].schema.additionalProperties).toBe(false);
    expect(document.paths['/v1/things'].get.parameters.map((parameter: { name: string }) => parameter.name).sort()).toEqual([
      'cursor',
      'limit',
    ]);
    expect(document.paths['/v1/things'].get.parameters[0].schema).toMatchObject({
      type: 'integer',
      minimum: 1,
      maximum: 1000,
      default: 100,
    });
    expect(document.components.schemas.Problem.properties.code.enum).toContain('risk-limit');
    expect(document.components.securitySchemes.key).toMatchObject({ type: 'http', scheme: 'bearer' });
  });

  it('shows the API in a browser', async () => {
    const answer = await client().get('/docs').expect(200);
    expect(answer.text).toContain('swagger-ui');
    expect(answer.headers['content-security-policy']).toContain("script-src 'self'");
    await client().get('/docs/swagger-ui-bundle.js').expect(200);
  });

  it('admits nothing new while it drains, but goes on answering reads, and asks clients to leave', async () => {
    adapter.drain.begin();
    const refused = await client().post('/v1/things').send(body).expect(503);
    expect(refused.body.code).toBe('draining');
    expect(refused.headers['retry-after']).toBe('1');
    const read = await client().get('/v1/things').expect(200);
    expect(read.headers.connection).toBe('close');
  });
});
