/** Stands in for the venue simulator where only starting and stopping is at stake. */
import { createServer } from 'node:http';

const server = createServer((_request, response) => response.end('[]'));
server.listen(Number.parseInt(process.env.BREAKWATER_SIMULATOR_PORT ?? '', 10), '127.0.0.1');
process.on('SIGTERM', () => {
  process.stdout.write('simulator stopped\n');
  process.exit(0);
});
