import { createServer } from 'node:net';
import { CommandFault } from '../state/command-fault.js';

/** A place to listen, and the settings that move it. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly portSetting: string;
  readonly hostSetting: string;
}

/**
 * Finds out early, and with the name of the setting, whether a port can be had. Port 0 becomes a free one.
 * @throws {CommandFault} when it is taken, or the address is not one of this machine.
 */
export async function claimPort(place: Place): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => reject(fault(place, error)));
    server.listen({ port: place.port, host: place.host, exclusive: true }, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : place.port;
      server.close(() => resolve(port));
    });
  });
}

function fault(place: Place, error: NodeJS.ErrnoException): CommandFault {
  if (error.code === 'EADDRINUSE')
    return new CommandFault(`${place.portSetting}: port ${place.port} on ${place.host} is taken by another program`);
  if (error.code === 'EACCES') return new CommandFault(`${place.portSetting}: this user may not listen on port ${place.port}`);
  return new CommandFault(`${place.hostSetting}: cannot listen on ${place.host} (${error.code ?? error.message})`);
}
