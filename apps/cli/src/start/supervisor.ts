import path from 'node:path';
import { loadSettings, type Settings } from '#libs/settings';
import { CommandFault } from '../state/command-fault.js';
import { environmentWithFile } from '../state/environment.js';
import type { StateDatabase } from '../state/state-database.js';
import { StateFolder } from '../state/state-folder.js';
import { StateLock } from '../state/state-lock.js';
import { bannerLines } from './banner.js';
import { Child, programOf } from './child-process.js';
import { databaseNews } from './database-news.js';
import { claimPort } from './ports.js';
import { answersAsSimulator, simulatorUrl } from './simulator.js';
import type { StopSignals } from './stop-signals.js';
import type { Terminal } from './terminal.js';

const SIMULATOR_START_MS = 30_000;
const GATEWAY_START_MS = 90_000;
const EXTERNAL_SIMULATOR_MS = 1500;
const SIMULATOR_STOP_MS = 5000;
/** Beyond the gateway's own limit for draining: it is given the time to end by itself. */
const GATEWAY_STOP_GRACE_MS = 5000;

export interface SupervisorOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly terminal: Terminal;
  readonly signals: StopSignals;
  /** Programs to run in place of ours: tests bring their own. */
  readonly programs?: { readonly gateway?: string; readonly simulator?: string };
}

/** The wish to stop came before everything was up. */
class StoppedEarly extends Error {}

/**
 * Everything that `npm start` starts, and in which order it stops: gateway, simulator, database, lock. Whatever was begun
 * is stopped again, however far the start got.
 */
export class Supervisor {
  private lock: StateLock | null = null;
  private gateway: Child | null = null;
  private simulator: Child | null = null;
  private database: Promise<StateDatabase> | null = null;
  /** Why there is no database any more, should it come to that. */
  private databaseLost: Promise<string> = new Promise(() => undefined);
  private drainMs = 0;
  private hurrying = false;

  constructor(private readonly options: SupervisorOptions) {}

  /**
   * Starts everything, serves until asked to stop or until a part fails, stops everything.
   * @returns the exit code: 0 when asked to stop.
   * @throws {CommandFault | SettingsError | EmbeddedPostgresError} when the start fails, after everything begun is stopped.
   */
  async run(): Promise<number> {
    const { signals, terminal } = this.options;
    signals.onHurry(() => this.hurry());
    try {
      await this.start();
      return await this.serve();
    } catch (error) {
      if (error instanceof StoppedEarly) return 0;
      throw error;
    } finally {
      await this.stopAll();
      if (signals.first.aborted) terminal.line(terminal.style('dim', 'Stopped.'));
    }
  }

  private async start(): Promise<void> {
    const { terminal, cwd } = this.options;
    const env = environmentWithFile(this.options.env, cwd);
    const settings = loadSettings({ env, cwd });
    this.drainMs = settings.shutdown.drainMs;
    const state = new StateFolder(settings.home);
    this.lock = await StateLock.take(state.lockFile);
    const ports = await claimPorts(settings);
    terminal.step('settings', `${settings.environment}, state in ${path.relative(cwd, settings.home) || '.'}`);

    const childEnv = this.childEnvironment(env, settings, ports, state);
    // Children load their modules while the database starts, and we load what talks to it only now.
    this.gateway = this.spawn('gateway', this.options.programs?.gateway ?? programOf('gateway'), childEnv, cwd);
    const simulator = this.startSimulator(settings, ports.simulator, childEnv);
    simulator.catch(() => undefined);
    this.database = import('../state/state-database.js').then(({ openDatabase }) => openDatabase(settings, state));
    const database = await this.unlessStopped(this.database);
    terminal.step('database', database.description);
    const { runMigrations } = await import('./run-migrations.js');
    terminal.step('migrations', await this.unlessStopped(runMigrations(database.ownerUrl)));
    this.databaseLost = database.keep(databaseNews(terminal));
    const simulatorAddress = await this.unlessStopped(simulator);
    if (simulatorAddress !== null) terminal.step('simulator', simulatorAddress);
    const gatewayUrl = await this.startGateway(this.gateway, database.appUrl, ports.gateway);
    terminal.step('gateway', gatewayUrl);
    for (const line of bannerLines(
      { settings, state, gatewayUrl, simulatorUrl: simulatorAddress, tookMs: terminal.sinceBeginMs() },
      terminal,
    ))
      terminal.line(line);
  }

  /** The children get what we have decided: state folder, name, ports, how to log. */
  private childEnvironment(env: NodeJS.ProcessEnv, settings: Settings, ports: Ports, state: StateFolder): NodeJS.ProcessEnv {
    const forPeople = settings.logging.format === 'auto' && env['NODE_ENV'] !== 'production';
    return {
      ...env,
      BREAKWATER_HOME: settings.home,
      // Under the lock of the folder nobody else has this name: what our last gateway held is ours again at once.
      BREAKWATER_CLUSTER_INSTANCE_ID: settings.cluster.instanceId ?? state.instanceId(),
      BREAKWATER_PORT: String(ports.gateway),
      BREAKWATER_SIMULATOR_PORT: String(ports.simulator),
      ...(forPeople ? { BREAKWATER_LOGGING_FORMAT: 'pretty' } : {}),
    };
  }

  private async startSimulator(settings: Settings, port: number, env: NodeJS.ProcessEnv): Promise<string | null> {
    const { terminal, cwd, programs, signals } = this.options;
    const url = simulatorUrl(settings, port);
    if (url === null) return null;
    if (settings.simulator.mode === 'external') {
      if (!(await answersAsSimulator(url, EXTERNAL_SIMULATOR_MS, signals.first))) {
        terminal.note(`BREAKWATER_SIMULATOR=external, but nothing answers at ${url} (BREAKWATER_SIMULATOR_PORT); going on without`);
      }
      return url;
    }
    const { DATABASE_URL: _notItsBusiness, ...rest } = env;
    this.simulator = this.spawn('simulator', programs?.simulator ?? programOf('venue-simulator'), rest, cwd);
    this.simulator.go();
    const up = await Promise.race([answersAsSimulator(url, SIMULATOR_START_MS, signals.first), this.simulator.ended.then(() => false)]);
    if (!up && !signals.first.aborted) throw startFault(this.simulator);
    this.simulator.showErrors();
    return url;
  }

  private async startGateway(gateway: Child, databaseUrl: string, port: number): Promise<string> {
    const ready = gateway.ready();
    gateway.go({ DATABASE_URL: databaseUrl });
    const late = AbortSignal.timeout(GATEWAY_START_MS);
    const said = await this.unlessStopped(Promise.race([ready, wished(late).then(() => null)]));
    if (said === null && late.aborted) throw new CommandFault(`the gateway is not ready after ${GATEWAY_START_MS / 1000} s`);
    if (said === null) throw startFault(gateway);
    gateway.showErrors();
    return said.url ?? `http://127.0.0.1:${port}`;
  }

  private spawn(name: string, file: string, env: NodeJS.ProcessEnv, cwd: string): Child {
    const child = new Child({ name, file, env, cwd });
    if (child.pid !== undefined) this.lock?.addChild(name, child.pid);
    return child;
  }

  /** Until someone wants us to stop (0), or a part ends and stays away (1). */
  private async serve(): Promise<number> {
    const { signals, terminal } = this.options;
    const parts = [this.gateway, this.simulator].filter((child) => child !== null);
    const fault = await Promise.race([
      wished(signals.first).then(() => null),
      this.databaseLost.then((reason) => `the database cannot be kept running (${reason})`),
      ...parts.map(endFault),
    ]);
    if (fault !== null) throw new CommandFault(`${fault}; stopping everything`);
    terminal.line();
    terminal.line(`Stopping (${String(signals.first.reason)}); again to hurry.`);
    return 0;
  }

  private async stopAll(): Promise<void> {
    await this.gateway?.stop(this.drainMs + GATEWAY_STOP_GRACE_MS);
    await this.simulator?.stop(SIMULATOR_STOP_MS);
    const database = await this.database?.catch(() => null);
    await database?.stop();
    this.lock?.release();
  }

  /** The person asked twice: no more draining. The database always stops in order, it takes milliseconds. */
  private hurry(): void {
    if (this.hurrying) return;
    this.hurrying = true;
    this.options.terminal.line('Hurrying.');
    this.gateway?.kill();
    this.simulator?.kill();
  }

  private async unlessStopped<T>(work: Promise<T>): Promise<T> {
    const { first } = this.options.signals;
    return Promise.race([
      work,
      wished(first).then(() => {
        throw new StoppedEarly();
      }),
    ]);
  }
}

interface Ports {
  readonly gateway: number;
  readonly simulator: number;
}

async function claimPorts(settings: Settings): Promise<Ports> {
  const { http, simulator } = settings;
  if (simulator.mode === 'on' && http.port === simulator.port && http.port !== 0) {
    throw new CommandFault(`BREAKWATER_PORT and BREAKWATER_SIMULATOR_PORT are both ${http.port}`);
  }
  const gateway = await claimPort({ ...http, portSetting: 'BREAKWATER_PORT', hostSetting: 'BREAKWATER_HOST' });
  if (simulator.mode !== 'on') return { gateway, simulator: simulator.port };
  return {
    gateway,
    simulator: await claimPort({ ...simulator, portSetting: 'BREAKWATER_SIMULATOR_PORT', hostSetting: 'BREAKWATER_SIMULATOR_HOST' }),
  };
}

/** Resolves with what to say when that child has ended by itself. */
async function endFault(child: Child): Promise<string> {
  const { code, signal } = await child.ended;
  return `the ${child.name} ended unexpectedly (${signal ?? `exit code ${code ?? 'unknown'}`})`;
}

/** What the child said last is the reason; what it said before is shown above it. */
function startFault(child: Child): CommandFault {
  const said = child.takeComplaint().filter((line) => line.trim() !== '');
  const reason = said.pop();
  for (const line of said) process.stderr.write(`${line}\n`);
  return new CommandFault(reason ?? `the ${child.name} does not start`);
}

function wished(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
