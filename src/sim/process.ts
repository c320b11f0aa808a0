// Processes: generators that stand for a thread. `yield*` is where a thread would block; nothing else can interrupt it.
// Wake-ups of Signal and Mailbox go through the event queue, never through the waker's stack, so the order of things is the clock's and not the call stack's.

/** Registers what wakes the process; may return a function that withdraws the registration. */
export type Suspension = (resume: (value: unknown) => void) => undefined | (() => void);

// biome-ignore lint/suspicious/noExplicitAny: what a yield returns is typed by suspend().
export type Process<R = void> = Generator<Suspension, R, any>;

/** What a process needs from whoever runs it: a way to be called back later, that dies with the machine. */
export interface Scheduler {
  after(delay: number, action: () => void): { cancel(): boolean };
}

/** Waits until `register`'s resume is called; its value is the result. Resume must be called from an event of its own, as its last act. */
export function* suspend<T>(
  register: (resume: (value: T) => void) => undefined | (() => void),
): Process<T> {
  return (yield register as Suspension) as T;
}

/** Waits for the first of several suspensions; the others are withdrawn. Result: which one, and its value. */
export function either<T>(
  ...registrations: ((resume: (value: T) => void) => undefined | (() => void))[]
): Process<{ index: number; value: T }> {
  return suspend<{ index: number; value: T }>((resume) => {
    let done = false;
    const withdrawals: (undefined | (() => void))[] = [];
    const finish = (index: number, value: T): void => {
      if (done) return;
      done = true;
      withdrawals.forEach((withdraw, i) => {
        if (i !== index) withdraw?.();
      });
      resume({ index, value });
    };
    registrations.forEach((register, index) => {
      withdrawals.push(register((value) => finish(index, value)));
    });
    return () => {
      done = true;
      for (const withdraw of withdrawals) withdraw?.();
    };
  });
}

/** Decides, before each step of a process, whether it still lives. */
export type Guard = (step: (value: unknown) => void, value: unknown) => void;

/** Runs a process to its end. */
export function drive<R>(process: Process<R>, guard: Guard, finished: (result: R) => void): void {
  const step = (value: unknown): void => {
    const next = process.next(value);
    if (next.done) finished(next.value);
    else next.value(advance);
  };
  const advance = (value: unknown): void => guard(step, value);
  advance(undefined);
}

/** A condition that processes wait for; every notify wakes all who wait now. */
export class Signal {
  readonly #scheduler: Scheduler;
  readonly #waiters: (() => void)[] = [];
  /** A wait that is over, for the next one: who polls waits many times a second, and mostly alone. */
  #spare: TimedWait | undefined;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  notify(): void {
    for (const wake of this.#waiters) this.#scheduler.after(0, wake);
    this.#waiters.length = 0;
  }

  wait(): Process<boolean> {
    return suspend<boolean>((resume) => {
      const wake = (): void => resume(true);
      this.add(wake);
      return () => void this.withdraw(wake);
    });
  }

  /** False when the time passed without a notify. */
  *waitAtMost(delay: number): Process<boolean> {
    const wait = this.#spare ?? new TimedWait(this, this.#scheduler);
    this.#spare = undefined;
    wait.delay = delay;
    const isNotified: boolean = yield wait.register;
    if (wait.isReusable) this.#spare = wait;
    return isNotified;
  }

  add(wake: () => void): void {
    this.#waiters.push(wake);
  }

  /** False: it was not waiting. */
  withdraw(wake: () => void): boolean {
    const at = this.#waiters.indexOf(wake);
    if (at >= 0) this.#waiters.splice(at, 1);
    return at >= 0;
  }
}

/** A process's wait for a signal or a time, whichever comes first. */
class TimedWait {
  delay = 0;
  /** The other of the two cannot come any more either. */
  isReusable = false;
  readonly #signal: Signal;
  readonly #scheduler: Scheduler;
  #resume: ((isNotified: boolean) => void) | undefined;
  #timer: { cancel(): boolean } | undefined;

  constructor(signal: Signal, scheduler: Scheduler) {
    this.#signal = signal;
    this.#scheduler = scheduler;
  }

  readonly register = (resume: (value: unknown) => void): undefined => {
    this.#resume = resume;
    this.#signal.add(this.#notified);
    this.#timer = this.#scheduler.after(this.delay, this.#expired);
  };

  readonly #notified = (): void => {
    if (this.#resume !== undefined) this.#finish(true, this.#timer?.cancel() ?? false);
  };

  readonly #expired = (): void => {
    if (this.#resume !== undefined) this.#finish(false, this.#signal.withdraw(this.#notified));
  };

  #finish(isNotified: boolean, isOtherWithdrawn: boolean): void {
    const resume = this.#resume;
    this.#resume = undefined;
    this.#timer = undefined;
    this.isReusable = isOtherWithdrawn;
    resume?.(isNotified);
  }
}

/** A queue of items read by one process, one at a time. */
export class Mailbox<T> {
  readonly #scheduler: Scheduler;
  readonly #items: T[] = [];
  #waiter: ((item: T) => void) | undefined;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  get length(): number {
    return this.#items.length;
  }

  put(item: T): void {
    const waiter = this.#waiter;
    if (waiter === undefined) {
      this.#items.push(item);
      return;
    }
    this.#waiter = undefined;
    this.#scheduler.after(0, () => waiter(item));
  }

  *take(): Process<T> {
    const item = this.#items.shift();
    if (item !== undefined) return item;
    return yield* suspend<T>((resume) => {
      this.#waiter = resume;
      return () => {
        this.#waiter = undefined;
      };
    });
  }
}
