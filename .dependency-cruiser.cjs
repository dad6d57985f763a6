/**
 * Who may import whom. One rule per sentence, each seen to fail in test/boundaries.spec.ts on a planted import.
 * The rooms and what they are for: docs/architecture.md.
 */

/** One capture group names a library: `orders`, or `exchanges/binance`. */
const LIB = '^libs/((?:exchanges/)?[^/]+)/src/';
const SPEC = '\\.(e2e-)?spec\\.ts$';
/** What every venue is built from: the port, the wire, the book keeping. */
const VENUE_GROUND = '^libs/exchanges/(contract|transport|books)/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or share a third one.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolved',
      comment: 'An import that resolves to nothing escapes every other rule.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'libraries-meet-at-index',
      comment: 'Import `#libs/<name>`: a library is what its src/index.ts says. Builders for specs come from `#testing/<name>`.',
      severity: 'error',
      from: { path: LIB },
      to: { path: '^libs/', pathNot: ['^libs/$1/src/', '^libs/(?:exchanges/)?[^/]+/src/(index|testing)\\.ts$'] },
    },
    {
      name: 'apps-meet-libraries-at-index',
      comment: 'Import `#libs/<name>`; what an app needs from a library belongs in its src/index.ts.',
      severity: 'error',
      from: { path: '^(apps|test)/' },
      to: { path: '^libs/', pathNot: '/src/(index|testing)\\.ts$' },
    },
    {
      name: 'kernel-depends-on-nothing',
      comment: 'The kernel is under everything: big.js and nothing else.',
      severity: 'error',
      from: { path: '^libs/kernel/', pathNot: SPEC },
      to: { pathNot: ['^libs/kernel/', 'node_modules/(@types/)?big\\.js/'] },
    },
    {
      name: 'model-depends-on-kernel-only',
      comment: 'The trading words know no framework, no venue and no database.',
      severity: 'error',
      from: { path: '^libs/model/', pathNot: SPEC },
      to: { pathNot: ['^libs/(model|kernel)/', 'node_modules/(@types/)?big\\.js/'] },
    },
    {
      name: 'domain-is-pure',
      comment: 'Domain takes values and returns values: no Nest, no Node built-ins, no other library but the words it speaks.',
      severity: 'error',
      from: { path: LIB + 'domain/', pathNot: SPEC },
      to: { pathNot: ['^libs/$1/src/domain/', '^libs/(kernel|model)/', '^libs/exchanges/contract/', 'node_modules/(@types/)?big\\.js/'] },
    },
    {
      name: 'application-knows-no-adapter',
      comment: 'The application owns the ports; adapters implement them and are bound in the module.',
      severity: 'error',
      from: { path: LIB + 'application/', pathNot: SPEC },
      to: { path: '^libs/$1/src/(persistence|http|rest|stream)/' },
    },
    {
      name: 'http-goes-through-application',
      comment: 'A controller asks the application; it never reaches for rows.',
      severity: 'error',
      from: { path: LIB + 'http/', pathNot: SPEC },
      to: { path: '^libs/$1/src/persistence/' },
    },
    {
      name: 'typeorm-stays-in-persistence',
      comment: 'SQL and rows live in persistence/, in *.module.ts that binds them, and in libs/database that opens the door.',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: ['/persistence/', '\\.module\\.ts$', '^libs/database/', SPEC] },
      to: { path: 'node_modules/(typeorm|pg|@nestjs/typeorm)/' },
    },
    {
      name: 'venues-are-strangers',
      comment: 'A venue knows the contract, the transport and the book keeping, and no other venue.',
      severity: 'error',
      from: { path: '^libs/exchanges/([^/]+)/' },
      to: { path: '^libs/exchanges/', pathNot: ['^libs/exchanges/$1/', VENUE_GROUND] },
    },
    {
      name: 'only-apps-name-a-venue',
      comment: 'Libraries speak to the contract; the composition root alone chooses venues.',
      severity: 'error',
      from: { path: '^libs/(?!exchanges/)' },
      to: { path: '^libs/exchanges/(?!contract/)' },
    },
    {
      name: 'venues-know-no-orders',
      comment: 'A venue reports what it saw; what that means for an order is decided elsewhere.',
      severity: 'error',
      from: { path: '^libs/exchanges/' },
      to: { path: '^libs/(?!exchanges/|kernel/|model/|rate-limit/)' },
    },
    {
      name: 'only-apps-read-config',
      comment: 'Settings come to a library as arguments of its module.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^config/' },
    },
    {
      name: 'migrations-stand-alone',
      comment: 'A migration must mean the same in ten years: it imports nothing of ours.',
      severity: 'error',
      from: { path: '^migrations/', pathNot: SPEC },
      to: { path: '^(apps|libs|config)/' },
    },
    {
      name: 'simulator-is-a-product-of-its-own',
      comment: 'The simulated venue shares only the kernel and the trading words: shared code would hide shared mistakes.',
      severity: 'error',
      from: { path: '^libs/venue-simulator/', pathNot: SPEC },
      to: { path: '^libs/(?!venue-simulator/|kernel/|model/)' },
    },
    {
      name: 'product-never-imports-tests',
      comment: 'Test builders and test tools stay out of what ships.',
      severity: 'error',
      from: { path: '^(apps|libs|config|migrations)/', pathNot: [SPEC, '/src/testing\\.ts$', '/testing/', '^apps/cli/src/bench/'] },
      to: { path: '(^test/|\\.spec\\.ts$|/src/testing\\.ts$|node_modules/(vitest|supertest|fast-check|autocannon|@nestjs/testing)/)' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    // test/bench has a package of its own, installed only where it is run.
    exclude: { path: '^(dist|test/bench)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      // `source` first: `#libs/*` must lead to the sources, not to what was last built.
      conditionNames: ['source', 'import', 'types', 'node', 'default'],
    },
  },
};
