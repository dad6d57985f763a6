/** Something that happens at a moment of virtual time. */
export interface TimedTask<Owner> {
  readonly atMs: number;
  /** Rises with every task: of two tasks at one moment the older one goes first. */
  readonly order: number;
  readonly owner: Owner;
  readonly run: () => void;
  isCancelled: boolean;
}

const COMPACT_FROM = 1_024;

/** Tasks by time, then by age: a binary heap. Cancelled tasks stay in it until they come up, or are too many. */
export class TaskQueue<Owner> {
  private heap: TimedTask<Owner>[] = [];
  private cancelled = 0;
  private orders = 0;

  /** Tasks that will still happen. */
  get size(): number {
    return this.heap.length - this.cancelled;
  }

  add(atMs: number, owner: Owner, run: () => void): TimedTask<Owner> {
    this.orders += 1;
    const task: TimedTask<Owner> = { atMs, order: this.orders, owner, run, isCancelled: false };
    this.heap.push(task);
    this.rise(this.heap.length - 1);
    return task;
  }

  cancel(task: TimedTask<Owner>): void {
    if (task.isCancelled) return;
    task.isCancelled = true;
    this.cancelled += 1;
    if (this.cancelled > COMPACT_FROM && this.cancelled * 2 > this.heap.length) this.compact();
  }

  peek(): TimedTask<Owner> | undefined {
    for (let first = this.heap[0]; first !== undefined; first = this.heap[0]) {
      if (!first.isCancelled) return first;
      this.removeFirst();
      this.cancelled -= 1;
    }
    return undefined;
  }

  take(): TimedTask<Owner> | undefined {
    const first = this.peek();
    if (first === undefined) return undefined;
    this.removeFirst();
    // Whoever cancels it from now on changes nothing here.
    first.isCancelled = true;
    return first;
  }

  private compact(): void {
    this.heap = this.heap.filter((task) => !task.isCancelled);
    this.cancelled = 0;
    for (let at = (this.heap.length >> 1) - 1; at >= 0; at -= 1) this.sink(at);
  }

  private removeFirst(): void {
    const last = this.heap.pop()!;
    if (this.heap.length === 0) return;
    this.heap[0] = last;
    this.sink(0);
  }

  private rise(from: number): void {
    const { heap } = this;
    const task = heap[from]!;
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isBefore(task, heap[above]!)) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = task;
  }

  private sink(from: number): void {
    const { heap } = this;
    const task = heap[from]!;
    let at = from;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below += 1;
      if (!isBefore(heap[below]!, task)) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = task;
  }
}

function isBefore<Owner>(a: TimedTask<Owner>, b: TimedTask<Owner>): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
