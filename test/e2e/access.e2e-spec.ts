import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Controller, Get, Module, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { AccessModule, ApiKeyEntity, CurrentKey, FirstAdminKey, KeyRing, type AuthenticatedKey } from '#libs/access';
import { AuditModule } from '#libs/audit';
import { Database, DatabaseModule, schemaDrift } from '#libs/database';
import { HttpModule, Public, Scopes, configureHttp, createFastifyAdapter, setupOpenApi } from '#libs/http';
import { MetricsModule } from '#libs/observability';
import { testDatabase, type TestDatabase } from '#testing/database';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

@Controller('/v1/orders')
class OrdersLikeController {
  @Post()
  @Scopes('orders:write')
  place(@CurrentKey() key: AuthenticatedKey): unknown {
    return key;
  }

  @Get()
  @Scopes('orders:read')
  list(): unknown {
    return { data: [] };
  }

  @Get('open')
  @Public()
  open(): unknown {
    return {};
  }
}

@Controller('/v1/forgotten')
class ForgottenController {
  @Get()
  list(): unknown {
    return {};
  }
}

describe('access', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'breakwater-access-'));
  let db: TestDatabase;
  let app: NestFastifyApplication;
  let admin: string;
  const client = (): ReturnType<typeof request> => request(app.getHttpServer());
  const bearer = (token: string): [string, string] => ['Authorization', `Bearer ${token}`];

  async function start(controllers: (new () => object)[] = [OrdersLikeController]): Promise<NestFastifyApplication> {
    @Module({
      imports: [
        HttpModule,
        MetricsModule.forRoot(),
        DatabaseModule.forRoot({ url: db.appUrl, ormPoolMax: 1, poolMax: 3 }),
        AuditModule,
        AccessModule,
      ],
      controllers,
    })
    class AppModule {}
    const fixture = await Test.createTestingModule({ imports: [AppModule] }).compile();
    const made = fixture.createNestApplication<NestFastifyApplication>(createFastifyAdapter(), { logger: false });
    configureHttp(made);
    setupOpenApi(made, { version: '1' });
    await made.listen(0, '127.0.0.1');
    return made;
  }

  async function issue(wanted: object): Promise<{ id: string; key: string }> {
    const answer = await client()
      .post('/v1/admin/api-keys')
      .set(...bearer(admin))
      .send(wanted)
      .expect(201);
    return answer.body as { id: string; key: string };
  }

  async function auditOf(type: string): Promise<{ actor: string; data: Record<string, unknown>; subject: { id: string } | null }[]> {
    const answer = await client()
      .get('/v1/admin/audit')
      .query({ type })
      .set(...bearer(admin))
      .expect(200);
    return answer.body.data;
  }

  beforeAll(async () => {
    db = await testDatabase();
    app = await start();
    const { file } = await app.get(FirstAdminKey).ensure(folder);
    admin = readFileSync(file, 'utf8').trim();
  });
  afterAll(async () => {
    await app.close();
    await db.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('refuses a request without a key, with a broken one and with an unknown one, and says how to authenticate', async () => {
    const forged = `${admin.slice(0, -1)}${admin.endsWith('A') ? 'B' : 'A'}`;
    const headers = [[], ['Authorization', 'Basic abc'], ['Authorization', 'Bearer nonsense'], bearer(forged), bearer(admin.slice(0, -1))];
    for (const header of headers as string[][]) {
      const call = client().post('/v1/orders');
      if (header.length === 2) void call.set(header[0]!, header[1]!);
      const answer = await call.expect(401);
      expect(answer.body.code).toBe('unauthenticated');
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="breakwater"');
    }
  });

  it('lets everyone into what is declared public', async () => {
    await client().get('/v1/orders/open').expect(200);
    await client().get('/metrics').expect(200);
    await client().get('/openapi.json').expect(200);
  });

  it('issues a key that is shown once, works at once, and gives the handler who it is', async () => {
    const made = await issue({ name: 'bot', scopes: ['orders:write'], accounts: ['binance-sim'] });
    const answer = await client()
      .post('/v1/orders')
      .set(...bearer(made.key))
      .expect(201);
    expect(answer.body).toMatchObject({ id: made.id, name: 'bot', scopes: ['orders:write'], accounts: ['binance-sim'] });
    const list = await client()
      .get('/v1/admin/api-keys')
      .set(...bearer(admin))
      .expect(200);
    expect(JSON.stringify(list.body)).not.toContain(made.key.slice(-43));
    expect(list.body.data[0]).toMatchObject({ id: made.id, name: 'bot', revokedAt: null });
  });

  it('names the scope that is missing', async () => {
    const made = await issue({ name: 'reader', scopes: ['orders:read'] });
    await client()
      .get('/v1/orders')
      .set(...bearer(made.key))
      .expect(200);
    const answer = await client()
      .post('/v1/orders')
      .set(...bearer(made.key))
      .expect(403);
    expect(answer.body).toMatchObject({ code: 'forbidden', detail: 'the key lacks the scope orders:write' });
    for (const route of ['/v1/admin/api-keys', '/v1/admin/audit'])
      await client()
        .get(route)
        .set(...bearer(made.key))
        .expect(403);
  });

  it('revokes a key: refused from the next request on, and twice is not found', async () => {
    const made = await issue({ name: 'short-lived', scopes: ['orders:read'] });
    const revoked = await client()
      .delete(`/v1/admin/api-keys/${made.id}`)
      .set(...bearer(admin))
      .expect(200);
    expect(revoked.body.revokedAt).toMatch(/Z$/);
    await client()
      .get('/v1/orders')
      .set(...bearer(made.key))
      .expect(401);
    const again = await client()
      .delete(`/v1/admin/api-keys/${made.id}`)
      .set(...bearer(admin))
      .expect(404);
    expect(again.body.code).toBe('api-key-not-found');
  });

  it('learns of a revocation made elsewhere within a second', async () => {
    const made = await issue({ name: 'elsewhere', scopes: ['orders:read'] });
    await client()
      .get('/v1/orders')
      .set(...bearer(made.key))
      .expect(200);
    await app.get(Database).query('test.revoke', 'UPDATE api_keys SET revoked_at = now() WHERE id = $1', [made.id]);
    await expect
      .poll(
        async () =>
          (
            await client()
              .get('/v1/orders')
              .set(...bearer(made.key))
          ).status,
        { timeout: 1_000, interval: 50 },
      )
      .toBe(401);
  });

  it('refuses a key that has expired, and one used from another address', async () => {
    const expired = await issue({ name: 'expired', scopes: ['orders:read'], expiresAt: '2020-01-01T00:00:00Z' });
    expect(
      (
        await client()
          .get('/v1/orders')
          .set(...bearer(expired.key))
          .expect(401)
      ).body.code,
    ).toBe('unauthenticated');
    const bound = await issue({ name: 'bound', scopes: ['orders:read'], allowedAddresses: ['10.0.0.0/8'] });
    expect(
      (
        await client()
          .get('/v1/orders')
          .set(...bearer(bound.key))
          .expect(403)
      ).body.code,
    ).toBe('ip-blocked');
    const spoofed = client()
      .get('/v1/orders')
      .set(...bearer(bound.key))
      .set('X-Forwarded-For', '10.0.0.1')
      .set('Forwarded', 'for=10.0.0.1');
    await spoofed.expect(403);
    const here = await issue({ name: 'here', scopes: ['orders:read'], allowedAddresses: ['127.0.0.0/8', '::1'] });
    await client()
      .get('/v1/orders')
      .set(...bearer(here.key))
      .expect(200);
  });

  it('lets nobody give what he does not have', async () => {
    const limited = await issue({ name: 'limited admin', scopes: ['admin:write', 'orders:read'], accounts: ['a', 'b'] });
    const give = (wanted: object): request.Test =>
      client()
        .post('/v1/admin/api-keys')
        .set(...bearer(limited.key))
        .send({ name: 'x', ...wanted });
    await give({ scopes: ['orders:write'], accounts: ['a'] }).expect(403);
    await give({ scopes: ['orders:read'], accounts: null }).expect(403);
    await give({ scopes: ['orders:read'], accounts: ['a', 'c'] }).expect(403);
    await give({ scopes: ['orders:read'], accounts: ['b'] }).expect(201);
  });

  it('checks what it is asked to issue', async () => {
    const wanted = { name: '', scopes: ['all'], allowedAddresses: ['10.0.0.0/99'], expiresAt: 'tomorrow' };
    const answer = await client()
      .post('/v1/admin/api-keys')
      .set(...bearer(admin))
      .send(wanted)
      .expect(400);
    expect(answer.body.errors.map((error: { path: string }) => error.path).sort()).toEqual([
      '/allowedAddresses/0',
      '/expiresAt',
      '/name',
      '/scopes/0',
    ]);
  });

  it('records who issued and revoked, without the secret', async () => {
    const made = await issue({ name: 'recorded', scopes: ['orders:read'] });
    const [event] = await auditOf('api-key.created');
    expect(event).toMatchObject({ subject: { id: made.id }, data: { name: 'recorded', scopes: ['orders:read'] } });
    expect(event!.actor).toMatch(/^key:/);
    expect(JSON.stringify(event)).not.toContain(made.key.slice(-43));
    expect((await auditOf('api-key.revoked')).length).toBeGreaterThan(0);
  });

  it('records refusals, but not every one of many', async () => {
    const made = await issue({ name: 'insistent', scopes: ['orders:read'] });
    for (let attempt = 0; attempt < 20; attempt += 1)
      await client()
        .post('/v1/orders')
        .set(...bearer(made.key))
        .expect(403);
    const mine = (await auditOf('access.denied')).filter((event) => event.actor === `key:${made.id}`);
    expect(mine).toHaveLength(1);
    expect(mine[0]!.data).toMatchObject({ reason: 'missing-scope', route: '/v1/orders', method: 'POST' });
    expect((await client().get('/metrics')).text).toMatch(/breakwater_auth_failures_total\{reason="missing-scope"\} \d\d/);
  });

  it('pages keys and events', async () => {
    const first = await client()
      .get('/v1/admin/api-keys?limit=2')
      .set(...bearer(admin))
      .expect(200);
    const next = await client()
      .get('/v1/admin/api-keys')
      .query({ limit: 2, cursor: first.body.nextCursor })
      .set(...bearer(admin))
      .expect(200);
    expect(new Set([...first.body.data, ...next.body.data].map((key: { id: string }) => key.id)).size).toBe(4);
    const events = await client()
      .get('/v1/admin/audit?limit=1&from=2020-01-01T00:00:00Z')
      .set(...bearer(admin))
      .expect(200);
    expect(events.body.nextCursor).not.toBeNull();
  });

  it('keeps no usable key in the database', async () => {
    const { rows } = await app.get(Database).query<{ row: string }>('test.dump', 'SELECT api_keys::text AS row FROM api_keys');
    for (const { row } of rows) expect(row).not.toMatch(/bw_[0-9a-f]{32}_/);
  });

  it('stops the start-up when a route declares nothing', async () => {
    await expect(start([ForgottenController])).rejects.toThrow('ForgottenController.list');
  });

  it('has an entity that TypeORM finds nothing to change about', async () => {
    const dataSource = await db.dataSource({ entities: [ApiKeyEntity] });
    expect((await schemaDrift(dataSource)).filter((statement) => statement.includes('api_keys'))).toEqual([]);
  });

  describe('the first admin key', () => {
    const ensure = (inFolder: string): Promise<{ file: string; created: boolean }> => app.get(FirstAdminKey).ensure(inFolder);

    it('is readable by its owner only, and made once', async () => {
      const { file, created } = await ensure(folder);
      expect(created).toBe(false);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(readFileSync(file, 'utf8')).toBe(`${admin}\n`);
      expect(readdirSync(folder)).toEqual(['admin-key']);
      const empty = path.join(folder, 'made', 'too');
      expect((await ensure(empty)).created).toBe(true);
    });

    it('has every scope and all accounts', async () => {
      const answer = await client()
        .post('/v1/orders')
        .set(...bearer(admin))
        .expect(201);
      expect(answer.body.accounts).toBeNull();
      expect(answer.body.scopes).toHaveLength(6);
    });

    it('gets its row on the next start when the process was killed between file and row', async () => {
      const killed = mkdtempSync(path.join(tmpdir(), 'breakwater-killed-'));
      const other = `bw_${'0190a5d0123470008000012345678901'}_${'x'.repeat(43)}`;
      writeFileSync(path.join(killed, 'admin-key'), `${other}\n`, { mode: 0o644 });
      expect((await ensure(killed)).created).toBe(false);
      await client()
        .get('/v1/orders')
        .set(...bearer(other))
        .expect(200);
      expect(statSync(path.join(killed, 'admin-key')).mode & 0o777).toBe(0o600);
      rmSync(killed, { recursive: true });
    });

    it('stays revoked once it is', async () => {
      const elsewhere = mkdtempSync(path.join(tmpdir(), 'breakwater-revoked-'));
      const { file } = await ensure(elsewhere);
      const token = readFileSync(file, 'utf8').trim();
      const id = (
        await client()
          .post('/v1/orders')
          .set(...bearer(token))
          .expect(201)
      ).body.id as string;
      await client()
        .delete(`/v1/admin/api-keys/${id}`)
        .set(...bearer(admin))
        .expect(200);
      await ensure(elsewhere);
      await client()
        .get('/v1/orders')
        .set(...bearer(token))
        .expect(401);
      rmSync(elsewhere, { recursive: true });
    });

    it('says which file is at fault when it holds something else', async () => {
      const broken = mkdtempSync(path.join(tmpdir(), 'breakwater-broken-'));
      writeFileSync(path.join(broken, 'admin-key'), 'not a key');
      await expect(ensure(broken)).rejects.toThrow(path.join(broken, 'admin-key'));
      rmSync(broken, { recursive: true });
    });
  });

  it('lets nobody in when the keys could not be read for too long', () => {
    const ring = new KeyRing({} as never, { nowMs: () => 0, monotonicMs: () => 0 });
    expect(ring.verify(admin, '127.0.0.1')).toEqual({ kind: 'not-known-now' });
  });
});
