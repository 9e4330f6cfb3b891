/**
 * The companion's page begins here: it opens the socket, and has what draws (`page.ts`) fetched meanwhile. A script of
 * its own, whole and small, because everything else waits for it.
 */
import { Session } from './session.ts'

/** The scripts of `page.ts`, put in by the build: fetched together, not one after the other has named it. */
declare const PAGE_SCRIPTS: readonly string[]

const RELOAD_MS = 5_000

for (const script of PAGE_SCRIPTS) preload(script)
// The document's own words are English; another language's are not here yet.
if (!navigator.language.startsWith('en')) document.querySelector('#starting .caption')?.remove()
const session = new Session()
void session.begin()
import('./page.ts').then(
  ({ drawPage }) => drawPage(session),
  // Cut off on its way, or replaced by a newer version: the page anew finds what is there now, once there is a network.
  () => (navigator.onLine ? setTimeout(reload, RELOAD_MS) : addEventListener('online', reload)),
)

function reload(): void {
  location.reload()
}

function preload(script: string): void {
  const link = document.createElement('link')
  link.rel = 'modulepreload'
  link.href = script
  document.head.append(link)
}
