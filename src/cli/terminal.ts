// Colours and widths of the streams. chalk 5 does not heed NO_COLOR, so it is asked here; FORCE_COLOR and CI are chalk's own.
import { Chalk, type ChalkInstance, supportsColor, supportsColorStderr } from "chalk";
import { ASCII, type Role, type Style, UNICODE } from "../report/style.ts";

/** Okabe-Ito: distinguishable with every kind of colour vision. */
const LEADERS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00"] as const;

function painters(chalk: ChalkInstance): Readonly<Record<Role, (text: string) => string>> {
  return {
    pass: chalk.green,
    lesson: chalk.cyan,
    fail: chalk.red.bold,
    warn: chalk.yellow,
    dim: chalk.dim,
    strong: chalk.bold,
    heading: chalk.bold.underline,
    leader0: chalk.hex(LEADERS[0]),
    leader1: chalk.hex(LEADERS[1]),
    leader2: chalk.hex(LEADERS[2]),
    leader3: chalk.hex(LEADERS[3]),
    leader4: chalk.hex(LEADERS[4]),
    leader5: chalk.hex(LEADERS[5]),
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

const isSet = (value: string | undefined): boolean => value !== undefined && value !== "";

/** --no-color and NO_COLOR win over everything, FORCE_COLOR included. */
export function colourLevel(
  detected: false | { readonly level: number },
  environment: Environment,
  noColor: boolean,
): 0 | 1 | 2 | 3 {
  if (noColor || isSet(environment.NO_COLOR) || detected === false) return 0;
  return Math.min(3, detected.level) as 0 | 1 | 2 | 3;
}

/** A terminal whose locale says it is not UTF-8 gets ASCII; files and pipes are UTF-8. */
function hasUnicode(stream: NodeJS.WriteStream, environment: Environment): boolean {
  if (!stream.isTTY) return true;
  if (environment.TERM === "linux") return false;
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || "";
  return locale === "" || /utf-?8/i.test(locale);
}

export function styleOf(stream: NodeJS.WriteStream, noColor: boolean): Style {
  const detected = stream === process.stderr ? supportsColorStderr : supportsColor;
  const paint = painters(new Chalk({ level: colourLevel(detected, process.env, noColor) }));
  return {
    width: stream.isTTY ? Math.min(stream.columns || 100, 140) : 100,
    glyphs: hasUnicode(stream, process.env) ? UNICODE : ASCII,
    paint: (role, text) => paint[role](text),
  };
}

/** Progress is for a person who watches: on a terminal, not under continuous integration. */
export const showsProgress = (quiet: boolean): boolean =>
  !quiet && process.stderr.isTTY === true && !isSet(process.env.CI);
