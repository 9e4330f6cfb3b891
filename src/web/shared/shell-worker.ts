/** Registers the worker that lets a page start without a connection. It holds the shell and nothing of a person. */

/** What lib.dom.d.ts has not yet of Trusted Types (W3C, section 2.3): a worker's address is a sink of theirs. */
interface ScriptUrls {
  createPolicy: (
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ) => { createScriptURL: (url: string) => string }
}

/** Once for a page: a second policy of the same name would be refused. */
let address: string | undefined

/** Registers the page's worker once the page has been painted. Where workers are not allowed, the page does without. */
export function registerWorker(worker: string, scope: string): void {
  const workers: ServiceWorkerContainer | undefined = navigator.serviceWorker
  if (workers === undefined) return
  address ??= trusted(worker)
  const url = address
  requestAnimationFrame(() =>
    setTimeout(() => void workers.register(url, { scope, updateViaCache: 'none' }).catch(() => undefined)),
  )
}

function trusted(worker: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: ScriptUrls }
  return trustedTypes?.createPolicy('tandem-worker', { createScriptURL: () => worker }).createScriptURL('') ?? worker
}
