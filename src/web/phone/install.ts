/** Registers the worker that lets the page start without a connection. It holds the shell and nothing of a person. */

const WORKER = '/build/worker.js'
/** The phone's page alone: not /link, whose fragment is nobody's business, and not the browser's page. */
const SCOPE = '/phone'

/** What lib.dom.d.ts has not yet of Trusted Types (W3C, section 2.3): a worker's address is a sink of theirs. */
interface ScriptUrls {
  createPolicy: (
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ) => { createScriptURL: (url: string) => string }
}

/** Registers it once the page has been painted. Where workers are not allowed, the page does without. */
export function keepShell(): void {
  const workers: ServiceWorkerContainer | undefined = navigator.serviceWorker
  if (workers === undefined) return
  requestAnimationFrame(() =>
    setTimeout(() => {
      workers.register(trusted(), { scope: SCOPE, updateViaCache: 'none' }).catch(() => undefined)
    }),
  )
}

function trusted(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: ScriptUrls }
  return trustedTypes?.createPolicy('tandem-worker', { createScriptURL: () => WORKER }).createScriptURL('') ?? WORKER
}
