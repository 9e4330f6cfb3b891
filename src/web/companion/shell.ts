/**
 * The companion's page without a connection: only a browser that stays linked keeps what the page is made of, because
 * that it is kept tells that somebody was linked here.
 */
import { registerWorker } from '../shared/shell-worker.ts'

/** Where the page is the site's own: the demo's copy below /try needs none. */
export function keepShell(): void {
  if (location.pathname === '/') registerWorker('/build/companion-worker.js', '/')
}
