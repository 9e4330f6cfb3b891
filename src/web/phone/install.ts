/** Lets the phone's page start without a connection. */
import { registerWorker } from '../shared/shell-worker.ts'

/** Registers the worker of the phone's page alone: not of /link, whose fragment is nobody's business. */
export function keepShell(): void {
  registerWorker('/build/worker.js', '/phone')
}
