/**
 * What goes from this browser when its device ends (unlinked, signed out, 4401, 4410), beside the key and the chats,
 * which have stores of their own. Each page has its own keys here, because both may be used in one browser.
 */

/** Say nothing of an account: the page looks and reads as before, for whoever links it next. */
export const KEPT_KEYS: readonly string[] = ['tandem.theme', 'tandem.language']
/** Of the phone's page: the session, and what else it keeps. */
export const PHONE_PREFIX = 'tandem.phone.'
/** Its answer tells the browser to drop this site's HTTP cache: the pictures of the chats are in it. */
const CLEAR_CACHE = '/cleared.txt'

/** Removes what page scripts stored, in this very task, and has the browser's caches emptied. */
export function wipeBrowser(page: 'companion' | 'phone'): void {
  for (const storage of storages()) {
    for (const key of Object.keys(storage)) {
      if (!KEPT_KEYS.includes(key) && key.startsWith(PHONE_PREFIX) === (page === 'phone')) storage.removeItem(key)
    }
  }
  // The request may outlive the page, which need not wait for it in order to close; the answer has no body to wait for.
  void fetch(CLEAR_CACHE, { cache: 'no-store', keepalive: true }).catch(() => undefined)
}

function storages(): Storage[] {
  try {
    return [localStorage, sessionStorage]
  } catch {
    // A browser that blocks them holds nothing in them.
    return []
  }
}
