// Times as Java's tools read them: java.time.Duration.parse, and Utils.getDateTime with its SimpleDateFormat. In milliseconds.

const DURATION =
  /^([-+]?)P(?:([-+]?\d+)D)?(?:(T)(?:([-+]?\d+)H)?(?:([-+]?\d+)M)?(?:([-+]?\d+)(?:[.,](\d{0,9}))?S)?)?$/i;

/** PnDTnHnMn.nS; undefined: it is none. */
export function javaDuration(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (match === null) return undefined;
  const [, sign, days, t, hours, minutes, seconds, fraction = ""] = match;
  const hasTime = hours !== undefined || minutes !== undefined || seconds !== undefined;
  if ((days === undefined && !hasTime) || (t !== undefined && !hasTime)) return undefined;
  const part = (digits: string | undefined, each: number): number => Number(digits ?? 0) * each;
  const millis = Math.trunc(Number(`0.${fraction === "" ? "0" : fraction}`) * 1000);
  const total =
    part(days, 86_400_000) +
    part(hours, 3_600_000) +
    part(minutes, 60_000) +
    part(seconds, 1000) +
    (seconds?.startsWith("-") === true ? -millis : millis);
  return sign === "-" ? -total : total;
}

const DATE_TIME =
  /^(\d+)-(\d{1,2})-(\d{1,2})T(\d{1,2}):(\d{1,2}):(\d{1,2})\.(\d{1,3})(Z|[+-]\d\d(?::?\d\d)?)$/;

/** yyyy-MM-ddTHH:mm:ss.SSS with a zone, or without one for UTC. A text that is none: what Java's ParseException says. */
export function javaDateTime(given: string): number | { readonly error: string } {
  const [, time] = given.split("T");
  if (time === undefined) {
    return {
      error: "Error parsing timestamp. It does not contain a 'T' according to ISO8601 format",
    };
  }
  const text = /[+\-Z]/.test(time) ? given : `${given}Z`;
  const match = DATE_TIME.exec(text);
  const parsed = match === null ? undefined : instantOf(match);
  return parsed ?? { error: `Unparseable date: "${text}"` };
}

function instantOf(match: RegExpExecArray): number | undefined {
  const [year, month, day, hour, minute, second, milli] = match.slice(1, 8).map(Number) as [
    ...[number, number, number, number, number, number, number],
  ];
  const days = daysFromCivil(year, month, day);
  const isReal =
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <=
      daysFromCivil(year + (month === 12 ? 1 : 0), (month % 12) + 1, 1) -
        daysFromCivil(year, month, 1) &&
    hour < 24 &&
    minute < 60 &&
    second < 60;
  if (!isReal) return undefined;
  const inDay = ((hour * 60 + minute) * 60 + second) * 1000 + milli;
  return days * 86_400_000 + inDay - zoneOf(match[8] as string);
}

function zoneOf(zone: string): number {
  if (zone === "Z") return 0;
  const digits = zone.slice(1).replace(":", "");
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (zone.startsWith("-") ? -1 : 1) * minutes * 60_000;
}

/** Days since 1 January 1970 in the Gregorian calendar. */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** yyyy-MM-dd HH:mm:ss,SSS of an instant in the first days of 1970, as log4j's %d writes it. */
export function logDate(millis: number): string {
  const pad = (value: number, digits = 2): string => String(value).padStart(digits, "0");
  const at = Math.max(0, millis);
  const day = Math.floor(at / 86_400_000) + 1;
  const [hour, minute] = [Math.floor(at / 3_600_000) % 24, Math.floor(at / 60_000) % 60];
  const clock = `${pad(hour)}:${pad(minute)}:${pad(Math.floor(at / 1000) % 60)}`;
  return `1970-01-${pad(day)} ${clock},${pad(at % 1000, 3)}`;
}
