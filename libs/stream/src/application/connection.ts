import type { ApiKey } from '#libs/access';
import { ProblemException, toProblem } from '#libs/http';
import { timeText } from '#libs/kernel';
import type { Clock } from '#libs/kernel';
import { parseMessage, readMessage, topicKey } from './client-message.js';
import type { ClientMessage, MessageId } from './client-message.js';
import { CLOSE } from './close-reasons.js';
import type { CloseReason } from './close-reasons.js';
import { MessageBudget } from './message-budget.js';
import { answerMessage, errorMessage } from './messages.js';
import type { Origin, StreamAccess } from './stream-access.js';
import type { StreamLimits } from './stream-limits.js';
import type { Outlet, Pumped, Subscription } from './subscription.js';
import type { Topics } from './topics.js';
import type { Turns } from './turns.js';

export interface ConnectionPorts {
  readonly access: StreamAccess;
  readonly topics: Topics;
  readonly turns: Turns;
  readonly clock: Clock;
  readonly limits: StreamLimits;
}

/** The socket as a connection sees it. */
export interface Line extends Outlet {
  readonly isOpen: boolean;
  /** Sends what `work` sends in few packets. */
  together(work: () => void): void;
  close(reason: CloseReason): void;
}

/** Told of what concerns more than one connection. */
export interface ConnectionObserver {
  /** Whether this key may have one more connection. */
  admits(key: ApiKey): boolean;
  failed(error: unknown): void;
}

type Subscribe = Extract<ClientMessage, { readonly op: 'subscribe' }>;

/** One client: who it is, what it asks, what it hears. Its messages are answered one after the other. */
export class StreamConnection implements Pumped {
  private readonly subscriptions = new Map<string, Subscription>();
  private readonly budget: MessageBudget;
  private work: Promise<void> = Promise.resolve();
  private waiting = 0;
  private shown: ApiKey | null;

  constructor(
    private readonly line: Line,
    readonly origin: Origin,
    key: ApiKey | null,
    private readonly ports: ConnectionPorts,
    private readonly observer: ConnectionObserver,
  ) {
    this.shown = key;
    this.budget = new MessageBudget(ports.limits, () => ports.clock.monotonicMs());
  }

  /** `null` until a key was shown. */
  get key(): ApiKey | null {
    return this.shown;
  }

  channels(): readonly string[] {
    return [...this.subscriptions.values()].map(({ channel }) => channel);
  }

  /** Whether nothing that is known now still has to be sent. */
  isSettled(): boolean {
    return [...this.subscriptions.values()].every((subscription) => subscription.isSettled());
  }

  /** Orders and fills must not wait for ever for a client that takes nothing. */
  hearsDurable(): boolean {
    return this.channels().some((channel) => channel === 'orders' || channel === 'fills');
  }

  receive(text: string): void {
    const { limits } = this.ports;
    if (!this.budget.take() || this.waiting >= limits.messagesWaitingMax) return this.line.close(CLOSE.tooManyMessages);
    if (this.line.waitingBytes() > limits.behindBytesMax) return this.line.close(CLOSE.tooSlow);
    this.waiting += 1;
    this.work = this.work
      .then(() => this.answer(text))
      .catch((error: unknown) => {
        this.observer.failed(error);
        this.line.close(CLOSE.internal);
      })
      .finally(() => {
        this.waiting -= 1;
      });
  }

  pump(): void {
    if (!this.line.isOpen) return;
    let isTooSlow = false;
    this.line.together(() => {
      for (const subscription of this.subscriptions.values()) {
        if (subscription.pump(this.line) === 'too-slow') isTooSlow = true;
      }
    });
    if (isTooSlow) this.line.close(CLOSE.tooSlow);
  }

  /** Lets go of everything. */
  end(): void {
    for (const subscription of this.subscriptions.values()) subscription.close();
    this.subscriptions.clear();
    this.ports.turns.forget(this);
  }

  private async answer(text: string): Promise<void> {
    if (!this.line.isOpen) return;
    const { value, id } = readMessage(text);
    try {
      await this.carryOut(parseMessage(value));
    } catch (error) {
      const problem = toProblem(error);
      if (problem.code === 'internal') this.observer.failed(error);
      if (!this.line.isOpen) return;
      this.line.send(errorMessage(id, problem.toBody(this.origin.correlationId)));
      if (this.shown === null) this.line.close(CLOSE.notAuthenticated);
    }
  }

  private async carryOut(message: ClientMessage): Promise<void> {
    if (message.op === 'auth') return this.authenticate(message.key, message.id);
    if (this.shown === null) {
      const detail = 'show a key first: {"op":"auth","key":"..."}, or Authorization: Bearer <key> when connecting';
      throw this.ports.access.refusal(this.origin, 'no-key', null, 'unauthenticated', detail);
    }
    switch (message.op) {
      case 'ping':
        return this.line.send(answerMessage('pong', message.id, { ts: timeText(this.ports.clock.nowMs()) }));
      case 'unsubscribe':
        return this.unsubscribe(message);
      case 'subscribe':
        return this.subscribe(message, this.shown);
    }
  }

  private authenticate(token: string, id: MessageId | undefined): void {
    if (this.shown !== null) throw new ProblemException('invalid-request', 'this connection has shown its key already');
    const key = this.ports.access.admit(token, this.origin);
    if (!this.observer.admits(key)) return this.line.close(CLOSE.tooManyConnections);
    this.shown = key;
    this.line.send(answerMessage('authenticated', id));
  }

  private async subscribe({ topic, since, id }: Subscribe, key: ApiKey): Promise<void> {
    const { access, topics, turns, limits } = this.ports;
    access.permit(key, topic, this.origin);
    const name = topicKey(topic);
    if (this.subscriptions.has(name)) throw new ProblemException('invalid-request', 'this is subscribed already on this connection');
    if (this.subscriptions.size >= limits.subscriptionsMax)
      throw new ProblemException('overloaded', `one connection has at most ${limits.subscriptionsMax} subscriptions`);
    const subscription = await topics.open(topic, since, () => turns.ask(this));
    if (!this.line.isOpen) return subscription.close();
    this.line.send(answerMessage('subscribed', id, topic));
    this.subscriptions.set(name, subscription);
    turns.ask(this);
  }

  private unsubscribe({ topic, id }: Extract<ClientMessage, { readonly op: 'unsubscribe' }>): void {
    const name = topicKey(topic);
    const subscription = this.subscriptions.get(name);
    if (subscription === undefined) throw new ProblemException('invalid-request', 'this is not subscribed on this connection');
    this.subscriptions.delete(name);
    subscription.close();
    this.line.send(answerMessage('unsubscribed', id, topic));
  }
}
