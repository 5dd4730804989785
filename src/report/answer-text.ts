/** What a sink answered: its status, once, and its words. */
export function answerText(status: number | null, message: string): string {
  return status === null || new RegExp(`\\b${status}\\b`).test(message) ? message : `${status} ${message}`;
}
