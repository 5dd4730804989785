/** Of messages, unless named otherwise. */
export interface ModelIntake {
  used: number;
  duplicates: number;
  refused: number;
  ignored: number;
  refusedFields: number;
  readings: number;
  values: number;
}

export function intakeCounts(): ModelIntake {
  return { used: 0, duplicates: 0, refused: 0, ignored: 0, refusedFields: 0, readings: 0, values: 0 };
}
