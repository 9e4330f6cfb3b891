/** The shell of a page, the phone's or the companion's, in a cache of its version's: kept, served where the network fails, and removed. */

/** Paths, given by scripts/build-pages.mjs. */
declare const SHELL: readonly string[]
/** A hash of what is behind them. */
declare const VERSION: string
/** The page's address: the key of its HTML, whatever query or fragment it is opened with. */
declare const PAGE: string
/** Of the names of its caches. */
declare const PREFIX: string

const CACHE = PREFIX + VERSION
const CHUNKS = '/build/chunks/'
/** A network that has not sent the page by then is as good as none. */
const PAGE_WITHIN_MS = 3_000

const parts = new Set(SHELL)
/** Pages that were answered from the cache: they get the rest of the same version from there, too. */
const offline = new Set<string>()

export function isPage(path: string): boolean {
  return path === PAGE
}

export function isPart(path: string): boolean {
  return parts.has(path)
}

/** All or nothing. What the page has just loaded is asked for with its ETag, and not sent again. */
export async function keepShell(): Promise<void> {
  const cache = await caches.open(CACHE)
  await cache.addAll(SHELL.map((path) => new Request(path, { cache: 'no-cache' })))
}

export async function removeOlder(): Promise<void> {
  const older = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE)
  await Promise.all(older.map((name) => caches.delete(name)))
}

/** The page from the network, or as it was kept. @param client the id that it will have */
export async function answerPage(request: Request, client: string): Promise<Response> {
  const network = fetch(request)
  const late = new Promise<null>((resolve) => void setTimeout(() => resolve(null), PAGE_WITHIN_MS))
  const answer = await Promise.race([network.catch(() => null), late])
  if (answer !== null && answer.status < 500) return answer
  const kept = await keptAt(PAGE)
  if (kept === undefined) return network
  offline.add(client)
  return kept
}

/** A chunk is named by what is in it, so it is never old; the rest is, as soon as there is a newer version. */
export async function answerPart(request: Request, path: string, client: string): Promise<Response> {
  if (path.startsWith(CHUNKS) || offline.has(client)) return (await keptAt(path)) ?? fetch(request)
  try {
    return await fetch(request)
  } catch (error) {
    const kept = await keptAt(path)
    if (kept === undefined) throw error
    return kept
  }
}

function keptAt(path: string): Promise<Response | undefined> {
  return caches.match(path, { cacheName: CACHE })
}
