import { Inject, Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Clock } from '#libs/kernel';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ClusterSecret } from '../application/cluster-secret.js';
import { PeerSeal } from '../application/peer-seal.js';

/** Stands on what a replica hands on: never handed on again, whoever set it. Its value says for which client, if a replica vouches for it. */
export const PEER_HEADER = 'x-breakwater-peer';

/** Knows requests that another replica handed on, and seals those that we do. */
@Injectable()
export class PeerGate implements OnModuleInit {
  private seal: PeerSeal | null = null;

  constructor(
    @Inject(ClusterSecret) private readonly secret: ClusterSecret,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async onModuleInit(): Promise<void> {
    this.seal = new PeerSeal(await this.secret.read());
    const instance = this.host.httpAdapter.getInstance<FastifyInstance>();
    instance.addHook('onRequest', (request, _reply, done) => {
      this.admit(request);
      done();
    });
  }

  isHandedOn(request: FastifyRequest): boolean {
    return request.headers[PEER_HEADER] !== undefined;
  }

  /** Headers for the next hop. @throws before the start-up has ended. */
  headersFor(request: FastifyRequest, method: string, path: string): Record<string, string> {
    if (this.seal === null) throw new Error('requests are handed on only after the start-up');
    const authorization = request.headers.authorization ?? '';
    const sealed = this.seal.make({ method, path, authorization, clientAddress: request.ip }, this.clock.nowMs());
    return { authorization, [PEER_HEADER]: sealed };
  }

  /** The rules about addresses look at `request.ip`: for a sealed request it is the client's, for every other the socket's. */
  private admit(request: FastifyRequest): void {
    const given = request.headers[PEER_HEADER];
    if (typeof given !== 'string' || this.seal === null) return;
    const { method, url: path } = request;
    const client = this.seal.open(given, { method, path, authorization: request.headers.authorization ?? '' }, this.clock.nowMs());
    if (client !== null) Object.defineProperty(request, 'ip', { value: client, configurable: true });
  }
}
