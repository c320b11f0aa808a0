// Numbers, times and words as the text report writes them. Own functions instead of Intl: the same bytes on every machine.

/** 1234567 -> 1,234,567 */
export function count(n: number): string {
  const digits = String(Math.abs(Math.trunc(n)));
  let out = "";
  for (let i = 0; i < digits.length; i++) {
    if (i > 0 && (digits.length - i) % 3 === 0) out += ",";
    out += digits[i];
  }
  return n < 0 ? `-${out}` : out;
}

export const plural = (n: number, one: string, many = `${one}s`): string =>
  `${count(n)} ${n === 1 ? one : many}`;

/** An instant to the millisecond: 60.012s. The event number beside it is exact. */
export function instant(us: number): string {
  const ms = String(Math.trunc(Math.abs(us) / 1000)).padStart(4, "0");
  return `${us < 0 ? "-" : ""}${ms.slice(0, -3)}.${ms.slice(-3)}s`;
}

/** A span, short: 250ms, 30s, 1m20s, 2h. */
export function span(us: number): string {
  if (us < 1e6) return us % 1000 === 0 || us >= 1000 ? `${Math.round(us / 1000)}ms` : `${us}us`;
  const seconds = Math.round(us / 1e5) / 10;
  if (seconds < 60) return `${seconds}s`;
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  return `${h > 0 ? `${h}h` : ""}${m > 0 ? `${m}m` : ""}${s > 0 ? `${s}s` : ""}`;
}

/** At most two decimals, none where they are noise: 0.42, 12.41, 250. */
export function decimal(n: number): string {
  if (Number.isInteger(n)) return count(n);
  const fixed = Math.abs(n) >= 100 ? n.toFixed(1) : n.toFixed(2);
  const [whole = "0", fraction = ""] = fixed.split(".");
  const trimmed = fraction.replace(/0+$/, "");
  const sign = fixed.startsWith("-") && Number(whole) === 0 ? "-" : "";
  return sign + count(Number(whole)) + (trimmed === "" ? "" : `.${trimmed}`);
}

/** Cuts from the middle, because names tend to differ at both ends. */
export function shorten(text: string, width: number, ellipsis: string): string {
  if (text.length <= width) return text;
  const room = Math.max(0, width - ellipsis.length);
  const tail = Math.floor(room / 2);
  return text.slice(0, room - tail) + ellipsis + (tail > 0 ? text.slice(-tail) : "");
}

/** A scenario's words go to a terminal: control characters stay out. */
export const printable = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is removed.
  text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g, " ");

/** Breaks at spaces; a word longer than a line is cut. Blank lines separate paragraphs. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of printable(text)
    .trim()
    .split(/\n\s*\n/)) {
    if (lines.length > 0) lines.push("");
    lines.push(...wrapParagraph(paragraph, Math.max(8, width)));
  }
  return lines;
}

function wrapParagraph(paragraph: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const given of paragraph.split(/\s+/)) {
    let word = given;
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = "";
    }
    while (word.length > width) {
      lines.push(word.slice(0, width));
      word = word.slice(width);
    }
    if (word !== "") line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, line];
}

/** Text after `lead`, continued under its own beginning; on a narrow page below it. `lead` may be painted: give its visible length. */
export function hanging(
  lead: { readonly text: string; readonly width: number },
  text: string,
  width: number,
  paint: (line: string) => string = (line) => line,
): string[] {
  // A setting is there to be copied: it is not broken to stand beside its lead.
  const longest = text.split(/\s+/).reduce((most, word) => Math.max(most, word.length), 0);
  const beside = width - lead.width >= Math.max(24, Math.min(longest, width - 6));
  const indent = beside ? lead.width : 6;
  const lines = wrap(text, width - indent).map((line) => " ".repeat(indent) + paint(line));
  if (!beside) return [lead.text.trimEnd(), ...lines];
  return [lead.text + (lines[0] ?? "").slice(indent), ...lines.slice(1)].map((l) => l.trimEnd());
}
