// Events in aligned columns, as explanations, biographies and comparisons list them.
import { hanging, instant, shorten } from "./format.ts";
import type { Role, Style } from "./style.ts";

export interface ShownEvent {
  readonly event: number;
  readonly atMs: number;
  readonly who: string;
  readonly text: string;
}

const MAX_WHO = 16;

export function eventLines<E extends ShownEvent>(
  events: readonly E[],
  style: Style,
  options: { readonly lead?: (e: E) => string; readonly role?: (e: E) => Role | undefined } = {},
): string[] {
  const widest = (of: (e: E) => string): number =>
    events.reduce((w, e) => Math.max(w, of(e).length), 0);
  const time = (e: E): string => instant(e.atMs * 1000);
  const number = (e: E): string => `#${e.event}`;
  const who = (e: E): string => shorten(e.who, MAX_WHO, style.glyphs.ellipsis);
  const [timeWidth, numberWidth, whoWidth] = [widest(time), widest(number), widest(who)];
  return events.flatMap((e) => {
    const start = options.lead?.(e) ?? "  ";
    const columns = `${time(e).padStart(timeWidth)}  ${number(e).padStart(numberWidth)}  ${who(e).padEnd(whoWidth)}  `;
    const role = options.role?.(e);
    const paint = (line: string): string => (role === undefined ? line : style.paint(role, line));
    return hanging(
      { text: start + columns, width: start.length + columns.length },
      e.text,
      style.width,
      paint,
    );
  });
}
