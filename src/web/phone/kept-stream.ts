/** The phone's chats between visits: shown before its socket is up, kept while it is signed in, gone with the session. */
import type { WatchedDrafts } from '../../client/drafts.ts'
import { createStateKeeper } from '../../client/saved-state-keeper.ts'
import type { StreamClient } from '../../client/stream-client.ts'
import { createLocalStore } from '../shared/local-store.ts'
import { attachmentsOf, upload } from '../shared/saved-files.ts'
import { wipeBrowser } from '../shared/wipe.ts'

const DATABASE = 'tandem.phone'
/** A store that does not answer must not keep the page from its socket. */
const LOAD_MS = 1_000

export interface KeptStream {
  readonly drafts: WatchedDrafts
  /** Puts back what was kept of the account, once, then connects. */
  connect(account: string): Promise<void>
  /** Signed out: closes, and deletes everything that this page stored. */
  end(): void
}

/** @param ends of the page that uses it */
export function createKeptStream(client: StreamClient, ends: AbortSignal): KeptStream {
  const keeper = createStateKeeper(createLocalStore(DATABASE))
  let account: string | null = null
  let loading: Promise<void> | null = null
  const flush = (): void => void keeper.flush()
  addEventListener('pagehide', flush, { signal: ends })
  document.addEventListener('visibilitychange', () => (document.hidden ? flush() : follow()), { signal: ends })

  function follow(): void {
    // Another window of this phone may have written meanwhile: the one that is looked at does from now on.
    if (account !== null) keeper.follow(client.stream, account)
  }

  async function load(owner: string): Promise<void> {
    const timeout = new Promise<null>((resolve) => setTimeout(() => resolve(null), LOAD_MS))
    const saved = await Promise.race([keeper.load(owner), timeout]).catch(() => null)
    if (account !== owner) return
    if (saved !== null) client.stream.restore(saved.state, attachmentsOf(saved.files), upload)
    follow()
  }

  return {
    drafts: keeper.drafts,
    async connect(owner) {
      if (account !== owner) {
        account = owner
        loading = load(owner)
      }
      await loading
      if (account === owner) client.connect()
    },
    end() {
      account = null
      client.close()
      void keeper.wipe().catch(() => undefined)
      wipeBrowser('phone')
    },
  }
}
