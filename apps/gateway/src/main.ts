import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { addressWithoutSecrets, createDataSource, isConnectionFault, loadMigrations, pendingMigrations } from '#libs/database';
import { configureHttp, createFastifyAdapter, setupOpenApi } from '#libs/http';
import { Logger as NestPinoLogger, createRootLogger } from '#libs/observability';
import { useStreamAdapter } from '#libs/stream';
import { SettingsError, loadSettings } from '#libs/settings';
import type { Settings } from '#libs/settings';
import type { Logger } from 'pino';
import { AppModule, ENTITIES } from './app.module.js';
import { UnknownVenueError } from './exchanges.js';
import { CrashPointFault } from './fatal-crash-points.js';
import { FrameworkLog } from './framework-log.js';
import { shutDown } from './shutdown.js';
import { StartUp } from './start-up.js';

/** A fault that keeps the gateway from starting, in one line that names the setting. */
class StartUpFault extends Error {
  override readonly name = 'StartUpFault';
}

const version = versionOfPackage();
const env = process.env;

try {
  await start(loadSettings({ env, configDir: env['BREAKWATER_CONFIG_DIR'] ?? 'config' }));
} catch (error) {
  for (const line of linesOf(error)) process.stderr.write(`${line}\n`);
  process.exit(1);
}

async function start(settings: Settings): Promise<void> {
  const databaseUrl = settings.database.url;
  if (databaseUrl === undefined)
    throw new StartUpFault('DATABASE_URL: the gateway by itself needs a Postgres server; `npm start` brings one');
  const logger = createRootLogger({ level: settings.logging.level, format: formatOf(settings), version });
  await checkDatabase(settings, databaseUrl);
  const adapter = createFastifyAdapter({
    bodyLimitBytes: settings.http.bodyLimitBytes,
    keepAliveTimeoutMs: settings.http.keepAliveTimeoutMs,
    requestTimeoutMs: settings.http.requestTimeoutMs,
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot({ settings, databaseUrl, logger, version }), adapter, {
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(new FrameworkLog(app.get(NestPinoLogger)));
  configureHttp(app);
  useStreamAdapter(app);
  setupOpenApi(app, { version });
  stopOnSignals(app, logger, settings.shutdown.drainMs);
  await listen(app, settings);
  await app.get(StartUp).run();
  const url = await app.getUrl();
  logger.info({ url, environment: settings.environment }, 'gateway ready');
  process.send?.({ ready: true, url });
}

async function listen(app: NestFastifyApplication, settings: Settings): Promise<void> {
  const { host, port } = settings.http;
  try {
    await app.listen(port, host);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      throw new StartUpFault(`BREAKWATER_PORT: port ${port} on ${host} is taken; choose another`, { cause: error });
    if (code === 'EACCES') throw new StartUpFault(`BREAKWATER_PORT: not allowed to listen on port ${port}`, { cause: error });
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new StartUpFault(`BREAKWATER_HOST: ${host} is not an address of this machine`, { cause: error });
    throw error;
  }
}

/** Reachable, and at the version this build expects: better one line now than half a gateway. */
async function checkDatabase(settings: Settings, url: string): Promise<void> {
  const source = createDataSource({
    url,
    poolMax: 1,
    statementTimeoutMs: settings.database.statementTimeoutMs,
    entities: ENTITIES,
    migrations: await loadMigrations(),
  });
  try {
    await source.initialize();
    const pending = await pendingMigrations(source);
    if (pending.length > 0) throw new StartUpFault(`DATABASE_URL: ${pending.length} migrations are missing; run \`npm run migrate -- up\``);
  } catch (error) {
    if (error instanceof StartUpFault || !isConnectionFault(error)) throw error;
    throw new StartUpFault(`DATABASE_URL: the database at ${addressWithoutSecrets(url)} cannot be reached`, { cause: error });
  } finally {
    if (source.isInitialized) await source.destroy();
  }
}

function stopOnSignals(app: NestFastifyApplication, logger: Logger, drainMs: number): void {
  let stopping = false;
  const stop = (why: string): void => {
    if (stopping) return;
    stopping = true;
    logger.info({ reason: why }, 'gateway stopping');
    void shutDown(app, logger, drainMs).then((code) => {
      logger.flush();
      process.exit(code);
    });
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  // Whoever started us is gone: nobody would stop us later.
  process.on('disconnect', () => stop('the supervisor is gone'));
}

/** Lines for people only where the supervisor runs us outside of production; machines get JSON. */
function formatOf(settings: Settings): 'json' | 'pretty' {
  if (settings.logging.format !== 'auto') return settings.logging.format;
  return env['NODE_ENV'] !== 'production' && process.send !== undefined ? 'pretty' : 'json';
}

function linesOf(error: unknown): string[] {
  if (error instanceof SettingsError) return error.message.split('\n');
  if (error instanceof StartUpFault || error instanceof UnknownVenueError || error instanceof CrashPointFault) return [error.message];
  return [error instanceof Error ? (error.stack ?? error.message) : 'the gateway failed to start'];
}

function versionOfPackage(): string {
  try {
    const text = readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8');
    return (JSON.parse(text) as { version: string }).version;
  } catch {
    return 'unknown';
  }
}
