/** Stands in for the gateway where only starting and stopping is at stake. How it behaves comes by FAKE_GATEWAY. */
import { createServer } from 'node:http';

const behaviour = process.env.FAKE_GATEWAY ?? '';
const port = Number.parseInt(process.env.BREAKWATER_PORT ?? '', 10);

if (behaviour === 'refuse') {
  process.stderr.write('BREAKWATER_FAKE: this is why I do not start\n');
  process.exit(1);
}
const server = createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(
    JSON.stringify({
      database: new URL(process.env.DATABASE_URL ?? 'http://none').username,
      format: process.env.BREAKWATER_LOGGING_FORMAT,
    }),
  );
  if (request.url === '/die') process.exit(7);
});
server.listen(port, '127.0.0.1', () => process.send?.({ ready: true, url: `http://127.0.0.1:${port}` }));
process.on('SIGTERM', () => {
  if (behaviour === 'stubborn') return;
  process.stdout.write('gateway drained\n');
  server.closeAllConnections();
  server.close(() => process.exit(0));
});
