/** Starts the phone page, on /phone and on /link, which the system's camera opens; in the demo also below /try. */
import { readLinkFragment } from '../../client/phone-link.ts'
import { loadWords } from '../strings/language.ts'
import { chatsWords, commonWords, phoneWords } from '../strings/parts.ts'
import { PhoneApp } from './app.ts'
import { keepShell } from './install.ts'

/** S16: the secret leaves the address bar and the history before anything else happens, any call included. */
function takeFragment(): string | null {
  const { hash, pathname } = location
  if (!/\/link(?:\.html)?$/.test(pathname)) return null
  // Beside it: /phone, or /try/phone.
  history.replaceState(null, '', 'phone')
  return hash === '' ? null : (readLinkFragment(hash) ?? '')
}

const arrived = takeFragment()
void begin()

async function begin(): Promise<void> {
  // Without them the page is English, which is better than empty.
  await loadWords(commonWords, chatsWords, phoneWords).catch(() => undefined)
  const app = new PhoneApp()
  app.arrived = arrived
  document.body.replaceChildren(app)
  // The demo's copies below /try need no shell: both pages are in one window there.
  if (location.pathname === '/phone') keepShell()
}
