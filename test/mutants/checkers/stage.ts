// Stands for vitest while stories are recorded: every test is told at once, and nothing is expected of it.

interface Stage {
  /** What test files import. */
  readonly given: Readonly<Record<string, unknown>>;
  /** Of the test that is being told. */
  readonly title: () => string;
}

type Body = (...given: unknown[]) => unknown;

export function stage(): Stage {
  const path: string[] = [];
  const told = (name: string, body: Body, given: readonly unknown[] = []): void => {
    path.push(name);
    try {
      body(...given);
    } finally {
      path.pop();
    }
  };
  const block = (): object =>
    Object.assign((name: string, body: Body): void => told(name, body), {
      each: (cases: readonly unknown[]) => (name: string, body: Body) => {
        for (const [i, given] of cases.entries())
          told(`${name} ${i + 1}`, body, Array.isArray(given) ? given : [given]);
      },
    });
  const indifferent: unknown = new Proxy(() => indifferent, {
    get: () => indifferent,
    apply: () => indifferent,
  });
  const vitest = { describe: block(), it: block(), test: block(), expect: indifferent };
  // Clusters are not run: their traces are no stories.
  const clusters = { runWhole: indifferent, complaints: indifferent };
  const given = { vitest, "test/cluster/support.ts": clusters };
  return { given, title: () => path.join(" > ") };
}
