// Where V8 is to put new objects.
import { setFlagsFromString } from "node:v8";

/**
 * In the young generation, all of them. V8 notes which places in the code make objects that last, and lets those make theirs in the old generation
 * from then on; but a cluster makes its lasting objects while it boots, often in the places that make short-lived ones ever after. Dead
 * objects of the old generation keep young ones alive that they refer to, so that collections take three times as long (test/bench/README.md).
 * Results do not depend on it. Where a V8 does not know the flag, it does nothing.
 */
export function keepNewObjectsYoung(): void {
  setFlagsFromString("--no-allocation-site-pretenuring");
}
