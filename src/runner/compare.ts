// Comparators of assertions: equals, not, in, atLeast, atMost, within, and the tolerance that loosens equals.
import type { Comparator } from "../scenario/model.ts";

export function holds(comparator: Comparator, actual: unknown): boolean {
  switch (comparator.op) {
    case "equals":
      return equal(actual, comparator.value, comparator.tolerance);
    case "not":
      return !equal(actual, comparator.value, comparator.tolerance);
    case "in":
      return (
        Array.isArray(comparator.value) &&
        comparator.value.some((item) => equal(actual, item, comparator.tolerance))
      );
    case "atLeast":
      return typeof actual === "number" && actual >= (comparator.value as number);
    case "atMost":
      return typeof actual === "number" && actual <= (comparator.value as number);
    case "within":
      return (
        typeof actual === "number" && actual >= comparator.value[0] && actual <= comparator.value[1]
      );
  }
}

/** Lists of brokers are sets: Kafka gives the order of an ISR no meaning. */
function equal(actual: unknown, wanted: unknown, tolerance: number): boolean {
  if (Array.isArray(actual) && Array.isArray(wanted)) {
    return actual.length === wanted.length && wanted.every((item) => actual.includes(item));
  }
  if (isMap(actual) && isMap(wanted)) {
    const keys = Object.keys(wanted);
    return (
      Object.keys(actual).length === keys.length &&
      keys.every((key) => equal(actual[key], wanted[key], tolerance))
    );
  }
  if (typeof actual === "number" && typeof wanted === "number" && tolerance > 0) {
    return Math.abs(actual - wanted) <= Math.abs(wanted) * tolerance;
  }
  return actual === wanted;
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
