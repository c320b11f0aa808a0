// Matching of payload fields as a person writes them: a partition by name, a node by name or id, everything else by value.

/** How a value reads in a scenario: an interned partition is its name. */
function plain(value: unknown): unknown {
  if (typeof value === "object" && value !== null && "name" in value && "index" in value)
    return value.name;
  return value;
}

export function equalValue(actual: unknown, wanted: unknown): boolean {
  const value = plain(actual);
  if (Array.isArray(value) && Array.isArray(wanted)) {
    return value.length === wanted.length && value.every((item, i) => equalValue(item, wanted[i]));
  }
  return value === wanted;
}

/** Every wanted field is present in the object itself and equal. */
export function matchesFields(object: object, wanted: Readonly<Record<string, unknown>>): boolean {
  for (const [field, value] of Object.entries(wanted)) {
    if (!equalValue((object as Record<string, unknown>)[field], value)) return false;
  }
  return true;
}

/** The fields match on the message or on any entry inside it (a partition of a Fetch response). */
export function matchesAnywhere(
  payload: unknown,
  wanted: Readonly<Record<string, unknown>>,
): boolean {
  if (typeof payload !== "object" || payload === null) return false;
  if (Array.isArray(payload)) return payload.some((item) => matchesAnywhere(item, wanted));
  if (matchesFields(payload, wanted)) return true;
  return Object.values(payload).some((value) => matchesAnywhere(value, wanted));
}
