/** The companion's chats between visits: kept while it is linked and "Keep me signed in" is on, gone when it ends. */
import type { CompanionClient, CompanionClientOptions } from '../../client/companion-client.ts'
import { noticesAfter } from '../../client/linked-notices.ts'
import { createStateKeeper, type StateKeeper } from '../../client/saved-state-keeper.ts'
import { UploadError, type Attachment } from '../../client/uploads.ts'
import { createLocalStore } from '../shared/local-store.ts'
import { wipeBrowser } from '../shared/wipe.ts'

const DATABASE = 'tandem.companion'
/** A store that does not answer must not keep the page from its socket. */
const LOAD_MS = 1_000

const noFiles = {
  attachmentsOf: () => new Map<string, Attachment>(),
  upload: (): Promise<string> => Promise.reject(new UploadError('failed')),
}

export interface KeptChats {
  readonly keeper: StateKeeper
  /** For the client's options. */
  readonly hooks: Pick<CompanionClientOptions, 'restore' | 'onForget'>
  /** Keeps what this client knows, for as long as it may. */
  attach(client: CompanionClient): void
}

export function createKeptChats(): KeptChats {
  const keeper = createStateKeeper(createLocalStore(DATABASE))
  addEventListener('pagehide', () => void keeper.flush())
  document.addEventListener('visibilitychange', () => document.hidden && void keeper.flush())
  return {
    keeper,
    hooks: {
      async restore(device, stream) {
        const timeout = new Promise<null>((resolve) => setTimeout(() => resolve(null), LOAD_MS))
        const saved = await Promise.race([keeper.load(device), timeout])
        if (saved?.device == null) return null
        // What files need comes with what draws, for the few pages that have some left: no code waits for it.
        const { attachmentsOf, upload } = saved.files.size > 0 ? await (await import('./page.ts')).loadFiles() : noFiles
        stream.restore(saved.state, attachmentsOf(saved.files), upload)
        return saved.device
      },
      onForget() {
        void keeper.wipe().catch(() => undefined)
        void dropShell().catch(() => undefined)
        wipeBrowser('companion')
      },
    },
    attach(client) {
      client.stream.observe((frame) => {
        const { view } = client.state
        if (frame.type !== 'event' || view.name !== 'linked') return
        const next = noticesAfter(keeper.notices, frame.event, view.device.id)
        if (next !== keeper.notices) keeper.setNotices(next)
      })
      // Of a device that ended while the page was going, too: until it is known, something may be there.
      let kept = true
      client.subscribe(({ view, keep, linked }) => {
        if (view.name === 'linked' && keep) {
          kept = true
          return keeper.follow(client.stream, view.device.id, view.device)
        }
        keeper.pause()
        if (!kept || view.name === 'connecting' || (linked && keep)) return
        kept = false
        void keeper.wipe().catch(() => undefined)
        void dropShell().catch(() => undefined)
      })
    },
  }
}

/** The worker, and what the page is made of (`shell.ts`): of a browser that is not linked none is kept. */
async function dropShell(): Promise<void> {
  // The worker first: one that is being installed still fills its cache.
  await (await navigator.serviceWorker.getRegistration('/'))?.unregister()
  for (const name of await caches.keys()) if (name.startsWith('tandem-companion-')) await caches.delete(name)
}
