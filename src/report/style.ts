// How a text report may look: the roles a piece of text can have, and who paints them. Colour itself is the caller's (the command
// line's chalk, a page's classes): the report stays a pure function. Left out: themes.

/** What a piece of text is; colour follows from it, never meaning alone from colour. */
export type Role =
  | "pass"
  | "lesson"
  | "fail"
  | "warn"
  | "dim"
  | "strong"
  | "heading"
  | "leader0"
  | "leader1"
  | "leader2"
  | "leader3"
  | "leader4"
  | "leader5";

export interface Glyphs {
  readonly pass: string;
  readonly fail: string;
  readonly lesson: string;
  readonly idle: string;
  readonly bar: string;
  readonly offline: string;
  readonly many: string;
  readonly begins: string;
  readonly ends: string;
  readonly both: string;
  readonly settles: string;
  readonly ellipsis: string;
  readonly times: string;
}

export interface Style {
  /** Columns; the layout holds from 40 up. */
  readonly width: number;
  readonly glyphs: Glyphs;
  readonly paint: (role: Role, text: string) => string;
}

export const UNICODE: Glyphs = {
  pass: "✓",
  fail: "✗",
  lesson: "◆",
  idle: "·",
  bar: "━",
  offline: "·",
  many: "╳",
  begins: "▼",
  ends: "▲",
  both: "◆",
  settles: "┊",
  ellipsis: "…",
  times: "×",
};

export const ASCII: Glyphs = {
  pass: "+",
  fail: "X",
  lesson: "!",
  idle: "-",
  bar: "=",
  offline: ".",
  many: "*",
  begins: "v",
  ends: "^",
  both: "%",
  settles: "|",
  ellipsis: "...",
  times: "x",
};

/** No colour, 100 columns: what is written to report.txt and to snapshots. */
export const PLAIN: Style = { width: 100, glyphs: UNICODE, paint: (_role, text) => text };

export const LEADER_ROLES = [
  "leader0",
  "leader1",
  "leader2",
  "leader3",
  "leader4",
  "leader5",
] as const satisfies readonly Role[];
