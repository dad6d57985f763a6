import { z } from 'zod';

/** What a person reads about a setting, and the variable that sets it where its name does not follow from its path. */
interface About {
  readonly about: string;
  readonly env?: string;
  /** Never shown: not in logs, not in messages, not in the effective configuration. */
  readonly secret?: boolean;
}

const PORT = z.int().min(0).max(65535);
const HTTP_URL = z.url({ protocol: /^https?$/, error: 'expected an http:// or https:// address' });
const WS_URL = z.url({ protocol: /^wss?$/, error: 'expected a ws:// or wss:// address' });
const POSTGRES_URL = z.url({ protocol: /^postgres(ql)?$/, error: 'expected postgres://user:password@host:port/database' });

function setting<T extends z.ZodType>(schema: T, about: string, more: Omit<About, 'about'> = {}): T {
  return schema.meta({ about, ...more } satisfies About) as T;
}

/** A whole number within bounds; `unit` ends its name (`…Ms`, `…Bytes`) or is said in `about`. */
function whole(least: number, most: number, initial: number, about: string, more: Omit<About, 'about'> = {}) {
  return setting(z.int().min(least).max(most).default(initial), about, more);
}

export const venueSchema = z.strictObject({
  enabled: setting(z.boolean().default(true), 'Whether the gateway talks to this venue at all.'),
  restUrl: setting(
    HTTP_URL,
    "Base address of REST; `${simulator}` stands for host and port of the simulator. The venue's own path follows it.",
  ),
  wsUrl: setting(WS_URL, 'Base address of the market streams.'),
  wsApiUrl: setting(
    WS_URL.optional(),
    'Base address of the WebSocket API, where the venue has one apart from `wsUrl`; by default the same as `wsUrl`.',
  ),
  liveHosts: setting(
    z.array(z.string().min(1)).default([]),
    'Hosts that trade real money (`*.` matches any subdomain). `sandbox` refuses to point at them; `live` refuses to point anywhere else.',
  ),
  testHosts: setting(z.array(z.string().min(1)).default([]), "Exceptions from `liveHosts`: the venue's own test networks."),
});

/** Every setting with its bounds and its default. `docs/settings.md` is made from this. */
export const settingsSchema = z.strictObject({
  environment: setting(
    z.enum(['sandbox', 'live']).default('sandbox'),
    '`sandbox` trades at the simulator or at test networks; `live` trades real money.',
    { env: 'BREAKWATER_ENV' },
  ),
  home: setting(z.string().min(1).default('.breakwater'), 'State folder: database, keys, lock. Relative to the working folder.'),
  http: z
    .strictObject({
      host: setting(z.string().min(1).default('127.0.0.1'), 'Address that the gateway listens on.', { env: 'BREAKWATER_HOST' }),
      port: setting(PORT.default(3000), 'Port of REST and WebSocket.', { env: 'BREAKWATER_PORT' }),
      bodyLimitBytes: whole(1024, 16_777_216, 65_536, 'A larger request body is refused with 413.'),
      requestTimeoutMs: whole(100, 600_000, 30_000, 'A request that takes longer to arrive is closed.'),
      keepAliveTimeoutMs: whole(100, 600_000, 5000, 'An idle connection is closed after this. Long values make stopping slow.'),
      trustedProxyHops: whole(0, 10, 0, 'Number of reverse proxies in front whose `X-Forwarded-For` is believed.'),
    })
    .prefault({}),
  database: z
    .strictObject({
      url: setting(
        POSTGRES_URL.optional(),
        'A Postgres server to use instead of the embedded one. The given user runs migrations and gateway alike.',
        { env: 'DATABASE_URL', secret: true },
      ),
      poolMax: whole(1, 200, 10, 'Connections for orders, per process.'),
      statementTimeoutMs: whole(10, 600_000, 2000, 'Postgres ends a statement that runs longer.'),
      lockTimeoutMs: whole(1, 600_000, 500, 'Postgres ends a statement that waits longer for a lock.'),
    })
    .prefault({}),
  simulator: z
    .strictObject({
      mode: setting(
        z.enum(['on', 'external', 'off']).default('on'),
        '`on` starts one, `external` uses one that already runs on that port, `off` has none.',
        { env: 'BREAKWATER_SIMULATOR' },
      ),
      host: setting(z.string().min(1).default('127.0.0.1'), 'Address of the simulator.'),
      port: setting(PORT.default(4010), 'Port of the simulator.'),
    })
    .prefault({}),
  logging: z
    .strictObject({
      level: setting(
        z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
        'Lowest level that is written.',
      ),
      format: setting(
        z.enum(['auto', 'json', 'pretty']).default('auto'),
        '`auto`: lines for people under `npm start`, JSON with `NODE_ENV=production`.',
      ),
    })
    .prefault({}),
  orders: z
    .strictObject({
      ackTimeoutMs: whole(100, 60_000, 5000, "How long a client waits for the venue's verdict before it gets 202."),
      recvWindowMs: whole(100, 60_000, 5000, 'How long after signing the venue itself still accepts a request.'),
      journalMaxBatch: whole(1, 10_000, 256, 'Orders that share one durable write, at most.'),
      journalMaxWaiting: whole(1, 1_000_000, 4096, 'Orders waiting for a durable write, at most; beyond, 503.'),
      resolver: z
        .strictObject({
          firstDelayMs: whole(10, 60_000, 250, 'Pause before the first look-up of an order of unknown outcome; doubles each time.'),
          maxDelayMs: whole(100, 600_000, 5000, 'The longest such pause.'),
          alarmAfterMs: whole(1000, 3_600_000, 60_000, 'An order that is unknown for longer raises an alarm.'),
        })
        .prefault({}),
    })
    .prefault({}),
  leases: z
    .strictObject({
      ttlMs: whole(3000, 600_000, 10_000, 'How long an account stays with a replica that is not heard of any more.'),
      renewEveryMs: whole(100, 60_000, 3000, 'How often a replica renews its accounts; well below `ttlMs` less 2 s.'),
    })
    .refine(({ ttlMs, renewEveryMs }) => renewEveryMs < ttlMs - 2000, {
      error: 'must be below leases.ttlMs less 2 s',
      path: ['renewEveryMs'],
    })
    .prefault({}),
  cluster: z
    .strictObject({
      instanceId: setting(
        z
          .string()
          .regex(/^[\w.:-]{1,64}$/, { error: 'expected 1 to 64 letters, digits, points, colons, hyphens or underscores' })
          .optional(),
        'Name of this replica, unlike that of every other one. One that comes back under its name serves its accounts at once; `npm start` keeps one in the state folder, otherwise each process makes its own.',
      ),
      advertiseUrl: setting(
        HTTP_URL.optional(),
        'Where other replicas reach this one, `http://host:port`; by default the address and port it listens on.',
        { env: 'BREAKWATER_ADVERTISE_URL' },
      ),
    })
    .prefault({}),
  stream: z
    .strictObject({
      allowedOrigins: setting(
        z.array(z.url({ protocol: /^https?$/, error: 'expected an origin such as https://desk.example' })).default([]),
        'Origins of web pages that may use the stream. Without any, no browser may; programs, which send no origin, always may.',
      ),
    })
    .prefault({}),
  shutdown: z
    .strictObject({
      drainMs: whole(0, 600_000, 20_000, 'How long requests and orders under way may take when stopping.'),
    })
    .prefault({}),
  crashAt: setting(
    z
      .string()
      .regex(/^[a-z.-]+(:[1-9]\d{0,5})?$/, { error: 'expected the name of a crash point, and behind a colon which passing of it' })
      .optional(),
    'For `npm run test:crash`: `point` or `point:n`, the place in the way of an order at which this process kills itself, the n-th time it gets there. Refused in `live`.',
  ),
  venues: z
    .record(z.string().regex(/^[a-z][a-z0-9-]*$/, { error: 'expected an id of small letters, digits and dashes' }), venueSchema)
    .default({}),
});

export type SettingsValues = z.infer<typeof settingsSchema>;
export type VenueSettings = SettingsValues['venues'][string];
