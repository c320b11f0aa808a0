// What is wrong when the simulator itself is wrong: never a Kafka error, never a broken guarantee.

/** A defect of the simulator. The run stops; the message tells what happened and what was expected. */
export class SimulatorBug extends Error {
  override readonly name = "SimulatorBug";
}

/** Checks what must hold inside the world. The message is lazy: eager templates cost more than the check. */
export function assert(condition: boolean, message: () => string): asserts condition {
  if (!condition) throw new SimulatorBug(message());
}
